//! Rows 5 and 6: networks that are cut.

use peerage::registry::status::Status;
use simulations::world::fault::{Crowd, Fault};
use simulations::world::network::{Cut, Group};

use crate::cluster::{Cluster, SECOND, Seen, cut};

/// A apart from B and C for a while, with a third of about 130 clients each.
fn apart(mut cluster: Cluster, lasting: u32) -> Seen {
    for server in 0..3 {
        cluster.clients(43, server);
    }
    cluster.happen(SECOND, Some(SECOND * lasting), cut(0b001, 0b110));
    cluster.run(SECOND * (lasting + 120))
}

/// How many of the other side A and B lost at the worst, while apart.
fn lost(seen: &Seen, lasting: f64) -> [usize; 2] {
    let fewest = |crowds: &[usize], host| -> usize {
        let between = 0.0..lasting;
        let totals = seen
            .crowd(crowds[0], host)
            .enumerate()
            .filter(|(_, (at, _))| between.contains(at));
        let total = |number: usize| -> usize {
            let counts = crowds
                .iter()
                .map(|crowd| seen.crowd(*crowd, host).nth(number));
            counts.flatten().map(|(_, counts)| counts.shown).sum()
        };
        totals.map(|(number, _)| total(number)).min().unwrap_or(0)
    };
    [86 - fewest(&[1, 2], 0), 43 - fewest(&[0], 1)]
}

/// Measured: 0 removed in 240 s; the guard came on after about 55 s at A, 79 to 82 s at B and C. The minute that must
/// be full first may begin at any time, so it is up to 120 s here.
#[test]
fn by_default_a_partition_removes_nobody_and_guards_come_on() {
    for seed in 0..4 {
        let seen = apart(Cluster::default(seed), 240);
        assert_eq!(lost(&seen, 240.0), [0, 0], "seed {seed}");
        for host in 0..3 {
            let on = seen
                .guarded(host)
                .iter()
                .find(|(_, on)| *on)
                .map(|(at, _)| *at);
            assert!(
                on.is_some_and(|at| (1.0..125.0).contains(&at)),
                "{host}: {on:?}"
            );
        }
    }
}

/// Measured, once: A lost 46, B and C 38 each, from 44 to 53 s on; A's guard came on at about 69 s, after that; B's and
/// C's after the heal only. How many depends on where in a minute the cut falls: some seeds lose nobody.
#[test]
fn with_short_leases_a_partition_removes_the_living() {
    let seen: Vec<Seen> = (0..8).map(|seed| apart(Cluster::fast(seed), 180)).collect();
    let lost: Vec<[usize; 2]> = seen.iter().map(|seen| lost(seen, 180.0)).collect();
    assert!(lost.iter().any(|[a, _]| (30..=60).contains(a)), "{lost:?}");
    assert!(lost.iter().any(|[_, b]| (30..=43).contains(b)), "{lost:?}");
    for seen in &seen {
        let first = seen.crowd(0, 1).find(|(_, counts)| counts.shown < 43);
        assert!(
            first.is_none_or(|(at, _)| (42.0..130.0).contains(&at)),
            "{first:?}"
        );
        // Measured: all living everywhere 1.3 s after the heal. A pause of a second may have to end first.
        let back = seen.shows_from(0, 1, 43).expect("back");
        assert!(back < 181.0 + 2.6, "{back}");
    }
    let as_measured = seen.iter().zip(&lost).any(|(seen, [a, b])| {
        let on = |host| guard_on(seen, host);
        *a >= 30
            && *b >= 30
            && on(0).is_some_and(|at| (55.0..80.0).contains(&at))
            && on(1) >= Some(181.0)
    });
    assert!(
        as_measured,
        "A's guard after its first losses, B's after the heal: {lost:?}"
    );
}

/// When a guard came on first, after the cut.
fn guard_on(seen: &Seen, host: usize) -> Option<f64> {
    let guarded = seen.guarded(host);
    let on = guarded.iter().find(|(at, on)| *on && *at > 1.0);
    on.map(|(at, _)| *at)
}

