//! That a run is a value: equal plans make equal films, and clocks, restarts and readers do what they should.

use simulations::java;
use simulations::world::client::Manner;
use simulations::world::fault::{Crowd, Fault};
use simulations::world::film::Running;
use simulations::world::plan::Plan;

use crate::cluster::{Cluster, SECOND};

#[test]
fn equal_plans_make_equal_films_and_others_do_not() {
    let film = |seed| {
        let mut plan = Plan::of(seed);
        plan.end_at = plan.calm_at + SECOND * 60;
        java::film(plan)
    };
    for seed in 0..12 {
        let (one, other) = (film(seed), film(seed));
        assert_eq!(one.trace, other.trace, "seed {seed}");
        assert_eq!(one.pictures, other.pictures);
        assert_eq!(one.lines, other.lines);
    }
    assert_ne!(film(1).trace, film(2).trace);
}

#[test]
fn whatever_a_seed_plans_the_model_comes_to_an_end_and_says_who_is_there() {
    for seed in 0..64 {
        let mut plan = Plan::of(seed);
        plan.end_at = plan.calm_at + SECOND * 30;
        let hosts = plan.hosts.len();
        let film = java::film(plan);
        let last = film.pictures.last().expect("an end");
        assert_eq!(last.hosts.len(), hosts);
        let up = last
            .hosts
            .iter()
            .filter(|host| host.power == Running::Up)
            .count();
        assert!(up > 0, "seed {seed}: nobody is up when it is calm");
    }
}

/// Java's leases live by the wall clock, as the real servers here do not.
#[test]
fn a_clock_that_jumps_ahead_ends_leases_of_the_living() {
    let mut cluster = Cluster::fast(1);
    for server in 0..3 {
        cluster.clients(43, server);
    }
    cluster.happen(
        SECOND,
        None,
        Fault::Step {
            host: 0,
            millis: 3_600_000,
        },
    );
    let seen = cluster.run(SECOND * 30);
    assert!(seen.fewest(1, 0, 0.0, 30.0) < 43);
    assert_eq!(seen.fewest(0, 1, 0.0, 30.0), 43, "the others keep theirs");
}

#[test]
fn readers_keep_what_they_have_and_are_late_by_two_caches() {
    let mut cluster = Cluster::default(2);
    for server in 0..3 {
        cluster.clients(20, server);
    }
    let reader = Manner {
        fetches: Some(SECOND * 30),
        ..Manner::sticky(1)
    };
    cluster.plan.clients.push(reader);
    cluster.happen(SECOND, None, Fault::Cancel(Crowd { first: 0, count: 5 }));
    let seen = cluster.run(SECOND * 90);
    let stale = |at: f64| {
        let pictures = seen.film.pictures.iter();
        let before = pictures.take_while(|picture| picture.at.as_secs_f64() - 400.0 <= at);
        before.last().map(|picture| picture.readers.stale)
    };
    assert_eq!((stale(2.0), stale(65.0)), (Some(5), Some(0)));
}
