//! What becomes of leases whose owner is gone.

use std::collections::BTreeMap;

use super::super::change::What;
use super::super::orphans::{Kept, Reason};
use super::super::surroundings::{Gone, Surroundings};
use super::super::testing::{START, lasting, origin};
use super::cluster::{Cluster, secs};

/// What a survivor knows of an owner that is gone.
#[derive(Clone, Copy)]
struct Lost {
    left: usize,
    told: Option<u32>,
    lease_secs: u32,
    steward: Option<u32>,
}

const LOST: Lost = Lost {
    left: 3,
    told: Some(20),
    lease_secs: 90,
    steward: Some(0),
};

impl Lost {
    /// The survivor is server 1; the owner, server 0, went at the start.
    fn survivor(self) -> Cluster {
        let cluster = Cluster::of(2);
        for id in 0..self.left {
            cluster.at[0].register(lasting(&id.to_string(), self.lease_secs));
        }
        cluster.tell_all(0, 1);
        self.surround(&cluster, false);
        cluster
    }

    fn surround(self, cluster: &Cluster, isolated: bool) {
        let gone = Gone {
            since: START,
            leases_told: self.told,
        };
        cluster.at[1].registry.surround(Surroundings {
            gone: BTreeMap::from([(origin(1), gone)]),
            steward: self.steward,
            isolated,
            ..Surroundings::default()
        });
    }

    /// In which seconds how many are evicted, within so long.
    fn evictions(self, secs: u64) -> Vec<(u64, usize)> {
        evictions(&mut self.survivor(), secs)
    }
}

fn evictions(cluster: &mut Cluster, secs: u64) -> Vec<(u64, usize)> {
    let stage = &mut cluster.at[1];
    let each = (0..secs).map(|_| {
        let evicted = stage.run(1).len();
        (stage.now.since(START).as_secs(), evicted)
    });
    each.filter(|(_, evicted)| *evicted > 0).collect()
}

#[test]
fn orphans_are_shown_and_wait_for_the_whole_of_their_own_lease() {
    let check = |lease_secs, second| {
        let lost = Lost { lease_secs, ..LOST };
        assert_eq!(lost.evictions(second + 100), [(second, 3)], "{lease_secs}");
    };
    check(30, 31);
    check(90, 91);
    check(300, 301);
    check(3600, 3601);
    let mut cluster = LOST.survivor();
    cluster.at[1].run(90);
    assert!(cluster.at[1].lists("0") && cluster.at[1].finds("0"));
}

#[test]
fn an_orphan_is_ended_by_the_very_version_it_has() {
    let mut cluster = LOST.survivor();
    let before = cluster.at[1].entry("0").record().lease.version;
    cluster.at[1].run(90);
    cluster.at[1].pass(secs(1));
    let swept = cluster.at[1].sweep();
    assert!(
        swept
            .evicted
            .iter()
            .all(|change| change.what == What::Evicted)
    );
    let after = cluster.at[1].entry("0");
    assert_eq!(after.record().lease.version, before.ended());
    assert!(cluster.at[1].registry.owners().is_empty());
}

#[test]
fn each_next_steward_acts_half_a_minute_later_and_who_is_none_never() {
    let check = |steward, expected: &[(u64, usize)]| {
        let lost = Lost { steward, ..LOST };
        assert_eq!(lost.evictions(7200), expected, "{steward:?}");
    };
    check(Some(0), &[(91, 3)]);
    check(Some(1), &[(121, 3)]);
    check(Some(3), &[(181, 3)]);
    check(None, &[]);
}

#[test]
fn the_test_is_a_window_s_quota_of_what_the_owner_told() {
    let check = |left, told, evicted: bool| {
        let lost = Lost {
            left,
            told: Some(told),
            ..LOST
        };
        let all = [(91, left)];
        let expected = if evicted { &all[..] } else { &[] };
        assert_eq!(lost.evictions(120), expected, "{left} of {told}");
    };
    check(3, 20, true);
    check(4, 20, false);
    check(15, 100, true);
    check(16, 100, false);
    check(1, 1, true);
    check(1, 6, true);
    check(2, 6, false);
    check(40, 40, false);
}

#[test]
fn those_who_were_adopted_do_not_count_as_left() {
    let lost = Lost {
        left: 20,
        told: Some(20),
        ..LOST
    };
    let mut cluster = lost.survivor();
    cluster.at[1].run(30);
    (3..20).for_each(|id| drop(cluster.at[1].beat(&id.to_string())));
    assert_eq!(cluster.at[1].registry.owned().0, 17);
    assert_eq!(evictions(&mut cluster, 65), [(91, 3)]);
}

