//! The map of all instances. No other file names DashMap, and no guard leaves this one.
//!
//! Here: lookups by borrowed names, conditional writes. Not here: what is written and why. What must always hold:
//! closures run under one shard's lock and must neither call back into the store nor do work of any length.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use dashmap::DashMap;
use peers::version::{Origin, Version};

use super::change::What;
use super::entry::{Entry, Key};
use super::record::{Ended, EndedBy, Record};
use super::status::Status;

/// Enough that two writers seldom meet, and few enough that an idle server stays small.
const SHARDS: usize = 128;

/// All instances, dead ones that are still remembered included.
#[derive(Debug)]
pub(super) struct Store(DashMap<Stored, Arc<Entry>>);

impl Store {
    pub(super) fn new() -> Self {
        Self(DashMap::with_shard_amount(SHARDS))
    }

    /// Looks at an entry. Heartbeats touch its times in here: a write to the same entry waits for them, and so
    /// carries them over.
    pub(super) fn look<T>(&self, app: &str, id: &str, look: impl FnOnce(&Entry) -> T) -> Option<T> {
        self.0
            .get(&(app, id) as &dyn Named)
            .map(|entry| look(&entry))
    }

    /// An entry, to keep.
    pub(super) fn find(&self, app: &str, id: &str) -> Option<Arc<Entry>> {
        self.0
            .get(&(app, id) as &dyn Named)
            .map(|entry| entry.clone())
    }

    /// Replaces an entry by what `write` makes of it, or leaves it as it is. Answers what it was and what it is.
    pub(super) fn write(
        &self,
        key: &Arc<Key>,
        write: impl FnOnce(Option<&Entry>) -> Option<Entry>,
    ) -> Option<Written> {
        use dashmap::Entry::{Occupied, Vacant};
        match self.0.entry(Stored(key.clone())) {
            Occupied(mut held) => {
                let after = Arc::new(write(Some(held.get()))?);
                let before = held.insert(after.clone());
                Some(Written {
                    before: Some(before),
                    after,
                })
            }
            Vacant(free) => {
                let after = Arc::new(write(None)?);
                free.insert(after.clone());
                Some(Written {
                    before: None,
                    after,
                })
            }
        }
    }

    /// The same for an entry that is there; no key is made for one that is not.
    pub(super) fn rewrite(
        &self,
        app: &str,
        id: &str,
        write: impl FnOnce(&Entry) -> Option<Entry>,
    ) -> Option<Written> {
        let mut held = self.0.get_mut(&(app, id) as &dyn Named)?;
        let after = Arc::new(write(&held)?);
        let before = std::mem::replace(&mut *held, after.clone());
        Some(Written {
            before: Some(before),
            after,
        })
    }

    /// Forgets an entry if `when` says so. Answers what it was.
    pub(super) fn forget(
        &self,
        key: &Key,
        when: impl FnOnce(&Entry) -> bool,
    ) -> Option<Arc<Entry>> {
        let name = &(key.app.as_str(), &*key.id) as &dyn Named;
        let forgotten = self.0.remove_if(name, |_, entry| when(entry))?;
        Some(forgotten.1)
    }

    /// All entries in the order of their keys. Walks everything: for the first snapshot and after a stall.
    pub(super) fn all(&self) -> Vec<Arc<Entry>> {
        let mut all: Vec<_> = self.0.iter().map(|entry| entry.clone()).collect();
        all.sort_unstable_by(|a, b| a.key().cmp(b.key()));
        all
    }
}

/// What a write did.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) before: Option<Arc<Entry>>,
    pub(super) after: Arc<Entry>,
}

impl Written {
    /// Whether only the override was written, and as it was.
    pub(super) fn says_nothing_new(&self) -> bool {
        let after = self.after.record();
        self.before.as_ref().is_some_and(|before| {
            let before = before.record();
            let same_override = before.overriding() == after.overriding();
            before.body == after.body && before.lease == after.lease && same_override
        })
    }

    /// Whether the instance was listed before.
    pub(super) fn was_live(&self) -> bool {
        let before = self.before.as_ref();
        before.is_some_and(|before| before.record().live())
    }

    /// The status it was shown in before, if it was listed.
    pub(super) fn shown_before(&self) -> Option<Status> {
        let before = self.before.as_deref().map(Entry::record);
        before.filter(|before| before.live()).map(Record::status)
    }

    /// Whether it is listed before and after, and another server keeps its lease since.
    pub(super) fn moved(&self) -> bool {
        let keeper = |entry: &Entry| entry.record().owner().node;
        let before = self.before.as_deref().filter(|entry| entry.record().live());
        let moved = before.is_some_and(|before| keeper(before) != keeper(&self.after));
        moved && self.after.record().live()
    }

    /// Who wrote the newest of what is new in it.
    pub(super) fn writer(&self) -> Option<Origin> {
        let before = self.before.as_deref().map(Entry::record);
        let new = versions(Some(self.after.record()))
            .into_iter()
            .zip(versions(before))
            .filter(|(after, before)| after != before);
        let newest = new.filter_map(|(after, _)| after).max();
        newest.map(|version| version.origin)
    }

    /// What a reader sees happen, whoever wrote it and why.
    pub(super) fn shown_change(&self) -> Option<What> {
        let after = self.after.record();
        let before = self.before.as_deref().map(Entry::record);
        match (
            before.filter(|before| before.live()),
            after.lease.value.ended,
        ) {
            (None, None) => Some(What::Registered),
            (None, Some(_)) => None,
            (Some(_), Some(Ended { by, .. })) => Some(match by {
                EndedBy::Cancel => What::Cancelled,
                EndedBy::Eviction => What::Evicted,
            }),
            (Some(before), None) => shown_change(before, after),
        }
    }
}

/// The versions of the three registers.
fn versions(record: Option<&Record>) -> [Option<Version>; 3] {
    let overriding = record.and_then(|record| record.overriding.as_ref());
    [
        record.map(|record| record.body.version),
        record.map(|record| record.lease.version),
        overriding.map(|register| register.version),
    ]
}

/// The same of an instance that is listed before and after.
fn shown_change(before: &Record, after: &Record) -> Option<What> {
    if before.lease.value != after.lease.value {
        Some(What::RegisteredAgain)
    } else if before.overriding() != after.overriding() {
        Some(match after.overriding() {
            Some(_) => What::Overridden,
            None if after.override_expired() => What::OverrideExpired,
            None => What::OverrideRemoved,
        })
    } else {
        (before.body.value != after.body.value).then_some(What::MetadataChanged)
    }
}

/// The key as the map holds it, found by a borrowed pair of names without building a key.
#[derive(Debug)]
struct Stored(Arc<Key>);

trait Named {
    fn names(&self) -> (&str, &str);
}

impl Named for Stored {
    fn names(&self) -> (&str, &str) {
        (self.0.app.as_str(), &self.0.id)
    }
}

impl Named for (&str, &str) {
    fn names(&self) -> (&str, &str) {
        *self
    }
}

impl<'a> Borrow<dyn Named + 'a> for Stored {
    fn borrow(&self) -> &(dyn Named + 'a) {
        self
    }
}

impl Hash for dyn Named + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.names().hash(state);
    }
}

impl PartialEq for dyn Named + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.names() == other.names()
    }
}

impl Eq for dyn Named + '_ {}

impl Hash for Stored {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.names().hash(state);
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.names() == other.names()
    }
}

impl Eq for Stored {}
