//! Who may gainsay the end of a lease, and what becomes of it then.

use std::time::Duration;

use super::super::Dropped;
use super::super::change::What;
use super::super::settings::RegistrySettings;
use super::super::testing::{START, Stage, instance, lasting, origin};
use super::super::view::Action;
use super::cluster::{Cluster, key, secs};

/// So many servers; the first owns `i`, and the others have heard of it.
fn known_to_all(count: usize) -> Cluster {
    let cluster = Cluster::of(count);
    cluster.at[0].register(lasting("i", 90));
    (1..count).for_each(|to| drop(cluster.tell("i", 0, to)));
    cluster
}

#[test]
fn an_eviction_is_refuted_by_who_heard_the_client_within_its_lease() {
    let mut cluster = known_to_all(2);
    cluster.pass(secs(60));
    cluster.at[1].beat("i");
    assert_eq!(cluster.run(31), 1);
    let before = cluster.at[1].registry.revision();
    let merged = cluster.tell("i", 0, 1);
    assert!(merged.refuted);
    assert_eq!(merged.change.map(|change| change.what), Some(What::Refuted));
    assert_eq!(
        cluster.at[1].registry.revision(),
        before,
        "it was listed all the time"
    );
    let (evicted, held) = (cluster.at[0].entry("i"), cluster.at[1].entry("i"));
    assert!(held.record().lease.version > evicted.record().lease.version);
    assert_eq!(held.record().owner(), origin(2));
    assert_eq!(held.record().body, evicted.record().body);
    cluster.settle();
    assert!(cluster.at[0].lists("i"));
}

#[test]
fn a_refutation_renews_nothing() {
    // Trap 10: heard 60 s ago, so 30 s are left, not 90.
    let mut cluster = known_to_all(2);
    cluster.pass(secs(31));
    cluster.at[1].beat("i");
    let heard_at = cluster.at[1].now;
    cluster.at[0].run(91 - 31);
    cluster.at[1].pass(secs(60));
    assert!(cluster.tell("i", 0, 1).refuted);
    assert_eq!(cluster.at[1].entry("i").deadline(), heard_at + secs(90));
    assert_eq!(cluster.at[1].run(30).len(), 0);
    assert_eq!(cluster.at[1].run(1).len(), 1);
    cluster.settle();
    assert!(
        !cluster.at[0].lists("i"),
        "the first heard it even less lately"
    );
}

#[test]
fn an_eviction_is_believed_by_who_heard_nothing_or_heard_it_too_long_ago() {
    let check = |beats: bool| {
        let mut cluster = known_to_all(2);
        if beats {
            cluster.at[1].beat("i");
        }
        cluster.run(91);
        assert!(!cluster.tell("i", 0, 1).refuted);
        assert!(!cluster.at[1].lists("i"));
    };
    check(false);
    check(true);
}

#[test]
fn a_beat_is_evidence_though_another_lease_was_held_when_it_was_heard() {
    // Registered at the first, moved to the second during a partition and back, while the second's own lease ran out.
    let mut cluster = known_to_all(2);
    cluster.part(1, None);
    cluster.pass(secs(10));
    cluster.at[1].beat("i");
    assert_eq!(cluster.at[1].owner("i"), origin(2));
    for _ in 0..3 {
        cluster.pass(secs(30));
        cluster.at[0].beat("i");
    }
    assert_eq!(cluster.at[1].sweep().evicted.len(), 0);
    cluster.pass(Duration::from_millis(1));
    cluster.at[1].run(1);
    assert!(!cluster.at[1].lists("i"));
    assert!(cluster.tell("i", 1, 0).refuted);
    cluster.settle();
    assert!(cluster.at[1].lists("i"));
    assert_eq!(cluster.at[1].owner("i"), origin(1));
}

