//! What has been seen: for every origin, how many of its writes.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::record::Dot;
use crate::version::Origin;

/// For every origin the sequence up to which all its writes were applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Vector(BTreeMap<Origin, u64>);

impl Vector {
    /// How far an origin was followed; 0 for one never heard of.
    pub fn of(&self, origin: Origin) -> u64 {
        self.0.get(&origin).copied().unwrap_or_default()
    }

    /// Whether a write was seen.
    pub fn covers(&self, dot: Dot) -> bool {
        self.of(dot.origin) >= dot.sequence
    }

    /// Follows an origin up to here. Never backwards; one that wrote nothing has no entry, or vectors that say the
    /// same would not be equal.
    pub fn advance(&mut self, origin: Origin, sequence: u64) {
        if sequence > self.of(origin) {
            self.0.insert(origin, sequence);
        }
    }

    /// Takes the greater of each entry.
    pub fn join(&mut self, other: &Self) {
        for (origin, sequence) in other.iter() {
            self.advance(origin, sequence);
        }
    }

    /// The origins and how far each was followed, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Origin, u64)> {
        self.0.iter().map(|(origin, sequence)| (*origin, *sequence))
    }

    /// Of which origins another has seen more, and how far we have followed them.
    pub fn behind<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (Origin, u64)> {
        let further = other
            .iter()
            .filter(|(origin, sequence)| self.of(*origin) < *sequence);
        further.map(|(origin, _)| (origin, self.of(origin)))
    }

    /// A number that is equal for equal vectors, and for unequal ones all but never.
    pub fn hash_code(&self) -> u64 {
        // SipHash with fixed keys: the same on every machine.
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}
