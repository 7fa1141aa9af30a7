//! The account as a whole: order, bounds, resuming, folding.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use peers::version::{Epoch, NodeId, Origin};
use proptest::prelude::*;

use super::step::{CHANGES_MAX, EVENTS_MAX, Kind, Told, cut, fold};
use super::*;
use crate::registry::change::{Sender, What};
use crate::registry::instance::{Instance, Metadata, Registration};
use crate::registry::settings::RegistrySettings;
use crate::registry::status::Status;
use crate::registry::{MetadataLimits, Registry, StatusCall};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const ROOMY: Bounds = Bounds {
    events: 65_536,
    age: Duration::from_secs(600),
};

fn registered(id: &str, app: &str) -> Registration {
    Registration {
        instance: Instance {
            id: Some(id.into()),
            ..Instance::new(AppName::new(app), "host", "10.0.0.1")
        },
        carried_override: None,
    }
}

/// A registry whose changes are entered in an account.
struct Room {
    registry: Registry,
    account: Arc<Account>,
    now: Timestamp,
}

impl Room {
    fn new(bounds: Bounds) -> Self {
        let origin = Origin {
            node: NodeId(1),
            epoch: Epoch(1),
        };
        let registry = Registry::new(RegistrySettings::DEFAULT, origin);
        let account = Arc::new(Account::new(START, bounds));
        let listening = account.clone();
        registry.on_change(move |change, _| listening.enter(change));
        Self {
            registry,
            account,
            now: START,
        }
    }

    /// One of the calls that clients make, by number.
    fn call(&mut self, call: u8, instance: u8) {
        self.now = self.now + Duration::from_millis(10);
        let (app, id) = (
            ["A", "B", "C"][usize::from(instance % 3)],
            format!("i-{instance}"),
        );
        let (registry, now) = (&self.registry, self.now);
        let status = |status| StatusCall {
            status,
            last_dirty: None,
            by: Sender::Client,
        };
        let limits = MetadataLimits {
            keys: 10,
            bytes: 1000,
        };
        match call % 6 {
            0 | 1 => {
                registry.register(registered(&id, app), Sender::Client, now);
            }
            2 => drop(registry.cancel(app, &id, Sender::Client, now)),
            3 => drop(registry.set_override(app, &id, status(Some(Status::OutOfService)), now)),
            4 => drop(registry.remove_override(app, &id, status(None), now)),
            _ => {
                let changes: Metadata = [("k", now.to_string())]
                    .iter()
                    .map(|(key, value)| (*key, value.as_str()))
                    .collect();
                drop(registry.update_metadata(app, &id, &changes, limits, now));
            }
        }
    }

    /// What the registry itself says happened, oldest first.
    fn happened(&self) -> Vec<(u64, String)> {
        let mut all = self.registry.account(usize::MAX);
        all.reverse();
        all.iter()
            .map(|change| (change.event, change.to_string()))
            .collect()
    }

    /// What is shown now, by key.
    fn shown(&self) -> BTreeMap<String, Status> {
        let snapshot = self.registry.refresh();
        let entries = snapshot.registered.iter();
        entries
            .map(|entry| (entry.key().to_string(), entry.record().status()))
            .collect()
    }
}

/// A subscriber: what it was told, and what it makes of that.
#[derive(Default)]
struct Subscriber {
    place: u64,
    told: Vec<(u64, String)>,
    counted: u64,
    view: BTreeMap<String, Status>,
}

impl Subscriber {
    /// Takes some steps from where it is, as after connecting again.
    fn read(&mut self, account: &Account, max: usize, steps: usize) {
        let revision = account.at(self.place);
        let place = account.resume(revision).expect("it is kept");
        let events = account.after(place, u64::MAX, max).expect("it is kept");
        for step in cut(&events).into_iter().take(steps) {
            assert_eq!(step.after, self.place, "no gap and no overlap");
            self.place = step.to;
            let Told::Changes(events) = step.told else {
                continue;
            };
            let seen = events.iter().map(|event| (event.sequence, event.text()));
            self.told.extend(seen);
            for net in fold(&events) {
                self.counted += u64::from(net.events);
                self.take(&net);
            }
        }
    }

    fn take(&mut self, net: &step::Net) {
        let (key, status) = (net.key.to_string(), net.last.status);
        let known = match (net.kind, status) {
            (Kind::Removed, _) => self.view.remove(&key),
            (_, Some(status)) => self.view.insert(key, status),
            (_, None) => unreachable!("an instance that is listed is shown in a status"),
        };
        match net.kind {
            Kind::Registered => assert_eq!(known, None),
            Kind::Updated => assert_eq!(known, status),
            Kind::Status => assert!(known.is_some() && known != status),
            Kind::Removed => {}
        }
    }
}