#[test]
fn a_cancel_is_refuted_only_by_a_beat_more_than_a_second_younger_whatever_the_clocks_say() {
    // Trap 9: the clock of who heard the beat is three seconds ahead, or behind.
    let check = |millis_after_cancel: u64, skew_secs: u64, refuted: bool| {
        let mut cluster = known_to_all(2);
        cluster.at[(skew_secs % 2) as usize].pass(secs(skew_secs));
        cluster.pass(secs(20));
        let gap = Duration::from_millis(millis_after_cancel);
        cluster.at[0].cancel("i").expect("it is registered");
        cluster.pass(gap);
        cluster.at[1].beat("i");
        cluster.pass(secs(2));
        assert_eq!(
            cluster.tell("i", 0, 1).refuted,
            refuted,
            "{gap:?} {skew_secs}"
        );
        assert_eq!(cluster.at[1].lists("i"), refuted);
    };
    for skew in [0, 2, 3] {
        check(0, skew, false);
        check(1000, skew, false);
        check(1001, skew, true);
    }
}

#[test]
fn a_beat_before_a_cancel_is_no_evidence_against_it() {
    let mut cluster = known_to_all(2);
    cluster.at[1].pass(secs(3));
    cluster.at[1].beat("i");
    cluster.pass(secs(2));
    cluster.at[0].cancel("i").expect("it is registered");
    assert!(!cluster.tell("i", 0, 1).refuted);
    cluster.settle();
    assert!(cluster.at.iter().all(|stage| !stage.lists("i")));
}

#[test]
fn who_learns_of_a_cancel_has_no_evidence_left_against_another_end() {
    // The third server, cut off and with a clock that is ahead, adopts and later evicts above the cancel. The second
    // heard the client in between, and before the cancel.
    let check = |cancelled: bool| {
        let mut cluster = known_to_all(3);
        cluster.at[2].pass(secs(100));
        cluster.part(2, None);
        cluster.at[2].beat("i");
        cluster.pass(secs(60));
        cluster.at[1].beat("i");
        cluster.pass(secs(1));
        if cancelled {
            cluster.at[0].cancel("i").expect("it is registered");
            assert!(!cluster.tell("i", 0, 1).refuted);
        }
        assert_eq!(cluster.at[2].run(30).len(), 1);
        cluster.at[1].pass(secs(30));
        assert_eq!(cluster.tell("i", 2, 1).refuted, !cancelled);
        assert_eq!(cluster.at[1].lists("i"), !cancelled);
    };
    check(false);
    check(true);
}

#[test]
fn who_takes_a_cancel_does_not_refute_a_later_end_with_what_it_heard_before() {
    let mut cluster = known_to_all(2);
    cluster.pass(secs(10));
    cluster.at[0].beat("i");
    // Adopted at the second by a clock that is ahead; the cancel here is overtaken by it.
    cluster.part(1, None);
    cluster.at[1].beat("i");
    cluster.at[0].cancel("i").expect("it is registered");
    assert_eq!(cluster.at[0].entry("i").witnessed_at(), None);
    let mut evicted = cluster.at[1].entry("i").record().clone();
    let at = cluster.at[1].now;
    evicted.lease.version = {
        let above = evicted
            .lease
            .version
            .max(cluster.at[0].entry("i").record().newest());
        peers::version::Version::above(Some(above), above.clock, origin(2)).ended()
    };
    let by = super::super::record::EndedBy::Eviction;
    evicted.lease.value.ended = Some(super::super::record::Ended { by, at });
    let merged = cluster.at[0]
        .registry
        .merge(&key("i"), evicted, Some(Duration::ZERO), at);
    assert!(!merged.refuted);
    assert!(!cluster.at[0].lists("i"));
}

#[test]
fn a_server_that_slept_knows_how_old_its_evidence_is() {
    // Trap 10: it heard the client 20 s before it slept for an hour; that does not make the beat 20 s old.
    let mut cluster = known_to_all(2);
    cluster.at[1].sweep();
    cluster.at[1].beat("i");
    cluster.at[1].register(instance("A", "own"));
    cluster.at[0].run(91);
    cluster.at[1].pass(secs(3600));
    assert!(cluster.at[1].sweep().stalled.is_some());
    let own = cluster.at[1].entry("own");
    assert!(own.deadline() > cluster.at[1].now, "its leases are moved");
    assert_eq!(own.witnessed_at(), Some(START), "but not what it heard");
    assert!(!cluster.tell("i", 0, 1).refuted);
}

