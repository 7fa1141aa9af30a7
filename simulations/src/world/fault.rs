//! What goes wrong, and what people do.
//!
//! Here: faults as values, so that a run can be told, repeated and shortened. Not here: when they come (`plan`), what
//! they do to the world (`World::begin`). What must always hold: what a fault does, its end undoes.

mod keys;
mod told;

use std::time::Duration;

use peerage::registry::status::Status;

pub use self::keys::Keys;
use super::network::{Between, Cut, Group, Ill, Protocol};

/// Some clients whose numbers follow each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crowd {
    /// The first of them.
    pub first: usize,
    /// How many there are.
    pub count: usize,
}

/// What a host remembers of its former life when it starts again. Records are never kept, identity may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// Nothing: a new disk, or none.
    Empty,
    /// What it knew at the start before the last one: a disk that was restored.
    Old,
    /// What it knew at last: the epoch of its last start.
    Same,
}

/// Which release of the server a host runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// This one.
    Present,
    /// One that says and writes things this one does not know.
    Next,
}

/// What of a host stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stalled {
    /// All of it, as a machine that is suspended.
    All,
    /// It reads nothing from other hosts, but its timers go on and it answers clients: Lifeguard's anomaly.
    Reader,
    /// It reads and answers, but nothing it has to do by the clock gets done.
    Timers,
}

/// Something that goes wrong for a while, or that somebody does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Hosts do not reach each other.
    Cut(Cut),
    /// Links are worse.
    Ill(Between, Ill),
    /// All streams between two hosts break, once.
    Break(usize, usize),
    /// A host ends without goodbye, and starts again.
    Crash {
        /// Which.
        host: usize,
        /// Whether its machine goes as well, so that nobody is told.
        machine: bool,
        /// What it remembers when it starts again.
        memory: Memory,
        /// How far its clock is ahead then, in milliseconds.
        clock_off_millis: i64,
    },
    /// A host drains, says goodbye, and starts again.
    Leave {
        /// Which.
        host: usize,
        /// Which release it is then.
        release: Release,
    },
    /// A host, or a part of it, stands still.
    Stall {
        /// Which.
        host: usize,
        /// What of it.
        what: Stalled,
    },
    /// The wall clock of a machine jumps. Servers read it when they start, and never again.
    Step {
        /// Whose.
        host: usize,
        /// By so many milliseconds.
        millis: i64,
    },
    /// The clock of a machine runs too fast, or too slowly.
    Drift {
        /// Whose.
        host: usize,
        /// By so many microseconds a second.
        ppm: i32,
    },
    /// A host is given other keys, and reads them.
    Rekey {
        /// Which.
        host: usize,
        /// What it has from then on.
        keys: Keys,
    },
    /// Clients do not reach hosts.
    Unreachable {
        /// Who.
        clients: Crowd,
        /// Whom.
        hosts: Group,
    },
    /// Clients fall silent, and start again.
    Silence(Crowd),
    /// Clients cancel, and register again.
    Cancel(Crowd),
    /// Clients register anew, all at once.
    Register(Crowd),
    /// The clocks of clients jump, and they register anew by them.
    Reset {
        /// Whose.
        clients: Crowd,
        /// By so many milliseconds.
        millis: i64,
    },
    /// Clients beat so often, whatever they told when they registered.
    Hurry {
        /// Who.
        clients: Crowd,
        /// How often.
        every: Duration,
    },
    /// Clients turn to a host, once.
    Move {
        /// Who.
        clients: Crowd,
        /// To which.
        host: usize,
    },
    /// At a host clients are shown in a status, and then in their own again.
    Override {
        /// Who.
        clients: Crowd,
        /// Where.
        host: usize,
        /// As what.
        status: Status,
    },
    /// At a host the metadata of clients are changed, once.
    Note {
        /// Whose.
        clients: Crowd,
        /// Where.
        host: usize,
    },
}

/// A fault, when it comes and how long it lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planned {
    /// When it begins.
    pub at: Duration,
    /// When it ends; never, if it does not.
    pub until: Option<Duration>,
    /// What it is.
    pub fault: Fault,
}

impl Crowd {
    /// One client.
    pub const fn one(client: usize) -> Self {
        Self {
            first: client,
            count: 1,
        }
    }

    /// Whether a client is among them.
    pub const fn has(self, client: usize) -> bool {
        client >= self.first && client - self.first < self.count
    }

    /// Their numbers.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        self.first..self.first + self.count
    }
}

impl Fault {
    /// Every kind of fault there is, as [`Self::kind`] calls them.
    pub const KINDS: [&'static str; 32] = [
        "cut",
        "cut one way",
        "cut UDP",
        "cut TCP",
        "loss",
        "duplication",
        "reordering",
        "corruption",
        "latency",
        "bandwidth",
        "break",
        "crash of a machine",
        "crash of a process",
        "restart with old state",
        "restart with the same state",
        "leave",
        "upgrade",
        "stall",
        "stall of the reader",
        "stall of timers",
        "clock step",
        "clock drift",
        "keys",
        "unreachable",
        "silence",
        "cancel",
        "register",
        "client clock",
        "hurry",
        "move",
        "override",
        "note",
    ];

    /// What kind it is.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Cut(cut) => match cut.only {
                Some(Protocol::Datagrams) => "cut UDP",
                Some(Protocol::Streams) => "cut TCP",
                None if cut.mutual => "cut",
                None => "cut one way",
            },
            Self::Ill(_, ill) => match ill {
                Ill::Loss(_) => "loss",
                Ill::Twice(_) => "duplication",
                Ill::Late(_) => "reordering",
                Ill::Corrupt(_) => "corruption",
                Ill::Far(..) => "latency",
                Ill::Slow(_) => "bandwidth",
            },
            Self::Break(..) => "break",
            Self::Crash {
                machine, memory, ..
            } => match memory {
                Memory::Old => "restart with old state",
                Memory::Same => "restart with the same state",
                Memory::Empty if *machine => "crash of a machine",
                Memory::Empty => "crash of a process",
            },
            Self::Leave { release, .. } => match release {
                Release::Present => "leave",
                Release::Next => "upgrade",
            },
            Self::Stall { what, .. } => match what {
                Stalled::All => "stall",
                Stalled::Reader => "stall of the reader",
                Stalled::Timers => "stall of timers",
            },
            Self::Step { .. } => "clock step",
            Self::Drift { .. } => "clock drift",
            Self::Rekey { .. } => "keys",
            Self::Unreachable { .. } => "unreachable",
            Self::Silence(_) => "silence",
            Self::Cancel(_) => "cancel",
            Self::Register(_) => "register",
            Self::Reset { .. } => "client clock",
            Self::Hurry { .. } => "hurry",
            Self::Move { .. } => "move",
            Self::Override { .. } => "override",
            Self::Note { .. } => "note",
        }
    }
}

impl Fault {
    /// Whether it keeps a client from registering and beating.
    pub const fn befalls(&self, client: usize) -> bool {
        match self {
            Self::Unreachable { clients, .. } | Self::Silence(clients) | Self::Cancel(clients) => {
                clients.has(client)
            }
            _ => false,
        }
    }
}
