//! Nodes that meet, part, and agree again.

mod keys;
mod net;
mod snapshots;
mod ways;

use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use self::net::{Net, address, key, ring};
use super::link::CREDIT_BYTES;
use super::view::Standing;
use super::{Event, Reason, Stage};
use crate::envelope::Introduction;
use crate::frame::{Frame, Hello, PROTOCOL};
use crate::keys::Keyring;
use crate::shelf::Shelf;
use crate::version::{Epoch, NodeId, Origin};

#[test]
fn a_write_is_at_every_peer_within_milliseconds() {
    let mut net = Net::formed(5);
    net.register(3, "a", b"hello");
    net.run(5);
    assert!((0..5).all(|node| net.has(node, "a")));
    net.run(2000);
    assert!(net.agree() && net.nodes[0].view(net.now).agreed);
}

#[test]
fn a_name_is_told_once_and_before_its_bearer_is_up() {
    let net = Net::formed(3);
    for (at, other) in [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)] {
        let name = format!("peer-{other}");
        let told = net.events.iter().filter_map(|(node, event)| match event {
            Event::Met(peer) if *node == at && peer.name == name => Some("met"),
            Event::Up(peer) if *node == at && peer.name == name => Some("up"),
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), ["met", "up"], "{at} of {other}");
    }
}

#[test]
fn both_sides_of_a_partition_agree_soon_after_it() {
    let mut net = Net::formed(4);
    for (a, b) in [(0, 2), (0, 3), (1, 2), (1, 3)] {
        net.cut(a, b);
    }
    net.run(60_000);
    for number in 0..300 {
        net.register(number % 4, &format!("{number}"), b"hello");
    }
    net.run(1000);
    assert!(!net.agree());
    net.mend();
    net.run(3000);
    assert!(net.agree() && net.has(0, "3"));
}

#[test]
fn a_joiner_shows_nothing_before_it_has_everything() {
    let mut net = Net::formed(2);
    for number in 0..3000 {
        net.register(0, &format!("{number}"), &[7; 300]);
    }
    net.run(1000);
    let joiner = net.join(true, |_| {});
    while !net.nodes[joiner].doors().lists {
        net.run(1);
        assert!(net.now < Duration::from_secs(60), "never ready");
    }
    assert_eq!(net.nodes[joiner].replica().records.len(), 3000);
    net.run(2000);
    assert!(net.agree());
}

#[test]
fn many_who_join_at_once_are_ready_within_a_second() {
    let mut net = Net::formed(3);
    net.register(0, "a", b"hello");
    net.run(1000);
    let joiners: Vec<_> = (0..9).map(|_| net.join(true, |_| {})).collect();
    net.run(1000);
    let ready = |joiner: &usize| net.nodes[*joiner].doors().lists && net.has(*joiner, "a");
    assert!(joiners.iter().all(ready));
}

#[test]
fn a_peer_that_reads_nothing_costs_one_credit_and_catches_up_by_pulling() {
    let mut net = Net::formed(3);
    net.deaf.insert(2);
    for number in 0..6000 {
        net.register(0, &format!("{number}"), &[7; 1000]);
        net.run(1);
    }
    let view = net.nodes[0].view(net.now);
    let deaf = &view.members[1];
    assert!(!deaf.pushed);
    assert!(
        deaf.queued_bytes < CREDIT_BYTES + (512 << 10),
        "{} bytes wait",
        deaf.queued_bytes
    );
    net.deaf.clear();
    net.run(5000);
    assert!(net.agree() && net.has(2, "5999"));
}

#[test]
fn the_dead_are_not_forgotten_by_those_who_were_away_for_longer_than_they_are_remembered() {
    let mut net = Net::formed(3);
    net.register(1, "a", b"hello");
    net.run(1000);
    net.cut(0, 2);
    net.cut(1, 2);
    net.run(60_000);
    for node in [0, 1] {
        net.at(node, |node, now| {
            node.replica_mut().forget(&key("a"));
            node.wrote(now);
        });
    }
    net.register(0, "b", b"hello");
    net.mend();
    net.run(10_000);
    assert!(net.agree() && !net.has(2, "a") && net.has(2, "b"));
    let compared = |event: &Event| {
        matches!(
            event,
            Event::Compared {
                reason: Reason::Digest | Reason::BelowFloor,
                ..
            }
        )
    };
    assert!(net.events.iter().any(|(_, event)| compared(event)));
}

