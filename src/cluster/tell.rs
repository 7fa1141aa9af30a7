//! What becomes of a cluster, as lines of the log.
//!
//! Here: every [`Event`] of a node as one sentence with a level, a code and fields, and what it demands of the server.
//! Not here: when things happen (`peers`), counting them. What must always hold: a sentence reads well alone; an
//! error wants somebody to act and says how, a warning says that we coped, and the rest are events of life.

use peers::node::{Blocked, Event, Named, Reason, Stage};

use crate::account::{Notice, Topic};
use crate::pace::Pace;
use crate::registry::instance::Text;
use crate::server::State;

/// The codes of all events, by which they are counted.
pub(crate) const CODES: [&str; 23] = [
    "peer_up",
    "peer_left",
    "peer_down",
    "peer_udp_blocked",
    "peer_tcp_blocked",
    "peer_cut",
    "peer_unblocked",
    "peer_behind",
    "peer_slow",
    "peer_differs",
    "peer_clock_off",
    "compared",
    "foreign_cluster",
    "foreign_protocol",
    "senseless_stream",
    "key_refused",
    "noise",
    "unanswered",
    "duplicate_name",
    "stage",
    "epoch_taken",
    "isolated",
    "isolation_ended",
];

/// What the server has to do after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consequence {
    /// Go on.
    GoOn,
    /// Stop: it would do harm by going on.
    Stop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Error,
    Warn,
    Info,
}

/// A line, as it will be written. Fields that are none are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Line {
    level: Option<Level>,
    event: &'static str,
    peer: Option<String>,
    address: Option<String>,
    reason: Option<&'static str>,
    cluster: Option<String>,
    taken: Option<u64>,
    dropped: Option<u64>,
    millis: Option<i64>,
    unsaid: Option<u64>,
    sentence: String,
}

/// Tells of events.
#[derive(Debug, Default)]
pub(crate) struct Teller {
    /// Whoever reaches the port can bring these about, as often as it likes.
    strangers: Pace,
}

impl Teller {
    /// Counts an event, writes its line if it is worth one, and says what has to be done.
    pub(crate) fn tell(&self, state: &State, event: &Event) -> Consequence {
        let mut line = line(event);
        state.metrics.told(line.event);
        remember(state, event);
        let said = match event {
            Event::Unproved(_)
            | Event::Senseless(_)
            | Event::ForeignCluster { .. }
            | Event::ForeignProtocol { .. } => self.strangers.ask(state.clock.now()),
            _ => Some(0),
        };
        if let Some(unsaid) = said {
            line.unsaid = Some(unsaid).filter(|unsaid| *unsaid > 0);
            write(&line);
            note(state, &line);
        }
        consequence(event)
    }
}

/// Enters a line into the account of what happened.
fn note(state: &State, line: &Line) {
    if line.level.is_some() {
        state.note(Notice {
            peer: line.peer.as_deref().map(Text::from),
            ..Notice::new(line.event, Topic::Cluster, &line.sentence)
        });
    }
}

/// What a peer is called is told with the writes that come from it, and where it is to whoever is sent there.
fn remember(state: &State, event: &Event) {
    if let Event::Met(peer) | Event::Up(peer) = event {
        state.account.call(peer.node, &peer.name);
        state.urls.note(peer);
    }
}

const fn consequence(event: &Event) -> Consequence {
    match event {
        Event::Duplicate { .. } => Consequence::Stop,
        _ => Consequence::GoOn,
    }
}

fn write(line: &Line) {
    macro_rules! at {
        ($level:ident) => {
            tracing::$level!(
                event = line.event,
                peer = line.peer,
                address = line.address,
                reason = line.reason,
                cluster = line.cluster,
                taken = line.taken,
                dropped = line.dropped,
                offset_ms = line.millis,
                unsaid = line.unsaid,
                "{}",
                line.sentence
            )
        };
    }
    match line.level {
        Some(Level::Error) => at!(error),
        Some(Level::Warn) => at!(warn),
        Some(Level::Info) => at!(info),
        None => {}
    }
}