proptest! {
    #[test]
    fn a_subscriber_that_reconnects_at_random_misses_and_doubles_nothing(
        calls in prop::collection::vec((any::<u8>(), 0_u8..12, prop::option::of((1_usize..40, 0_usize..4))), 1..300),
    ) {
        let (mut room, mut subscriber) = (Room::new(ROOMY), Subscriber::default());
        for (call, instance, read) in calls {
            room.call(call, instance);
            if let Some((max, steps)) = read {
                subscriber.read(&room.account, max, steps);
            }
        }
        subscriber.read(&room.account, usize::MAX, usize::MAX);
        let happened = room.happened();
        prop_assert_eq!(subscriber.counted, happened.len() as u64);
        prop_assert_eq!(subscriber.told, happened);
        prop_assert_eq!(subscriber.view, room.shown());
    }

    #[test]
    fn a_list_read_after_a_revision_has_every_change_up_to_it(
        calls in prop::collection::vec((any::<u8>(), 0_u8..12), 1..100), begun in 0_usize..100,
    ) {
        let (mut room, mut subscriber) = (Room::new(ROOMY), Subscriber::default());
        for (place, (call, instance)) in calls.into_iter().enumerate() {
            if place == begun {
                subscriber.place = room.account.revision().sequence;
                subscriber.view = room.shown();
            }
            room.call(call, instance);
        }
        subscriber.read(&room.account, usize::MAX, usize::MAX);
        prop_assert_eq!(subscriber.view, room.shown());
    }

    #[test]
    fn steps_cover_all_events_once_and_keep_their_bounds(
        topics in prop::collection::vec((0_u8..8, any::<u16>()), 0..3000),
    ) {
        let events: Vec<_> = (1..).zip(topics).map(|(sequence, (topic, instance))| {
            Arc::new(made(sequence, topic, instance))
        }).collect();
        let mut place = 0;
        for step in cut(&events) {
            prop_assert_eq!(step.after, place);
            prop_assert!(step.to > place);
            place = step.to;
            if let Told::Changes(events) = step.told {
                let nets = fold(&events);
                let keys: HashSet<_> = nets.iter().map(|net| net.key.clone()).collect();
                prop_assert!(nets.len() <= CHANGES_MAX && keys.len() == nets.len());
                prop_assert!(events.len() <= EVENTS_MAX);
                let counted: u32 = nets.iter().map(|net| net.events).sum();
                prop_assert_eq!(counted as usize, events.len());
            }
        }
        prop_assert_eq!(place, events.len() as u64);
    }
}

fn made(sequence: u64, topic: u8, instance: u16) -> Event {
    let room = Room::new(ROOMY);
    if topic == 0 {
        return Event::of_notice(
            sequence,
            Notice::new("peer_up", Topic::Cluster, "up"),
            START,
        );
    }
    let id = format!("i-{instance}");
    let change = room
        .registry
        .register(registered(&id, "A"), Sender::Client, START);
    Event::of_change(sequence, &change, None)
}

fn noted(account: &Account, count: u64, now: Timestamp) {
    for _ in 0..count {
        account.note(Notice::new("peer_up", Topic::Cluster, "peer b is up"), now);
    }
}

#[test]
fn renewals_are_no_events_and_registrations_are() {
    let mut room = Room::new(ROOMY);
    room.call(0, 1);
    let beat = crate::registry::Heartbeat {
        last_dirty: None,
        carried_override: None,
        by: Sender::Client,
    };
    room.registry.renew("B", "i-1", &beat, room.now);
    assert_eq!(room.account.revision().sequence, 1);
}

#[test]
fn the_account_keeps_no_more_events_than_it_may() {
    let bounds = Bounds {
        events: 2000,
        ..ROOMY
    };
    let account = Account::new(START, bounds);
    noted(&account, 2500, START);
    assert_eq!(account.lock().ring.len(), 2000);
    assert_eq!(account.floor().sequence, 500);
    assert_eq!(account.resume(account.at(500)), Ok(500));
    assert_eq!(account.resume(account.at(499)), Err(Overrun));
}

#[test]
fn old_events_go_but_for_the_last_thousand() {
    let account = Account::new(START, ROOMY);
    noted(&account, 3000, START);
    noted(&account, 1, START + Duration::from_secs(601));
    assert_eq!(account.lock().ring.len(), KEPT_ALWAYS);
    assert_eq!(account.revision().sequence, 3001);
}

