//! How one host reaches another while nothing is wrong.
//!
//! Here: the qualities of a link, and how long something takes on it. Not here: cuts. What must always hold: delays are
//! drawn in whole numbers, since fractions of logarithms differ between machines.

use std::collections::BTreeMap;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

/// How a datagram or a piece of a stream gets from one host to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// How long anything takes.
    pub latency: Latency,
    /// The share of datagrams lost, between 0 and 1.
    pub loss: f64,
    /// The share of datagrams that arrive twice.
    pub twice: f64,
    /// The share of datagrams that are overtaken by those after them.
    pub late: f64,
    /// The share of datagrams in which some bits are flipped. Streams are left alone: TCP mends what it can, and a
    /// stream that carries nonsense is ended.
    pub corrupt: f64,
    /// Bytes per second of a stream.
    pub bandwidth: u64,
}

/// How long anything takes one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latency {
    /// Any time between these, equally likely.
    Between(Duration, Duration),
    /// About as usual; once in a hundred times longer, the rarer the longer, up to the worst.
    LongTailed {
        /// The longest that is usual.
        usual: Duration,
        /// The longest.
        worst: Duration,
    },
}

/// All links while nothing is wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Links {
    /// Between two hosts of one zone.
    pub inside: Link,
    /// Between two zones.
    pub across: Link,
    /// From one host to another, where that is unlike others.
    pub pairs: BTreeMap<(usize, usize), Link>,
}

/// Bytes per second of a stream where nothing slows it.
const BANDWIDTH: u64 = 50_000_000;

impl Link {
    /// A link in one room: 0.2 to 0.6 ms, and nothing is lost.
    pub const GOOD: Self = Self {
        latency: Latency::Between(Duration::from_micros(200), Duration::from_micros(600)),
        loss: 0.0,
        twice: 0.0,
        late: 0.0,
        corrupt: 0.0,
        bandwidth: BANDWIDTH,
    };
}

impl Links {
    /// From one host to another, standing in these zones.
    pub fn of(&self, from: usize, to: usize, zones: &[usize]) -> Link {
        let general = match zones.get(from) == zones.get(to) {
            true => self.inside,
            false => self.across,
        };
        self.pairs.get(&(from, to)).copied().unwrap_or(general)
    }
}

impl Default for Links {
    fn default() -> Self {
        Self {
            inside: Link::GOOD,
            across: Link::GOOD,
            pairs: BTreeMap::new(),
        }
    }
}

impl Latency {
    /// How long something takes this time.
    pub fn draw(self, chance: &mut ChaCha8Rng) -> Duration {
        match self {
            Self::Between(least, most) if least < most => chance.random_range(least..most),
            Self::Between(least, _) => least,
            Self::LongTailed { usual, worst } => {
                let rare = chance.random_range(0..100) == 0;
                let hundredths: u32 = chance.random_range(50..=100);
                // One over a number drawn evenly: half of the rare ones take up to twice as long, a tenth ten times.
                let rarity: u32 = chance.random_range(1..=100);
                let drawn = usual * hundredths / if rare { rarity } else { 100 };
                drawn.min(worst.max(usual))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::chance::Purpose;

    const MILLI: Duration = Duration::from_millis(1);

    #[test]
    fn a_pair_of_its_own_wins_over_zones() {
        let far = Link {
            latency: Latency::Between(MILLI, MILLI),
            ..Link::GOOD
        };
        let slow = Link {
            bandwidth: 1,
            ..far
        };
        let links = Links {
            across: far,
            pairs: BTreeMap::from([((0, 1), slow)]),
            ..Links::default()
        };
        let zones = [0, 1, 0];
        assert_eq!(links.of(0, 1, &zones), slow);
        assert_eq!(links.of(1, 0, &zones), far);
        assert_eq!(links.of(0, 2, &zones), Link::GOOD);
    }

    #[test]
    fn a_long_tail_is_rare_and_bounded() {
        let mut chance = Purpose::Datagrams.chance(1);
        let latency = Latency::LongTailed {
            usual: MILLI,
            worst: 50 * MILLI,
        };
        let drawn: Vec<_> = (0..20_000).map(|_| latency.draw(&mut chance)).collect();
        let longer = drawn.iter().filter(|delay| **delay > MILLI).count();
        assert!((100..300).contains(&longer), "{longer}");
        assert!(drawn.iter().all(|delay| *delay <= 50 * MILLI));
        assert!(drawn.iter().any(|delay| *delay > 20 * MILLI));
    }
}
