//! Records that this release cannot read.
//!
//! Here: keeping them, so that they can be passed on. A peer that has seen a record and has it not would have the others
//! believe that it was deleted. What must always hold: whatever comes, what is kept is bounded.

use std::collections::BTreeMap;
use std::time::Duration;

use peers::record::{Key, Record, Register};
use peers::version::Version;

/// How many are kept. A release that cannot read more of the registry than this should not be a part of it.
const KEPT_MAX: usize = 10_000;
/// How many bytes they may have together.
const BYTES_MAX: usize = 16 << 20;

/// Records that this release cannot read, and those of which a part is missing.
#[derive(Debug, Default)]
pub(super) struct Unread {
    kept: BTreeMap<Key, Kept>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    record: Record,
    /// When its age was right.
    since: Duration,
}

impl Kept {
    fn at(&self, now: Duration) -> Record {
        let passed = now.saturating_sub(self.since);
        Record {
            ended_for: self.record.ended_for.map(|age| age.saturating_add(passed)),
            ..self.record.clone()
        }
    }
}

impl Unread {
    /// Keeps what is newer than what is kept, if there is room. Answers what is kept then.
    pub(super) fn keep(&mut self, now: Duration, key: &Key, theirs: &Record) -> Option<Record> {
        let mut record = self
            .take(key)
            .map_or_else(Record::default, |kept| kept.at(now));
        record.merge(theirs);
        let bytes = self.bytes + weight(key, &record);
        if self.kept.len() >= KEPT_MAX || bytes > BYTES_MAX {
            return None;
        }
        self.bytes = bytes;
        let kept = Kept {
            record: record.clone(),
            since: now,
        };
        self.kept.insert(key.clone(), kept);
        Some(record)
    }

    /// A record with what is kept of it.
    pub(super) fn joined(&self, now: Duration, key: &Key, held: Option<Record>) -> Option<Record> {
        let Some(kept) = self.kept.get(key) else {
            return held;
        };
        let mut record = held.unwrap_or_default();
        record.merge(&kept.at(now));
        Some(record)
    }

    /// Whether anything is kept of a record.
    pub(super) fn knows(&self, key: &Key) -> bool {
        self.kept.contains_key(key)
    }

    /// Lets go of what is not newer than what is held.
    pub(super) fn settle(&mut self, key: &Key, held: &Record) {
        let newer = |kept: &Kept| {
            let versions = kept.record.versions().into_iter().zip(held.versions());
            versions.into_iter().any(|(kept, held)| kept > held)
        };
        if self.kept.get(key).is_some_and(|kept| !newer(kept)) {
            self.take(key);
        }
    }

    /// Drops a record that others have deleted, if it is still of that version. Answers whether it did.
    pub(super) fn drop_deleted(&mut self, key: &Key, lease: Version) -> bool {
        let kept = self.kept.get(key);
        let lease_kept = kept.and_then(|kept| kept.record.lease.as_ref());
        let same = lease_kept.is_some_and(|kept| kept.version == lease);
        same && self.take(key).is_some()
    }

    /// Forgets those dead for longer than this, and tells which.
    pub(super) fn forget(&mut self, now: Duration, memory: Duration) -> Vec<Key> {
        let dead = |kept: &Kept| kept.at(now).ended_for.is_some_and(|age| age > memory);
        let over = self.kept.iter().filter(|(_, kept)| dead(kept));
        let over: Vec<_> = over.map(|(key, _)| key.clone()).collect();
        for key in &over {
            self.take(key);
        }
        over
    }

    fn take(&mut self, key: &Key) -> Option<Kept> {
        let kept = self.kept.remove(key)?;
        self.bytes = self.bytes.saturating_sub(weight(key, &kept.record));
        Some(kept)
    }
}

fn weight(key: &Key, record: &Record) -> usize {
    let registers = [&record.body, &record.lease, &record.overriding];
    let bytes = |register: &Register| register.bytes.0.len();
    key.0.0.len() + registers.into_iter().flatten().map(bytes).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use peers::record::Bytes;
    use peers::version::{Epoch, Hlc, NodeId, Origin, Rank};

    fn key(name: &str) -> Key {
        Key(Bytes::from(name.as_bytes()))
    }

    fn register(millis: u64, rank: Rank, length: usize) -> Register {
        let origin = Origin {
            node: NodeId(1),
            epoch: Epoch(1),
        };
        let version = Version {
            clock: Hlc::at(millis),
            origin,
            rank,
        };
        Register {
            version,
            bytes: Bytes::from(vec![0; length].as_slice()),
        }
    }

    fn live(millis: u64, length: usize) -> Record {
        Record {
            lease: Some(register(millis, Rank::Live, length)),
            ..Record::default()
        }
    }

    #[test]
    fn the_dead_grow_older_and_are_forgotten() {
        let secs = Duration::from_secs;
        let dead = Record {
            lease: Some(register(1, Rank::Dead, 9)),
            ended_for: Some(secs(10)),
            ..Record::default()
        };
        let mut unread = Unread::default();
        unread.keep(secs(100), &key("a"), &dead);
        let aged = unread.joined(secs(130), &key("a"), None).unwrap();
        assert_eq!(aged.ended_for, Some(secs(40)));
        assert!(unread.forget(secs(130), secs(40)).is_empty());
        assert_eq!(unread.forget(secs(131), secs(40)), [key("a")]);
        assert_eq!((unread.kept.len(), unread.bytes), (0, 0));
    }

    #[test]
    fn what_is_held_anew_is_no_longer_kept() {
        let mut unread = Unread::default();
        unread.keep(Duration::ZERO, &key("a"), &live(5, 9));
        unread.settle(&key("a"), &live(4, 0));
        assert!(unread.knows(&key("a")));
        unread.settle(&key("a"), &live(5, 0));
        assert!(!unread.knows(&key("a")));
    }

    #[test]
    fn what_was_deleted_goes_if_it_is_of_that_version() {
        let mut unread = Unread::default();
        unread.keep(Duration::ZERO, &key("a"), &live(5, 9));
        let version = |millis| register(millis, Rank::Live, 0).version;
        assert!(!unread.drop_deleted(&key("a"), version(4)));
        assert!(unread.drop_deleted(&key("a"), version(5)));
        assert!(!unread.drop_deleted(&key("a"), version(5)));
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let mut unread = Unread::default();
        let large = live(1, BYTES_MAX / 3);
        let names = ["a", "b", "c"];
        let kept = names.map(|name| unread.keep(Duration::ZERO, &key(name), &large).is_some());
        assert_eq!(kept, [true, true, false]);
    }
}