fn line(event: &Event) -> Line {
    match event {
        Event::Up(peer) => about(Level::Info, "peer_up", peer, "is up"),
        Event::Down { peer, left: true } => {
            about(Level::Info, "peer_left", peer, "said goodbye and left")
        }
        Event::Down { peer, left: false } => {
            let what = "is down: it was not heard any more, and its clients are taken over as they call others";
            about(Level::Warn, "peer_down", peer, what)
        }
        Event::Blocked { peer, what } => blocked(peer, *what),
        Event::Unblocked(peer) => about(
            Level::Info,
            "peer_unblocked",
            peer,
            "is reached by UDP and TCP again",
        ),
        Event::Behind(peer) => {
            let what = "is ahead, and its writes have not come through for half a minute; they are asked for again \
                        and again, from others too";
            about(Level::Warn, "peer_behind", peer, what)
        }
        Event::Slow(peer) => {
            let what = "reads too slowly, so it is sent no more writes as they happen; it has to ask for them";
            about(Level::Warn, "peer_slow", peer, what)
        }
        Event::Differs(peer) => {
            let what = "has seen the same writes and yet shows other instances; all records are compared now, and \
                        `peerage diff` names those that stay different";
            about(Level::Warn, "peer_differs", peer, what)
        }
        Event::ClockOff { peer, millis } => clock_off(peer, *millis),
        Event::Compared {
            peer,
            reason,
            taken,
            dropped,
        } => compared(peer, *reason, *taken, *dropped),
        Event::ForeignCluster { .. }
        | Event::ForeignProtocol { .. }
        | Event::Senseless(_)
        | Event::Unproved(_)
        | Event::Duplicate { .. } => of_a_stranger(event),
        _ => of_this_server(event),
    }
}

fn about(level: Level, event: &'static str, peer: &Named, what: &str) -> Line {
    Line {
        level: Some(level),
        event,
        peer: Some(peer.name.clone()),
        sentence: format!("peer {} {what}", peer.name),
        ..Line::default()
    }
}

fn blocked(peer: &Named, what: Blocked) -> Line {
    let (event, what) = match what {
        Blocked::Datagrams => (
            "peer_udp_blocked",
            "is heard by TCP and not by UDP; let datagrams through on the peers' port, or its death will be noticed \
             late",
        ),
        Blocked::Streams => (
            "peer_tcp_blocked",
            "is heard by UDP and not by TCP; let connections through on the peers' port, or its writes come by way \
             of others only",
        ),
        Blocked::Both => (
            "peer_cut",
            "is heard by others, and not here; look at the network between the two, for its writes come by way of \
             others only",
        ),
    };
    about(Level::Error, event, peer, what)
}

fn clock_off(peer: &Named, millis: i64) -> Line {
    let (direction, seconds) = (
        if millis < 0 { "behind" } else { "ahead of" },
        millis.unsigned_abs() as f64 / 1000.0,
    );
    let what = format!(
        "has a clock {seconds:.1} s {direction} this one; check the time on both machines: of two writes to one \
         instance the wrong one may win"
    );
    Line {
        millis: Some(millis),
        ..about(Level::Error, "peer_clock_off", peer, &what)
    }
}

fn compared(peer: &Named, reason: Reason, taken: u64, dropped: u64) -> Line {
    let (code, why) = match reason {
        Reason::Start => ("start", "after the start"),
        Reason::BelowFloor => (
            "below_floor",
            "since too much was missed to be told one by one",
        ),
        Reason::Digest => (
            "digest",
            "since both had seen the same and showed different instances",
        ),
        Reason::Asked => ("asked", "since it asked for it"),
        Reason::Overdue => (
            "overdue",
            "since they had not been seen equal for ten minutes",
        ),
    };
    let name = &peer.name;
    Line {
        level: Some(Level::Info),
        event: "compared",
        peer: Some(name.clone()),
        reason: Some(code),
        taken: Some(taken),
        dropped: Some(dropped),
        sentence: format!(
            "compared all records with peer {name} {why}: took {taken}, dropped {dropped}"
        ),
        ..Line::default()
    }
}

