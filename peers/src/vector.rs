//! What has been seen: for every origin, how many of its writes.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::record::Dot;
use crate::version::{Epoch, NodeId, Origin};

/// For every origin the sequence up to which all its writes were applied.
///
/// Of origins long gone only one number per node is kept, the highest epoch retired: everything they wrote counts as
/// seen. Else vectors would grow by an entry with every restart, for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Vector {
    seen: BTreeMap<Origin, u64>,
    retired: BTreeMap<NodeId, Epoch>,
}

impl Vector {
    /// How far an origin was followed; 0 for one never heard of.
    pub fn of(&self, origin: Origin) -> u64 {
        if self.retired(origin) {
            return u64::MAX;
        }
        self.seen.get(&origin).copied().unwrap_or_default()
    }

    /// Whether a write was seen.
    pub fn covers(&self, dot: Dot) -> bool {
        self.of(dot.origin) >= dot.sequence
    }

    /// Follows an origin up to here. Never backwards; one that wrote nothing has no entry, or vectors that say the
    /// same would not be equal.
    pub fn advance(&mut self, origin: Origin, sequence: u64) {
        if sequence > self.of(origin) {
            self.seen.insert(origin, sequence);
        }
    }

    /// Takes the greater of each entry, and what either has retired.
    pub fn join(&mut self, other: &Self) {
        for (node, epoch) in &other.retired {
            self.retire(Origin {
                node: *node,
                epoch: *epoch,
            });
        }
        for (origin, sequence) in other.iter() {
            self.advance(origin, sequence);
        }
    }

    /// Drops the entries of an origin and all before it of its node; what they wrote counts as seen.
    pub fn retire(&mut self, origin: Origin) {
        let highest = self.retired.entry(origin.node).or_insert(origin.epoch);
        *highest = origin.epoch.max(*highest);
        let highest = *highest;
        self.seen
            .retain(|seen, _| seen.node != origin.node || seen.epoch > highest);
    }

    /// Whether an origin is retired.
    pub fn retired(&self, origin: Origin) -> bool {
        let highest = self.retired.get(&origin.node);
        highest.is_some_and(|highest| origin.epoch <= *highest)
    }

    /// The origins and how far each was followed, in order. Retired ones are not among them.
    pub fn iter(&self) -> impl Iterator<Item = (Origin, u64)> {
        self.seen
            .iter()
            .map(|(origin, sequence)| (*origin, *sequence))
    }

    /// The greatest epoch of a node that was ever heard of.
    pub fn epoch_of(&self, node: NodeId) -> Option<Epoch> {
        let seen = self.seen.keys().filter(|origin| origin.node == node);
        let seen = seen.map(|origin| origin.epoch);
        seen.chain(self.retired.get(&node).copied()).max()
    }

    /// Of which origins another has seen more, and how far that is.
    pub fn behind<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (Origin, u64)> {
        other
            .iter()
            .filter(|(origin, sequence)| self.of(*origin) < *sequence)
    }

    /// Whether everything the other has seen was seen here.
    pub fn includes(&self, other: &Self) -> bool {
        self.behind(other).next().is_none()
    }

    /// A number that is equal for equal vectors, and for unequal ones all but never.
    pub fn hash_code(&self) -> u64 {
        // SipHash with fixed keys: the same on every machine.
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn origin() -> impl Strategy<Value = Origin> {
        (0..3u64, 0..4u64).prop_map(|(node, epoch)| Origin {
            node: NodeId(node),
            epoch: Epoch(epoch),
        })
    }

    fn vector() -> impl Strategy<Value = Vector> {
        let step = (origin(), 1..9u64, prop::bool::weighted(0.2));
        prop::collection::vec(step, 0..8).prop_map(|steps| {
            let mut vector = Vector::default();
            for (origin, sequence, retire) in steps {
                match retire {
                    true => vector.retire(origin),
                    false => vector.advance(origin, sequence),
                }
            }
            vector
        })
    }

    fn joined(a: &Vector, b: &Vector) -> Vector {
        let mut joined = a.clone();
        joined.join(b);
        joined
    }

    proptest! {
        #[test]
        fn a_join_depends_on_neither_order_nor_grouping(a in vector(), b in vector(), c in vector()) {
            prop_assert_eq!(joined(&a, &b), joined(&b, &a));
            prop_assert_eq!(joined(&joined(&a, &b), &c), joined(&a, &joined(&b, &c)));
            prop_assert_eq!(joined(&a, &a), a);
        }

        #[test]
        fn what_is_joined_has_seen_what_either_has(a in vector(), b in vector()) {
            let both = joined(&a, &b);
            prop_assert!(both.includes(&a) && both.includes(&b));
        }

        #[test]
        fn a_retired_origin_has_no_entry_and_is_covered(mut vector in vector(), origin in origin(), sequence in 1..9u64) {
            vector.retire(origin);
            vector.advance(origin, sequence);
            let dot = Dot { origin, sequence };
            prop_assert!(vector.covers(dot) && vector.iter().all(|(seen, _)| seen != origin));
        }
    }
}
