//! When to look at which lease next, in slots of a second.
//!
//! A heartbeat does not touch the wheel: a lease that is found to have been renewed is armed again when its slot
//! comes up, so the wheel costs one look per lease and deadline, not one per heartbeat.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::entry::Key;
use crate::clock::Timestamp;

const SLOT_MILLIS: u64 = 1000;

#[derive(Debug, Default)]
pub(super) struct Wheel {
    slots: BTreeMap<u64, BTreeSet<Arc<Key>>>,
    armed: HashMap<Arc<Key>, u64>,
}

impl Wheel {
    /// Looks at a lease at this time, and not at the time it was armed for before.
    pub(super) fn arm(&mut self, key: &Arc<Key>, at: Timestamp) {
        self.disarm(key);
        let slot = at.as_millis() / SLOT_MILLIS;
        self.armed.insert(key.clone(), slot);
        self.slots.entry(slot).or_default().insert(key.clone());
    }

    /// Looks at it no more. Answers whether it was to be looked at.
    pub(super) fn disarm(&mut self, key: &Arc<Key>) -> bool {
        let Some(slot) = self.armed.remove(key) else {
            return false;
        };
        if let Some(keys) = self.slots.get_mut(&slot) {
            keys.remove(key);
            if keys.is_empty() {
                self.slots.remove(&slot);
            }
        }
        true
    }

    /// Takes out what may be due. The slot of `now` is among it, so that nobody waits for the end of a slot.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<Arc<Key>> {
        let later = self.slots.split_off(&(now.as_millis() / SLOT_MILLIS + 1));
        let due = std::mem::replace(&mut self.slots, later);
        let due: Vec<_> = due.into_values().flatten().collect();
        for key in &due {
            self.armed.remove(key);
        }
        due
    }

    /// How many leases it looks at.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.armed.len()
    }
}
