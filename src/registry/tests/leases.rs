//! When a lease ends, who revives it, and what a server that slept owes its clients.

use std::time::Duration;

use proptest::prelude::*;

use super::super::instance::{Instance, LeaseTerms};
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::testing::{Stage, instance, lasting};
use super::super::{MetadataLimits, Refusal, Renewal};
use crate::clock::Timestamp;

const MILLI: Duration = Duration::from_millis(1);
const DOUBLED: RegistrySettings = RegistrySettings {
    lease_doubled: true,
    ..RegistrySettings::DEFAULT
};

fn deadline(stage: &Stage, id: &str) -> Timestamp {
    let entry = stage.registry.store.find("A", id);
    entry.expect("it is registered").deadline()
}

/// Durations and moments from nothing to more than any clock will say.
fn extreme_secs() -> impl Strategy<Value = u32> {
    prop_oneof![0..3u32, u32::MAX - 3..=u32::MAX, any::<u32>()]
}

fn extreme_moment() -> impl Strategy<Value = Timestamp> {
    prop_oneof![0..3u64, u64::MAX - 3..=u64::MAX, any::<u64>()].prop_map(Timestamp::from_millis)
}

proptest! {
    #[test]
    fn no_duration_and_no_moment_overflows(
        (interval_secs, duration_secs) in (extreme_secs(), extreme_secs()),
        (first, second) in (extreme_moment(), extreme_moment()),
        lease_doubled: bool,
    ) {
        let mut stage = Stage::new(RegistrySettings { lease_doubled, ..RegistrySettings::DEFAULT });
        let lease = LeaseTerms { interval_secs, duration_secs };
        stage.now = first.min(second);
        stage.register(Instance { lease, ..instance("A", "i") });
        let once = stage.now.as_millis().saturating_add(u64::from(duration_secs) * 1000);
        prop_assert_eq!(deadline(&stage, "i").as_millis(), once);
        stage.sweep();
        stage.now = first.max(second);
        stage.sweep();
        if matches!(stage.beat("i"), Renewal::Renewed) {
            let lasting = u64::from(duration_secs) * if lease_doubled { 2000 } else { 1000 };
            prop_assert_eq!(deadline(&stage, "i").as_millis(), stage.now.as_millis().saturating_add(lasting));
        }
        // At the end of time the dead are forgotten as they die.
        if let Some(entry) = stage.registry.store.find("A", "i") {
            prop_assert!(entry.silent_at() <= entry.deadline());
            prop_assert!(entry.shown().times.renewed_at >= entry.shown().times.registered_at);
        }
    }

    #[test]
    fn a_lease_that_is_alone_is_evicted_by_the_first_sweep_after_its_end(
        secs in 0..200u32, offset in 0..1000u64, beats_after in proptest::option::of(0..200u32),
    ) {
        let mut stage = Stage::new(RegistrySettings::DEFAULT);
        stage.sweep();
        stage.pass(Duration::from_millis(offset));
        stage.register(lasting("i", secs));
        if let Some(after) = beats_after.filter(|after| *after <= secs) {
            let at = stage.now + Duration::from_secs(after.into());
            stage.registry.store.find("A", "i").expect("it is registered").hear(at, false);
        }
        let ends = deadline(&stage, "i");
        stage.now = stage.now + Duration::from_millis(1000 - offset);
        while stage.sweep().evicted.is_empty() {
            prop_assert!(stage.now <= ends, "still there at {} though over at {ends}", stage.now);
            stage.pass(Duration::from_secs(1));
        }
        prop_assert!(stage.now > ends && stage.now.since(ends) <= Duration::from_secs(1));
    }
}

#[test]
fn a_lease_is_over_after_its_deadline_and_not_at_it() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(lasting("i", 90));
    stage.pass(Duration::from_secs(90));
    assert!(stage.finds("i"));
    assert!(stage.sweep().evicted.is_empty());
    stage.pass(MILLI);
    assert!(!stage.finds("i"), "calls about it alone find nobody");
    assert!(stage.lists("i"), "lists show it until the sweep");
    assert_eq!(stage.sweep().evicted.len(), 1);
    assert!(!stage.lists("i"));
}

#[test]
fn a_lease_of_thirty_days_lasts_thirty_days() {
    const DAYS: u32 = 30 * 24 * 60 * 60;
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(lasting("i", DAYS));
    stage.pass(Duration::from_secs(DAYS.into()));
    assert!(stage.finds("i"));
    stage.pass(MILLI);
    assert!(!stage.finds("i"));
}

#[test]
fn a_heartbeat_between_its_end_and_the_sweep_revives_a_lease() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(lasting("i", 90));
    stage.pass(Duration::from_secs(90) + MILLI);
    assert!(!stage.finds("i"));
    assert!(matches!(stage.beat("i"), Renewal::Renewed));
    assert!(stage.finds("i"));
    assert!(stage.sweep().evicted.is_empty());
}

#[test]
fn a_heartbeat_after_the_sweep_revives_nothing() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(lasting("i", 90));
    assert_eq!(stage.run(91).len(), 1);
    assert!(matches!(stage.beat("i"), Renewal::Unknown));
    assert_eq!(stage.registry.renewals(), 0);
}

#[test]
fn calls_about_a_lease_that_is_over_find_nobody_and_revive_nothing() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(lasting("i", 90));
    stage.pass(Duration::from_secs(90) + MILLI);
    assert_eq!(
        stage.overrule("i", Status::Down).err(),
        Some(Refusal::NotRegistered)
    );
    assert_eq!(
        stage.give_back("i", None).err(),
        Some(Refusal::NotRegistered)
    );
    assert!(!stage.finds("i"));
}

