//! Streams between hosts: bytes in order, in pieces of any size, at the speed of the wire.
//!
//! Here: what a kernel and a wire do to a TCP connection. Not here: what is said on one, and by whom. What must always
//! hold: bytes come in the order they were sent in, none twice and none missing, until the stream ends; and a cut
//! stream neither delivers nor ends by itself, it goes on when the cut is mended.

mod pipe;
mod steps;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use self::pipe::{Piece, Pipe};
use super::network::Network;

/// How long a dial waits for an answer, as the server's runtime does.
const DIAL_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a closed stream still sends what was sent before.
const LINGER: Duration = Duration::from_secs(1);

/// One end of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// Which stream.
    pub stream: u64,
    /// Whether it is the end of the host that was dialled.
    pub accepted: bool,
}

impl End {
    const fn other(self) -> Self {
        Self {
            accepted: !self.accepted,
            ..self
        }
    }
}

/// What is left of a host, and since which of its starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// It runs; so many starts were made before, by anybody.
    On(u64),
    /// Its process ended; the machine says so to whoever asks.
    Ended,
    /// Its machine is gone, and says nothing.
    Off,
}

/// What is to be done with a stream at some time.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A dial reaches its aim.
    Reach(u64),
    /// The answer to a dial is back.
    Answered(u64),
    /// A dial is given up.
    Fail(u64),
    /// A piece arrives at this end.
    Arrive(End),
    /// What this end, which was closed, has not sent is given up.
    Linger(End),
    /// This end hears that there is nobody at the other.
    Refused(End),
}

/// What a host is told of a stream.
#[derive(Clone, Debug)]
pub enum Told {
    /// Somebody opened it.
    Opened,
    /// It is open, as this host wished.
    Connected,
    /// These bytes came.
    Bytes(Bytes),
    /// So many bytes left.
    Sent(usize),
    /// It is over.
    Closed,
}

/// All streams there are.
#[derive(Debug)]
pub struct Streams {
    open: BTreeMap<u64, Stream>,
    next: u64,
    chance: ChaCha8Rng,
    /// Steps to take, and when.
    pub steps: Vec<(Duration, Step)>,
    /// What hosts are to be told now: at which host, about which end.
    pub told: Vec<(usize, End, Told)>,
}

#[derive(Debug)]
struct Stream {
    /// Who dialled and who was dialled, and which start of each it was.
    hosts: [usize; 2],
    starts: [Option<u64>; 2],
    /// Whether each end still listens.
    heard: [bool; 2],
    dialled_at: Duration,
    /// What goes to the one that was dialled, and what comes back.
    pipes: [Pipe; 2],
}

/// What a step is taken on.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The time.
    pub now: Duration,
    /// What stands between hosts.
    pub network: &'a Network,
    /// What is left of each.
    pub powers: &'a [Power],
    /// Which of them read what comes.
    pub reading: &'a [bool],
}

impl Ground<'_> {
    /// Whether something from one host gets through to the machine of another.
    fn reaches(&self, from: usize, to: usize) -> bool {
        self.network.streams(from, to) && self.powers[to] != Power::Off
    }
}

impl Stream {
    const fn host(&self, end: End) -> usize {
        self.hosts[end.accepted as usize]
    }

    const fn pipe_to(&mut self, end: End) -> &mut Pipe {
        &mut self.pipes[!end.accepted as usize]
    }

    fn listens(&self, end: End, ground: &Ground<'_>) -> bool {
        let start = self.starts[usize::from(end.accepted)];
        start.is_some_and(|start| ground.powers[self.host(end)] == Power::On(start))
    }
}

impl Streams {
    /// No streams yet.
    pub fn new(chance: ChaCha8Rng) -> Self {
        Self {
            open: BTreeMap::new(),
            next: 0,
            chance,
            steps: Vec::new(),
            told: Vec::new(),
        }
    }

    /// A host dials another. Answers the dialler's end.
    pub fn dial(&mut self, ground: &Ground<'_>, from: usize, to: usize) -> End {
        let stream = self.next;
        self.next += 1;
        let start = match ground.powers[from] {
            Power::On(start) => Some(start),
            Power::Ended | Power::Off => None,
        };
        let dialled = Stream {
            hosts: [from, to],
            starts: [start, None],
            heard: [true, true],
            dialled_at: ground.now,
            pipes: [Pipe::default(), Pipe::default()],
        };
        self.open.insert(stream, dialled);
        let delay = ground.network.delay(from, to, &mut self.chance);
        self.steps.push((ground.now + delay, Step::Reach(stream)));
        End {
            stream,
            accepted: false,
        }
    }

