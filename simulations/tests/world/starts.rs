//! Hosts that join, and clusters that start from nothing.

use simulations::world::World;
use simulations::world::client::Manner;
use simulations::world::fault::Memory;
use simulations::world::plan::Plan;

use crate::story::{MILLI, SECOND, client_at, formed, shows, slow};

#[test]
fn a_lone_server_without_seeds_is_ready_at_once() {
    let mut world = World::new(Plan::quiet(1, 1));
    world.run(MILLI);
    assert!(world.ready(0), "{}", world.timeline);
}

#[test]
fn lists_stay_closed_in_a_cold_start_until_all_who_only_beat_have_registered() {
    let mut plan = Plan::quiet(1, 3).cold();
    plan.clients = (0..30)
        .map(|number| Manner {
            beats_only: true,
            starts_at: MILLI * (number * 1_000),
            ..Manner::sticky(number as usize % 3)
        })
        .collect();
    let mut world = World::new(plan);
    let end = 400 * SECOND;
    while world.now < end {
        world.run(SECOND);
        for host in 0..3 {
            let listed = world.shown_at(host).len();
            let partial = world.ready(host) && listed < 30;
            assert!(!partial, "host {host} lists {listed}:\n{}", world.timeline);
        }
    }
    assert!(world.all_ready(), "{}", world.timeline);
}

#[test]
fn a_cluster_nobody_calls_opens_after_an_interval_and_its_retries() {
    let plan = Plan::quiet(1, 3).cold();
    let mut world = World::new(plan);
    world.run(39 * SECOND);
    assert!((0..3).all(|host| !world.ready(host)), "{}", world.timeline);
    world.run(3 * SECOND);
    assert!(world.all_ready(), "{}", world.timeline);
}

#[test]
fn a_client_that_calls_an_interval_and_its_retries_after_a_restart_of_all_is_waited_for() {
    let mut world = World::new(Plan::quiet(1, 2).cold());
    let client = world.add_client(Manner {
        starts_at: 38 * SECOND,
        beats_only: true,
        ..Manner::sticky(0)
    });
    world.run_until(340 * SECOND, World::all_ready);
    assert!(
        (0..2).all(|host| shows(&world, host, client)),
        "{}",
        world.timeline
    );
}

#[test]
fn a_newcomer_never_lists_a_part() {
    for bytes_per_second in [50_000_000, 20_000] {
        let mut world = formed(3);
        let clients = 300;
        (0..clients).for_each(|number| {
            client_at(&mut world, number % 2);
        });
        world.run(5 * SECOND);
        world.crash(2, true);
        world.run(20 * SECOND);
        slow(&mut world, 2, bytes_per_second);
        world.restart(2, Memory::Empty);
        for _ in 0..6_000 {
            world.run(10 * MILLI);
            let listed = world.shown_at(2).len();
            let partial = world.ready(2) && listed < clients;
            assert!(!partial, "{listed} listed:\n{}", world.timeline);
        }
        assert!(world.ready(2), "{}", world.timeline);
    }
}

#[test]
fn a_client_that_was_refused_is_waited_for_before_lists_open() {
    let mut world = World::new(Plan::quiet(1, 2).cold());
    world.crash(1, true);
    let client = world.add_client(Manner {
        starts_at: 10 * SECOND,
        ..Manner::sticky(0)
    });
    world.run_until(340 * SECOND, |world| world.ready(0));
    assert!(shows(&world, 0, client), "{}", world.timeline);
}

#[test]
fn a_server_that_starts_without_the_rest_opens_after_five_minutes() {
    let plan = Plan::quiet(1, 2).cold();
    let mut world = World::new(plan);
    world.crash(1, true);
    world.add_client(Manner::sticky(0));
    world.run(340 * SECOND);
    assert!(world.ready(0), "{}", world.timeline);
}
