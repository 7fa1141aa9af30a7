//! What writes make of versions: each is above all it was made on, and two servers that part meet again.

use std::collections::BTreeMap;
use std::sync::Arc;

use peers::version::{Epoch, NodeId, Origin, Rank, Version};
use proptest::prelude::*;
use proptest::sample::select;

use super::super::change::Sender;
use super::super::entry::Key;
use super::super::instance::{Instance, Registration};
use super::super::record::{EndedBy, Override, Record};
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::testing::{START, Stage, instance, lasting, registration, status};
use super::super::writes::{Owner, Write};
use super::model::{Twins, steps};
use crate::clock::Timestamp;

/// A call that finds a record.
#[derive(Clone, Debug)]
enum Call {
    Register(Status, i64, Option<Status>),
    Override(Status),
    Carry(Status),
    Remove(Option<Status>),
    Metadata(u8),
    Cancel,
    Evict,
}

fn call() -> impl Strategy<Value = Call> {
    prop_oneof![
        (status(), 0..3i64, proptest::option::of(status()))
            .prop_map(|(own, dirty, carried)| Call::Register(own, dirty, carried)),
        status().prop_map(Call::Override),
        status().prop_map(Call::Carry),
        proptest::option::of(status()).prop_map(Call::Remove),
        any::<u8>().prop_map(Call::Metadata),
        Just(Call::Cancel),
        Just(Call::Evict),
    ]
}

/// Calls to one server whose clock may stand still and go back.
fn calls() -> impl Strategy<Value = Vec<(Call, u64)>> {
    proptest::collection::vec((call(), select(&[0, 1, 5][..])), 0..12)
}

fn says(status: Status, last_dirty: i64, carried_override: Option<Status>) -> Registration {
    Registration {
        instance: Instance {
            status,
            last_dirty,
            ..instance("A", "i")
        },
        carried_override,
    }
}

/// The record after a call, or `None` where the call changes nothing.
fn next(held: &Record, call: &Call, write: Write) -> Option<Record> {
    let live = held.live();
    match call {
        Call::Register(own, dirty, carried) => Some(write.register(
            Some(held),
            Owner::Present,
            says(*own, *dirty, *carried),
            Sender::Client,
        )),
        Call::Override(status) => {
            live.then(|| write.set_override(held, Override::of(*status), None))
        }
        Call::Carry(status) => live.then(|| write.carry_override(held, *status)),
        Call::Remove(own) => live.then(|| write.remove_override(held, *own, None)),
        Call::Metadata(value) => live.then(|| {
            write.set_metadata(
                held,
                [("k", value.to_string().as_str())].into_iter().collect(),
            )
        }),
        Call::Cancel => write.cancel(held),
        Call::Evict => live.then(|| write.evict(held)),
    }
}

fn write(node: u64, millis: u64) -> Write {
    Write {
        now: Timestamp::from_millis(START.as_millis() + millis),
        origin: Origin {
            node: NodeId(node),
            epoch: Epoch(1),
        },
    }
}

fn versions(record: &Record) -> [Option<Version>; 3] {
    let overriding = record
        .overriding
        .as_ref()
        .map(|overriding| overriding.version);
    [
        Some(record.body.version),
        Some(record.lease.version),
        overriding,
    ]
}

fn after(first: &Record, calls: &[(Call, u64)], node: u64) -> Record {
    calls.iter().fold(first.clone(), |held, (call, millis)| {
        next(&held, call, write(node, *millis)).unwrap_or(held)
    })
}

