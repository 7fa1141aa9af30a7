//! Random calls to a registry, and a naive copy of it that is told of the same calls.
//!
//! The copy knows Eureka's rules for what is shown and nothing of leases: who is evicted, and which calls find
//! nobody because a lease is over, it takes from the answers.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use super::super::change::{Change, Sender};
use super::super::entry::{Entry, Key};
use super::super::instance::{Instance, Metadata, Registration};
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::testing::{Stage, instance, lasting, status};
use super::super::{Heartbeat, MetadataLimits, Refusal, Renewal, StatusCall};
use crate::clock::Timestamp;

/// A call about one of a few instances, or something that happens to all.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Register(Key, Said, Sender),
    Beat(Key, i64, Option<Status>, Sender),
    Cancel(Key),
    Override(Key, Status, Option<i64>),
    Remove(Key, Option<Status>, Option<i64>),
    Metadata(Key, u8),
    Pass(Duration),
    Sweep,
    Prune,
    /// One of three readers fetches what is new.
    Read(usize),
}

/// What a registration says.
#[derive(Clone, Debug)]
pub(super) struct Said {
    status: Status,
    carried: Option<Status>,
    dirty: i64,
    secs: u32,
    zone: u8,
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..120)
}

fn step() -> impl Strategy<Value = Step> {
    let dirty = || proptest::option::of(0..4i64);
    let overriding = || {
        proptest::option::of(select(
            &[Status::Down, Status::OutOfService, Status::Up][..],
        ))
    };
    prop_oneof![
        6 => (key(), said(), sender()).prop_map(|(key, said, by)| Step::Register(key, said, by)),
        4 => (key(), 0..4i64, overriding(), sender()).prop_map(|(key, dirty, carried, by)| Step::Beat(key, dirty, carried, by)),
        3 => key().prop_map(Step::Cancel),
        3 => (key(), status(), dirty()).prop_map(|(key, status, dirty)| Step::Override(key, status, dirty)),
        2 => (key(), proptest::option::of(status()), dirty()).prop_map(|(key, own, dirty)| Step::Remove(key, own, dirty)),
        2 => (key(), any::<u8>()).prop_map(|(key, value)| Step::Metadata(key, value)),
        4 => select(&[1, 999, 20_000, 61_000, 90_000][..]).prop_map(|millis| Step::Pass(Duration::from_millis(millis))),
        3 => Just(Step::Sweep),
        2 => Just(Step::Prune),
        5 => (0..3usize).prop_map(Step::Read),
    ]
}

fn key() -> impl Strategy<Value = Key> {
    let app = select(&["A", "B"][..]);
    (app, 0..3u8).prop_map(|(app, id)| Key {
        app: instance(app, "").app,
        id: id.to_string().into(),
    })
}

fn sender() -> impl Strategy<Value = Sender> {
    prop_oneof![3 => Just(Sender::Client), 1 => Just(Sender::Peer)]
}

fn said() -> impl Strategy<Value = Said> {
    let carried = prop_oneof![5 => Just(None), 1 => Just(Some(Status::OutOfService)), 1 => Just(Some(Status::Up))];
    (
        status(),
        carried,
        0..4i64,
        select(&[30, 90, 300][..]),
        0..3u8,
    )
        .prop_map(|(status, carried, dirty, secs, zone)| Said {
            status,
            carried,
            dirty,
            secs,
            zone,
        })
}

impl Said {
    fn registration(&self, key: &Key) -> Registration {
        let zone = self.zone.to_string();
        let instance = Instance {
            app: key.app.clone(),
            status: self.status,
            last_dirty: self.dirty,
            metadata: [("zone", zone.as_str())].into_iter().collect(),
            ..lasting(&key.id, self.secs)
        };
        Registration {
            instance,
            carried_override: self.carried,
        }
    }
}

/// What a reader can tell of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) status: Status,
    pub(super) overridden: Option<Status>,
    pub(super) metadata: Metadata,
    pub(super) dirty: i64,
}

impl From<&Entry> for Seen {
    fn from(entry: &Entry) -> Self {
        let shown = entry.shown();
        Self {
            status: shown.status,
            overridden: shown.overridden,
            metadata: shown.instance.metadata.clone(),
            dirty: shown.instance.last_dirty,
        }
    }
}

