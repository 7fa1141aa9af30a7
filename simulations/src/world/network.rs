//! What stands between hosts: delays, losses, cuts.
//!
//! Here: how long something takes from one host to another, and whether it gets there. Not here: what is on its way
//! (`streams`, the queue of the world). What must always hold: two hosts that no active cut names reach each other.

mod group;
mod ill;
mod link;

pub use group::{Group, HOSTS_MAX};
pub use ill::{Between, Cut, Ill, Protocol};
pub use link::{Latency, Link, Links};

use std::collections::BTreeMap;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// How much longer a datagram takes that is overtaken by others.
const LATE: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(500));
/// The most bits flipped in one datagram.
const FLIPS_MAX: usize = 3;

/// What stands between hosts.
#[derive(Clone, Debug)]
pub struct Network {
    hosts: usize,
    healthy: Vec<Link>,
    cuts: BTreeMap<usize, Cut>,
    ills: BTreeMap<usize, (Between, Ill)>,
    /// Every way as it is now, from host to host.
    ways: Vec<Way>,
}

/// One way from a host to another, as it is now.
#[derive(Clone, Copy, Debug)]
struct Way {
    link: Link,
    datagrams: bool,
    streams: bool,
}

/// A copy of a datagram on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copy {
    /// How long it takes.
    pub delay: Duration,
    /// Which bits are flipped, counted from the first modulo the length.
    pub flips: [Option<usize>; FLIPS_MAX],
}

impl Network {
    /// Healthy links between hosts in these zones.
    pub fn new(links: &Links, zones: &[usize]) -> Self {
        let hosts = zones.len();
        let pairs = (0..hosts).flat_map(|from| (0..hosts).map(move |to| (from, to)));
        let healthy: Vec<Link> = pairs.map(|(from, to)| links.of(from, to, zones)).collect();
        let mut network = Self {
            hosts,
            healthy,
            cuts: BTreeMap::new(),
            ills: BTreeMap::new(),
            ways: Vec::new(),
        };
        network.survey();
        network
    }

    /// Makes a cut, under a number by which it is mended.
    pub fn cut(&mut self, number: usize, cut: Cut) {
        self.cuts.insert(number, cut);
        self.survey();
    }

    /// Makes links worse, under a number by which they are mended.
    pub fn ail(&mut self, number: usize, between: Between, ill: Ill) {
        self.ills.insert(number, (between, ill));
        self.survey();
    }

    /// Mends a cut, or links that were worse.
    pub fn mend(&mut self, number: usize) {
        self.cuts.remove(&number);
        self.ills.remove(&number);
        self.survey();
    }

    /// Looks at all ways anew.
    fn survey(&mut self) {
        let pairs = (0..self.hosts).flat_map(|from| (0..self.hosts).map(move |to| (from, to)));
        let ways = pairs.map(|(from, to)| Way {
            link: self.ailing(from, to),
            datagrams: !self.stopped(from, to, Protocol::Datagrams),
            streams: !self.stopped(from, to, Protocol::Streams),
        });
        self.ways = ways.collect();
    }

    fn ailing(&self, from: usize, to: usize) -> Link {
        let healthy = self.healthy[from * self.hosts + to];
        let ills = self
            .ills
            .values()
            .filter(|(between, _)| between.has(from, to));
        ills.fold(healthy, |link, (_, ill)| ill.worsen(link))
    }

    fn stopped(&self, from: usize, to: usize, by: Protocol) -> bool {
        self.cuts.values().any(|cut| cut.stops(from, to, by))
    }

    fn way(&self, from: usize, to: usize) -> &Way {
        &self.ways[from * self.hosts + to]
    }

    /// Whether anything gets from one host to another.
    pub fn carries(&self, from: usize, to: usize, by: Protocol) -> bool {
        match by {
            Protocol::Datagrams => self.way(from, to).datagrams,
            Protocol::Streams => self.way(from, to).streams,
        }
    }

    /// Whether a stream between two hosts moves: it needs both ways, since what arrives has to be acknowledged.
    pub fn streams(&self, one: usize, other: usize) -> bool {
        self.carries(one, other, Protocol::Streams) && self.carries(other, one, Protocol::Streams)
    }

    /// How long something takes this time.
    pub fn delay(&self, from: usize, to: usize, chance: &mut ChaCha8Rng) -> Duration {
        self.way(from, to).link.latency.draw(chance)
    }

