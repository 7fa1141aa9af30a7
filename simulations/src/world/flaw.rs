//! Old mistakes, put back: by a value that only a simulation hands in.
//!
//! Here: a replica that does one thing wrong. Not here: a right one, which is the bridge. What must always hold:
//! without a flaw it is the bridge and nothing else.

use std::collections::BTreeMap;
use std::time::Duration;

use peerage::replication::Replication;
use peers::node::view::Cluster;
use peers::record::{Key, Record};
use peers::replica::{Leases, Relayed, Replica};
use peers::surroundings::Surroundings;
use peers::version::{Origin, Version};

/// Something a replica does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// Every so many records that come are lost.
    LosesMerges(u32),
    /// No beat is handed on to the owner of the lease.
    LosesRelays,
    /// What others have deleted is kept.
    KeepsDeleted,
    /// Others never hear of a death.
    HidesTheDead,
    /// Others never hear of an override.
    HidesOverrides,
}

/// The bridge, with a flaw or without.
pub struct Flawed {
    bridge: Replication,
    flaw: Option<Flaw>,
    merges: u32,
}

impl Flawed {
    /// The bridge with this flaw, if any.
    pub const fn new(bridge: Replication, flaw: Option<Flaw>) -> Self {
        Self {
            bridge,
            flaw,
            merges: 0,
        }
    }

    fn loses_this(&mut self) -> bool {
        self.merges += 1;
        matches!(self.flaw, Some(Flaw::LosesMerges(every)) if self.merges.is_multiple_of(every))
    }
}

impl Replica for Flawed {
    fn take_written(&mut self) -> Vec<Key> {
        self.bridge.take_written()
    }

    fn read(&self, now: Duration, key: &Key) -> Option<Record> {
        let record = self.bridge.read(now, key)?;
        match self.flaw {
            Some(Flaw::HidesTheDead) if !record.live() => None,
            Some(Flaw::HidesOverrides) => Some(Record {
                overriding: None,
                ..record
            }),
            _ => Some(record),
        }
    }

    fn merge(&mut self, now: Duration, key: &Key, theirs: Record) {
        if !self.loses_this() {
            self.bridge.merge(now, key, theirs);
        }
    }

    fn drop_deleted(&mut self, now: Duration, key: &Key, lease: Version) -> bool {
        self.flaw == Some(Flaw::KeepsDeleted) || self.bridge.drop_deleted(now, key, lease)
    }

    fn take_relays(&mut self, now: Duration) -> Vec<(Origin, Key, Duration)> {
        let relays = self.bridge.take_relays(now);
        if self.flaw == Some(Flaw::LosesRelays) {
            return Vec::new();
        }
        relays
    }

    fn relayed(&mut self, now: Duration, key: &Key, age: Duration) -> Relayed {
        self.bridge.relayed(now, key, age)
    }

    fn relay_answered(&mut self, now: Duration, key: &Key, answer: Relayed) {
        self.bridge.relay_answered(now, key, answer);
    }

    fn surround(&mut self, now: Duration, surroundings: &Surroundings) {
        self.bridge.surround(now, surroundings);
    }

    fn leases(&self) -> Leases {
        self.bridge.leases()
    }

    fn owners(&self) -> BTreeMap<Origin, u32> {
        self.bridge.owners()
    }

    fn restate(&mut self, now: Duration, origin: Origin) {
        self.bridge.restate(now, origin);
    }

    fn unreadable(&self) -> u64 {
        self.bridge.unreadable()
    }

    fn answer(&self, now: Duration, question: &[u8], cluster: &Cluster) -> Vec<u8> {
        self.bridge.answer(now, question, cluster)
    }
}