/// Measured: A's OUT_OF_SERVICE and B's DOWN for one instance still differ 138 s after the heal; a status that B gave an
/// instance of A never reaches A.
#[test]
fn overrides_of_two_sides_never_settle() {
    let mut cluster = Cluster::default(1);
    for server in 0..3 {
        cluster.clients(43, server);
    }
    cluster.happen(SECOND, Some(SECOND * 100), cut(0b001, 0b110));
    let clients = Crowd::one(0);
    let other = Crowd::one(1);
    for (clients, host, status) in [
        (clients, 0, Status::OutOfService),
        (clients, 1, Status::Down),
        (other, 1, Status::OutOfService),
    ] {
        cluster.happen(
            SECOND * 20,
            None,
            Fault::Override {
                clients,
                host,
                status,
            },
        );
    }
    cluster
        .plan
        .crowds
        .extend([("one".to_owned(), clients), ("other".to_owned(), other)]);
    let seen = cluster.run(SECOND * 260);
    assert!(
        seen.film
            .pictures
            .last()
            .is_some_and(|picture| !picture.equal),
        "150 s after the heal"
    );
    let up = |crowd, host| seen.crowd(crowd, host).last().map(|(_, counts)| counts.up);
    assert_eq!(
        [0, 1, 2].map(|host| up(4, host)),
        [Some(1), Some(0), Some(0)],
        "A never heard"
    );
}

/// Measured: nobody who cancelled or crashed came back after the heal.
#[test]
fn who_went_during_a_partition_does_not_stay_for_good() {
    let mut cluster = Cluster::fast(2);
    for server in 0..3 {
        cluster.clients(43, server);
    }
    cluster.happen(SECOND, Some(SECOND * 60), cut(0b001, 0b110));
    cluster.happen(
        SECOND * 10,
        None,
        Fault::Cancel(Crowd { first: 0, count: 5 }),
    );
    cluster.happen(
        SECOND * 10,
        None,
        Fault::Silence(Crowd { first: 5, count: 5 }),
    );
    let seen = cluster.run(SECOND * 260);
    // Measured: equal sets 69 to 84 s after the heal; the guards may take a minute more to go off.
    let equal = (0..3).map(|host| seen.shows_from(0, host, 33).expect("settled") - 61.0);
    let last = equal.fold(0.0, f64::max);
    assert!((0.0..135.0).contains(&last), "{last}");
}

/// Measured: with A and B cut and C between, for 105 s: registrations at A never show at B nor the other way, those at
/// C do; 12 of 12 living instances of A removed at B, the first at 56 s, B's guard staying off, with a tenth of the
/// clients at A; all back 0.9 s after the heal.
#[test]
fn a_cut_link_removes_the_living_though_a_third_server_sees_both() {
    let mut cluster = Cluster::fast(3);
    cluster.clients(12, 0);
    cluster.clients(60, 1);
    cluster.clients(60, 2);
    cluster.clients_from(
        5,
        0,
        crate::cluster::CALM + SECOND * 10..crate::cluster::CALM + SECOND * 11,
    );
    cluster.happen(SECOND, Some(SECOND * 105), cut(0b001, 0b010));
    let seen = cluster.run(SECOND * 140);
    assert_eq!(seen.shown(3, 1, 105.0), 0, "never crosses");
    assert_eq!(seen.shown(3, 2, 12.0), 5, "C hears at once");
    assert_eq!(seen.fewest(0, 1, 1.0, 105.0), 0, "twelve of twelve");
    let first = seen
        .crowd(0, 1)
        .find(|(_, counts)| counts.shown < 12)
        .map(|(at, _)| at - 1.0);
    assert!(
        first.is_some_and(|first| (48.0..68.0).contains(&first)),
        "{first:?}"
    );
    assert!(seen.guarded(1).iter().all(|(_, on)| !on), "B's guard");
    let back = seen.shows_from(0, 1, 12).expect("back");
    assert!(back < 106.0 + 2.6, "{back}");
}

/// Measured: only A → B lost, for 35 s: both directions fail, but for what rides an open connection; 0 removed.
#[test]
fn a_link_lost_one_way_is_lost_both_ways() {
    let mut cluster = Cluster::fast(4);
    cluster.clients(12, 0);
    cluster.clients(60, 1);
    cluster.clients(60, 2);
    let calm = crate::cluster::CALM;
    cluster.clients_from(5, 0, calm + SECOND * 5..calm + SECOND * 10);
    cluster.clients_from(5, 1, calm + SECOND * 5..calm + SECOND * 10);
    let one_way = Cut {
        mutual: false,
        ..Cut::between(Group::one(0), Group::one(1))
    };
    cluster.happen(SECOND, Some(SECOND * 35), Fault::Cut(one_way));
    let seen = cluster.run(SECOND * 60);
    assert_eq!(seen.shown(3, 1, 35.0), 0);
    assert!(seen.shown(4, 0, 35.0) <= 1);
    assert_eq!(
        [seen.fewest(0, 1, 0.0, 60.0), seen.fewest(1, 0, 0.0, 60.0)],
        [12, 60]
    );
}