    /// How long so many bytes of a stream keep the wire busy.
    pub fn busy(&self, from: usize, to: usize, bytes: usize) -> Duration {
        let bandwidth = self.way(from, to).link.bandwidth.max(1);
        Duration::from_nanos(bytes as u64 * 1_000_000_000 / bandwidth)
    }

    /// The copies of a datagram that arrive: none if it is lost, two if it is duplicated.
    pub fn datagram(
        &self,
        from: usize,
        to: usize,
        chance: &mut ChaCha8Rng,
    ) -> impl Iterator<Item = Copy> + use<> {
        let Way {
            link, datagrams, ..
        } = self.way(from, to);
        let mut happens = |share: f64| share > 0.0 && chance.random_bool(share);
        let copies = match (happens(link.loss), happens(link.twice)) {
            (true, _) => 0,
            (false, false) => 1,
            (false, true) => 2,
        };
        let mut drawn = [None, None];
        for copy in drawn.iter_mut().take(copies) {
            *copy = Some(on_its_way(link, chance));
        }
        let carried = *datagrams;
        drawn.into_iter().flatten().filter(move |_| carried)
    }
}

fn on_its_way(link: &Link, chance: &mut ChaCha8Rng) -> Copy {
    let mut delay = link.latency.draw(chance);
    if link.late > 0.0 && chance.random_bool(link.late) {
        delay += chance.random_range(LATE.0..LATE.1);
    }
    let mut flips = [None; FLIPS_MAX];
    if link.corrupt > 0.0 && chance.random_bool(link.corrupt) {
        let count = chance.random_range(1..=FLIPS_MAX);
        for flip in flips.iter_mut().take(count) {
            *flip = Some(chance.random_range(0..1 << 16));
        }
    }
    Copy { delay, flips }
}

impl Copy {
    /// What arrives of these bytes.
    pub fn of(&self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for bit in self.flips.into_iter().flatten() {
            let place = bit % (bytes.len() * 8).max(1);
            if let Some(byte) = bytes.get_mut(place / 8) {
                *byte ^= 1 << (place % 8);
            }
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::chance::Purpose;

    fn network() -> Network {
        Network::new(&Links::default(), &[0, 0, 0])
    }

    fn copies(network: &Network) -> Vec<Copy> {
        let mut chance = Purpose::Datagrams.chance(1);
        let sent = (0..100).flat_map(|_| network.datagram(0, 1, &mut chance));
        sent.collect()
    }

    #[test]
    fn a_cut_stops_what_it_names_and_nothing_else() {
        let mut network = network();
        let one_way = Cut {
            mutual: false,
            only: Some(Protocol::Datagrams),
            ..Cut::between(Group::one(0), Group::bits(0b110))
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
        let mut network = network();
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
        let mut network = network();
        network.ail(0, Between::around(Group::one(1), 3), Ill::Slow(1_000));
        assert_eq!(network.busy(0, 1, 500), Duration::from_millis(500));
        assert_eq!(network.busy(1, 2, 500), Duration::from_millis(500));
        assert!(network.busy(0, 2, 500) < Duration::from_millis(1));
    }

    #[test]
    fn ills_add_up_and_end_by_themselves() {
        let mut network = network();
        let ways = Between::around(Group::one(0), 3);
        network.ail(0, ways, Ill::Loss(1.0));
        network.ail(1, ways, Ill::Twice(1.0));
        assert_eq!(copies(&network).len(), 0);
        network.mend(0);
        assert_eq!(copies(&network).len(), 200);
        network.mend(1);
        assert_eq!(copies(&network).len(), 100);
    }

    #[test]
    fn the_late_are_overtaken_and_the_damaged_differ() {
        let mut network = network();
        let ways = Between::around(Group::one(0), 3);
        network.ail(0, ways, Ill::Late(0.5));
        network.ail(1, ways, Ill::Corrupt(0.5));
        let copies = copies(&network);
        let late = copies.iter().filter(|copy| copy.delay >= LATE.0).count();
        let damaged = copies.iter().filter(|copy| copy.of(&[0; 9]) != [0; 9]);
        assert!((20..80).contains(&late), "{late}");
        assert!((20..80).contains(&damaged.count()));
    }
}
