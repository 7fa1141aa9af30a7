//! What a server needs to know of the others to judge its leases.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::version::Origin;

/// The others, as one node sees them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether there are other servers: this one was told of some, or has met one that has not said goodbye.
    pub met: bool,
    /// The other origins that are up.
    pub up: BTreeSet<Origin>,
    /// Those that live records name as owners, and that are not up.
    pub gone: BTreeMap<Origin, Gone>,
    /// How many of those who may end orphans come before this server. `None`: it may not.
    pub steward: Option<u32>,
    /// Whether this server has lost the others, rather than they their lives.
    pub isolated: bool,
    /// The leases of all others that are up.
    pub others: LeaseSums,
}

/// An owner that is not up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Since when, as time since the start of this node.
    pub since: Duration,
    /// How many leases its last head said it owned. `None`: nobody remembers a head of it.
    pub leases_told: Option<u32>,
}

/// Leases, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeaseSums {
    /// How many are owned.
    pub owned: u64,
    /// How many of these are silent.
    pub silent: u64,
}
