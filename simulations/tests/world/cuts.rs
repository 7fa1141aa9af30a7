//! Cuts of every kind, and slow wires.

use peerage::registry::status::Status;
use simulations::world::calls::Ask;
use simulations::world::network::{Cut, Group, Protocol};
use simulations::world::plan::Plan;

use crate::story::{
    MILLI, SECOND, client_at, cut, equal_within, form, formed, heal, keeps_showing, shows, slow,
    status,
};

const A: u64 = 0b001;
const B: u64 = 0b010;
const C: u64 = 0b100;

#[test]
fn a_registration_is_everywhere_within_milliseconds() {
    let mut world = formed(3);
    let client = client_at(&mut world, 0);
    world.run(10 * MILLI);
    assert!(
        shows(&world, 1, client) && shows(&world, 2, client),
        "{}",
        world.timeline
    );
}

#[test]
fn what_is_registered_at_one_is_at_another_that_only_a_third_reaches() {
    let mut world = formed(3);
    cut(&mut world, A, B);
    for _ in 0..10 {
        let client = client_at(&mut world, 0);
        let there = world.run_until(300 * MILLI, |world| shows(world, 1, client));
        assert!(there, "{}", world.timeline);
        world.run(2 * SECOND);
    }
}

#[test]
fn halves_of_a_cluster_heal_to_the_newest_override() {
    let mut world = formed(4);
    let client = client_at(&mut world, 0);
    world.run(SECOND);
    cut(&mut world, 0b0011, 0b1100);
    world.run(150 * SECOND);
    world.operate(client, 3, Ask::Override(Some(Status::Down)));
    world.run(150 * SECOND);
    world.operate(client, 0, Ask::Override(Some(Status::OutOfService)));
    world.run(SECOND);
    heal(&mut world);
    equal_within(&mut world, 10 * SECOND);
    for host in 0..4 {
        assert_eq!(status(&world, host, client), Some(Status::OutOfService));
    }
}

#[test]
fn a_link_that_is_cut_one_way_hides_nobody() {
    let mut world = formed(3);
    let clients = [0, 1, 2].map(|host| client_at(&mut world, host));
    world.run(SECOND);
    let one_way = Cut {
        mutual: false,
        ..Cut::between(Group::bits(A), Group::bits(B))
    };
    world.cut(0, one_way);
    for client in clients {
        keeps_showing(&mut world, &[0, 1, 2], client, 30 * SECOND);
    }
    let late = client_at(&mut world, 0);
    world.run(SECOND);
    assert!(shows(&world, 1, late), "{}", world.timeline);
    heal(&mut world);
    equal_within(&mut world, 10 * SECOND);
}

#[test]
fn without_datagrams_the_cluster_works_by_its_streams() {
    let mut world = formed(3);
    let clients = [0, 1, 2].map(|host| client_at(&mut world, host));
    for (number, others) in [(0, A), (1, B)] {
        let only = Some(Protocol::Datagrams);
        let cut = Cut::between(Group::bits(others), Group::bits(A | B | C));
        world.cut(number, Cut { only, ..cut });
    }
    for client in clients {
        keeps_showing(&mut world, &[0, 1, 2], client, 40 * SECOND);
    }
    let late = client_at(&mut world, 2);
    world.run(SECOND);
    assert!(
        shows(&world, 0, late) && shows(&world, 1, late),
        "{}",
        world.timeline
    );
    assert_eq!(
        world.timeline.saying("Down {").count(),
        0,
        "{}",
        world.timeline
    );
    assert!(
        world.timeline.saying("what: Datagrams").count() > 0,
        "{}",
        world.timeline
    );
}

#[test]
fn without_streams_nobody_is_evicted_and_the_protocol_is_named() {
    let mut world = formed(3);
    let clients = [0, 1, 2].map(|host| client_at(&mut world, host));
    world.run(SECOND);
    for (number, others) in [(0, A), (1, B)] {
        let only = Some(Protocol::Streams);
        let cut = Cut::between(Group::bits(others), Group::bits(A | B | C));
        world.cut(number, Cut { only, ..cut });
    }
    for client in clients {
        keeps_showing(&mut world, &[0, 1, 2], client, 40 * SECOND);
    }
    assert!(
        world.timeline.saying("what: Streams").count() > 0,
        "{}",
        world.timeline
    );
    world.mend(0);
    world.mend(1);
    equal_within(&mut world, 10 * SECOND);
}

#[test]
fn a_peer_with_little_bandwidth_keeps_nobody_waiting_and_catches_up() {
    let mut world = formed(3);
    slow(&mut world, 2, 20_000);
    let clients: Vec<usize> = (0..200).map(|_| client_at(&mut world, 0)).collect();
    world.run(100 * MILLI);
    for client in clients {
        assert!(shows(&world, 1, client), "{}", world.timeline);
    }
    equal_within(&mut world, 60 * SECOND);
}

#[test]
fn a_partition_longer_than_the_memory_of_dead_records_leaves_no_trace() {
    let mut plan = Plan::quiet(1, 3);
    plan.registry.delta_retention = 10 * SECOND;
    plan.registry.remember_dead = 30 * SECOND;
    plan.registry.remember_overridden = 30 * SECOND;
    let mut world = form(plan);
    let (stays, goes) = (client_at(&mut world, 0), client_at(&mut world, 1));
    world.run(SECOND);
    cut(&mut world, C, A | B);
    world.run(5 * SECOND);
    world.cancel(goes);
    world.run(5 * SECOND);
    world.operate(goes, 2, Ask::Note("from the other side".to_owned()));
    world.run(120 * SECOND);
    assert!(
        !shows(&world, 0, goes) && shows(&world, 2, goes),
        "{}",
        world.timeline
    );
    heal(&mut world);
    equal_within(&mut world, 10 * SECOND);
    for host in 0..3 {
        assert!(
            !shows(&world, host, goes) && shows(&world, host, stays),
            "{}",
            world.timeline
        );
    }
}