/// An instance as the copy keeps it.
#[derive(Clone, Debug)]
struct Copy {
    own: Status,
    lifted: bool,
    overriding: Option<Status>,
    metadata: Metadata,
    dirty: i64,
    /// Until when it is remembered; `None` while it is listed.
    dead_until: Option<Timestamp>,
}

impl Copy {
    const fn live(&self) -> bool {
        self.dead_until.is_none()
    }

    fn shown(&self) -> Status {
        let has_a_say = self.lifted || matches!(self.own, Status::Up | Status::OutOfService);
        self.overriding.filter(|_| has_a_say).unwrap_or(self.own)
    }

    fn adopt(&mut self, dirty: Option<i64>) {
        self.dirty = self.dirty.max(dirty.unwrap_or(self.dirty));
    }
}

/// A registry and its copy.
pub(super) struct Twins {
    pub(super) stage: Stage,
    copies: BTreeMap<Key, Copy>,
}

impl Twins {
    pub(super) fn new(settings: RegistrySettings) -> Self {
        Self {
            stage: Stage::new(settings),
            copies: BTreeMap::new(),
        }
    }

    /// What the copy would show.
    pub(super) fn listed(&self) -> BTreeMap<Key, Seen> {
        let live = self.copies.iter().filter(|(_, copy)| copy.live());
        live.map(|(key, copy)| {
            let seen = Seen {
                status: copy.shown(),
                overridden: copy.overriding,
                metadata: copy.metadata.clone(),
                dirty: copy.dirty,
            };
            (key.clone(), seen)
        })
        .collect()
    }

    /// Tells both. Readers are the caller's.
    pub(super) fn take(&mut self, step: &Step) {
        match step {
            Step::Register(key, said, by) => self.register(key, said, *by),
            Step::Beat(key, dirty, carried, by) => self.beat(key, *dirty, *carried, *by),
            Step::Cancel(key) => self.cancel(key),
            Step::Override(key, status, dirty) => self.set(key, *status, *dirty),
            Step::Remove(key, own, dirty) => self.remove(key, *own, *dirty),
            Step::Metadata(key, value) => self.metadata(key, *value),
            Step::Pass(time) => self.stage.pass(*time),
            Step::Sweep => self.sweep(),
            Step::Prune => self.stage.registry.prune_delta(self.stage.now),
            Step::Read(_) => {}
        }
    }

    fn register(&mut self, key: &Key, said: &Said, by: Sender) {
        let registration = said.registration(key);
        self.stage
            .registry
            .register(registration.clone(), by, self.stage.now);
        let held = self.copies.remove(key);
        let overriding = held
            .as_ref()
            .and_then(|held| held.overriding)
            .or(said.carried);
        let copy = match held.filter(Copy::live) {
            Some(held) if held.dirty > said.dirty => Copy { overriding, ..held },
            held => {
                let yields = |status: Status| matches!(status, Status::Up | Status::OutOfService);
                let shown = held.map(|held| held.shown());
                let kept = shown.filter(|shown| {
                    overriding.is_none()
                        && by == Sender::Client
                        && yields(*shown)
                        && yields(said.status)
                });
                Copy {
                    own: kept.unwrap_or(said.status),
                    lifted: false,
                    overriding,
                    metadata: registration.instance.metadata,
                    dirty: said.dirty,
                    dead_until: None,
                }
            }
        };
        self.copies.insert(key.clone(), copy);
    }

    fn beat(&mut self, key: &Key, dirty: i64, carried_override: Option<Status>, by: Sender) {
        let beat = Heartbeat {
            last_dirty: Some(dirty),
            carried_override,
            by,
        };
        let renewal = self
            .stage
            .registry
            .renew(key.app.as_str(), &key.id, &beat, self.stage.now);
        let copy = self
            .copies
            .get_mut(key)
            .filter(|copy| copy.live() && copy.shown() != Status::Unknown);
        match (renewal, copy) {
            (Renewal::Unknown, None) => {}
            (Renewal::Outdated, Some(copy)) if dirty > copy.dirty => {
                if let (Some(status), Sender::Peer) = (carried_override, by) {
                    copy.overriding = Some(status);
                }
            }
            (Renewal::Ahead(_), Some(copy)) => assert!(dirty < copy.dirty && by == Sender::Peer),
            (Renewal::Renewed, Some(copy)) => {
                assert!(dirty == copy.dirty || (dirty < copy.dirty && by == Sender::Client))
            }
            (renewal, copy) => panic!("{key} with {dirty} by {by:?} is {renewal:?}, and {copy:?}"),
        }
    }

