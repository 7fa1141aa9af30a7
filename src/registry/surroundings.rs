//! What this server is told of the other servers, and who it is among them.
//!
//! Here: [`Surroundings`], handed in as a value whenever it changes, and the own origin. Not here: how any of it is
//! found out, which is the bridge's. What must always hold: a registry that was told nothing is alone, and behaves as
//! if there were no other servers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use peers::version::{Epoch, NodeId, Origin};

use crate::clock::Timestamp;

/// What this server knows of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Whether there are other servers, met or told of, that have not said goodbye: they may have heard otherwise.
    pub met: bool,
    /// The other origins that are up; never the own.
    pub up: BTreeSet<Origin>,
    /// The origins that own live records here and are not up.
    pub gone: BTreeMap<Origin, Gone>,
    /// This server's place among the possible stewards: the first acts at once, each next one 30 s later. `None`: it
    /// is not one.
    pub steward: Option<u32>,
    /// Whether there is a cause to think that this server is cut off.
    pub isolated: bool,
    /// What the other servers that are up say of their leases, in sum.
    pub others: LeaseSums,
}

/// An origin that is not up and left leases behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Since when it is not up.
    pub since: Timestamp,
    /// How many leases its last head told. `None`: there is no head, and without one no verdict.
    pub leases_told: Option<u32>,
}

/// Leases of several servers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeaseSums {
    /// How many they own.
    pub owned: u64,
    /// How many of these are silent.
    pub silent: u64,
}

/// Who this server is, and who else is there. Every heartbeat asks, so nobody waits for an answer.
#[derive(Debug)]
pub(super) struct Standing {
    node: AtomicU64,
    epoch: AtomicU64,
    surroundings: ArcSwap<Surroundings>,
}

impl Standing {
    pub(super) fn alone(origin: Origin) -> Self {
        Self {
            node: AtomicU64::new(origin.node.0),
            epoch: AtomicU64::new(origin.epoch.0),
            surroundings: ArcSwap::default(),
        }
    }

    /// Who writes here. Writers ask with the books open, for it changes only then; a heartbeat that meets the change
    /// takes the lease for another's, which is found out when it is to be written.
    pub(super) fn origin(&self) -> Origin {
        Origin {
            node: NodeId(self.node.load(Ordering::Acquire)),
            epoch: Epoch(self.epoch.load(Ordering::Acquire)),
        }
    }

    /// From now on another origin writes. To be called with the books open.
    pub(super) fn become_origin(&self, origin: Origin) {
        self.node.store(origin.node.0, Ordering::Release);
        self.epoch.store(origin.epoch.0, Ordering::Release);
    }

    pub(super) fn surroundings(&self) -> Arc<Surroundings> {
        self.surroundings.load_full()
    }

    pub(super) fn surround(&self, surroundings: Surroundings) {
        self.surroundings.store(Arc::new(surroundings));
    }

    /// Whether another server of this origin can be spoken to.
    pub(super) fn up(&self, origin: Origin) -> bool {
        self.surroundings.load().up.contains(&origin)
    }

    /// Whether nobody keeps the leases of this origin any more.
    pub(super) fn gone(&self, origin: Origin) -> bool {
        origin != self.origin() && !self.up(origin)
    }
}
