//! Memory is bounded by what is registered, whatever was.

use std::time::Duration;

use super::super::change::Sender;
use super::super::lock;
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::testing::{Stage, instance};

/// How many entries each part holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    store: usize,
    leases: usize,
    dead: usize,
    changes: usize,
}

fn held(stage: &Stage) -> Held {
    stage.registry.refresh();
    let leases = lock(&stage.registry.leases);
    Held {
        store: stage.registry.store.all().len(),
        leases: leases.watched(),
        dead: leases.remembered(),
        changes: lock(&stage.registry.journal).remembered(),
    }
}

/// Lets time pass in one step, then does what the background does.
fn wait(stage: &mut Stage, time: Duration) {
    stage.pass(time);
    stage.sweep();
    stage.registry.prune_delta(stage.now);
}

#[test]
fn names_that_came_and_went_leave_nothing() {
    const NAMES: usize = 20_000;
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    for name in 0..NAMES {
        stage.register(instance("A", &name.to_string()));
        stage.cancel(&name.to_string()).expect("it is registered");
    }
    assert_eq!(
        held(&stage),
        Held {
            store: NAMES,
            leases: 0,
            dead: NAMES,
            changes: NAMES
        }
    );
    wait(&mut stage, RegistrySettings::DEFAULT.delta_retention);
    assert_eq!(
        held(&stage),
        Held {
            store: NAMES,
            leases: 0,
            dead: NAMES,
            changes: 0
        }
    );
    let rest = RegistrySettings::DEFAULT.remember_dead - RegistrySettings::DEFAULT.delta_retention;
    wait(&mut stage, rest - Duration::from_millis(1));
    assert_eq!(held(&stage).store, NAMES);
    wait(&mut stage, Duration::from_millis(1));
    assert_eq!(held(&stage), Held::default());
    assert!(stage.registry.census().zones.is_empty());
}

#[test]
fn names_that_were_evicted_leave_nothing() {
    let settings = RegistrySettings {
        preservation: false,
        share_kept_percent: 0,
        ..RegistrySettings::DEFAULT
    };
    let mut stage = Stage::new(settings);
    (0..1000).for_each(|name| drop(stage.register(instance("A", &name.to_string()))));
    assert_eq!(
        held(&stage),
        Held {
            store: 1000,
            leases: 1000,
            dead: 0,
            changes: 1000
        }
    );
    assert_eq!(stage.run(121).len(), 1000);
    wait(&mut stage, RegistrySettings::DEFAULT.remember_dead);
    assert_eq!(held(&stage), Held::default());
}

#[test]
fn an_override_keeps_its_record_for_longer() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(instance("A", "i"));
    stage.overrule("i", Status::Down).expect("it is registered");
    stage.run(91);
    wait(&mut stage, RegistrySettings::DEFAULT.remember_dead);
    assert_eq!(held(&stage).store, 1);
    wait(&mut stage, RegistrySettings::DEFAULT.remember_overridden);
    assert_eq!(held(&stage), Held::default());
}

#[test]
fn one_name_is_held_once_however_often_it_comes_and_goes() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    for _ in 0..100_000 {
        stage.register(instance("A", "i"));
        stage.overrule("i", Status::Down).expect("it is registered");
        stage.cancel("i").expect("it is registered");
        stage.pass(Duration::from_millis(1));
    }
    assert_eq!(
        held(&stage),
        Held {
            store: 1,
            leases: 0,
            dead: 1,
            changes: 1
        }
    );
    stage.register(instance("A", "i"));
    assert_eq!(
        held(&stage),
        Held {
            store: 1,
            leases: 1,
            dead: 0,
            changes: 1
        }
    );
    assert!(stage.registry.account(usize::MAX).len() <= 10_000);
    assert_eq!(stage.registry.last_registered().len(), 1000);
}

#[test]
fn one_name_that_is_evicted_overridden_and_cancelled_is_held_once() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    for _ in 0..10 {
        stage.register(instance("A", "i"));
        stage.overrule("i", Status::Down).expect("it is registered");
        assert_eq!(stage.run(91).len(), 1);
        assert!(stage.cancel("i").is_err(), "it was evicted already");
        stage.run(1);
    }
    assert_eq!(
        held(&stage),
        Held {
            store: 1,
            leases: 0,
            dead: 1,
            changes: 1
        }
    );
}

#[test]
fn the_dead_have_a_cap_and_the_oldest_go_first() {
    const CAP: usize = 100_000;
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    for name in 0..CAP + 5 {
        stage.register(instance("A", &name.to_string()));
        stage.cancel(&name.to_string()).expect("it is registered");
        if name < 5 {
            stage.pass(Duration::from_millis(1));
        }
    }
    stage.sweep();
    assert_eq!(
        held(&stage),
        Held {
            store: CAP,
            leases: 0,
            dead: CAP,
            changes: CAP
        }
    );
    assert!((0..5).all(|name| stage.record(&name.to_string()).is_none()));
}

#[test]
fn cancels_of_names_nobody_knows_fill_one_ring_and_nothing_else() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    for name in 0..3000 {
        let id = name.to_string();
        assert!(
            stage
                .registry
                .cancel("A", &id, Sender::Client, stage.now)
                .is_err()
        );
    }
    assert_eq!(held(&stage), Held::default());
    let ring = stage.registry.last_cancelled();
    assert_eq!(ring.len(), 1000);
    assert_eq!(&*ring[0].1.id, "2999", "newest first");
    assert_eq!(stage.registry.revision(), 0);
}

#[test]
fn heartbeats_and_calls_about_unknown_names_leave_nothing() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    for name in 0..1000 {
        let id = name.to_string();
        stage.beat(&id);
        assert!(stage.overrule(&id, Status::Down).is_err());
        assert!(stage.give_back(&id, None).is_err());
    }
    assert_eq!(held(&stage), Held::default());
}
