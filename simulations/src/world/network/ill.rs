//! What ails a link for a while: cuts, and worse qualities.

use std::fmt;
use std::time::Duration;

use super::group::Group;
use super::link::{Latency, Link};

/// By what peers talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// UDP.
    Datagrams,
    /// TCP.
    Streams,
}

/// Nothing comes from some hosts to others any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// From these,
    pub from: Group,
    /// to these,
    pub to: Group,
    /// and also from those to these.
    pub mutual: bool,
    /// Only this protocol is affected, if one is named.
    pub only: Option<Protocol>,
}

/// Which ways are worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    /// From these,
    pub from: Group,
    /// to these,
    pub to: Group,
    /// and also from those to these.
    pub mutual: bool,
}

/// In what way a link is worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ill {
    /// This share of datagrams is lost.
    Loss(f64),
    /// This share arrives twice.
    Twice(f64),
    /// This share is overtaken by others.
    Late(f64),
    /// In this share some bits are flipped.
    Corrupt(f64),
    /// Everything takes between these times.
    Far(Duration, Duration),
    /// Streams carry so many bytes per second.
    Slow(u64),
}

impl Cut {
    /// Two groups that do not reach each other in any way.
    pub const fn between(one: Group, other: Group) -> Self {
        Self {
            from: one,
            to: other,
            mutual: true,
            only: None,
        }
    }

    /// Whether it stops what goes from one host to another.
    pub(super) fn stops(&self, from: usize, to: usize, by: Protocol) -> bool {
        let ways = Between {
            from: self.from,
            to: self.to,
            mutual: self.mutual,
        };
        self.only.is_none_or(|only| only == by) && ways.has(from, to)
    }
}

impl Between {
    /// All ways from and to some hosts.
    pub fn around(hosts: Group, all: usize) -> Self {
        Self {
            from: hosts,
            to: Group::all(all),
            mutual: true,
        }
    }

    /// Whether the way from one host to another is among these.
    pub const fn has(&self, from: usize, to: usize) -> bool {
        let there = self.from.has(from) && self.to.has(to);
        let back = self.mutual && self.from.has(to) && self.to.has(from);
        there || back
    }
}

impl Ill {
    /// A link, made worse.
    pub(super) fn worsen(self, link: Link) -> Link {
        match self {
            Self::Loss(share) => Link {
                loss: link.loss.max(share),
                ..link
            },
            Self::Twice(share) => Link {
                twice: link.twice.max(share),
                ..link
            },
            Self::Late(share) => Link {
                late: link.late.max(share),
                ..link
            },
            Self::Corrupt(share) => Link {
                corrupt: link.corrupt.max(share),
                ..link
            },
            Self::Far(least, most) => Link {
                latency: Latency::Between(least, most),
                ..link
            },
            Self::Slow(bandwidth) => Link {
                bandwidth: link.bandwidth.min(bandwidth.max(1)),
                ..link
            },
        }
    }
}

const fn arrow(mutual: bool) -> &'static str {
    if mutual { "↔" } else { "→" }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let only = match self.only {
            None => "",
            Some(Protocol::Datagrams) => " (UDP only)",
            Some(Protocol::Streams) => " (TCP only)",
        };
        write!(f, "{}{}{}{only}", self.from, arrow(self.mutual), self.to)
    }
}

impl fmt::Display for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.from, arrow(self.mutual), self.to)
    }
}

impl fmt::Display for Ill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| share * 100.0;
        match *self {
            Self::Loss(share) => write!(f, "{:.0} % of datagrams lost", percent(share)),
            Self::Twice(share) => write!(f, "{:.0} % of datagrams doubled", percent(share)),
            Self::Late(share) => write!(f, "{:.0} % of datagrams late", percent(share)),
            Self::Corrupt(share) => write!(f, "{:.0} % of datagrams damaged", percent(share)),
            Self::Far(least, most) => write!(f, "{least:?} to {most:?} one way"),
            Self::Slow(bytes) => write!(f, "streams at {bytes} bytes/s"),
        }
    }
}