#[test]
fn a_server_that_restarts_is_another_origin_and_gets_back_what_it_had_written() {
    let mut net = Net::formed(3);
    net.register(1, "a", b"hello");
    net.run(1000);
    net.restart(1, 2000);
    net.run(10_000);
    assert!(net.nodes[1].doors().lists && net.has(1, "a") && net.agree());
    let gone = &net.nodes[0].replica().surroundings.gone;
    assert!(
        gone.keys()
            .any(|owner| owner.node == NodeId(1) && owner.epoch == Epoch(1000))
    );
}

#[test]
fn a_server_whose_clock_went_back_takes_a_greater_epoch() {
    let mut net = Net::formed(3);
    net.register(1, "a", b"hello");
    net.run(1000);
    net.restart(1, 500);
    net.run(10_000);
    assert!(net.nodes[1].origin().epoch > Epoch(1000));
    net.register(1, "b", b"hello");
    net.run(1000);
    assert!(net.agree() && net.has(0, "b"));
}

#[test]
fn of_two_processes_of_one_name_the_later_one_is_told_to_stop_at_once() {
    let mut net = Net::formed(2);
    // It finds the first one by way of the other, having an epoch above that one's.
    let twin = net.join(true, |settings| {
        settings.peer.node = NodeId(1);
        settings.epoch = Epoch(5000);
    });
    net.run(200);
    let told = net
        .events
        .iter()
        .filter(|(_, event)| matches!(event, Event::Duplicate { .. }));
    let stopped: std::collections::BTreeSet<_> = told.map(|(node, _)| *node).collect();
    assert_eq!(stopped, [twin].into());
}

#[test]
fn a_recording_of_a_former_life_stops_nobody() {
    let mut net = Net::formed(2);
    let hello = Frame::Hello(Hello {
        cluster_name: "test".to_owned(),
        protocol: PROTOCOL,
        oldest: PROTOCOL,
        origin: Origin {
            node: NodeId(1),
            epoch: Epoch(500),
        },
        introduction: Introduction::default(),
        started: Epoch(500),
        address: address(1),
        name: "peer-1".to_owned(),
        zone: String::new(),
        url: String::new(),
    });
    net.at(1, |node, now| {
        let link = node.accepted(now, address(8));
        node.handle_bytes(now, link, &hello.write());
    });
    net.run(5000);
    let told = |(_, event): &(usize, Event)| matches!(event, Event::Duplicate { .. });
    assert!(!net.events.iter().any(told) && net.nodes[1].doors().lists);
}

#[test]
fn two_clusters_that_meet_stay_two() {
    let mut net = Net::formed(2);
    net.register(0, "a", b"hello");
    let stranger = net.join(true, |settings| settings.cluster_name = "other".to_owned());
    net.run(10_000);
    assert!(!net.has(stranger, "a"));
    assert_eq!(net.nodes[0].view(net.now).members.len(), 1);
    let told = |(_, event): &(usize, Event)| matches!(event, Event::ForeignCluster { .. });
    assert!(net.events.iter().any(told));
}

#[test]
fn a_server_that_leaves_is_known_to_have_left_at_once() {
    let mut net = Net::formed(3);
    net.at(2, |node, now| node.drain(now));
    net.run(100);
    assert!(
        net.nodes[0]
            .replica()
            .surroundings
            .up
            .iter()
            .all(|origin| origin.node != NodeId(2))
    );
    net.at(2, |node, now| node.leave(now));
    net.run(3000);
    let standing = net.nodes[0].view(net.now).members[1].standing;
    assert_eq!(standing, Standing::Left);
    assert!(
        net.events
            .iter()
            .any(|(node, event)| *node == 2 && *event == Event::Left)
    );
}

#[test]
fn a_server_that_crashes_is_known_to_be_down_within_eight_seconds() {
    let mut net = Net::formed(3);
    net.crash(2);
    net.run(8000);
    let standings = |node: usize| {
        net.nodes[node]
            .view(net.now)
            .members
            .last()
            .map(|member| member.standing)
    };
    assert_eq!([standings(0), standings(1)], [Some(Standing::Down); 2]);
}

