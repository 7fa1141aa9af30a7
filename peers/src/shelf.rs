//! A replica that keeps records and makes nothing of them: for tests of everything around it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::node::view::Cluster;
use crate::record::{Bytes, Key, Record, Register};
use crate::replica::{Leases, Relayed, Replica};
use crate::surroundings::Surroundings;
use crate::version::{Hlc, Origin, Rank, Version};

#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) records: BTreeMap<Key, Record>,
    written: BTreeSet<Key>,
    pub(crate) surroundings: Surroundings,
}

impl Shelf {
    /// Merges what is written here.
    pub(crate) fn write(&mut self, key: &Key, written: &Record) {
        self.records.entry(key.clone()).or_default().merge(written);
        self.written.insert(key.clone());
    }

    pub(crate) fn forget(&mut self, key: &Key) {
        self.records.remove(key);
        self.written.insert(key.clone());
    }

    /// Registers a key at a time.
    pub(crate) fn register(&mut self, key: &Key, millis: u64, by: Origin, bytes: &[u8]) {
        let held = self.records.get(key);
        let newest = held.and_then(|held| held.versions().into_iter().flatten().max());
        let version = Version::above(newest, Hlc::at(millis), by);
        let bytes = Bytes::from(bytes);
        let register = Some(Register { version, bytes });
        let record = Record {
            body: register.clone(),
            lease: register,
            ..Record::default()
        };
        self.write(key, &record);
    }
}

impl Shelf {
    /// Ends what is live under a key, at a time.
    pub(crate) fn cancel(&mut self, key: &Key, millis: u64, by: Origin) {
        let Some(held) = self.records.get(key).filter(|held| held.live()) else {
            return;
        };
        let newest = held.versions().into_iter().flatten().max();
        let version = Version::above(newest, Hlc::at(millis), by).ended();
        let bytes = Bytes::default();
        let record = Record {
            lease: Some(Register { version, bytes }),
            ..Record::default()
        };
        self.write(key, &record);
    }

    /// Forgets what is dead.
    pub(crate) fn collect(&mut self) {
        let dead = self.records.iter().filter(|(_, record)| !record.live());
        for key in dead.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
            self.forget(&key);
        }
    }
}

impl Replica for Shelf {
    fn take_written(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.written).into_iter().collect()
    }

    fn read(&self, _: Duration, key: &Key) -> Option<Record> {
        self.records.get(key).cloned()
    }

    fn merge(&mut self, _: Duration, key: &Key, theirs: Record) {
        self.records.entry(key.clone()).or_default().merge(&theirs);
    }

    fn drop_deleted(&mut self, _: Duration, key: &Key, lease: Version) -> bool {
        let held = self.records.get(key).and_then(|held| held.lease.as_ref());
        let same = held.is_some_and(|held| held.version == lease && lease.rank == Rank::Live);
        if same {
            self.records.remove(key);
        }
        same
    }

    fn take_relays(&mut self, _: Duration) -> Vec<(Origin, Key, Duration)> {
        Vec::new()
    }

    fn relayed(&mut self, _: Duration, key: &Key, _: Duration) -> Relayed {
        match self.records.get(key) {
            Some(_) => Relayed::Seen,
            None => Relayed::Unknown,
        }
    }

    fn relay_answered(&mut self, _: Duration, _: &Key, _: Relayed) {}

    fn surround(&mut self, _: Duration, surroundings: &Surroundings) {
        self.surroundings = surroundings.clone();
    }

    fn leases(&self) -> Leases {
        Leases::default()
    }

    fn unreadable(&self) -> u64 {
        0
    }

    fn owners(&self) -> BTreeMap<Origin, u32> {
        let leases = self.records.values().filter(|record| record.live());
        let owners = leases.filter_map(|record| Some(record.lease.as_ref()?.version.origin));
        owners.fold(BTreeMap::new(), |mut owners, owner| {
            *owners.entry(owner).or_default() += 1;
            owners
        })
    }

    fn restate(&mut self, _: Duration, _: Origin) {}

    fn answer(&self, _: Duration, question: &[u8], _: &Cluster) -> Vec<u8> {
        question.to_vec()
    }
}
