//! The rules that can be tried, as values.
//!
//! Here: three whole sets, and what single rules may be put away from ours. Not here: what a rule does (`writes`,
//! `exchange`).

/// Who ends a lease that is over, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eviction {
    /// Every peer for itself, by a write with a fresh clock.
    ByAnybody,
    /// Its owner, by the very version it ends.
    ByOwner,
    /// Its owner, or the steward if it is an orphan, by the very version it ends.
    ByOwnerOrSteward,
}

/// Which beats gainsay an eviction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// None.
    Nothing,
    /// A beat within the lease that was heard while the very version that is ended was held, or after its end.
    OfThisLease,
    /// A beat within the lease.
    WithinLease,
}

/// How a lease is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adoption {
    /// Not at all.
    Never,
    /// Only the lease register is written.
    OfLease,
    /// The body that the adopter happens to hold is written with it.
    OfWholeRecord,
}

/// A set of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Who ends a lease that is over.
    pub eviction: Eviction,
    /// How a lease is taken over.
    pub adoption: Adoption,
    /// Which beats gainsay an eviction.
    pub evidence: Evidence,
    /// Whether a refutation starts the lease anew, instead of at the beat that is its evidence.
    pub refutation_renews: bool,
    /// Whether a relayed beat revives what the owner holds dead.
    pub relays_revive: bool,
    /// Whether a peer that learns of a cancel forgets what it heard before, rather than weigh it against other ends.
    pub cancels_end_evidence: bool,
    /// Whether a cancel is a write of its own, rather than the end of the version its peer held.
    pub cancel_is_fresh: bool,
    /// Whether a version is above what its writer holds, whatever its writer's clock says.
    pub above_held: bool,
}

impl Rules {
    /// The rules of Peerage.
    pub const OURS: Self = Self {
        eviction: Eviction::ByOwnerOrSteward,
        adoption: Adoption::OfLease,
        evidence: Evidence::WithinLease,
        refutation_renews: false,
        relays_revive: false,
        cancels_end_evidence: true,
        cancel_is_fresh: true,
        above_held: true,
    };

    /// Conditional evictions by the owner alone, and nobody gainsays them.
    pub const OWNER_ONLY: Self = Self {
        eviction: Eviction::ByOwner,
        evidence: Evidence::Nothing,
        ..Self::OURS
    };

    /// A set by its name on the command line.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ours" => Some(Self::OURS),
            "owner-only" => Some(Self::OWNER_ONLY),
            "anybody" => Some(Self::ANYBODY),
            _ => None,
        }
    }

    /// Every beat goes to every peer, and every peer ends what it does not hear of.
    pub const ANYBODY: Self = Self {
        eviction: Eviction::ByAnybody,
        adoption: Adoption::Never,
        evidence: Evidence::Nothing,
        ..Self::OURS
    };
}
