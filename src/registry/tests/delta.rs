//! The heart of Eureka's protocol: a delta, applied to what a reader has, gives what the registry has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::super::entry::Key;
use super::super::instance::Instance;
use super::super::settings::RegistrySettings;
use super::super::snapshot::Snapshot;
use super::super::status::Status;
use super::super::testing::{START, Stage, instance, lasting};
use super::super::view::Action;
use super::model::{Seen, Step, Twins, steps};
use crate::clock::Timestamp;

/// A client as Java's: everything once, then what changed.
#[derive(Default)]
struct Reader {
    has: BTreeMap<Key, Seen>,
    read_at: Option<Timestamp>,
}

impl Reader {
    fn read(&mut self, snapshot: &Snapshot, now: Timestamp, retention: Duration) {
        match self.read_at.replace(now) {
            Some(last) if now.since(last) < retention => self.apply(snapshot),
            _ => self.has = listed(snapshot),
        }
    }

    fn apply(&mut self, snapshot: &Snapshot) {
        for entry in snapshot.recent.iter() {
            let key = Key::clone(entry.key());
            match entry.shown().action {
                Action::Added | Action::Modified => self.has.insert(key, (&**entry).into()),
                Action::Deleted => self.has.remove(&key),
            };
        }
    }

    /// Counted as clients count.
    fn hash_code(&self) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for seen in self.has.values() {
            *counts.entry(seen.status.name()).or_default() += 1;
        }
        counts
            .iter()
            .map(|(status, count)| format!("{status}_{count}_"))
            .collect()
    }
}

fn listed(snapshot: &Snapshot) -> BTreeMap<Key, Seen> {
    let entries = snapshot.registered.iter();
    entries
        .map(|entry| (Key::clone(entry.key()), (&**entry).into()))
        .collect()
}

/// Sweeps are due so seldom that no time that passes in these tests is taken for the server's sleep.
fn settings() -> impl Strategy<Value = RegistrySettings> {
    (any::<bool>(), any::<bool>(), 0..=100u8).prop_map(
        |(preservation, lease_doubled, share_kept_percent)| RegistrySettings {
            sweep_interval: Duration::from_secs(3600),
            preservation,
            lease_doubled,
            share_kept_percent,
            ..RegistrySettings::DEFAULT
        },
    )
}

proptest! {
    #[test]
    fn a_delta_applied_to_an_older_registry_gives_the_newer_one(settings in settings(), steps in steps()) {
        let retention = settings.delta_retention;
        let mut twins = Twins::new(settings);
        let mut readers: [Reader; 3] = Default::default();
        for step in steps {
            twins.take(&step);
            if let Step::Read(reader) = step {
                let snapshot = twins.stage.registry.refresh();
                readers[reader].read(&snapshot, twins.stage.now, retention);
                prop_assert_eq!(&readers[reader].has, &listed(&snapshot));
                prop_assert_eq!(readers[reader].hash_code(), &*snapshot.hash_code);
            }
        }
    }

    #[test]
    fn a_snapshot_is_what_a_naive_copy_has(settings in settings(), steps in steps()) {
        let mut twins = Twins::new(settings);
        for step in steps {
            twins.take(&step);
            if matches!(step, Step::Read(_)) {
                prop_assert_eq!(listed(&twins.stage.registry.refresh()), twins.listed());
            }
        }
        prop_assert_eq!(listed(&twins.stage.registry.refresh()), twins.listed());
        prop_assert_eq!(twins.stage.registry.census().live, twins.listed().len());
    }

    #[test]
    fn a_snapshot_made_in_steps_is_one_made_at_once(settings in settings(), steps in steps()) {
        let (mut often, mut once) = (Twins::new(settings.clone()), Twins::new(settings));
        for step in steps {
            often.take(&step);
            often.stage.registry.refresh();
            once.take(&step);
        }
        let (often, once) = (often.stage.registry.refresh(), once.stage.registry.refresh());
        let keys = |snapshot: &Snapshot| snapshot.recent.iter().map(|entry| Key::clone(entry.key())).collect::<BTreeSet<_>>();
        prop_assert_eq!(listed(&often), listed(&once));
        prop_assert_eq!(keys(&often), keys(&once));
        prop_assert_eq!(&often.hash_code, &once.hash_code);
    }
}

fn actions(stage: &Stage) -> Vec<(String, Action)> {
    let snapshot = stage.registry.refresh();
    snapshot
        .recent
        .iter()
        .map(|entry| (entry.key().to_string(), entry.shown().action))
        .collect()
}

#[test]
fn an_instance_is_in_the_delta_once_with_what_happened_to_it_last() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    let is = |action| assert_eq!(actions(&stage), [("A/i".to_owned(), action)]);
    stage.register(instance("A", "i"));
    is(Action::Added);
    stage.overrule("i", Status::Down).expect("it is registered");
    is(Action::Modified);
    stage.register(instance("A", "i"));
    is(Action::Added);
    stage.give_back("i", None).expect("it is registered");
    is(Action::Modified);
    stage.cancel("i").expect("it is registered");
    is(Action::Deleted);
    stage.register(instance("A", "i"));
    is(Action::Added);
}

#[test]
fn a_change_stays_in_the_delta_for_its_retention() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(instance("A", "i"));
    stage.now = START + (RegistrySettings::DEFAULT.delta_retention - Duration::from_millis(1));
    stage.registry.prune_delta(stage.now);
    assert_eq!(actions(&stage).len(), 1);
    stage.pass(Duration::from_millis(1));
    let before = stage.registry.revision();
    stage.registry.prune_delta(stage.now);
    assert_eq!(actions(&stage), []);
    assert_ne!(
        stage.registry.revision(),
        before,
        "readers can tell that it left"
    );
    assert!(stage.lists("i"));
}

#[test]
fn a_heartbeat_changes_nothing_readers_can_tell() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(instance("A", "i"));
    let before = stage.registry.refresh();
    stage.beat("i");
    assert_eq!(stage.registry.revision(), before.revision);
    assert!(Arc::ptr_eq(&before, &stage.registry.refresh()));
}

#[test]
fn an_eviction_reaches_readers_as_a_deletion() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(lasting("i", 10));
    stage.run(11);
    assert_eq!(actions(&stage), [("A/i".to_owned(), Action::Deleted)]);
    assert_eq!(stage.registry.refresh().hash_code, "");
}

#[test]
fn the_hash_code_counts_statuses_in_alphabetical_order() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    assert_eq!(stage.registry.refresh().hash_code, "");
    for (count, status) in [
        (3, Status::Up),
        (3, Status::Down),
        (2, Status::Starting),
        (2, Status::OutOfService),
        (2, Status::Unknown),
    ] {
        for id in 0..count {
            stage.register(Instance {
                status,
                ..instance("A", &format!("{status}{id}"))
            });
        }
    }
    assert_eq!(
        stage.registry.refresh().hash_code,
        "DOWN_3_OUT_OF_SERVICE_2_STARTING_2_UNKNOWN_2_UP_3_"
    );
}
