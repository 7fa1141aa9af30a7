//! What a node keeps in agreement, and how it asks for it.
//!
//! Here: the seam between agreement and whatever is agreed on, in versions and bytes. Not here: anybody who stands
//! behind it. What must always hold: a replica takes the greater of each register, and tells of every write of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::node::view::Cluster;
use crate::record::{Key, Record};
use crate::surroundings::Surroundings;
use crate::version::{Origin, Version};

/// A set of records that a [`Node`](crate::node::Node) keeps in agreement with those of its peers.
///
/// A node asks from one task; others may write to the replica meanwhile. `now` is the time since the start of the
/// node, on a clock that counts suspend.
pub trait Replica {
    /// The keys written or forgotten here since this was last asked, each once. Not those of merged records, unless
    /// merging led to a write.
    fn take_written(&mut self) -> Vec<Key>;

    /// A record as it is now, dead ones included.
    fn read(&self, now: Duration, key: &Key) -> Option<Record>;

    /// Takes the greater of each register. May answer the death of a record by a write, where it has evidence that
    /// it lives.
    fn merge(&mut self, now: Duration, key: &Key, theirs: Record);

    /// Drops a record that another peer has deleted, if its lease is live and still has this version, and there is no
    /// evidence to the contrary. Answers whether it did.
    fn drop_deleted(&mut self, now: Duration, key: &Key, lease: Version) -> bool;

    /// Beats heard here of leases that others own, since this was last asked, each key once.
    fn take_relays(&mut self, now: Duration) -> Vec<(Origin, Key, Duration)>;

    /// A beat that a peer heard so long ago of a lease that should be owned here.
    fn relayed(&mut self, now: Duration, key: &Key, age: Duration) -> Relayed;

    /// What the owner said to a beat that was relayed to it. One that holds another record has sent that.
    fn relay_answered(&mut self, now: Duration, key: &Key, answer: Relayed);

    /// What became of the others, whenever that changes.
    fn surround(&mut self, now: Duration, surroundings: &Surroundings);

    /// What to tell the others about the leases owned here.
    fn leases(&self) -> Leases;

    /// How many records came that could not be read.
    fn unreadable(&self) -> u64;

    /// Which other origins live leases name, and how many each.
    fn owners(&self) -> BTreeMap<Origin, u32>;

    /// From now on writes are by this origin, and what the former one owned is written anew.
    fn restate(&mut self, now: Duration, origin: Origin);

    /// Answers what another peer's pages ask. What question and answer mean is the replica's business; `cluster` is how
    /// the others look from here.
    fn answer(&self, now: Duration, question: &[u8], cluster: &Cluster) -> Vec<u8>;
}

/// What an owner makes of a beat that was heard elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relayed {
    /// It counts.
    Seen,
    /// The record here has ended or is another's: who heard the beat is to look at it.
    HeldOtherwise,
    /// There is no such record.
    Unknown,
}

/// What a server tells about the leases it owns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leases {
    /// How many there are.
    pub owned: u32,
    /// How many of these are silent.
    pub silent: u32,
    /// How many renewals came in the last minute.
    pub renewals_per_minute: u32,
    /// Whether evictions are held back.
    pub preserving: bool,
    /// Whether any client has called since the start.
    pub called: bool,
}
