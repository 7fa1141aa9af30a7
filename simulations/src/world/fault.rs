//! What goes wrong, and what people do.
//!
//! Here: faults as values, so that a run can be told, repeated and shortened. Not here: when they come (`plan`), what
//! they do to the world (`World::begin`). What must always hold: what a fault does, its end undoes.

use std::fmt;
use std::time::Duration;

use peerage::registry::status::Status;

use super::network::Cut;
use super::timeline::letter;

/// Something that goes wrong for a while, or that somebody does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// Hosts do not reach each other.
    Cut(Cut),
    /// A host ends without goodbye, and starts again with an empty memory.
    Crash {
        /// Which.
        host: usize,
        /// Whether its machine goes as well, so that nobody is told.
        machine: bool,
        /// How far its clock is ahead when it starts again, in milliseconds.
        clock_off_millis: i64,
    },
    /// A host says goodbye, and starts again.
    Leave(usize),
    /// A host stands still.
    Freeze(usize),
    /// This share of datagrams is lost, and as many arrive twice.
    Loss(f64),
    /// Everything takes up to so many milliseconds one way.
    Far(u32),
    /// The streams of a host carry so many bytes per second.
    Slow(usize, u64),
    /// All streams between two hosts break, once.
    Break(usize, usize),
    /// A client does not reach a host.
    Unreachable(usize, usize),
    /// A client falls silent, and starts again.
    Silence(usize),
    /// A client cancels, and registers again.
    Cancel(usize),
    /// At a host a client is shown in a status, and then in its own again.
    Override(usize, usize, Status),
    /// At a host the metadata of a client are changed, once.
    Note(usize, usize),
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

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Cut(cut) => write!(f, "cut {cut}"),
            Self::Crash {
                host,
                machine,
                clock_off_millis,
            } => {
                let what = if machine { "machine" } else { "process" };
                write!(
                    f,
                    "crash of {}'s {what}, clock then {clock_off_millis} ms off",
                    letter(host)
                )
            }
            Self::Leave(host) => write!(f, "{} leaves", letter(host)),
            Self::Freeze(host) => write!(f, "{} stands still", letter(host)),
            Self::Loss(share) => write!(
                f,
                "{:.0} % of datagrams lost, as many doubled",
                share * 100.0
            ),
            Self::Far(millis) => write!(f, "up to {millis} ms from host to host"),
            Self::Slow(host, bytes) => write!(f, "streams of {} at {bytes} bytes/s", letter(host)),
            Self::Break(one, other) => {
                write!(
                    f,
                    "streams between {} and {} break",
                    letter(one),
                    letter(other)
                )
            }
            Self::Unreachable(client, host) => {
                write!(f, "client {client} does not reach {}", letter(host))
            }
            Self::Silence(client) => write!(f, "client {client} falls silent"),
            Self::Cancel(client) => write!(f, "client {client} cancels"),
            Self::Override(client, host, status) => {
                write!(
                    f,
                    "client {client} is overridden at {}: {status}",
                    letter(host)
                )
            }
            Self::Note(client, host) => {
                write!(f, "metadata of client {client} change at {}", letter(host))
            }
        }
    }
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>8.3} s", self.at.as_secs_f64())?;
        match self.until {
            Some(until) => write!(f, " – {:>8.3} s  {}", until.as_secs_f64(), self.fault),
            None => write!(f, "               {}", self.fault),
        }
    }
}