#[test]
fn a_place_of_another_start_or_of_the_future_cannot_be_resumed() {
    let account = Account::new(START, ROOMY);
    noted(&account, 3, START);
    let other = Revision {
        epoch: account.revision().epoch + 1,
        sequence: 1,
    };
    assert_eq!(account.resume(other), Err(Overrun));
    assert_eq!(account.resume(account.at(4)), Err(Overrun));
    assert_eq!(account.resume(account.at(0)), Ok(0));
    assert_eq!(account.resume(account.at(3)), Ok(3));
}

#[test]
fn applications_are_forgotten_with_their_last_event() {
    let bounds = Bounds {
        events: 100,
        ..ROOMY
    };
    let room = Room::new(bounds);
    for number in 0..500 {
        let one = registered("i", &format!("app-{number}"));
        room.registry.register(one, Sender::Client, START);
    }
    assert_eq!(room.account.lock().ring.applications(), 100);
    let latest = |app: &str| room.account.latest_of(&AppName::new(app));
    assert_eq!((latest("app-399"), latest("app-400")), (0, 401));
}

#[test]
fn pages_of_events_go_on_where_the_last_one_ended() {
    let mut room = Room::new(ROOMY);
    for instance in 0..10 {
        room.call(0, instance);
    }
    let (mut before, mut seen) = (None, Vec::new());
    loop {
        let (page, next) = room.account.newest(before, 2, |event| {
            event
                .key
                .as_ref()
                .is_some_and(|key| key.app.as_str() == "A")
        });
        seen.extend(page.iter().map(|event| event.sequence));
        match next {
            Some(_) => before = next,
            None => break,
        }
    }
    assert_eq!(seen, [10, 7, 4, 1]);
}

#[test]
fn a_change_from_a_peer_names_the_peer_and_one_of_an_eviction_does_not() {
    let (here, there) = (Room::new(ROOMY), Room::new(ROOMY));
    let origin = Origin {
        node: NodeId(2),
        epoch: Epoch(1),
    };
    there.registry.restate(origin, START);
    let made = there
        .registry
        .register(registered("i", "A"), Sender::Client, START);
    let record = there.registry.stored(&made.key).expect("registered");
    here.account.call(NodeId(2), "berta");
    let merged = here
        .registry
        .merge(&made.key, record.record().clone(), None, START);
    assert!(merged.change.is_some());
    let (events, _) = here.account.newest(None, 1, |_| true);
    assert_eq!(events[0].cause, Cause::Replication);
    assert_eq!(
        events[0].text(),
        "registered A/i as UP; peer berta wrote it"
    );
    assert_eq!(events[0].what, Some(What::Registered));
}

#[test]
fn writes_of_many_threads_are_entered_in_the_order_of_the_registry() {
    let room = Room::new(ROOMY);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let registry = &room.registry;
            scope.spawn(move || {
                for number in 0..200 {
                    let one = registered(&format!("i-{}", (number + thread) % 5), "A");
                    registry.register(one, Sender::Client, START);
                    if number % 3 == 0 {
                        drop(registry.cancel(
                            "A",
                            &format!("i-{}", number % 5),
                            Sender::Client,
                            START,
                        ));
                    }
                }
            });
        }
    });
    let mut subscriber = Subscriber::default();
    subscriber.read(&room.account, usize::MAX, usize::MAX);
    assert_eq!(subscriber.told, room.happened());
    assert_eq!(subscriber.view, room.shown());
}

#[test]
fn nothing_is_kept_of_applications_that_nobody_waits_for() {
    let account = Arc::new(Account::new(START, ROOMY));
    let first = account.wait(Some(AppName::new("A")));
    let second = account.wait(Some(AppName::new("A")));
    drop(first);
    assert_eq!(account.lock().waiting.applications(), 1);
    drop(second);
    assert_eq!(account.lock().waiting.applications(), 0);
}

#[tokio::test]
async fn only_those_are_woken_whose_application_it_is() {
    let room = Room::new(ROOMY);
    let waits = ["A", "B"].map(|app| room.account.wait(Some(AppName::new(app))));
    let any = room.account.wait(None);
    let mut told = waits.each_ref().map(|wait| Box::pin(wait.next()));
    told.iter_mut().for_each(|told| {
        told.as_mut().enable();
    });
    let mut anybody = Box::pin(any.next());
    anybody.as_mut().enable();
    room.registry
        .register(registered("i", "A"), Sender::Client, START);
    let [a, b] = told;
    let ready = |told| futures_util::FutureExt::now_or_never(told).is_some();
    assert_eq!((ready(a), ready(b)), (true, false));
    assert!(futures_util::FutureExt::now_or_never(anybody).is_some());
}
