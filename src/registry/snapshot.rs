//! What readers see: everything, what changed lately, and the hash code, as of one moment.
//!
//! Here: making the next snapshot from the last. Not here: how often (`api::cache`). What must always hold: the
//! delta of a snapshot, applied to any snapshot made within the delta's memory before it, gives this one.

use std::sync::Arc;

use super::entry::{Entry, Key};
use super::listing::{Listing, Numbers, Updates};

/// The registry as of one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Counts the states of the registry that readers could tell apart.
    pub revision: u64,
    /// All live instances.
    pub registered: Listing,
    /// All instances that changed lately, the dead ones included.
    pub recent: Listing,
    /// The hash code of `registered`.
    pub hash_code: String,
}

/// An instance that changed: as it is now, if it is still remembered, and whether that counts as recent.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) key: Arc<Key>,
    pub(super) entry: Option<Arc<Entry>>,
    pub(super) lately: bool,
}

impl Snapshot {
    /// The next snapshot, after these instances changed.
    pub(super) fn next(&self, revision: u64, changed: Vec<Changed>, numbers: &mut Numbers) -> Self {
        let (mut registered, mut recent) = (Updates::new(), Updates::new());
        for Changed { key, entry, lately } in changed {
            let live = entry.clone().filter(|entry| entry.record().live());
            registered.insert(key.clone(), live);
            recent.insert(key, entry.filter(|_| lately));
        }
        let registered = self.registered.with(&registered, numbers);
        let recent = self.recent.with(&recent, numbers);
        Self {
            revision,
            hash_code: registered.statuses().hash_code(),
            registered,
            recent,
        }
    }
}
