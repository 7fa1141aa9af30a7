//! News that cannot come directly.

use std::time::Duration;

use super::net::Net;
use crate::node::ways::Way;
use crate::node::{Blocked, Event};

#[test]
fn a_write_goes_by_way_of_a_third_server_where_a_link_is_cut() {
    let mut net = Net::formed(3);
    net.cut(1, 2);
    net.run(1000);
    net.register(1, "a", b"hello");
    net.run(300);
    assert!(net.has(2, "a"));
    net.run(60_000);
    net.register(2, "b", b"hello");
    net.run(300);
    assert!(net.has(1, "b"));
}

/// The first hears no gossip, and has no stream with the third. Both have one with the second.
fn out_of_gossip() -> Net {
    let mut net = Net::formed(3);
    net.cut(0, 2);
    net.block(0, 1, Way::Datagrams);
    net.register(2, "first", b"hello");
    net.run(60_000);
    net
}

#[test]
fn a_write_comes_by_way_of_a_third_server_where_no_gossip_tells_of_it() {
    let mut net = out_of_gossip();
    for name in ["a", "b", "c"] {
        net.register(2, name, b"hello");
        net.run(300);
        assert!(net.has(0, name), "{name}");
    }
}

#[test]
fn the_leases_of_a_server_that_is_lost_to_one_alone_are_gone_since_it_was_last_heard_of() {
    let mut net = out_of_gossip();
    let gone = |net: &Net| {
        let surroundings = &net.nodes[0].replica().surroundings;
        let mut gone = surroundings.gone.values().map(|gone| gone.since);
        gone.next().expect("an owner is lost")
    };
    net.register(2, "a", b"hello");
    net.run(1000);
    assert!(net.now - gone(&net) <= Duration::from_secs(1));
    net.crash(2);
    let crashed = net.now;
    net.run(60_000);
    assert!(gone(&net) <= crashed + Duration::from_secs(1));
}

/// What was told of ways since the events were cleared: by whom, of whom.
fn told(net: &Net) -> Vec<(usize, u64, Option<Blocked>)> {
    let told = net.events.iter().filter_map(|(by, event)| match event {
        Event::Blocked { peer, what } => Some((*by, peer.node.0, Some(*what))),
        Event::Unblocked(peer) => Some((*by, peer.node.0, None)),
        _ => None,
    });
    let mut told: Vec<_> = told.collect();
    told.sort_by_key(|(by, ..)| *by);
    told
}

#[test]
fn a_way_that_is_blocked_between_two_of_three_is_named_by_both_within_twelve_seconds() {
    for (way, what) in [
        (Way::Datagrams, Blocked::Datagrams),
        (Way::Streams, Blocked::Streams),
    ] {
        let mut net = Net::formed(3);
        net.run(20_000);
        net.events.clear();
        net.block(0, 1, way);
        net.run(12_500);
        assert_eq!(told(&net), [(0, 1, Some(what)), (1, 0, Some(what))]);
    }
}

#[test]
fn a_link_that_is_cut_is_named_by_both_ends_and_so_is_its_end() {
    let mut net = Net::formed(3);
    net.run(20_000);
    net.events.clear();
    net.cut(0, 1);
    net.run(25_000);
    let what = Some(Blocked::Both);
    assert_eq!(told(&net), [(0, 1, what), (1, 0, what)]);
    let shown = net.nodes[0].view(net.now).members;
    let shown: Vec<_> = shown.iter().map(|member| member.blocked).collect();
    assert_eq!(shown, [what, None]);
    net.events.clear();
    net.mend();
    net.run(15_000);
    assert_eq!(told(&net), [(0, 1, None), (1, 0, None)]);
}

#[test]
fn a_server_that_nobody_answers_says_so_and_keeps_its_lists_closed_for_five_minutes() {
    let mut net = Net::formed(2);
    let alone = net.nodes.len();
    (0..alone).for_each(|other| net.cut(other, alone));
    net.join(true, |_| {});
    let opened = (0..600).find(|_| {
        net.run(1000);
        net.nodes[alone].doors().lists
    });
    let seconds = opened.expect("it opens at last");
    assert!((325..340).contains(&seconds), "after {seconds} s");
    let said = net
        .events
        .iter()
        .filter(|(_, event)| *event == Event::Unanswered);
    assert_eq!(said.map(|(by, _)| *by).collect::<Vec<_>>(), [alone]);
}