#[test]
fn a_rack_that_dies_with_its_server_is_kept_for_an_hour_and_released_by_the_minute() {
    // Trap 28: all 40 are left.
    let lost = Lost {
        left: 40,
        told: Some(40),
        ..LOST
    };
    let mut cluster = lost.survivor();
    assert!(evictions(&mut cluster, 3599).is_empty());
    let kept = Kept {
        owner: origin(1),
        count: 40,
        since: START,
        until: START + secs(3600),
        reason: Reason::ManyLeft { told: 40 },
    };
    assert_eq!(cluster.at[1].registry.kept_orphans(), [kept]);
    // Of 40, 34, 28, 23, 19, 16, 13, 11, 9 and 7 leases; then five are few enough.
    let by_the_minute = [6, 6, 5, 4, 3, 3, 2, 2, 2, 2];
    let mut released: Vec<_> = (3600..).step_by(60).zip(by_the_minute).collect();
    released.push((4141, 5));
    assert_eq!(evictions(&mut cluster, 600), released);
}

#[test]
fn fewer_than_ten_are_kept_for_ten_minutes_and_one_a_minute_goes_at_least() {
    let lost = Lost {
        left: 3,
        told: Some(4),
        ..LOST
    };
    assert_eq!(lost.evictions(3600), [(600, 1), (660, 1), (661, 1)]);
}

#[test]
fn without_a_head_there_is_no_verdict_but_the_limit() {
    let lost = Lost { told: None, ..LOST };
    let cluster = lost.survivor();
    let kept = cluster.at[1].registry.kept_orphans();
    assert_eq!(
        kept.iter().map(|kept| kept.reason).collect::<Vec<_>>(),
        [Reason::NoHead]
    );
    assert_eq!(lost.evictions(3600), [(600, 1), (660, 1), (720, 1)]);
}

#[test]
fn the_releasing_steward_waits_its_turn_too() {
    let lost = Lost {
        told: None,
        steward: Some(2),
        ..LOST
    };
    assert_eq!(lost.evictions(3600), [(660, 1), (720, 1), (780, 1)]);
}

#[test]
fn several_stewards_release_no_faster_than_one() {
    let mut cluster = Cluster::of(3);
    for id in 0..20 {
        cluster.at[0].register(lasting(&id.to_string(), 90));
    }
    let gone = Gone {
        since: START,
        leases_told: Some(20),
    };
    for survivor in [1, 2] {
        cluster.tell_all(0, survivor);
        cluster.at[survivor].registry.surround(Surroundings {
            gone: BTreeMap::from([(origin(1), gone)]),
            steward: u32::try_from(survivor - 1).ok(),
            ..Surroundings::default()
        });
    }
    let mut released = Vec::new();
    for second in 1..3700 {
        let evicted = [1, 2].map(|survivor| cluster.at[survivor].run(1).len());
        cluster.tell_all(1, 2);
        cluster.tell_all(2, 1);
        released.extend((evicted != [0, 0]).then_some((second, evicted)));
    }
    assert_eq!(released, [(3600, [3, 0]), (3660, [3, 0])]);
}

#[test]
fn an_owner_that_comes_back_keeps_its_leases() {
    let mut cluster = LOST.survivor();
    cluster.at[1].run(60);
    cluster.connect();
    assert!(evictions(&mut cluster, 600).is_empty());
    assert!(cluster.at[1].registry.kept_orphans().is_empty());
}

#[test]
fn orphans_nobody_spoke_of_yet_are_kept() {
    let mut cluster = LOST.survivor();
    cluster.at[1].registry.surround(Surroundings {
        steward: Some(0),
        ..Surroundings::default()
    });
    assert!(evictions(&mut cluster, 600).is_empty());
}

#[test]
fn who_is_cut_off_keeps_orphans_until_that_has_its_limit() {
    // Trap 29: with everybody cut off for good there would be no steward ever.
    let mut cluster = LOST.survivor();
    LOST.surround(&cluster, true);
    cluster.at[1].run(100);
    let kept = cluster.at[1].registry.kept_orphans();
    assert_eq!(
        kept.iter().map(|kept| kept.reason).collect::<Vec<_>>(),
        [Reason::Isolated]
    );
    assert_eq!(evictions(&mut cluster, 1000), [(601, 3)]);
}

#[test]
fn who_is_no_longer_cut_off_waits_a_minute_more() {
    let mut cluster = LOST.survivor();
    LOST.surround(&cluster, true);
    cluster.at[1].run(100);
    LOST.surround(&cluster, false);
    assert_eq!(evictions(&mut cluster, 100), [(160, 3)]);
}

#[test]
fn orphans_do_not_weigh_on_the_quota_of_the_own_leases() {
    let mut cluster = LOST.survivor();
    cluster.at[1].register(lasting("own", 90));
    assert_eq!(cluster.at[1].run(91).len(), 4);
}
