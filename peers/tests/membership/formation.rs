//! How a cluster comes about, and what it makes of those who come and go.

use crate::host::peer;
use crate::world::{SECOND, World};
use peers::identity::{Identity, Peer};
use peers::membership::{Event, Standing};

#[test]
fn a_cluster_of_ten_forms_from_one_seed() {
    for seed in 0..20 {
        let world = World::formed(10, seed);
        assert!(world.now < 5 * SECOND, "seed {seed} took {:?}", world.now);
    }
}

#[test]
fn equal_seeds_give_equal_runs_and_others_do_not() {
    let trace = |seed| {
        let mut world = World::formed(10, seed);
        world.network.loss = 0.05;
        world.run(20 * SECOND);
        world.trace
    };
    assert_eq!(trace(1), trace(1));
    assert_ne!(trace(1), trace(2));
}

#[test]
fn a_joiner_is_let_in_though_datagrams_are_lost() {
    for seed in 0..10 {
        let mut world = World::new(10, seed);
        world.network.loss = 0.2;
        let world = world.form();
        assert!(world.now < 15 * SECOND, "seed {seed} took {:?}", world.now);
    }
}

#[test]
fn a_leaver_is_missed_by_nobody_for_long() {
    for seed in 0..20 {
        let mut world = World::formed(10, seed);
        world.network.loss = 0.05;
        let start = world.now;
        world.at(3, |host, now| host.member.leave(now));
        world.hosts[3].alive = false;
        world.run_until(start + 10 * SECOND, World::whole);
        assert!(
            world.now - start < SECOND,
            "seed {seed} took {:?}",
            world.now - start
        );
    }
}

#[test]
fn a_leaver_does_not_come_back_by_itself() {
    let mut world = World::formed(3, 1);
    let start = world.now;
    world.at(2, |host, now| host.member.leave(now));
    world.run(10 * SECOND);
    let mut left = world
        .events_since(start)
        .filter(|(_, event)| **event == Event::Left);
    assert_eq!(left.next(), Some((2, &Event::Left)));
    assert_eq!(world.hosts[0].member.peers().len(), 1);
}

#[test]
fn a_server_whose_clock_stepped_back_an_hour_is_back_after_a_few_renewals() {
    let mut world = World::with(5, 1, |settings| settings.bump = 3_600_000).form();
    world.restart(2, 0);
    let start = world.now;
    let back = |world: &World| world.whole() && world.hosts[2].member.identity().bump() > 3_600_000;
    world.run_until(start + 30 * SECOND, back);
    let renewals = world
        .events_since(start)
        .filter(|(_, event)| **event == Event::Rejoined)
        .count();
    assert!(renewals <= 22 && world.now - start < 10 * SECOND);
}

#[test]
fn a_server_that_returns_at_another_address_takes_its_old_place() {
    let mut world = World::formed(4, 1);
    world.crash(3);
    world.crash(2);
    let moved = Peer {
        node: peer(2).node,
        ..peer(3)
    };
    world.restart_as(3, moved, 2_000);
    world.run(10 * SECOND);
    assert_eq!(world.hosts[0].member.peers(), [peer(1), moved]);
    assert_eq!(world.hosts[0].member.standings().count(), 3);
}

#[test]
fn what_one_knows_of_the_others_can_be_handed_on() {
    let mut world = World::formed(5, 1);
    let standings: Vec<_> = world.hosts[1].member.standings().cloned().collect();
    world.restart(4, 2_000);
    world.at(4, |host, now| host.member.apply(now, standings));
    let known = [0, 2, 3].map(peer);
    assert_eq!(world.hosts[4].member.peers(), known);
    world.run_until(world.now + 10 * SECOND, World::whole);
    assert!(world.whole());
}

#[test]
fn nobody_without_a_name_becomes_a_member() {
    let mut world = World::new(1, 1);
    let nameless = Standing::alive(Identity::seed(peer(1).address));
    world.at(0, |host, now| host.member.apply(now, vec![nameless]));
    assert_eq!(world.hosts[0].member.standings().count(), 0);
}

#[test]
fn datagrams_of_another_cluster_are_refused() {
    let mut world = World::with(2, 1, |settings| {
        settings.cluster_name = format!("cluster of {}", settings.peer.node.0);
    });
    world.run(10 * SECOND);
    assert!(
        world
            .hosts
            .iter()
            .all(|host| host.member.peers().is_empty())
    );
    assert!(world.hosts[0].member.counts().datagrams_foreign > 0);
}
