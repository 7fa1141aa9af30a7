//! Faults in words.

use std::fmt;

use super::{Crowd, Fault, Memory, Planned, Release, Stalled};
use crate::world::timeline::letter;

impl fmt::Display for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            1 => write!(f, "client {}", self.first),
            0 => write!(f, "no client"),
            _ => write!(
                f,
                "clients {} to {}",
                self.first,
                self.first + self.count - 1
            ),
        }
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "nothing remembered",
            Self::Old => "an old state restored",
            Self::Same => "its state kept",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Cut(cut) => write!(f, "cut {cut}"),
            Self::Ill(between, ill) => write!(f, "{between}: {ill}"),
            Self::Break(one, other) => {
                let (one, other) = (letter(one), letter(other));
                write!(f, "streams between {one} and {other} break")
            }
            Self::Crash { .. } | Self::Leave { .. } => self.tell_end(f),
            Self::Stall { host, what } => {
                let what = match what {
                    Stalled::All => "stands still",
                    Stalled::Reader => "reads nothing from its peers",
                    Stalled::Timers => "does nothing by the clock",
                };
                write!(f, "{} {what}", letter(host))
            }
            Self::Step { host, millis } => {
                write!(
                    f,
                    "the clock of {}'s machine jumps {millis} ms",
                    letter(host)
                )
            }
            Self::Drift { host, ppm } => {
                write!(
                    f,
                    "the clock of {}'s machine drifts {ppm} ppm",
                    letter(host)
                )
            }
            Self::Rekey { host, keys } => write!(f, "{} has {keys}", letter(host)),
            _ => self.tell_deed(f),
        }
    }
}

impl Fault {
    fn tell_end(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Crash {
                host,
                machine,
                memory,
                clock_off_millis,
            } => {
                let what = if machine { "machine" } else { "process" };
                let host = letter(host);
                write!(
                    f,
                    "crash of {host}'s {what}; then {memory}, clock {clock_off_millis} ms off"
                )
            }
            Self::Leave { host, release } => {
                let next = match release {
                    Release::Present => "",
                    Release::Next => ", to come back as the next release",
                };
                write!(f, "{} leaves{next}", letter(host))
            }
            _ => Ok(()),
        }
    }

    /// What befalls clients, or is done about them.
    fn tell_deed(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Unreachable { clients, hosts } => write!(f, "{clients}: no way to {hosts}"),
            Self::Silence(clients) => write!(f, "{clients}: silence"),
            Self::Cancel(clients) => write!(f, "{clients}: cancel"),
            Self::Register(clients) => write!(f, "{clients}: register anew"),
            Self::Reset { clients, millis } => {
                write!(f, "{clients}: clock jumps {millis} ms, register anew")
            }
            Self::Hurry { clients, every } => write!(f, "{clients}: beat every {every:?}"),
            Self::Move { clients, host } => write!(f, "{clients}: move to {}", letter(host)),
            Self::Override {
                clients,
                host,
                status,
            } => write!(f, "{clients}: overridden at {}: {status}", letter(host)),
            Self::Note { clients, host } => {
                write!(f, "{clients}: metadata change at {}", letter(host))
            }
            _ => Ok(()),
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
