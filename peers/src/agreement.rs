//! How a set of records becomes the same everywhere: deltas, pulls, and compare.
//!
//! Here: [`Agreement`], what one peer knows and what it makes of what others say. Not here: who the others are and
//! how words reach them. What must always hold:
//!
//! - The vector covers a write only if this peer's record of that key is at least as new, or is known to be deleted.
//! - A lease that was seen, and is greater than what is held of its key, if anything, was deleted. Nothing else
//!   tells whether a record is there.
//! - Nobody is served from below a log's floor.
//! - Compare drops only what the other side has seen and no longer has.

mod compare;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub use self::compare::{Inventory, Line, Plan};
use crate::log::Log;
use crate::record::{Dot, Key, Record, Register};
use crate::vector::Vector;
use crate::version::{Origin, Rank, Version};

/// What one peer knows: its records, whose writes it has seen, and where to find them.
#[derive(Clone, Debug)]
pub struct Agreement {
    own: Origin,
    vector: Vector,
    logs: BTreeMap<Origin, Log>,
    records: BTreeMap<Key, Record>,
}

/// Writes of one origin, after one place up to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// Whose writes.
    pub origin: Origin,
    /// After which of them.
    pub after: u64,
    /// Up to which.
    pub to: u64,
    /// The place of each write and its key. A place that is left out is known to be of no use any more.
    pub places: Vec<(u64, Key)>,
    /// Each of these keys once, with its record as it is now.
    pub records: Vec<(Key, Record)>,
}

/// What became of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// All of it was new or known, and the origin is followed up to its end.
    Followed,
    /// It begins after a gap: it was applied, and must be pulled from this place on.
    Gap {
        /// How far the origin is followed.
        followed: u64,
    },
}

/// The log no longer reaches back so far: only compare can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BelowFloor;

impl Agreement {
    /// A peer that knows nothing.
    pub fn new(own: Origin) -> Self {
        Self {
            own,
            vector: Vector::default(),
            logs: BTreeMap::new(),
            records: BTreeMap::new(),
        }
    }

    /// Whose writes were seen, and how far.
    pub const fn vector(&self) -> &Vector {
        &self.vector
    }

    /// A record, dead or alive.
    pub fn record(&self, key: &Key) -> Option<&Record> {
        self.records.get(key)
    }

    /// All records, dead ones included, in the order of their keys.
    pub fn records(&self) -> impl Iterator<Item = (&Key, &Record)> {
        self.records.iter()
    }

    /// The dot for the next own write.
    pub fn next_dot(&self) -> Dot {
        let sequence = self.vector.of(self.own) + 1;
        Dot {
            origin: self.own,
            sequence,
        }
    }

    /// Takes a write of this server's own: the registers it wrote, under [`next_dot`](Self::next_dot).
    pub fn write(&mut self, key: &Key, written: &Record) {
        let dot = self.next_dot();
        debug_assert!(
            written.registers().all(|register| register.dot == dot),
            "a write has one dot"
        );
        self.records.entry(key.clone()).or_default().merge(written);
        self.enter(dot, key);
    }

    fn enter(&mut self, dot: Dot, key: &Key) {
        self.logs
            .entry(dot.origin)
            .or_default()
            .enter(dot.sequence, key.clone());
        self.vector.advance(dot.origin, dot.sequence);
    }

    /// What an origin wrote after a place, at most so many of its writes.
    ///
    /// # Errors
    ///
    /// If the log does not reach back so far.
    pub fn delta(
        &self,
        origin: Origin,
        after: u64,
        writes_max: usize,
    ) -> Result<Delta, BelowFloor> {
        let followed = self.vector.of(origin);
        let unknown = Log::default();
        let log = self.logs.get(&origin).unwrap_or(&unknown);
        if after < log.floor() {
            return Err(BelowFloor);
        }
        let range = log.range(after, followed).take(writes_max);
        let places: Vec<_> = range
            .map(|(sequence, key)| (sequence, key.clone()))
            .collect();
        let keys: BTreeSet<_> = places.iter().map(|(_, key)| key).collect();
        let record = |key: &Key| Some((key.clone(), self.records.get(key)?.clone()));
        let records = keys.into_iter().filter_map(record).collect();
        let cut = places.last().filter(|_| places.len() == writes_max);
        let to = cut.map_or(followed, |(sequence, _)| *sequence).max(after);
        Ok(Delta {
            origin,
            after,
            to,
            places,
            records,
        })
    }

    /// Takes what another peer hands on of an origin's writes.
    pub fn apply(&mut self, delta: &Delta) -> Applied {
        for (key, record) in &delta.records {
            self.take(key, record);
        }
        let followed = self.vector.of(delta.origin);
        if delta.after > followed {
            return Applied::Gap { followed };
        }
        let log = self.logs.entry(delta.origin).or_default();
        for (sequence, key) in &delta.places {
            if self.records.contains_key(key) {
                log.enter(*sequence, key.clone());
            } else {
                log.raise(*sequence);
            }
        }
        self.vector.advance(delta.origin, delta.to);
        Applied::Followed
    }

    /// Takes a record, unless its lease was deleted here.
    fn take(&mut self, key: &Key, record: &Record) {
        let deleted =
            lease(record).is_some_and(|lease| self.deleted(key, lease.version, lease.dot));
        if !deleted {
            self.records.entry(key.clone()).or_default().merge(record);
        }
    }

    /// Whether a lease was deleted here: it was seen, and what is held of its key, if anything, is less. Of a dead
    /// one that is no question; to hear of a death again does no harm.
    fn deleted(&self, key: &Key, version: Version, dot: Dot) -> bool {
        let held = self
            .records
            .get(key)
            .and_then(lease)
            .map(|lease| lease.version);
        version.rank == Rank::Live && self.vector.covers(dot) && held < Some(version)
    }

    /// Forgets a dead record. Logs that point to it serve nobody from before it any more.
    pub fn collect(&mut self, key: &Key) {
        if self.records.get(key).is_some_and(|record| !record.live()) {
            self.remove(key);
        }
    }

    fn remove(&mut self, key: &Key) {
        self.records.remove(key);
        self.logs.values_mut().for_each(|log| log.forget(key));
    }

    /// A sum over all live records that is equal where they are equal. Dead ones do not count: each peer forgets
    /// them in its own time.
    pub fn digest(&self) -> u64 {
        let live = self.records.iter().filter(|(_, record)| record.live());
        live.fold(0, |sum, (key, record)| {
            sum.wrapping_add(entry_hash(key, record))
        })
    }
}

fn entry_hash(key: &Key, record: &Record) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (key, record.versions()).hash(&mut hasher);
    hasher.finish()
}

/// The version of a lease register, if it was written.
fn lease(record: &Record) -> Option<&Register> {
    record.lease.as_ref()
}

/// Whether any register of `theirs` is newer than ours.
fn any_newer(theirs: &[Option<Version>; 3], ours: &[Option<Version>; 3]) -> bool {
    theirs.iter().zip(ours).any(|(theirs, ours)| theirs > ours)
}