fn of_a_stranger(event: &Event) -> Line {
    let (level, code, address, sentence) = match event {
        Event::ForeignCluster { address, theirs } => (
            Level::Error,
            "foreign_cluster",
            address,
            format!(
                "met a server of cluster {theirs:?} at {address} and keeps apart from it; one has the other among its \
                 seeds: take it out there, or give both the same --cluster-name"
            ),
        ),
        Event::ForeignProtocol { address, oldest } => (
            Level::Error,
            "foreign_protocol",
            address,
            format!(
                "the server at {address} speaks the peers' protocol from release {oldest} on, which this one does not \
                 know; update this server"
            ),
        ),
        Event::Duplicate { address } => (
            Level::Error,
            "duplicate_name",
            address,
            format!(
                "another server at {address} goes by the same id and was there first, so this one stops; give each its \
                 own --name, and its own --data-dir if it has one"
            ),
        ),
        Event::Senseless(address) => (
            Level::Warn,
            "senseless_stream",
            address,
            format!("closed a stream with {address}, which sent what makes no sense to a peer"),
        ),
        Event::Unproved(address) => (
            Level::Warn,
            "key_refused",
            address,
            format!(
                "closed a stream with {address}: the two have no cluster key in common; if that is a peer, give both \
                 the same --cluster-key-file"
            ),
        ),
        _ => return Line::default(),
    };
    Line {
        level: Some(level),
        event: code,
        address: Some(address.to_string()),
        cluster: theirs(event),
        sentence,
        ..Line::default()
    }
}

fn theirs(event: &Event) -> Option<String> {
    match event {
        Event::ForeignCluster { theirs, .. } => Some(theirs.clone()),
        _ => None,
    }
}

fn of_this_server(event: &Event) -> Line {
    let (level, event, sentence) = match event {
        Event::Stage(stage) => (Level::Info, "stage", stage_reached(*stage).to_owned()),
        Event::EpochTaken(epoch) => (
            Level::Info,
            "epoch_taken",
            format!(
                "peers remember a later start of this server than its clock tells, so this start counts as {}",
                epoch.0
            ),
        ),
        Event::Noise(count) => (
            Level::Warn,
            "noise",
            format!(
                "dropped {count} datagrams in a minute that no peer sends: somebody else sends to the peers' port, or \
                 plays back what peers have said"
            ),
        ),
        Event::Unanswered => (
            Level::Warn,
            "unanswered",
            "none of the servers this one was told of has answered; they may serve more than is known here, so lists \
             stay closed for five minutes; look at the addresses given by --join, at the network, and whether they \
             have a --cluster-key-file"
                .to_owned(),
        ),
        Event::Isolated(true) => (
            Level::Error,
            "isolated",
            "this server has lost the others: it serves on, and evicts nobody for silence; look at its network"
                .to_owned(),
        ),
        Event::Isolated(false) => (
            Level::Info,
            "isolation_ended",
            "this server has found the others again".to_owned(),
        ),
        _ => return Line::default(),
    };
    Line {
        level: Some(level),
        event,
        sentence,
        ..Line::default()
    }
}

const fn stage_reached(stage: Stage) -> &'static str {
    match stage {
        Stage::Joining => {
            "looking for peers that are ready; until then clients are sent to other servers"
        }
        Stage::Syncing => "catching up with the peers that are ready; until then lists are refused",
        Stage::Collecting => {
            "no peer is ready: collecting registrations, and lists stay closed until no more are missing"
        }
        Stage::Ready => "lists are open",
        Stage::Draining => "about to leave: new instances are sent to other servers",
    }
}

#[cfg(test)]
mod tests;
