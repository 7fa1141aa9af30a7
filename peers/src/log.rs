//! An origin's log: which key each of its writes was to.
//!
//! An index, not a history: it hands out the *current* record of a key, whoever wrote it since, so that a laggard
//! gets the latest state once. Places of earlier writes to a key are kept all the same: were only the last one kept,
//! a laggard that takes a range in parts would count a write as seen whose key comes in a later part, and would take
//! that record for deleted. What must always hold: every write after the floor is found in its place.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound::{Excluded, Included};

use crate::record::Key;

/// A log keeps at least so many places, and twice as many as there are records; older ones go below the floor.
pub const PLACES_MIN: usize = 65_536;

/// The writes of one origin, by sequence.
#[derive(Clone, Debug, Default)]
pub struct Log {
    floor: u64,
    keys: BTreeMap<u64, Key>,
    latest: HashMap<Key, u64>,
}

impl Log {
    /// The sequence up to which the log no longer serves.
    pub const fn floor(&self) -> u64 {
        self.floor
    }

    /// Enters a write, unless it is below the floor.
    pub fn enter(&mut self, sequence: u64, key: Key) {
        if sequence > self.floor {
            let latest = self.latest.entry(key.clone()).or_default();
            *latest = sequence.max(*latest);
            self.keys.insert(sequence, key);
        }
    }

    /// Drops the oldest places of a log that has outgrown its `records`. Without this a key that is written for ever
    /// would fill it.
    pub fn bound(&mut self, records: usize) {
        let max = PLACES_MIN.max(records.saturating_mul(2));
        let surplus = self.keys.len().saturating_sub(max);
        // Asked with every write, so what has not outgrown its records must cost nothing.
        let last = surplus
            .checked_sub(1)
            .and_then(|last| self.keys.keys().nth(last));
        if let Some(last) = last.copied() {
            self.raise(last);
        }
    }

    /// The keys written after one place up to another, in order.
    pub fn range(&self, after: u64, to: u64) -> impl Iterator<Item = (u64, &Key)> {
        // A range that begins after its end is refused with a panic.
        let bounds = (Excluded(after.min(to)), Included(to));
        self.keys
            .range(bounds)
            .map(|(sequence, key)| (*sequence, key))
    }

    /// Forgets a key. Nobody is served from before its last write any more.
    pub fn forget(&mut self, key: &Key) {
        if let Some(latest) = self.latest.get(key).copied() {
            self.raise(latest);
        }
    }

    /// Serves nobody from below here any more.
    pub fn raise(&mut self, floor: u64) {
        self.floor = self.floor.max(floor);
        while let Some(place) = self
            .keys
            .first_entry()
            .filter(|place| *place.key() <= floor)
        {
            let (sequence, key) = place.remove_entry();
            if self.latest.get(&key) == Some(&sequence) {
                self.latest.remove(&key);
            }
        }
    }
}
