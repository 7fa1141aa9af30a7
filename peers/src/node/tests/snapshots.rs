//! Servers that come to an end and start again from what they remember.

use std::time::Duration;

use super::net::Net;
use crate::node::Stage;
use crate::snapshot::Snapshot;
use crate::version::{NodeId, Origin};

const MINUTE: Duration = Duration::from_secs(60);

/// What each of the nodes remembers.
fn remember(net: &mut Net) -> Vec<(Duration, Snapshot)> {
    let nodes = 0..net.nodes.len();
    let mut memories = Vec::new();
    for node in nodes {
        net.at(node, |node, now| {
            memories.push((MINUTE, node.snapshot(now)))
        });
    }
    memories
}

fn restart_all(net: &mut Net, epoch: u64, memories: &[(Duration, Snapshot)]) {
    (0..memories.len()).for_each(|node| net.crash(node));
    for (node, memory) in memories.iter().enumerate() {
        net.restart_from(node, epoch, Some(memory.clone()));
    }
}

#[test]
fn a_cluster_that_ends_whole_shows_all_of_it_as_soon_as_it_opens() {
    let mut net = Net::formed(3);
    for (node, name) in ["a", "b", "c"].into_iter().enumerate() {
        net.register(node, name, b"hello");
    }
    net.run(1000);
    let memories = remember(&mut net);
    restart_all(&mut net, 2000, &memories);
    for _ in 0..400 {
        net.run(100);
        let opened: Vec<_> = (0..3)
            .filter(|node| net.nodes[*node].doors().lists)
            .collect();
        let whole = |node: &usize| ["a", "b", "c"].iter().all(|name| net.has(*node, name));
        assert!(opened.iter().all(whole));
    }
    assert!(net.agree() && net.nodes.iter().all(|node| node.stage() == Stage::Ready));
}

#[test]
fn what_one_of_them_remembers_is_shown_by_all_and_what_one_knows_to_be_over_by_none() {
    let mut net = Net::formed(3);
    net.register(0, "kept", b"hello");
    net.register(0, "cancelled", b"hello");
    net.run(1000);
    let early = remember(&mut net);
    net.register(1, "late", b"hello");
    net.write(2, |shelf, millis, by| {
        shelf.cancel(&super::key("cancelled"), millis, by);
    });
    net.run(1000);
    net.write(2, |shelf, _, _| shelf.collect());
    net.run(1000);
    let late = remember(&mut net);
    // Two are set back, and only the third knows of what came later.
    let memories = [early[0].clone(), early[1].clone(), late[2].clone()];
    restart_all(&mut net, 2000, &memories);
    net.run(40_000);
    assert!(net.agree());
    for node in 0..3 {
        assert!(net.has(node, "kept") && net.has(node, "late"));
        assert!(!net.has(node, "cancelled"));
    }
}

#[test]
fn what_others_have_deleted_meanwhile_does_not_come_back_with_one_who_remembers_it() {
    let mut net = Net::formed(3);
    net.register(1, "a", b"hello");
    net.run(1000);
    let memory = remember(&mut net).swap_remove(2);
    net.crash(2);
    net.write(0, |shelf, millis, by| {
        shelf.cancel(&super::key("a"), millis, by);
    });
    net.run(1000);
    for node in 0..2 {
        net.write(node, |shelf, _, _| shelf.collect());
    }
    net.run(1000);
    net.restart_from(2, 2000, Some(memory));
    net.run(5000);
    assert!(net.nodes[2].doors().lists && net.agree());
    assert!((0..3).all(|node| !net.has(node, "a")));
}

#[test]
fn what_only_the_one_who_returns_had_seen_is_taken_from_it() {
    let mut net = Net::formed(2);
    net.cut(0, 1);
    net.register(1, "a", b"hello");
    net.run(100);
    let memory = remember(&mut net).swap_remove(1);
    net.crash(1);
    net.mend();
    net.restart_from(1, 2000, Some(memory));
    net.run(5000);
    assert!(net.agree() && net.has(0, "a"));
}

#[test]
fn whoever_was_remembered_under_a_later_start_takes_one_above() {
    let mut net = Net::formed(2);
    net.register(1, "a", b"hello");
    net.run(1000);
    let memory = remember(&mut net).swap_remove(1);
    net.restart_from(1, 10, Some(memory));
    assert!(net.nodes[1].origin().epoch.0 > 1000);
    net.run(5000);
    net.register(1, "b", b"hello");
    net.run(1000);
    assert!(net.agree() && net.has(0, "b"));
}

#[test]
fn how_many_leases_a_lost_server_had_is_remembered() {
    let mut net = Net::formed(3);
    net.register(1, "a", b"hello");
    net.run(2000);
    let memory = remember(&mut net).swap_remove(0);
    let owner = net.nodes[1].origin();
    (0..3).for_each(|node| net.crash(node));
    net.restart_from(0, 2000, Some(memory));
    net.run(40_000);
    let gone = &net.nodes[0].replica().surroundings.gone;
    let former = Origin {
        node: NodeId(1),
        ..owner
    };
    assert!(gone[&former].leases_told.is_some(), "{gone:?}");
}

#[test]
fn the_dead_are_remembered_with_their_age() {
    let mut net = Net::formed(1);
    net.register(0, "a", b"hello");
    net.write(0, |shelf, millis, by| {
        shelf.cancel(&super::key("a"), millis, by);
        let record = shelf.records.get_mut(&super::key("a"));
        record.expect("it is dead, and there").ended_for = Some(MINUTE);
    });
    net.run(100);
    let memory = remember(&mut net).swap_remove(0);
    net.restart_from(0, 2000, Some(memory));
    let record = &net.nodes[0].replica().records[&super::key("a")];
    assert_eq!(record.ended_for, Some(2 * MINUTE));
}