#[test]
fn a_returning_owner_refutes_what_it_still_hears() {
    let mut cluster = known_to_all(2);
    cluster.part(1, Some(10));
    for _ in 0..4 {
        cluster.pass(secs(30));
        cluster.at[0].beat("i");
    }
    assert_eq!(
        cluster.at[1].sweep().evicted.len(),
        1,
        "the steward took it for dead"
    );
    assert!(cluster.tell("i", 1, 0).refuted);
    cluster.settle();
    assert_eq!(cluster.at[1].owner("i"), origin(1));
    assert!(cluster.at[1].lists("i"));
}

#[test]
fn two_servers_that_both_heard_the_client_agree_after_both_refuted() {
    let mut cluster = known_to_all(3);
    cluster.pass(secs(60));
    cluster.at[1].beat("i");
    cluster.at[2].beat("i");
    cluster.run(31);
    assert!(cluster.tell("i", 0, 1).refuted);
    assert!(cluster.tell("i", 0, 2).refuted);
    cluster.settle();
    assert!(cluster.at.iter().all(|stage| stage.lists("i")));
    assert_eq!(
        cluster
            .at
            .iter()
            .map(|stage| stage.registry.owned().0)
            .sum::<usize>(),
        1
    );
}

#[test]
fn a_deleted_record_is_dropped_and_the_delta_says_so() {
    let cluster = known_to_all(2);
    let stage = &cluster.at[1];
    let version = stage.entry("i").record().lease.version;
    let before = stage.registry.refresh().revision;
    let dropped = stage.registry.drop_deleted(&key("i"), version, stage.now);
    assert!(matches!(dropped, Dropped::Dropped(change) if change.what == What::Dropped));
    assert!(stage.record("i").is_none());
    let snapshot = stage.registry.refresh();
    assert_eq!(snapshot.revision, before + 1);
    assert_eq!(snapshot.registered.iter().count(), 0);
    let delta: Vec<_> = snapshot
        .recent
        .iter()
        .map(|entry| entry.shown().action)
        .collect();
    assert_eq!(delta, [Action::Deleted]);
    assert_eq!(stage.registry.census().live, 0);
    assert!(stage.registry.owners().is_empty());
    let retention = RegistrySettings::DEFAULT.delta_retention;
    stage.registry.prune_delta(stage.now + retention);
    assert_eq!(stage.registry.refresh().recent.iter().count(), 0);
}

#[test]
fn a_dropped_instance_that_registers_again_is_added_in_the_delta() {
    let cluster = known_to_all(2);
    let stage = &cluster.at[1];
    let version = stage.entry("i").record().lease.version;
    stage.registry.drop_deleted(&key("i"), version, stage.now);
    stage.register(instance("A", "i"));
    let snapshot = stage.registry.refresh();
    let delta: Vec<_> = snapshot
        .recent
        .iter()
        .map(|entry| entry.shown().action)
        .collect();
    assert_eq!(delta, [Action::Added]);
}

#[test]
fn what_was_written_since_the_compare_is_not_dropped() {
    let cluster = known_to_all(2);
    let stage = &cluster.at[1];
    let version = stage.entry("i").record().lease.version;
    stage.register(instance("A", "i"));
    let dropped = |stage: &Stage| stage.registry.drop_deleted(&key("i"), version, stage.now);
    assert!(matches!(dropped(stage), Dropped::Kept));
    assert!(stage.lists("i"));
    stage.cancel("i").expect("it is registered");
    assert!(matches!(dropped(stage), Dropped::Kept));
    assert!(
        matches!(dropped(&Cluster::of(1).at[0]), Dropped::Kept),
        "nor is nothing"
    );
}

#[test]
fn a_drop_is_refuted_by_who_heard_the_client_within_its_lease() {
    let check = |secs_ago: u64, refuted: bool| {
        let mut cluster = known_to_all(2);
        cluster.at[1].beat("i");
        cluster.pass(secs(secs_ago));
        let stage = &cluster.at[1];
        let version = stage.entry("i").record().lease.version;
        let dropped = stage.registry.drop_deleted(&key("i"), version, stage.now);
        assert_eq!(
            matches!(dropped, Dropped::Refuted(_)),
            refuted,
            "{secs_ago}"
        );
        assert_eq!(stage.lists("i"), refuted);
        assert_eq!(stage.registry.owned().0, usize::from(refuted));
        if refuted {
            assert!(stage.entry("i").record().lease.version > version);
            assert_eq!(stage.entry("i").deadline(), START + secs(90));
        }
    };
    check(89, true);
    check(90, false);
}
