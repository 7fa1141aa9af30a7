//! Instances, records and registries for tests.

use std::sync::Arc;
use std::time::Duration;

use peers::version::{Epoch, Hlc, NodeId, Origin, Rank, Version};
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use super::change::{Change, Sender};
use super::entry::{Entry, Key};
use super::instance::{AppName, Instance, LeaseTerms, Registration};
use super::record::{Body, Further, Lease, Override, Overriding, Record, Register};
use super::settings::RegistrySettings;
use super::status::Status;
use super::{Heartbeat, Refusal, Registry, Renewal, StatusCall, Swept};
use crate::clock::Timestamp;

/// Any moment will do to begin with.
pub(super) const START: Timestamp = Timestamp::from_millis(1_700_000_000_000);

pub(super) fn registry(settings: RegistrySettings) -> Registry {
    Registry::new(settings, origin(1))
}

/// A server in its first life.
pub(super) const fn origin(node: u64) -> Origin {
    Origin {
        node: NodeId(node),
        epoch: Epoch(1),
    }
}

/// A registry with its time and its chance. A call without more says is one by the client itself, to application A.
pub(super) struct Stage {
    pub(super) registry: Registry,
    pub(super) now: Timestamp,
    chance: StdRng,
}

impl Stage {
    pub(super) fn new(settings: RegistrySettings) -> Self {
        Self::seeded(settings, 0)
    }

    pub(super) fn seeded(settings: RegistrySettings, seed: u64) -> Self {
        Self {
            chance: StdRng::seed_from_u64(seed),
            ..Self::of(origin(1), settings)
        }
    }

    /// A server among others.
    pub(super) fn of(origin: Origin, settings: RegistrySettings) -> Self {
        Self {
            registry: Registry::new(settings, origin),
            now: START,
            chance: StdRng::seed_from_u64(0),
        }
    }

    pub(super) fn register(&self, instance: Instance) -> Change {
        self.registry
            .register(registration(instance), Sender::Client, self.now)
    }

    pub(super) fn beat(&self, id: &str) -> Renewal {
        let beat = Heartbeat {
            last_dirty: None,
            carried_override: None,
            by: Sender::Client,
        };
        self.registry.renew("A", id, &beat, self.now)
    }

    pub(super) fn cancel(&self, id: &str) -> Result<Change, Refusal> {
        self.registry.cancel("A", id, Sender::Client, self.now)
    }

    pub(super) fn overrule(&self, id: &str, status: Status) -> Result<Option<Change>, Refusal> {
        self.registry
            .set_override("A", id, status_call(Some(status)), self.now)
    }

    pub(super) fn give_back(
        &self,
        id: &str,
        own: Option<Status>,
    ) -> Result<Option<Change>, Refusal> {
        self.registry
            .remove_override("A", id, status_call(own), self.now)
    }