#[test]
fn calls_about_status_and_metadata_restart_the_lease_and_are_no_sign_of_life() {
    let check = |call: &dyn Fn(&Stage)| {
        let mut stage = Stage::new(RegistrySettings::DEFAULT);
        let registered = stage.now;
        stage.register(lasting("i", 90));
        stage.pass(Duration::from_secs(50));
        call(&stage);
        assert_eq!(deadline(&stage, "i"), stage.now + Duration::from_secs(90));
        let entry = stage
            .registry
            .store
            .find("A", "i")
            .expect("it is registered");
        assert_eq!(entry.heard_at(), registered);
        assert_eq!(stage.registry.renewals(), 0);
    };
    let generous = MetadataLimits { keys: 9, bytes: 99 };
    let metadata = [("k", "v")].into_iter().collect();
    check(&|stage| drop(stage.overrule("i", Status::Down)));
    check(&|stage| drop(stage.overrule("i", Status::Up)));
    check(&|stage| drop(stage.give_back("i", None)));
    check(&|stage| {
        let done = stage
            .registry
            .update_metadata("A", "i", &metadata, generous, stage.now);
        assert!(done.is_ok());
    });
}

#[test]
fn a_doubled_lease_doubles_with_its_first_renewal_only() {
    let mut stage = Stage::new(DOUBLED);
    let lasts = |stage: &Stage| deadline(stage, "i").since(stage.now).as_secs();
    stage.register(lasting("i", 90));
    assert_eq!(lasts(&stage), 90);
    for _ in 0..3 {
        stage.pass(Duration::from_secs(30));
        stage.beat("i");
        assert_eq!(lasts(&stage), 180);
    }
    stage.register(lasting("i", 90));
    assert_eq!(lasts(&stage), 90, "a registration starts anew");
}

#[test]
fn who_registers_again_with_older_data_still_gets_the_lease_it_asks_for() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(Instance {
        last_dirty: 7,
        ..lasting("i", 90)
    });
    stage.register(Instance {
        last_dirty: 6,
        ..lasting("i", 30)
    });
    assert_eq!(deadline(&stage, "i"), stage.now + Duration::from_secs(30));
}

/// Sweeps, lets `heard` pass, registers, sleeps until `gap` after the sweep and sweeps. Answers by how much the
/// deadline moved.
fn moved_by_sleeping(heard: Duration, gap: Duration) -> Duration {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.sweep();
    let swept = stage.now;
    stage.pass(heard);
    stage.register(lasting("i", 1));
    let before = deadline(&stage, "i");
    stage.now = swept + gap;
    let evicted = !stage.sweep().evicted.is_empty();
    let moved = deadline(&stage, "i").since(before);
    assert_eq!(evicted, stage.now > before + moved);
    moved
}

#[test]
fn a_server_that_slept_moves_the_deadlines_of_all_it_heard_before() {
    let check = |heard: u64, gap: u64, moved: u64| {
        let (heard, gap) = (Duration::from_millis(heard), Duration::from_millis(gap));
        assert_eq!(
            moved_by_sleeping(heard, gap),
            Duration::from_millis(moved),
            "{heard:?} {gap:?}"
        );
    };
    // A sweep is due every second, and two seconds late are no sleep.
    check(0, 1000, 0);
    check(0, 3000, 0);
    check(0, 3001, 2001);
    check(0, 60_000, 59_000);
    // Heard between the last sweep and the sleep, which began at the next sweep's time at the latest.
    check(500, 60_000, 59_000);
    check(1000, 60_000, 59_000);
    // Heard after it.
    check(1001, 60_000, 0);
    check(59_999, 60_000, 0);
    check(60_000, 60_000, 0);
}

#[test]
fn nobody_is_evicted_for_the_servers_own_sleep() {
    const SLEEP: Duration = Duration::from_secs(3600);
    let settings = RegistrySettings {
        preservation: false,
        ..RegistrySettings::DEFAULT
    };
    let mut stage = Stage::new(settings);
    stage.run_with(60, |stage, second| {
        stage.register(lasting(&format!("i{second}"), 90));
    });
    stage.pass(SLEEP);
    assert!(stage.sweep().evicted.is_empty());
    let all_beat =
        |stage: &Stage, _: u64| (1..=60).for_each(|id| drop(stage.beat(&format!("i{id}"))));
    assert!(
        stage.run_with(90, all_beat).is_empty(),
        "they had their time to beat"
    );
    assert_eq!(stage.registry.census().live, 60);
}

#[test]
fn an_id_alone_finds_the_first_application_that_has_it_and_whose_lease_is_not_over() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    for (app, duration_secs) in [("C", 90), ("B", 60), ("A", 90)] {
        let id = if app == "A" { "other" } else { "i" };
        stage.register(Instance {
            app: instance(app, id).app,
            ..lasting(id, duration_secs)
        });
    }
    let finds = |stage: &Stage| {
        let found = stage.registry.find_by_id("i", stage.now);
        found.map(|entry| entry.key().to_string())
    };
    assert_eq!(finds(&stage).as_deref(), Some("B/i"));
    stage.pass(Duration::from_secs(60) + MILLI);
    assert_eq!(finds(&stage).as_deref(), Some("C/i"));
    stage.pass(Duration::from_secs(30));
    assert_eq!(finds(&stage), None);
}
