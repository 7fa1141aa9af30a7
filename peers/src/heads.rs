//! What peers tell about themselves, in a few dozen bytes each.
//!
//! Here: the head, its form on the wire, and the heads heard so far. Not here: acting on them. What must always hold:
//! of one origin the head with the highest counter is kept, and the head of an origin that is gone outlives it, for
//! the steward judges by what a lost server owned.

use crate::item::{Item, Stamp, TooLong};
use crate::version::{Epoch, Hlc, NodeId, Origin};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::BitOr;

/// The kind of item that carries a head.
pub const HEAD: u8 = 1;

/// The most heads kept. Reached only by a flood of made-up servers: heads of the gone are dropped once no record
/// names them.
pub const HEADS_MAX: usize = 4096;

/// What a peer last said about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Who said it, and how recently: flags and counts change without a write, so a head has a counter of its own.
    pub stamp: Stamp,
    /// What it said.
    pub report: Report,
}

/// What a peer says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its last write.
    pub sequence: u64,
    /// Its clock.
    pub clock: Hlc,
    /// Hash of its whole vector.
    #[serde(with = "postcard::fixint::le")]
    pub vector_hash: u64,
    /// Digest of its live records.
    #[serde(with = "postcard::fixint::le")]
    pub digest: u64,
    /// Leases it owns.
    pub leases_owned: u32,
    /// How many of these are silent.
    pub leases_silent: u32,
    /// Renewals it heard in the last minute.
    pub renewals_per_minute: u32,
    /// What it is up to.
    pub flags: Flags,
    /// Where it stands.
    pub zone: String,
}

/// What a peer is up to: any of the six constants, and whatever later releases add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags(u8);

impl Flags {
    /// It serves lists.
    pub const READY: Self = Self(1);
    /// It takes no new leases.
    pub const DRAINING: Self = Self(1 << 1);
    /// It holds back evictions.
    pub const PRESERVING: Self = Self(1 << 2);
    /// It has lost the others.
    pub const ISOLATED: Self = Self(1 << 3);
    /// It says goodbye: its end is no crash.
    pub const LEAVING: Self = Self(1 << 4);

    /// Clients have called it since its start.
    pub const CALLED: Self = Self(1 << 5);

    /// Whether all of `others` are set.
    pub const fn has(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

impl Head {
    /// The head in an item of kind [`HEAD`]. What later releases append to a report is passed over.
    pub fn of(item: &Item<'_>) -> Option<Self> {
        let stamp = item.stamp;
        let report = postcard::from_bytes(item.body).ok()?;
        Some(Self { stamp, report })
    }

    /// The head as an item's bytes.
    pub fn write(&self) -> Result<Vec<u8>, TooLong> {
        let body = postcard::to_allocvec(&self.report).expect("a vector takes any number of bytes");
        Item {
            kind: HEAD,
            stamp: self.stamp,
            body: &body,
        }
        .write()
    }
}

/// The last head of every origin heard of.
#[derive(Clone, Debug, Default)]
pub struct Heads {
    by_origin: BTreeMap<Origin, Head>,
}

impl Heads {
    /// Keeps a head, unless a newer one of its origin is there. Tells whether it is the newest of its server.
    pub fn learn(&mut self, head: Head) -> bool {
        let origin = head.stamp.origin;
        let newest = self
            .newest(origin.node)
            .is_none_or(|held| head.stamp.newer_than(&held.stamp));
        let held = self.by_origin.get(&origin);
        let full = held.is_none() && self.by_origin.len() >= HEADS_MAX;
        if full || held.is_some_and(|held| !head.stamp.newer_than(&held.stamp)) {
            return false;
        }
        self.by_origin.insert(origin, head);
        newest
    }

    /// The newest head of a server, whichever of its starts it is from.
    pub fn newest(&self, node: NodeId) -> Option<&Head> {
        let start = |epoch| Origin { node, epoch };
        let starts = start(Epoch(0))..=start(Epoch(u64::MAX));
        self.by_origin
            .range(starts)
            .next_back()
            .map(|(_, head)| head)
    }

    /// The last head of one start of a server.
    pub fn last_of(&self, origin: Origin) -> Option<&Head> {
        self.by_origin.get(&origin)
    }

    /// All heads, by origin: what a joiner is given and a snapshot keeps.
    pub fn iter(&self) -> impl Iterator<Item = &Head> {
        self.by_origin.values()
    }

    /// Drops the heads of origins that need no longer be remembered.
    pub fn retain(&mut self, mut remembered: impl FnMut(Origin) -> bool) {
        self.by_origin.retain(|origin, _| remembered(*origin));
    }
}

#[cfg(test)]
mod tests;
