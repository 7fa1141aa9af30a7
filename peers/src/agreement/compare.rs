//! Compare: the one way to mend anything that deltas cannot.
//!
//! Both sides say what they have and what they have seen; then each drops what the other has seen and no longer has,
//! takes what it lacks, and only when all of that is applied joins vectors and floors. What is written meanwhile is
//! not covered by the vector that was sent, so it stays.

use std::collections::BTreeMap;

use super::{Agreement, any_newer, lease};
use crate::record::{Dot, Key, Record};
use crate::vector::Vector;
use crate::version::{Origin, Version};

/// Everything a peer has, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// What it has seen.
    pub vector: Vector,
    /// From where on its logs serve.
    pub floors: BTreeMap<Origin, u64>,
    /// Its records, dead ones included, in the order of their keys.
    pub lines: Vec<Line>,
}

/// One record in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which record.
    pub key: Key,
    /// Its versions, register by register.
    pub versions: [Option<Version>; 3],
    /// Its lease, and the write that brought it.
    pub lease: Option<(Version, Dot)>,
}

/// What a peer must do to agree with another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Live records that the other side has deleted, and the lease each must still hold.
    pub drops: Vec<(Key, Version)>,
    /// Records of which the other side has something newer.
    pub wants: Vec<Key>,
}

impl Agreement {
    /// Everything this peer has, in short.
    pub fn inventory(&self) -> Inventory {
        let line = |(key, record): (&Key, &Record)| Line {
            key: key.clone(),
            versions: record.versions(),
            lease: lease(record).map(|lease| (lease.version, lease.dot)),
        };
        Inventory {
            vector: self.vector.clone(),
            floors: self
                .logs
                .iter()
                .map(|(origin, log)| (*origin, log.floor()))
                .collect(),
            lines: self.records.iter().map(line).collect(),
        }
    }

    /// What to do to agree with a peer that has all this.
    pub fn plan(&self, theirs: &Inventory) -> Plan {
        let drops = self.gone_at(theirs);
        let dropped = |key: &Key| drops.iter().any(|(gone, _)| gone == key);
        let lines = theirs.lines.iter();
        let wanted = lines.filter(|line| dropped(&line.key) || self.wants(line));
        let wants = wanted.map(|line| line.key.clone()).collect();
        Plan { drops, wants }
    }

    /// Whether a record of the other side is newer or missing here, and was not deleted here.
    fn wants(&self, line: &Line) -> bool {
        let deleted = line
            .lease
            .is_some_and(|(version, dot)| self.deleted(&line.key, version, dot));
        let ours = self
            .records
            .get(&line.key)
            .map(Record::versions)
            .unwrap_or_default();
        !deleted && any_newer(&line.versions, &ours)
    }

    /// The live records that the other side has deleted.
    fn gone_at(&self, theirs: &Inventory) -> Vec<(Key, Version)> {
        let their_lease = |key: &Key| {
            let place = theirs
                .lines
                .binary_search_by(|line| line.key.cmp(key))
                .ok()?;
            theirs.lines.get(place)?.lease.map(|(version, _)| version)
        };
        let live = self.records.iter().filter(|(_, record)| record.live());
        let leases = live.filter_map(|(key, record)| Some((key, lease(record)?)));
        let gone = leases.filter(|(key, lease)| {
            theirs.vector.covers(lease.dot) && their_lease(key) < Some(lease.version)
        });
        gone.map(|(key, lease)| (key.clone(), lease.version))
            .collect()
    }

    /// Drops a record that a plan names, unless its lease was written since.
    pub fn drop_deleted(&mut self, key: &Key, version: Version) -> bool {
        let held = self.records.get(key).and_then(lease);
        let still = held.is_some_and(|lease| lease.version == version);
        if still {
            self.remove(key);
        }
        still
    }

    /// Takes the records a plan wanted, and now that all is applied joins what the other side had seen. What was
    /// learned so is in no log here, so the logs serve from there on only.
    pub fn agree(&mut self, theirs: &Inventory, wanted: &[(Key, Record)]) {
        for (key, record) in wanted {
            self.records.entry(key.clone()).or_default().merge(record);
        }
        for (origin, sequence) in theirs.vector.iter() {
            let grew = sequence > self.vector.of(origin);
            let floor = theirs.floors.get(&origin).copied().unwrap_or_default();
            let log = self.logs.entry(origin).or_default();
            log.raise(if grew { sequence } else { floor });
        }
        self.vector.join(&theirs.vector);
    }
}