    /// Lets time pass during which nothing is swept.
    pub(super) fn pass(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    pub(super) fn sweep(&mut self) -> Swept {
        self.registry.sweep(self.now, &mut self.chance)
    }

    /// Lets so many seconds pass and sweeps at the end of each. Answers who was evicted, in order.
    pub(super) fn run(&mut self, secs: u64) -> Vec<Arc<Key>> {
        self.run_with(secs, |_, _| {})
    }

    /// The same; `each` is called before each sweep with the number of the second.
    pub(super) fn run_with(
        &mut self,
        secs: u64,
        mut each: impl FnMut(&Self, u64),
    ) -> Vec<Arc<Key>> {
        let mut evicted = Vec::new();
        for second in 1..=secs {
            self.pass(Duration::from_secs(1));
            each(self, second);
            evicted.extend(self.sweep().evicted.into_iter().map(|change| change.key));
        }
        evicted
    }

    /// Whether the lists show it.
    pub(super) fn lists(&self, id: &str) -> bool {
        let snapshot = self.registry.refresh();
        snapshot
            .registered
            .application("A")
            .any(|entry| &*entry.key().id == id)
    }

    /// Whether a call about it alone finds it.
    pub(super) fn finds(&self, id: &str) -> bool {
        self.registry.find("A", id, self.now).is_some()
    }

    /// The status it is shown in, if it is listed.
    pub(super) fn shown(&self, id: &str) -> Option<Status> {
        let held = self.record(id).filter(Record::live);
        held.map(|record| record.status())
    }

    /// What is known of it, dead or alive.
    pub(super) fn entry(&self, id: &str) -> Arc<Entry> {
        let entry = self.registry.store.find("A", id);
        entry.expect("it is stored")
    }

    /// Who owns it.
    pub(super) fn owner(&self, id: &str) -> Origin {
        self.entry(id).record().owner()
    }

    /// What is stored of it, dead or alive.
    pub(super) fn record(&self, id: &str) -> Option<Record> {
        let entry = self.registry.store.find("A", id);
        entry.map(|entry| entry.record().clone())
    }
}

pub(super) const fn status_call(status: Option<Status>) -> StatusCall {
    StatusCall {
        status,
        last_dirty: None,
        by: Sender::Client,
    }
}

/// An instance of application A whose lease lasts so many seconds.
pub(super) fn lasting(id: &str, duration_secs: u32) -> Instance {
    let lease = LeaseTerms {
        duration_secs,
        ..LeaseTerms::default()
    };
    Instance {
        lease,
        ..instance("A", id)
    }
}

/// An instance of application A in a zone.
pub(super) fn zoned(id: &str, zone: &str) -> Instance {
    Instance {
        metadata: [("zone", zone)].into_iter().collect(),
        ..instance("A", id)
    }
}

pub(super) fn instance(app: &str, id: &str) -> Instance {
    Instance {
        id: Some(id.into()),
        ..Instance::new(AppName::new(app), id, "10.0.0.1")
    }
}

pub(super) fn registration(instance: Instance) -> Registration {
    Registration {
        instance,
        carried_override: None,
    }
}

pub(super) fn status() -> impl Strategy<Value = Status> {
    proptest::sample::select(&Status::ALL)
}

/// Records of one instance whose registers were written by few servers at few moments, so that versions meet. What
/// a version wrote is a function of the version, as no two writes share one.
pub(super) fn record() -> impl Strategy<Value = Record> {
    (version(), version(), proptest::option::of(version())).prop_map(|(body, lease, overriding)| {
        Record {
            body: Register {
                version: body,
                value: Arc::new(written_body(body)),
            },
            lease: Register {
                version: lease,
                value: written_lease(lease),
            },
            overriding: overriding.map(|version| Register {
                version,
                value: written_override(version),
            }),
        }
    })
}

fn version() -> impl Strategy<Value = Version> {
    (0..3u64, 0..3u64, any::<bool>()).prop_map(|(millis, node, dead)| Version {
        clock: Hlc::at(millis),
        origin: Origin {
            node: NodeId(node),
            epoch: Epoch(1),
        },
        rank: if dead { Rank::Dead } else { Rank::Live },
    })
}

fn written_body(version: Version) -> Body {
    let mut instance = instance("A", "i");
    instance.host_name = format!("{version:?}").into();
    Body {
        instance,
        status_predates_override: false,
        registered_at: START,
        up_since: None,
        further: Further::default(),
    }
}

fn written_lease(version: Version) -> Lease {
    let registered_at = Timestamp::from_millis(version.clock.millis() * 10 + version.origin.node.0);
    Lease {
        registered_at,
        duration: Duration::from_secs(90),
        ended: None,
        further: Further::default(),
    }
}

fn written_override(version: Version) -> Overriding {
    let place = usize::try_from(version.origin.node.0).ok();
    let status = place.and_then(|place| Status::ALL.get(place).copied());
    let live = status.filter(|_| version.rank == Rank::Live);
    live.map(Override::of).into()
}
