//! Every event, as its line.

use std::io;
use std::sync::{Arc, Mutex};

use peers::version::{Epoch, NodeId};

use super::*;

fn peer() -> Named {
    Named {
        node: NodeId(0xbb),
        name: "b".to_owned(),
        url: "http://b:8761/".to_owned(),
    }
}

/// All that can happen, bad days included.
fn all() -> Vec<Event> {
    let address = ([10, 0, 0, 2], 8764).into();
    let compared = |reason| Event::Compared {
        peer: peer(),
        reason,
        taken: 3,
        dropped: 1,
    };
    vec![
        Event::Up(peer()),
        Event::Down {
            peer: peer(),
            left: true,
        },
        Event::Down {
            peer: peer(),
            left: false,
        },
        Event::Stage(Stage::Joining),
        Event::Stage(Stage::Syncing),
        Event::Stage(Stage::Collecting),
        Event::Stage(Stage::Ready),
        Event::Stage(Stage::Draining),
        Event::Blocked {
            peer: peer(),
            what: Blocked::Datagrams,
        },
        Event::Blocked {
            peer: peer(),
            what: Blocked::Streams,
        },
        Event::Blocked {
            peer: peer(),
            what: Blocked::Both,
        },
        Event::Unblocked(peer()),
        Event::Noise(398),
        Event::Unanswered,
        Event::Behind(peer()),
        compared(Reason::Start),
        compared(Reason::BelowFloor),
        compared(Reason::Digest),
        compared(Reason::Asked),
        compared(Reason::Overdue),
        Event::Differs(peer()),
        Event::ForeignCluster {
            address,
            theirs: "other\n".to_owned(),
        },
        Event::ForeignProtocol { address, oldest: 2 },
        Event::Senseless(address),
        Event::Unproved(address),
        Event::Slow(peer()),
        Event::ClockOff {
            peer: peer(),
            millis: 3_600_000,
        },
        Event::ClockOff {
            peer: peer(),
            millis: -700,
        },
        Event::EpochTaken(Epoch(8)),
        Event::Duplicate { address },
        Event::Isolated(true),
        Event::Isolated(false),
        Event::Answered(1, None),
        Event::Left,
    ]
}

#[test]
fn every_event_is_a_sentence_that_reads_well_alone() {
    let told = all()
        .iter()
        .map(line)
        .collect::<Vec<_>>()
        .into_iter()
        .map(|line| match line.level {
            Some(level) => format!("{level:?} {}: {}\n", line.event, line.sentence),
            None => "nothing\n".to_owned(),
        });
    insta::assert_snapshot!(told.collect::<String>(), @r#"
    Info peer_up: peer b is up
    Info peer_left: peer b said goodbye and left
    Warn peer_down: peer b is down: it was not heard any more, and its clients are taken over as they call others
    Info stage: looking for peers that are ready; until then clients are sent to other servers
    Info stage: catching up with the peers that are ready; until then lists are refused
    Info stage: no peer is ready: collecting registrations, and lists stay closed until no more are missing
    Info stage: lists are open
    Info stage: about to leave: new instances are sent to other servers
    Error peer_udp_blocked: peer b is heard by TCP and not by UDP; let datagrams through on the peers' port, or its death will be noticed late
    Error peer_tcp_blocked: peer b is heard by UDP and not by TCP; let connections through on the peers' port, or its writes come by way of others only
    Error peer_cut: peer b is heard by others, and not here; look at the network between the two, for its writes come by way of others only
    Info peer_unblocked: peer b is reached by UDP and TCP again
    Warn noise: dropped 398 datagrams in a minute that no peer sends: somebody else sends to the peers' port, or plays back what peers have said
    Warn unanswered: none of the servers this one was told of has answered; they may serve more than is known here, so lists stay closed for five minutes; look at the addresses given by --join, at the network, and whether they have a --cluster-key-file
    Warn peer_behind: peer b is ahead, and its writes have not come through for half a minute; they are asked for again and again, from others too
    Info compared: compared all records with peer b after the start: took 3, dropped 1
    Info compared: compared all records with peer b since too much was missed to be told one by one: took 3, dropped 1
    Info compared: compared all records with peer b since both had seen the same and showed different instances: took 3, dropped 1
    Info compared: compared all records with peer b since it asked for it: took 3, dropped 1
    Info compared: compared all records with peer b since they had not been seen equal for ten minutes: took 3, dropped 1
    Warn peer_differs: peer b has seen the same writes and yet shows other instances; all records are compared now, and `peerage diff` names those that stay different
    Error foreign_cluster: met a server of cluster "other\n" at 10.0.0.2:8764 and keeps apart from it; one has the other among its seeds: take it out there, or give both the same --cluster-name
    Error foreign_protocol: the server at 10.0.0.2:8764 speaks the peers' protocol from release 2 on, which this one does not know; update this server
    Warn senseless_stream: closed a stream with 10.0.0.2:8764, which sent what makes no sense to a peer
    Warn key_refused: closed a stream with 10.0.0.2:8764: the two have no cluster key in common; if that is a peer, give both the same --cluster-key-file
    Warn peer_slow: peer b reads too slowly, so it is sent no more writes as they happen; it has to ask for them
    Error peer_clock_off: peer b has a clock 3600.0 s ahead of this one; check the time on both machines: of two writes to one instance the wrong one may win
    Error peer_clock_off: peer b has a clock 0.7 s behind this one; check the time on both machines: of two writes to one instance the wrong one may win
    Info epoch_taken: peers remember a later start of this server than its clock tells, so this start counts as 8
    Error duplicate_name: another server at 10.0.0.2:8764 goes by the same id and was there first, so this one stops; give each its own --name, and its own --data-dir if it has one
    Error isolated: this server has lost the others: it serves on, and evicts nobody for silence; look at its network
    Info isolation_ended: this server has found the others again
    nothing
    nothing
    "#);
}

#[test]
fn every_line_has_a_code_by_which_it_is_counted() {
    let lines: Vec<_> = all().iter().map(line).collect();
    let told = lines.iter().filter(|line| line.level.is_some());
    assert!(told.clone().all(|line| CODES.contains(&line.event)));
    let unused: Vec<_> = CODES
        .into_iter()
        .filter(|code| told.clone().all(|line| line.event != *code))
        .collect();
    assert_eq!(unused, [""; 0]);
}

#[test]
fn only_a_second_server_of_the_same_id_stops_this_one() {
    let stops = |event: &&Event| consequence(event) == Consequence::Stop;
    let all = all();
    let stopping: Vec<_> = all.iter().filter(stops).collect();
    assert!(matches!(stopping[..], [Event::Duplicate { .. }]));
}

/// What was written.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn fields_that_are_none_are_left_out() {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .without_time()
        .with_target(false)
        .with_writer(move || writer.clone())
        .finish();
    let event = Event::ClockOff {
        peer: peer(),
        millis: -700,
    };
    tracing::subscriber::with_default(subscriber, || write(&line(&event)));
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let line: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut fields = line["fields"].clone();
    fields.as_object_mut().unwrap().remove("message");
    assert_eq!(
        fields,
        serde_json::json!({"event": "peer_clock_off", "peer": "b", "offset_ms": -700})
    );
}