#[test]
fn a_cold_cluster_collects_before_it_opens() {
    let mut net = Net::new(0, None);
    for _ in 0..3 {
        net.join(true, |_| {});
    }
    net.run(29_000);
    let stages = |net: &Net| net.nodes.iter().map(super::Node::stage).collect::<Vec<_>>();
    assert_eq!(stages(&net), [Stage::Joining; 3]);
    net.run(10_000);
    assert_eq!(stages(&net), [Stage::Collecting; 3]);
    net.run(6000);
    assert_eq!(stages(&net), [Stage::Ready; 3], "nobody has called");
}

#[test]
fn a_question_is_answered_or_given_up() {
    let mut net = Net::formed(2);
    net.at(0, |node, now| {
        node.ask(now, NodeId(1), b"view".to_vec());
        node.ask(now, NodeId(7), b"view".to_vec());
    });
    net.run(100);
    assert!(
        net.events
            .contains(&(0, Event::Answered(1, Some(b"view".to_vec()))))
    );
    assert!(net.events.contains(&(0, Event::Answered(2, None))));
}

#[test]
fn nonsense_on_a_stream_ends_it_and_does_no_harm() {
    let mut net = Net::formed(2);
    net.at(0, |node, now| {
        let link = node.accepted(now, address(9));
        node.handle_bytes(now, link, &[255; 100]);
        node.handle_bytes(now, link, &[255; 100]);
    });
    assert!(
        net.events
            .iter()
            .any(|(_, event)| matches!(event, Event::Senseless(_)))
    );
}

/// Cuts, crashes, restarts, deafness and writes as a seed has it; then all is mended.
fn after_random_faults(seed: u64, keys: Option<Keyring>) -> Net {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut net = Net::formed_with(chance.random_range(2..5), keys);
    let mut pick = |max: usize| chance.random_range(0..max);
    for epoch in 0..60 {
        let size = net.nodes.len();
        let (a, b, name) = (pick(size), pick(size), format!("{}", pick(8)));
        match pick(12) {
            0 if a != b => net.cut(a, b),
            1 => net.mend(),
            2 => drop(net.deaf.insert(a)),
            3 => net.deaf.clear(),
            4 if a > 0 => net.crash(a),
            5 if a > 0 => net.restart(a, 2000 + epoch),
            6 | 7 if net.is_up(a) => {
                net.write(a, |shelf, millis, by| shelf.cancel(&key(&name), millis, by))
            }
            8 if net.is_up(a) => net.write(a, |shelf, _, _| shelf.collect()),
            _ if net.is_up(a) && net.nodes[a].doors().writes => net.register(a, &name, b"hello"),
            _ => {}
        }
        net.run([1, 20, 500, 8000][pick(4)]);
    }
    net.mend();
    net.deaf.clear();
    for index in (1..net.nodes.len())
        .filter(|index| !net.is_up(*index))
        .collect::<Vec<_>>()
    {
        net.restart(index, 9000);
    }
    net.run(45_000);
    net
}

#[test]
fn after_any_faults_all_have_seen_and_hold_the_same() {
    for seed in 0..48 {
        let net = after_random_faults(seed, (seed % 4 == 0).then(|| ring(&[7])));
        assert!(net.agree(), "seed {seed}");
        assert!(
            net.nodes.iter().all(|node| node.view(net.now).agreed),
            "seed {seed}"
        );
        let live = |node: &super::Node<Shelf>| {
            let live = node
                .replica()
                .records
                .iter()
                .filter(|(_, record)| record.live());
            live.map(|(key, record)| (key.clone(), record.versions()))
                .collect::<Vec<_>>()
        };
        assert!(
            net.nodes
                .iter()
                .all(|node| live(node) == live(&net.nodes[0])),
            "seed {seed}"
        );
    }
}

#[test]
fn equal_seeds_make_equal_runs() {
    let told = |seed| format!("{:?}", after_random_faults(seed, Some(ring(&[7]))).events);
    assert_eq!(told(3), told(3));
}

#[test]
fn an_idle_cluster_says_little() {
    let mut net = Net::formed(3);
    let bytes = |net: &Net| {
        let counts = net.nodes[0].view(net.now).counts;
        counts.datagram_bytes_sent + counts.stream_bytes_sent
    };
    let before = bytes(&net);
    net.run(60_000);
    let per_second = (bytes(&net) - before) / 60;
    assert!(per_second < 500, "{per_second} bytes a second");
}