    /// A host sends bytes from its end.
    pub fn send(&mut self, ground: &Ground<'_>, from: End, mut bytes: Bytes) {
        while !bytes.is_empty() {
            let piece = bytes.split_to(self.piece_length(bytes.len()));
            if let Some(stream) = self.open.get_mut(&from.stream) {
                stream.pipe_to(from.other()).wait(Piece::Bytes(piece));
            }
        }
        self.pump(ground, from.other());
    }

    /// A host closes its end, and hears no more of it.
    pub fn close(&mut self, ground: &Ground<'_>, end: End) {
        let Some(stream) = self.open.get_mut(&end.stream) else {
            return;
        };
        stream.heard[usize::from(end.accepted)] = false;
        stream.pipe_to(end.other()).wait(Piece::End);
        self.steps.push((ground.now + LINGER, Step::Linger(end)));
        self.pump(ground, end.other());
    }

    /// The process of a host is gone: its machine closes what it had open.
    pub fn ended(&mut self, ground: &Ground<'_>, host: usize) {
        for (number, stream) in &self.open {
            if stream.hosts.contains(&host) {
                let accepted = stream.hosts[1] == host;
                let end = End {
                    stream: *number,
                    accepted: !accepted,
                };
                let other = stream.host(end);
                let delay = ground.network.delay(host, other, &mut self.chance);
                self.steps.push((ground.now + delay, Step::Refused(end)));
            }
        }
    }

    /// Something between two hosts breaks all their streams; both find out in their own time.
    pub fn break_between(&mut self, one: usize, other: usize) {
        let between =
            |stream: &Stream| stream.hosts == [one, other] || stream.hosts == [other, one];
        let broken: Vec<_> = self
            .open
            .extract_if(.., |_, stream| between(stream))
            .collect();
        for (stream, was) in broken {
            for accepted in [false, true] {
                self.tell(&was, End { stream, accepted }, Told::Closed);
            }
        }
    }

    /// A host reads again what its sockets hold, and senders may send more.
    pub fn read_on(&mut self, ground: &Ground<'_>, host: usize) {
        let mut ends = Vec::new();
        for (number, stream) in &mut self.open {
            for accepted in [false, true] {
                let end = End {
                    stream: *number,
                    accepted,
                };
                if stream.host(end) == host && stream.pipe_to(end).read_all() {
                    ends.push(end);
                }
            }
        }
        ends.into_iter().for_each(|end| self.pump(ground, end));
    }

    /// What stood still goes on where it can, after the sender has tried again.
    pub fn go_on(&mut self, ground: &Ground<'_>) {
        for (number, stream) in &mut self.open {
            let [dialler, dialled] = stream.hosts;
            for (accepted, from, to) in [(true, dialler, dialled), (false, dialled, dialler)] {
                let end = End {
                    stream: *number,
                    accepted,
                };
                if ground.reaches(from, to) {
                    let again = Duration::from_millis(self.chance.random_range(200..1_000));
                    let held = std::mem::take(&mut stream.pipe_to(end).held);
                    let steps = (0..held).map(|_| (ground.now + again, Step::Arrive(end)));
                    self.steps.extend(steps);
                }
            }
        }
    }

    /// Puts on the wire to an end what fits.
    fn pump(&mut self, ground: &Ground<'_>, to: End) {
        let Some(stream) = self.open.get_mut(&to.stream) else {
            return;
        };
        let (from_host, to_host) = (stream.host(to.other()), stream.host(to));
        let mut sent = 0;
        while let Some(length) = stream.pipe_to(to).fly() {
            let busy = ground.network.busy(from_host, to_host, length);
            let delay = ground.network.delay(from_host, to_host, &mut self.chance);
            let landing = stream.pipe_to(to).landing(ground.now, busy, delay);
            self.steps.push((landing, Step::Arrive(to)));
            sent += length;
        }
        if sent > 0 && stream.heard[usize::from(!to.accepted)] {
            self.told.push((from_host, to.other(), Told::Sent(sent)));
        }
    }

    /// Mostly whole packets, sometimes a few bytes, so that frames are cut anywhere.
    fn piece_length(&mut self, left: usize) -> usize {
        let most = if self.chance.random_bool(0.2) {
            40
        } else {
            16_384
        };
        self.chance.random_range(1..=most.min(left))
    }
}
