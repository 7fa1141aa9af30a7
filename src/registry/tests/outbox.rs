//! What is told to peers: each instance that was written or forgotten here, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::testing::{Stage, instance};
use super::cluster::{Cluster, secs};

fn listen(stage: &Stage) -> Arc<AtomicUsize> {
    let woken = Arc::new(AtomicUsize::new(0));
    let counter = woken.clone();
    stage.registry.on_write(move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    woken
}

fn taken(stage: &Stage) -> Vec<String> {
    let keys = stage.registry.take_written();
    keys.iter().map(|key| key.id.to_string()).collect()
}

#[test]
fn what_was_written_is_taken_once_in_its_order_and_wakes_once() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    let woken = listen(&stage);
    for id in ["c", "a", "b"] {
        stage.register(instance("A", id));
    }
    stage.overrule("a", Status::Down).expect("it is registered");
    stage.cancel("c").expect("it is registered");
    stage.beat("a");
    assert_eq!(woken.load(Ordering::Relaxed), 1);
    assert_eq!(taken(&stage), ["c", "a", "b"]);
    assert!(taken(&stage).is_empty());
    stage.register(instance("A", "c"));
    assert_eq!(woken.load(Ordering::Relaxed), 2);
    assert_eq!(taken(&stage), ["c"]);
}

#[test]
fn what_was_written_before_anybody_listened_counts_as_written() {
    let stage = Stage::new(RegistrySettings::DEFAULT);
    stage.register(instance("A", "i"));
    stage.cancel("i").expect("it is registered");
    assert!(taken(&stage).is_empty(), "nothing is kept for nobody");
    let woken = listen(&stage);
    assert_eq!(taken(&stage), ["i"]);
    assert_eq!(woken.load(Ordering::Relaxed), 1);
}

#[test]
fn evicting_and_forgetting_are_told_and_beats_are_not() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    listen(&stage);
    stage.register(instance("A", "i"));
    taken(&stage);
    stage.beat("i");
    stage.run(90);
    assert!(taken(&stage).is_empty());
    stage.run(1);
    assert_eq!(taken(&stage), ["i"]);
    stage.pass(RegistrySettings::DEFAULT.remember_dead);
    stage.sweep();
    assert_eq!(taken(&stage), ["i"]);
    assert!(stage.record("i").is_none());
}

#[test]
fn a_cancel_that_only_ends_an_override_is_told() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    listen(&stage);
    stage.register(instance("A", "i"));
    stage.overrule("i", Status::Down).expect("it is registered");
    stage.run(91);
    taken(&stage);
    assert!(stage.cancel("i").is_err(), "it was evicted");
    assert_eq!(taken(&stage), ["i"]);
}

#[test]
fn what_came_from_peers_is_not_told_unless_it_was_refuted() {
    let mut cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    listen(&cluster.at[1]);
    cluster.tell("i", 0, 1);
    assert!(taken(&cluster.at[1]).is_empty());
    cluster.at[1].beat("i");
    cluster.at[0].run(91);
    cluster.at[1].pass(secs(80));
    assert!(cluster.tell("i", 0, 1).refuted);
    assert_eq!(taken(&cluster.at[1]), ["i"]);
}

#[test]
fn adoptions_and_restatements_are_told() {
    let cluster = Cluster::of(2);
    cluster.at[0].register(instance("A", "i"));
    cluster.tell("i", 0, 1);
    let stage = &cluster.at[1];
    listen(stage);
    taken(stage);
    cluster.part(1, None);
    stage.beat("i");
    assert_eq!(taken(stage), ["i"]);
    let mut again = stage.registry.origin();
    again.epoch.0 += 1;
    stage.registry.restate(again, stage.now);
    assert_eq!(taken(stage), ["i"]);
}
