//! What "newer" means between servers that share no clock.
//!
//! Here: the hybrid logical clock, the origin of a write, the version of a register and its order. Not here:
//! registers and their merge, which belong to whoever stores them. What must always hold: [`Version`]'s order is
//! total, and a version made by [`Version::above`] is greater than the one it was made from.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment of a hybrid logical clock: 48 bits of milliseconds since the Unix epoch and a 16-bit counter.
///
/// Two writes within one millisecond differ in the counter; a write on top of a register whose clock is ahead
/// counts on from there, so causality survives a clock that is off (Kulkarni et al., "Logical Physical Clocks",
/// 2014). The last moment is the year 10889.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Hlc(u64);

impl Hlc {
    const COUNTER_BITS: u32 = 16;
    const MILLIS_MAX: u64 = (1 << 48) - 1;

    /// The first moment of a millisecond. Milliseconds beyond 48 bits count as the last one.
    pub const fn at(millis: u64) -> Self {
        let millis = if millis > Self::MILLIS_MAX {
            Self::MILLIS_MAX
        } else {
            millis
        };
        Self(millis << Self::COUNTER_BITS)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> u64 {
        self.0 >> Self::COUNTER_BITS
    }

    /// What tells the moments of one millisecond apart.
    pub const fn counter(self) -> u64 {
        self.0 & ((1 << Self::COUNTER_BITS) - 1)
    }

    /// The next moment: one on the counter, which runs over into the milliseconds.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The clock of a write: the writer's own time or one past the register it overwrites, whichever is greater.
    #[must_use]
    pub fn above(self, register: Self) -> Self {
        self.max(register.next())
    }
}

/// Names a server for as long as it keeps its name or its data directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u64);

/// Counts the starts of a server: every start has a greater epoch than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Epoch(pub u64);

/// One life of one server: who wrote something, and during which of its starts.
///
/// A server that restarts is another origin, so what its former life owned is recognised as orphaned at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// Which server.
    pub node: NodeId,
    /// Which of its starts.
    pub epoch: Epoch,
}

/// Settles a tie between two writes of equal clock and origin: dead beats live.
///
/// An eviction carries the very version it ends, so it beats exactly that version and loses to every later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Rank {
    /// The register holds something.
    Live,
    /// What the register held has ended.
    Dead,
}

/// The version of one register: ordered by clock, then origin, then rank. The greater wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    /// When it was written.
    pub clock: Hlc,
    /// Who wrote it.
    pub origin: Origin,
    /// Whether it ends what it names.
    pub rank: Rank,
}

impl Version {
    /// The version of a write by `origin` at its own time `now`, on top of what it holds, if anything.
    pub fn above(held: Option<Self>, now: Hlc, origin: Origin) -> Self {
        let clock = held.map_or(now, |held| now.above(held.clock));
        Self {
            clock,
            origin,
            rank: Rank::Live,
        }
    }

    /// The same version, ended. It beats this one and nothing written later.
    #[must_use]
    pub const fn ended(self) -> Self {
        Self {
            rank: Rank::Dead,
            ..self
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}.{}", self.node.0, self.epoch.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn origin() -> impl Strategy<Value = Origin> {
        (0..4u64, 0..4u64).prop_map(|(node, epoch)| Origin {
            node: NodeId(node),
            epoch: Epoch(epoch),
        })
    }

    fn version() -> impl Strategy<Value = Version> {
        let clock = prop_oneof![0..6u64, any::<u64>()].prop_map(Hlc);
        (clock, origin(), any::<bool>()).prop_map(|(clock, origin, dead)| Version {
            clock,
            origin,
            rank: if dead { Rank::Dead } else { Rank::Live },
        })
    }

    proptest! {
        #[test]
        fn the_greater_of_two_versions_does_not_depend_on_their_order(a in version(), b in version()) {
            prop_assert_eq!(a.max(b), b.max(a));
            prop_assert_eq!(a.max(a), a);
        }

        #[test]
        fn the_greatest_of_three_does_not_depend_on_grouping(a in version(), b in version(), c in version()) {
            prop_assert_eq!(a.max(b).max(c), a.max(b.max(c)));
        }

        #[test]
        fn a_write_is_above_what_its_writer_holds(
            held in version(), now in 0..=Hlc::MILLIS_MAX, by in origin(),
        ) {
            prop_assume!(held.clock.0 < u64::MAX);
            prop_assert!(Version::above(Some(held), Hlc::at(now), by) > held);
        }

        #[test]
        fn an_eviction_beats_the_version_it_ends_and_loses_to_the_next(
            held in version(), now in any::<u64>(), by in origin(),
        ) {
            prop_assume!(held.clock.0 < u64::MAX && held.rank == Rank::Live);
            prop_assert!(held.ended() > held);
            prop_assert!(Version::above(Some(held), Hlc::at(now), by) > held.ended());
        }

        #[test]
        fn a_clock_keeps_its_milliseconds(millis in 0..=Hlc::MILLIS_MAX) {
            prop_assert_eq!(Hlc::at(millis).millis(), millis);
        }
    }

    #[test]
    fn the_counter_runs_over_into_the_milliseconds() {
        let mut clock = Hlc::at(7);
        for _ in 0..=u16::MAX {
            clock = clock.next();
        }
        assert_eq!(clock, Hlc::at(8));
    }
}
