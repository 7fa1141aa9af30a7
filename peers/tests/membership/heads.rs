//! What becomes of heads.

use crate::host::{Host, peer};
use crate::world::{SECOND, World};
use foca::{Codec, Header, Message, PostcardCodec};
use peers::envelope::Envelope;
use peers::heads::HEAD;
use peers::identity::Identity;
use peers::item::{ITEM_MAX, Item, Stamp};
use peers::pace::REFRESH;
use std::time::Duration;

/// How long `heads` heads, one after the other, took to reach everybody, the quickest first.
fn spread(size: usize, loss: f64, heads: usize) -> Vec<Duration> {
    let mut world = World::formed(size, 7);
    world.hosts.iter_mut().for_each(|host| host.talking = false);
    world.run(5 * SECOND);
    world.network.loss = loss;
    let mut times: Vec<Duration> = (0..heads)
        .map(|head| reach(&mut world, head % size))
        .collect();
    times.sort();
    times
}

fn reach(world: &mut World, author: usize) -> Duration {
    let start = world.now;
    let counter = world.at(author, |host, now| host.publish(now));
    let knows = |host: &Host| host.counter_of(peer(author)) >= Some(counter);
    world.run_until(start + 2 * SECOND, |world| world.hosts.iter().all(knows));
    assert!(
        world.hosts.iter().all(knows),
        "of {} somebody missed a head",
        world.hosts.len()
    );
    world.now - start
}

#[test]
fn a_head_published_at_one_reaches_all() {
    for size in [3, 10, 50] {
        for loss in [0.0, 0.01, 0.05] {
            let times = spread(size, loss, 300);
            let (median, slowest) = (times[150], times[299]);
            assert!(
                median < Duration::from_millis(100),
                "{size} hosts, {loss} lost: {median:?}"
            );
            assert!(
                slowest < Duration::from_millis(500),
                "{size} hosts, {loss} lost: {slowest:?}"
            );
        }
    }
}

#[test]
fn a_head_is_repeated_when_nothing_changes() {
    let mut world = World::formed(3, 1);
    let before = world.hosts[1].counter_of(peer(0));
    world.run(REFRESH);
    assert_eq!(
        world.hosts[1].counter_of(peer(0)),
        before.map(|counter| counter + 1)
    );
}

#[test]
fn a_server_that_writes_all_the_time_speaks_every_twenty_milliseconds() {
    let mut world = World::formed(3, 1);
    let before = world.hosts[1].counter_of(peer(0)).unwrap_or_default();
    for _ in 0..1_000 {
        world.at(0, |host, now| host.member.changed(now));
        world.run(Duration::from_millis(1));
    }
    let spoken = world.hosts[1].counter_of(peer(0)).unwrap_or_default() - before;
    assert!((49..=51).contains(&spoken), "{spoken} heads in a second");
}

#[test]
fn many_heads_at_once_wait_in_no_more_places_than_there_are_servers() {
    let mut world = World::formed(10, 1);
    for _ in 0..100 {
        for index in 0..10 {
            world.at(index, |host, now| host.publish(now));
        }
        world.run(Duration::from_micros(300));
        assert!(world.hosts.iter().all(|host| host.member.backlog() <= 10));
    }
}

#[test]
fn the_longest_head_reaches_all_and_then_waits_no_longer() {
    let mut world = World::formed(10, 1);
    world.hosts.iter_mut().for_each(|host| host.talking = false);
    world.hosts[0].zone = "z".repeat(ITEM_MAX - 40);
    reach(&mut world, 0);
    world.run(5 * SECOND);
    assert!(world.hosts.iter().all(|host| host.member.backlog() == 0));
}

#[test]
fn items_of_unknown_kinds_are_passed_on_to_all() {
    let mut world = World::formed(10, 1);
    let (from, to) = (
        world.hosts[0].member.identity(),
        world.hosts[1].member.identity(),
    );
    let stamp = Stamp {
        origin: world.hosts[0].origin(),
        counter: 9,
    };
    let item = Item {
        kind: 77,
        stamp,
        body: b"from the future",
    };
    let datagram = gossip(*from, *to, &item);
    world.at(1, |host, now| host.receive(now, datagram));
    world.run(SECOND);
    for host in &world.hosts {
        assert_eq!(host.member.counts().items_unknown, 1);
        assert_eq!(host.member.counts().items_refused, 0);
    }
}

#[test]
fn items_that_make_no_sense_are_dropped_and_hold_up_no_others() {
    let mut world = World::formed(3, 1);
    let (from, to) = (
        world.hosts[0].member.identity(),
        world.hosts[1].member.identity(),
    );
    let stamp = Stamp {
        origin: world.hosts[0].origin(),
        counter: 1_000,
    };
    let senseless = Item {
        kind: HEAD,
        stamp,
        body: b"",
    };
    let datagram = gossip(*from, *to, &senseless);
    world.at(1, |host, now| host.receive(now, datagram));
    world.run(SECOND);
    assert_eq!(world.hosts[1].member.counts().items_refused, 1);
    assert_eq!(world.hosts[2].member.counts().items_refused, 0);
    let counter = world.at(0, |host, now| host.publish(now));
    world.run(SECOND);
    assert_eq!(world.hosts[1].counter_of(peer(0)), Some(counter));
}

/// A datagram as a server of a later release might send it.
fn gossip(from: Identity, to: Identity, item: &Item<'_>) -> Vec<u8> {
    let header = Header {
        src: from,
        src_incarnation: 0,
        dst: to,
        message: Message::Gossip,
    };
    let mut content = Vec::new();
    PostcardCodec
        .encode_header(&header, &mut content)
        .expect("a vector takes any number of bytes");
    content.extend([0, 0]);
    let item = item.write().expect("a short item");
    content.extend(
        u16::try_from(item.len())
            .expect("a short item")
            .to_be_bytes(),
    );
    content.extend(item);
    Envelope::new("test", None, 0).seal(&content)
}
