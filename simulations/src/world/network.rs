//! What stands between hosts: delays, losses, cuts.
//!
//! Here: how long something takes from one host to another, and whether it gets there. Not here: what is on its way
//! (`streams`, the queue of the world). What must always hold: two hosts that no active cut names reach each other.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::timeline::letter;

/// Some hosts, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group(pub u32);

impl Group {
    /// A host alone.
    pub const fn one(host: usize) -> Self {
        Self(1 << host)
    }

    /// Whether a host is among them.
    pub const fn has(self, host: usize) -> bool {
        self.0 >> host & 1 == 1
    }

    /// All others out of so many hosts.
    #[must_use]
    pub const fn others(self, hosts: usize) -> Self {
        Self(!self.0 & ((1 << hosts) - 1))
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = (0..u32::BITS as usize).filter(|host| self.has(*host));
        write!(f, "{}", hosts.map(letter).collect::<String>())
    }
}

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

    fn stops(&self, from: usize, to: usize, by: Protocol) -> bool {
        let there = self.from.has(from) && self.to.has(to);
        let back = self.mutual && self.from.has(to) && self.to.has(from);
        self.only.is_none_or(|only| only == by) && (there || back)
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arrow = if self.mutual { "↔" } else { "→" };
        let only = match self.only {
            None => "",
            Some(Protocol::Datagrams) => " (UDP only)",
            Some(Protocol::Streams) => " (TCP only)",
        };
        write!(f, "{}{arrow}{}{only}", self.from, self.to)
    }
}

/// What stands between hosts.
#[derive(Clone, Debug)]
pub struct Network {
    /// How long anything takes one way.
    pub latency: Range<Duration>,
    /// The share of datagrams lost, between 0 and 1.
    pub loss: f64,
    /// The share of datagrams that arrive twice.
    pub twice: f64,
    cuts: BTreeMap<usize, Cut>,
    slow: BTreeMap<usize, u64>,
}

/// Bytes per second of a stream where nothing slows it.
const BANDWIDTH: u64 = 50_000_000;

impl Default for Network {
    fn default() -> Self {
        Self {
            latency: Duration::from_micros(200)..Duration::from_micros(600),
            loss: 0.0,
            twice: 0.0,
            cuts: BTreeMap::new(),
            slow: BTreeMap::new(),
        }
    }
}

impl Network {
    /// Makes a cut, under a number by which it is mended.
    pub fn cut(&mut self, number: usize, cut: Cut) {
        self.cuts.insert(number, cut);
    }

    /// Mends a cut.
    pub fn mend(&mut self, number: usize) {
        self.cuts.remove(&number);
    }

    /// Lets the streams of a host carry so many bytes per second, or as many as others.
    pub fn slow(&mut self, host: usize, bytes_per_second: Option<u64>) {
        match bytes_per_second {
            Some(bytes) => self.slow.insert(host, bytes.max(1)),
            None => self.slow.remove(&host),
        };
    }

    /// Whether anything gets from one host to another.
    pub fn carries(&self, from: usize, to: usize, by: Protocol) -> bool {
        !self.cuts.values().any(|cut| cut.stops(from, to, by))
    }

    /// Whether a stream between two hosts moves: it needs both ways, since what arrives has to be acknowledged.
    pub fn streams(&self, one: usize, other: usize) -> bool {
        self.carries(one, other, Protocol::Streams) && self.carries(other, one, Protocol::Streams)
    }

    /// How long something takes this time.
    pub fn delay(&self, chance: &mut ChaCha8Rng) -> Duration {
        chance.random_range(self.latency.clone())
    }

    /// How long so many bytes of a stream keep the wire busy.
    pub fn busy(&self, from: usize, to: usize, bytes: usize) -> Duration {
        let slowest = |host| self.slow.get(&host).copied().unwrap_or(BANDWIDTH);
        let bandwidth = slowest(from).min(slowest(to));
        Duration::from_nanos(bytes as u64 * 1_000_000_000 / bandwidth)
    }

    /// How long the copies of a datagram take: none if it is lost, two if it is duplicated.
    pub fn datagram(&self, from: usize, to: usize, chance: &mut ChaCha8Rng) -> Vec<Duration> {
        let copies = match (
            chance.random_bool(self.loss),
            chance.random_bool(self.twice),
        ) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        };
        let delays: Vec<_> = (0..copies).map(|_| self.delay(chance)).collect();
        let carried = self.carries(from, to, Protocol::Datagrams);
        if carried { delays } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_stops_what_it_names_and_nothing_else() {
        let mut network = Network::default();
        let one_way = Cut {
            mutual: false,
            only: Some(Protocol::Datagrams),
            ..Cut::between(Group::one(0), Group(0b110))
        };
        network.cut(7, one_way);
        assert!(!network.carries(0, 2, Protocol::Datagrams));
        assert!(network.carries(2, 0, Protocol::Datagrams));
        assert!(network.streams(0, 2));
        network.mend(7);
        assert!(network.carries(0, 2, Protocol::Datagrams));
    }

    #[test]
    fn a_stream_cut_one_way_does_not_move() {
        let mut network = Network::default();
        let one_way = Cut {
            mutual: false,
            ..Cut::between(Group::one(0), Group::one(1))
        };
        network.cut(0, one_way);
        assert!(!network.streams(1, 0));
        assert_eq!(one_way.to_string(), "A→B");
    }

    #[test]
    fn a_slow_host_keeps_the_wire_busy_for_longer() {
        let mut network = Network::default();
        network.slow(1, Some(1_000));
        assert_eq!(network.busy(0, 1, 500), Duration::from_millis(500));
        assert!(network.busy(0, 2, 500) < Duration::from_millis(1));
    }
}