proptest! {
    #[test]
    fn what_is_written_is_above_all_that_was_held(calls in calls()) {
        let mut held = write(1, 0).register(None, Owner::Present, registration(instance("A", "i")), Sender::Client);
        for (call, millis) in calls {
            let Some(written) = next(&held, &call, write(2, millis)) else { continue };
            let changed = versions(&held).into_iter().zip(versions(&written)).filter(|(before, after)| before != after);
            let changed: Vec<_> = changed.map(|(_, after)| after).collect();
            prop_assert!(!changed.is_empty(), "{call:?} wrote nothing");
            if matches!(call, Call::Evict) {
                prop_assert_eq!(changed, [Some(held.lease.version.ended())]);
            } else {
                prop_assert!(changed.into_iter().all(|version| version > Some(held.newest())), "{call:?}");
            }
            held = written;
        }
    }

    #[test]
    fn what_is_changed_is_written_anew(calls in calls()) {
        let mut held = write(1, 0).register(None, Owner::Present, registration(instance("A", "i")), Sender::Client);
        for (call, millis) in calls {
            let Some(written) = next(&held, &call, write(2, millis)) else { continue };
            prop_assert!(held.body.version != written.body.version || held.body == written.body);
            prop_assert!(held.lease.version != written.lease.version || held.lease == written.lease);
            if versions(&held)[2] == versions(&written)[2] {
                prop_assert_eq!(&held.overriding, &written.overriding);
            }
            held = written;
        }
    }

    #[test]
    fn two_servers_that_part_and_meet_show_the_same(together in calls(), here in calls(), there in calls()) {
        let first = write(1, 0).register(None, Owner::Present, registration(instance("A", "i")), Sender::Client);
        let first = after(&first, &together, 1);
        let (here, there) = (after(&first, &here, 1), after(&first, &there, 2));
        let (mut from_here, mut from_there) = (here.clone(), there.clone());
        from_here.merge(there);
        from_there.merge(here);
        let shown = |record: &Record| (record.live(), record.status(), record.overridden(), record.action(), versions(record));
        prop_assert_eq!(shown(&from_here), shown(&from_there));
        prop_assert_eq!(from_here.body, from_there.body);
    }

    #[test]
    fn a_registration_elsewhere_outlives_an_eviction_whatever_the_clocks_say(behind in 0..1000u64) {
        let first = write(1, 1000).register(None, Owner::Present, registration(instance("A", "i")), Sender::Client);
        let mut evicted = write(1, 1_000_000).evict(&first);
        let again = write(2, 1000 - behind).register(Some(&first), Owner::Present, registration(instance("A", "i")), Sender::Client);
        evicted.merge(again);
        prop_assert!(evicted.live());
    }

    #[test]
    fn a_registry_writes_as_itself_and_never_below_what_it_had(steps in steps()) {
        let mut twins = Twins::new(RegistrySettings::DEFAULT);
        let mut newest = BTreeMap::<Arc<Key>, Version>::new();
        for step in steps {
            twins.take(&step);
            for entry in twins.stage.registry.store.all() {
                let version = entry.record().newest();
                prop_assert_eq!(version.origin, twins.stage.registry.origin());
                let before = newest.insert(entry.key().clone(), version);
                prop_assert!(before <= Some(version), "{step:?}");
            }
            newest.retain(|key, _| twins.stage.registry.store.find(key.app.as_str(), &key.id).is_some());
        }
    }
}

#[test]
fn an_eviction_carries_the_version_it_ends() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(lasting("i", 10));
    let before = stage.record("i").expect("it is registered");
    assert_eq!(before.lease.version.rank, Rank::Live);
    stage.run(11);
    let after = stage.record("i").expect("it is remembered");
    assert_eq!(after.lease.version, before.lease.version.ended());
    assert_eq!(
        after.lease.value.ended.map(|ended| (ended.by, ended.at)),
        Some((EndedBy::Eviction, stage.now))
    );
    assert_eq!(after.body, before.body);
}

#[test]
fn a_cancelled_instance_does_not_return_from_an_older_record() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(instance("A", "i"));
    let older = stage.record("i").expect("it is registered");
    stage.cancel("i").expect("it is registered");
    let mut merged = older;
    merged.merge(stage.record("i").expect("it is remembered"));
    assert!(!merged.live());
    assert_eq!(
        merged.lease.value.ended.map(|ended| ended.by),
        Some(EndedBy::Cancel)
    );
}