    fn cancel(&mut self, key: &Key) {
        let (registry, now) = (&self.stage.registry, self.stage.now);
        let cancelled = registry.cancel(key.app.as_str(), &key.id, Sender::Client, now);
        let copy = self.copies.get_mut(key);
        assert_eq!(
            cancelled.is_ok(),
            copy.as_ref().is_some_and(|copy| copy.live())
        );
        if let Some(copy) = copy.filter(|copy| copy.live() || copy.overriding.is_some()) {
            copy.overriding = None;
            copy.dead_until = Some(now + registry.settings().remember_dead);
        }
    }

    fn set(&mut self, key: &Key, status: Status, last_dirty: Option<i64>) {
        let call = StatusCall {
            status: Some(status),
            last_dirty,
            by: Sender::Client,
        };
        let done =
            self.stage
                .registry
                .set_override(key.app.as_str(), &key.id, call, self.stage.now);
        let Some(copy) = self.answered(key, &done) else {
            return;
        };
        let changes = copy.shown() != status;
        if changes {
            copy.lifted = !matches!(copy.own, Status::Up | Status::OutOfService);
            copy.overriding = Some(status);
            copy.adopt(last_dirty);
        }
        assert_eq!(done.is_ok_and(|change| change.is_some()), changes);
    }

    fn remove(&mut self, key: &Key, own: Option<Status>, last_dirty: Option<i64>) {
        let call = StatusCall {
            status: own,
            last_dirty,
            by: Sender::Client,
        };
        let done =
            self.stage
                .registry
                .remove_override(key.app.as_str(), &key.id, call, self.stage.now);
        let Some(copy) = self.answered(key, &done) else {
            return;
        };
        let changes = copy.overriding.take().is_some();
        if changes {
            copy.lifted = false;
            copy.own = own
                .filter(|own| *own != Status::Unknown)
                .unwrap_or(copy.own);
            copy.adopt(last_dirty);
        }
        assert_eq!(done.is_ok_and(|change| change.is_some()), changes);
    }

    fn metadata(&mut self, key: &Key, value: u8) {
        let limits = MetadataLimits {
            keys: 2,
            bytes: 100,
        };
        let value = value.to_string();
        let changes: Metadata = [("k", value.as_str())].into_iter().collect();
        let registry = &self.stage.registry;
        let done =
            registry.update_metadata(key.app.as_str(), &key.id, &changes, limits, self.stage.now);
        if let Some(copy) = self.answered(key, &done) {
            copy.metadata = copy.metadata.with(changes.iter());
        }
    }

    /// The copy of whom a call has found. It finds nobody where none is, or where the lease is over.
    fn answered(&mut self, key: &Key, done: &Result<Option<Change>, Refusal>) -> Option<&mut Copy> {
        let found = done.is_ok();
        let entry = self.stage.registry.store.find(key.app.as_str(), &key.id);
        let over = entry.is_some_and(|entry| entry.expired(self.stage.now));
        let copy = self.copies.get_mut(key).filter(|copy| copy.live());
        assert!(
            copy.is_some() == found || (over && !found),
            "{key}: {done:?}, and {copy:?}"
        );
        copy.filter(|_| found)
    }

    fn sweep(&mut self) {
        let evicted = self.stage.sweep().evicted;
        let (now, settings) = (self.stage.now, self.stage.registry.settings());
        for change in evicted {
            let copy = self
                .copies
                .get_mut(&*change.key)
                .expect("only who is known is evicted");
            assert!(copy.live(), "{} was evicted twice", change.key);
            let kept = if copy.overriding.is_some() {
                settings.remember_overridden
            } else {
                settings.remember_dead
            };
            copy.dead_until = Some(now + kept);
        }
        self.copies
            .retain(|_, copy| copy.dead_until.is_none_or(|until| until > now));
    }
}
