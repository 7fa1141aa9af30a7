//! The bridge, with a flaw or without.
//!
//! Here: a replica that does one thing wrong, or says what only the next release understands. Not here: a right one,
//! which is the bridge. What must always hold: without a flaw, in the present release, it is the bridge and nothing
//! else.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use peerage::replication::Replication;
use peers::node::view::Cluster;
use peers::record::{Bytes, Key, Record, Register};
use peers::replica::{Leases, Relayed, Replica};
use peers::surroundings::Surroundings;
use peers::version::{Origin, Version};

use super::Flaw;
use crate::world::fault::Release;

/// What the next release writes at the end of a register.
const FURTHER: &[u8] = b"next";

/// The bridge, with a flaw or without.
pub struct Flawed {
    bridge: Replication,
    flaw: Option<Flaw>,
    release: Release,
    /// All by which it has written since its start.
    origins: BTreeSet<Origin>,
    merges: u32,
    /// All origins that were ever named.
    named: BTreeMap<Origin, u32>,
}

impl Flawed {
    /// The bridge of a host that writes as this origin, with this flaw, if any.
    pub fn new(bridge: Replication, flaw: Option<Flaw>, release: Release, origin: Origin) -> Self {
        Self {
            bridge,
            flaw,
            release,
            origins: BTreeSet::from([origin]),
            merges: 0,
            named: BTreeMap::new(),
        }
    }

    fn loses_this(&mut self) -> bool {
        self.merges += 1;
        matches!(self.flaw, Some(Flaw::LosesMerges(every)) if self.merges.is_multiple_of(every))
    }

    /// What is held of a record makes way for what comes.
    fn make_way(&mut self, now: Duration, key: &Key, theirs: &Record) {
        let held = self.bridge.read(now, key);
        let lease = held.and_then(|held| held.lease).filter(|_| theirs.live());
        if let Some(lease) = lease {
            self.bridge.drop_deleted(now, key, lease.version);
        }
    }

    /// Of its own writes the next release says more than this one reads.
    fn further(&self, register: Option<Register>) -> Option<Register> {
        let register = register?;
        let own = self.origins.contains(&register.version.origin);
        // What came back from others has it already.
        let said = register.bytes.0.ends_with(FURTHER);
        if self.release == Release::Present || !own || said {
            return Some(register);
        }
        let bytes = [&register.bytes.0[..], FURTHER].concat();
        Some(Register {
            bytes: Bytes::from(&*bytes),
            ..register
        })
    }
}

/// A record in which the client's address is another.
fn garbled(record: Record) -> Record {
    let body = record.body.map(|body| {
        let mut bytes = body.bytes.0.to_vec();
        let address = bytes
            .windows(ADDRESS.len())
            .position(|window| window == ADDRESS);
        if let Some(place) = address {
            bytes[place + ADDRESS.len() - 1] = b'9';
        }
        Register {
            bytes: Bytes::from(&*bytes),
            ..body
        }
    });
    Record { body, ..record }
}

/// Where all clients live.
const ADDRESS: &[u8] = b"10.0.0.1";

impl Replica for Flawed {
    fn take_written(&mut self) -> Vec<Key> {
        self.bridge.take_written()
    }

    fn read(&self, now: Duration, key: &Key) -> Option<Record> {
        let record = self.bridge.read(now, key)?;
        let record = Record {
            body: self.further(record.body),
            lease: self.further(record.lease),
            overriding: self.further(record.overriding),
            ..record
        };
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
        if self.loses_this() {
            return;
        }
        if self.flaw == Some(Flaw::NamesTheGone) {
            let writers = theirs.versions().into_iter().flatten();
            self.named
                .extend(writers.map(|version| (version.origin, 1)));
        }
        let theirs = match self.flaw {
            Some(Flaw::GarblesBodies) => garbled(theirs),
            _ => theirs,
        };
        if self.flaw == Some(Flaw::LastArrivalWins) {
            self.make_way(now, key, &theirs);
        }
        self.bridge.merge(now, key, theirs);
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
        if self.flaw == Some(Flaw::NoSteward) {
            let surroundings = Surroundings {
                steward: None,
                ..surroundings.clone()
            };
            return self.bridge.surround(now, &surroundings);
        }
        self.bridge.surround(now, surroundings);
    }

    fn leases(&self) -> Leases {
        self.bridge.leases()
    }

    fn owners(&self) -> BTreeMap<Origin, u32> {
        let mut owners = self.named.clone();
        owners.extend(self.bridge.owners());
        owners
    }

    fn restate(&mut self, now: Duration, origin: Origin) {
        self.origins.insert(origin);
        self.bridge.restate(now, origin);
    }

    fn unreadable(&self) -> u64 {
        self.bridge.unreadable()
    }

    fn answer(&self, now: Duration, question: &[u8], cluster: &Cluster) -> Vec<u8> {
        self.bridge.answer(now, question, cluster)
    }
}
