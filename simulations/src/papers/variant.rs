//! How the members of a group are set.
//!
//! Here: the settings that are compared. Not here: what comes of them. What must always hold: each variant differs
//! from the one before it by what its name says.

use std::fmt;
use std::num::{NonZeroU8, NonZeroU32, NonZeroUsize};
use std::time::Duration;

use peers::health::HOLDS_MAX;
use peers::identity::Peer;
use peers::membership::{Config, PROBE_PERIOD, PeriodicParams, Settings};

/// How the members of a group are set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    /// foca's `Config::simple`: the protocol of the paper and nothing else; news rides on probes alone.
    Plain,
    /// foca's `Config::new_lan` for the size of the group, as a user of foca gets it.
    Stock,
    /// The same with members that doubt themselves when answers fail to come.
    Health,
    /// The same with news passed on 16 times or more, every 100 ms.
    Spread,
    /// As the servers here are set, reconnector included.
    Ours,
}

/// How often a piece of news is passed on at least by [`Variant::Spread`].
const TRANSMISSIONS_MIN: u8 = 16;
/// And how often there is an occasion to.
const GOSSIP_EVERY: Duration = Duration::from_millis(100);

impl Variant {
    /// The name in tables and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Stock => "stock",
            Self::Health => "+health",
            Self::Spread => "+tx16",
            Self::Ours => "ours",
        }
    }

    /// What it is, in a few words.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Plain => "foca, Config::simple: the paper's protocol, news only on probes",
            Self::Stock => "foca, Config::new_lan(N)",
            Self::Health => "the same, and members that doubt themselves",
            Self::Spread => "the same, and news passed on 16 times, every 100 ms",
            Self::Ours => "as Peerage's servers are set",
        }
    }

    /// How often a member of a group of this size probes another.
    pub fn period(self, size: usize) -> Duration {
        self.config(size)
            .map_or(PROBE_PERIOD, |config| config.probe_period)
    }

    /// Whether members look for those they miss, once a second.
    pub const fn reconnects(self) -> bool {
        matches!(self, Self::Ours)
    }

    /// With what a member starts.
    pub fn settings(self, peer: Peer, size: usize) -> Settings {
        Settings {
            holds_max: if self >= Self::Health { HOLDS_MAX } else { 0 },
            fixed: self.config(size),
            ..Settings::new(peer, FIRST_BUMP, "papers")
        }
    }

    /// What the protocol is told; nothing where it is left to the members.
    fn config(self, size: usize) -> Option<Config> {
        match self {
            Self::Plain => Some(Config::simple()),
            Self::Stock | Self::Health => Some(lan(size)),
            Self::Spread => Some(spread(lan(size))),
            Self::Ours => None,
        }
    }
}

const FIRST_BUMP: u64 = 1_000;

fn lan(size: usize) -> Config {
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    Config::new_lan(NonZeroU32::new(size).unwrap_or(NonZeroU32::MIN))
}

fn spread(config: Config) -> Config {
    let often = NonZeroU8::new(TRANSMISSIONS_MIN).expect("sixteen is not zero");
    Config {
        max_transmissions: config.max_transmissions.max(often),
        periodic_gossip: Some(PeriodicParams {
            frequency: GOSSIP_EVERY,
            num_members: NonZeroUsize::new(3).expect("three is not zero"),
        }),
        ..config
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
