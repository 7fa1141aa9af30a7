//! How many leases there are: in all, by zone, and by the servers that keep them.
//!
//! What must always hold: who entered leaves once, and what nobody is in takes no room.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use peers::version::Origin;

use super::entry::{Entry, Key};
use super::instance::Text;
use super::zones::ZoneRules;

/// How many leases are live, in all and by zone. Instances without a zone share one.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Live leases.
    pub live: usize,
    /// The same by zone.
    pub zones: BTreeMap<Option<Text>, usize>,
    rules: Arc<ZoneRules>,
}

impl Census {
    /// Nobody yet, in zones by these rules.
    pub(super) fn by(rules: Arc<ZoneRules>) -> Self {
        Self {
            rules,
            ..Self::default()
        }
    }

    pub(super) fn enter(&mut self, entry: &Entry) {
        self.live += 1;
        let zone = self.rules.name(entry.instance()).map(Text::from);
        *self.zones.entry(zone).or_default() += 1;
    }

    pub(super) fn leave(&mut self, entry: &Entry) {
        self.live -= 1;
        let zone = self.rules.name(entry.instance()).map(Text::from);
        if let Some(count) = self.zones.get_mut(&zone) {
            *count -= 1;
            if *count == 0 {
                self.zones.remove(&zone);
            }
        }
    }
}

/// The live leases that other servers keep, by server.
#[derive(Debug, Default)]
pub(super) struct KeptElsewhere(BTreeMap<Origin, BTreeSet<Arc<Key>>>);

impl KeptElsewhere {
    pub(super) fn enter(&mut self, entry: &Entry) {
        let keys = self.0.entry(entry.record().owner()).or_default();
        keys.insert(entry.key().clone());
    }

    /// Takes out a lease, if it is in.
    pub(super) fn leave(&mut self, entry: &Entry) {
        let owner = entry.record().owner();
        if let Some(keys) = self.0.get_mut(&owner) {
            keys.remove(entry.key());
            if keys.is_empty() {
                self.0.remove(&owner);
            }
        }
    }

    /// The leases of one server.
    pub(super) fn of(&self, owner: Origin) -> impl ExactSizeIterator<Item = &Arc<Key>> {
        const NOBODY: &BTreeSet<Arc<Key>> = &BTreeSet::new();
        self.0.get(&owner).unwrap_or(NOBODY).iter()
    }

    /// Who keeps leases, and how many.
    pub(super) fn counts(&self) -> BTreeMap<Origin, usize> {
        let counts = self.0.iter();
        counts.map(|(owner, keys)| (*owner, keys.len())).collect()
    }
}
