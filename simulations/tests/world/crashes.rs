//! Hosts that end, stand still, or leave.

use simulations::world::fault::{Memory, Stalled};

use crate::story::{SECOND, client_at, equal_within, formed, keeps_showing, shows};

#[test]
fn clients_of_a_crashed_host_fail_over_and_nothing_disappears() {
    for machine in [false, true] {
        let mut world = formed(3);
        let clients: Vec<usize> = (0..12)
            .map(|number| client_at(&mut world, number % 3))
            .collect();
        world.run(SECOND);
        world.crash(0, machine);
        for client in &clients {
            keeps_showing(&mut world, &[1, 2], *client, 5 * SECOND);
        }
        world.restart(0, Memory::Empty);
        for client in &clients {
            keeps_showing(&mut world, &[1, 2], *client, 5 * SECOND);
        }
        equal_within(&mut world, 10 * SECOND);
        assert!(world.ready(0), "{}", world.timeline);
    }
}

#[test]
fn a_client_that_dies_with_its_host_is_ended_by_the_steward() {
    let mut world = formed(3);
    let clients: Vec<usize> = (0..10).map(|_| client_at(&mut world, 0)).collect();
    world.run(12 * SECOND);
    world.crash(0, true);
    world.silence(clients[0]);
    world.run(60 * SECOND);
    for host in [1, 2] {
        assert!(!shows(&world, host, clients[0]), "{}", world.timeline);
        for client in &clients[1..] {
            assert!(shows(&world, host, *client), "{}", world.timeline);
        }
    }
}

#[test]
fn clients_that_die_with_their_host_are_kept_and_not_ended_at_once() {
    let mut world = formed(3);
    let clients: Vec<usize> = (0..10).map(|_| client_at(&mut world, 0)).collect();
    world.run(12 * SECOND);
    world.crash(0, true);
    for client in &clients {
        world.silence(*client);
    }
    for client in clients {
        keeps_showing(&mut world, &[1, 2], client, 20 * SECOND);
    }
}

#[test]
fn a_host_that_stood_still_is_back_and_nothing_was_lost() {
    let mut world = formed(3);
    let clients = [0, 1, 2].map(|host| client_at(&mut world, host));
    world.stall(0, Stalled::All, 40 * SECOND);
    for client in clients {
        keeps_showing(&mut world, &[1, 2], client, 13 * SECOND);
    }
    world.run(5 * SECOND);
    equal_within(&mut world, 10 * SECOND);
    for client in clients {
        keeps_showing(&mut world, &[0, 1, 2], client, 20 * SECOND);
    }
}

#[test]
fn a_host_that_leaves_hands_its_clients_on() {
    let mut world = formed(3);
    let clients: Vec<usize> = (0..6)
        .map(|number| client_at(&mut world, number % 3))
        .collect();
    world.run(SECOND);
    world.leave(0);
    for client in clients {
        keeps_showing(&mut world, &[1, 2], client, 15 * SECOND);
    }
    assert!(
        world.timeline.saying("left: true").count() > 0,
        "{}",
        world.timeline
    );
}
