//! Silence of many, loss of many, and what a cluster makes of it in the long run.

use std::time::Duration;

use simulations::world::World;
use simulations::world::client::{Behaviour, Manner};

use crate::story::{SECOND, client_at, cut, equal_within, formed, heal, keeps_showing, shows};

const MINUTE: Duration = Duration::from_secs(60);

/// So many clients, at the hosts in turn.
fn clients_at_all(world: &mut World, clients: usize) -> Vec<usize> {
    let hosts = world.hosts.len();
    let at = |number: usize| client_at(world, number % hosts);
    (0..clients).map(at).collect()
}

fn fall_silent(world: &mut World, clients: &[usize]) {
    for client in clients {
        world.silence(*client);
    }
}

/// How many of these a host lists.
fn listed(world: &World, host: usize, clients: &[usize]) -> usize {
    clients
        .iter()
        .filter(|client| shows(world, host, **client))
        .count()
}

#[test]
fn mass_silence_is_protected_and_protection_ends() {
    let mut world = formed(3);
    let clients = clients_at_all(&mut world, 60);
    world.run(10 * SECOND);
    let (silent, alive) = clients.split_at(48);
    fall_silent(&mut world, silent);
    world.run(30 * MINUTE);
    assert_eq!(listed(&world, 1, &clients), 60, "{}", world.timeline);
    world.run(90 * MINUTE);
    for host in 0..3 {
        assert_eq!(listed(&world, host, silent), 0, "{}", world.timeline);
        assert_eq!(listed(&world, host, alive), 12, "{}", world.timeline);
    }
}

#[test]
fn one_death_among_many_is_ended_with_its_lease() {
    let mut world = formed(3);
    let clients = clients_at_all(&mut world, 30);
    world.run(10 * SECOND);
    fall_silent(&mut world, &clients[..1]);
    world.run(18 * SECOND);
    for host in 0..3 {
        assert_eq!(listed(&world, host, &clients), 29, "{}", world.timeline);
    }
}

#[test]
fn those_who_die_with_their_host_are_kept_for_a_while_and_ended_at_last() {
    let mut world = formed(3);
    let clients = clients_at_all(&mut world, 24);
    world.run(10 * SECOND);
    let lost: Vec<usize> = clients
        .iter()
        .copied()
        .filter(|client| client % 3 == 0)
        .collect();
    world.crash(0, true);
    fall_silent(&mut world, &lost);
    world.run(9 * MINUTE);
    assert_eq!(listed(&world, 1, &lost), 8, "{}", world.timeline);
    world.run(16 * MINUTE);
    for host in [1, 2] {
        assert_eq!(listed(&world, host, &lost), 0, "{}", world.timeline);
        assert_eq!(listed(&world, host, &clients), 16, "{}", world.timeline);
    }
}

#[test]
fn a_host_cut_off_with_its_clients_ends_nobody_and_loses_nobody() {
    let mut world = formed(3);
    let clients = clients_at_all(&mut world, 30);
    world.run(10 * SECOND);
    cut(&mut world, 0b001, 0b110);
    for client in &clients[..3] {
        keeps_showing(&mut world, &[0, 1, 2], *client, 100 * SECOND);
    }
    heal(&mut world);
    equal_within(&mut world, 10 * SECOND);
    assert_eq!(listed(&world, 0, &clients), 30, "{}", world.timeline);
    assert!(
        world.oracle.evicted().next().is_none(),
        "{}",
        world.timeline
    );
}

#[test]
fn what_is_left_of_a_lost_majority_goes_on() {
    let mut world = formed(5);
    let clients = clients_at_all(&mut world, 50);
    world.run(10 * SECOND);
    let (lost, left): (Vec<usize>, Vec<usize>) = clients.iter().partition(|client| *client % 5 > 1);
    (2..5).for_each(|host| world.crash(host, true));
    fall_silent(&mut world, &lost);
    world.run(20 * MINUTE);
    let late = client_at(&mut world, 0);
    world.run(160 * MINUTE);
    for host in [0, 1] {
        assert_eq!(listed(&world, host, &lost), 0, "{}", world.timeline);
        assert_eq!(
            listed(&world, host, &left),
            left.len(),
            "{}",
            world.timeline
        );
        assert!(shows(&world, host, late));
    }
}

#[test]
fn heartbeats_are_not_replicated() {
    let mut world = formed(3);
    for number in 0..12 {
        let behaviours = [
            Behaviour::Sticky,
            Behaviour::RoundRobin,
            Behaviour::Balanced,
        ];
        world.add_client(Manner {
            behaviour: behaviours[number % 3],
            ..Manner::sticky(number % 3).beating(5)
        });
    }
    world.run(60 * MINUTE);
    let sequences = world.hosts.iter().flatten().map(|host| {
        let view = host.node().view(host.age(world.now));
        view.me.state.sequence
    });
    let written: u64 = sequences.sum();
    assert!(
        written <= 14,
        "{written} writes for 12 registrations:\n{}",
        world.timeline
    );
    assert!(
        world.oracle.evicted().next().is_none(),
        "{}",
        world.timeline
    );
}
