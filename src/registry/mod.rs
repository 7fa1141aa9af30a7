//! Who is registered, until when, and what changed.
//!
//! Here: [`Registry`] and everything it is made of. It is pure: no IO, no logging, no clock; time and chance are
//! handed in. Not here: how anything is spelt on the wire, and when the background work is due. What must always
//! hold:
//!
//! - What is shown of an instance is a function of its record alone, so that all servers show the same.
//! - A write is above everything it was made on top of ([`peers::version`]).
//! - A heartbeat takes one shared lock of one shard and stores two numbers.
//! - A lease ends when it says, or the registry says what holds it.
//! - Locks are taken one at a time, or in the order: leases, journal, a shard of the store.
//! - Leases and journal are told of writes in the order of the writes.

mod calls;
pub mod change;
pub mod entry;
pub mod instance;
mod journal;
mod leases;
pub mod listing;
pub mod preservation;
pub mod quota;
pub mod record;
pub mod settings;
pub mod snapshot;
pub mod status;
mod store;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod view;
mod wheel;
mod writes;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use peers::version::Origin;

pub use self::calls::{Heartbeat, MetadataLimits, Refusal, Renewal, StatusCall};
use self::change::{Change, Sender, What};
use self::entry::{Entry, Key};
use self::journal::Journal;
pub use self::journal::{Census, Noted};
use self::leases::Leases;
use self::listing::Numbers;
use self::preservation::Protection;
use self::settings::RegistrySettings;
use self::snapshot::{Changed, Snapshot};
use self::store::{Store, Written};
use self::writes::Write;
use crate::clock::Timestamp;

/// All instances, their leases, and what changed.
#[derive(Debug)]
pub struct Registry {
    settings: RegistrySettings,
    origin: Origin,
    store: Store,
    journal: Mutex<Journal>,
    leases: Mutex<Leases>,
    snapshot: ArcSwap<Snapshot>,
    numbers: Mutex<Numbers>,
    /// The journal's revision, to be read without its lock.
    revision: AtomicU64,
    renewals: AtomicU64,
}

/// What a sweep did.
#[derive(Clone, Debug)]
pub struct Swept {
    /// Whose leases it ended.
    pub evicted: Vec<Change>,
    /// How many leases were over and held by a guard.
    pub held: usize,
    /// How long the server was not running before, if it was for long: all leases were moved by that.
    pub stalled: Option<Duration>,
}

impl Registry {
    /// An empty registry whose writes are by `origin`.
    pub fn new(settings: RegistrySettings, origin: Origin) -> Self {
        Self {
            settings,
            origin,
            store: Store::new(),
            journal: Mutex::default(),
            leases: Mutex::default(),
            snapshot: ArcSwap::default(),
            numbers: Mutex::default(),
            revision: AtomicU64::new(0),
            renewals: AtomicU64::new(0),
        }
    }

    /// The settings it was made with.
    pub const fn settings(&self) -> &RegistrySettings {
        &self.settings
    }

    /// An instance, unless its lease is over and nothing protects it: then it is listed until the next sweep, but
    /// calls about it alone find nobody, as in Java.
    pub fn find(&self, app: &str, id: &str, now: Timestamp) -> Option<Arc<Entry>> {
        let entry = self
            .store
            .find(app, id)
            .filter(|entry| entry.record().live())?;
        (!entry.expired(now) || lock(&self.leases).hold(&entry)).then_some(entry)
    }

    /// The first instance of that id in any application, in the order of their names.
    pub fn find_by_id(&self, id: &str, now: Timestamp) -> Option<Arc<Entry>> {
        let snapshot = self.refresh();
        let mut apps = snapshot.registered.applications();
        apps.find_map(|app| self.find(app.as_str(), id, now))
    }

    /// Counts the states of the registry that readers could tell apart; a snapshot of another revision is stale.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// A snapshot that knows every write which was acknowledged before this call.
    pub fn refresh(&self) -> Arc<Snapshot> {
        let mut numbers = lock(&self.numbers);
        let last = self.snapshot.load_full();
        let (revision, changed) = self.changed();
        if revision == last.revision {
            return last;
        }
        let next = Arc::new(last.next(revision, changed, &mut numbers));
        self.snapshot.store(next.clone());
        next
    }

    /// What changed since this was last asked. Read while no write can be entered, so that it is of one moment.
    fn changed(&self) -> (u64, Vec<Changed>) {
        let mut journal = lock(&self.journal);
        let changed = journal.read().into_iter().map(|(key, lately)| Changed {
            entry: self.store.find(key.app.as_str(), &key.id),
            key,
            lately,
        });
        (journal.revision(), changed.collect())
    }

    /// Ends leases that are over, in random order and within what the guards and the quota allow, and forgets
    /// those dead long enough. To be called once every sweep interval.
    pub fn sweep(&self, now: Timestamp, chance: &mut impl rand::Rng) -> Swept {
        let mut leases = lock(&self.leases);
        let stall = leases.stall(now, &self.settings);
        if let Some((from, gap)) = stall {
            self.store
                .all()
                .iter()
                .for_each(|entry| entry.excuse(from, gap));
        }
        let census = self.census();
        leases.look(&self.store, &census, now, &self.settings);
        let (drawn, held) = leases.draw(&self.store, now, chance);
        let mut evicted = Vec::new();
        for key in drawn {
            let write = self.write(now);
            let end = |entry: &Entry| {
                entry
                    .expired(now)
                    .then(|| entry.with(write.evict(entry.record())))
            };
            let mut books = Books {
                leases,
                journal: lock(&self.journal),
            };
            if let Some(written) = self.store.rewrite(key.app.as_str(), &key.id, end) {
                books.leases.spend();
                evicted.push(self.enter(&mut books, &written, What::Evicted, None, now));
            }
            leases = books.leases;
        }
        for (due, key) in leases.take_forgotten(census.live, now) {
            self.forget(&key, due);
        }
        let stalled = stall.map(|(_, gap)| gap);
        Swept {
            evicted,
            held,
            stalled,
        }
    }

    /// Forgets a dead record, unless it has come to life or ended anew since it was noted for this time.
    fn forget(&self, key: &Arc<Key>, due: Timestamp) {
        let dead =
            |entry: &Entry| leases::forgotten_at(entry.record(), &self.settings) == Some(due);
        let mut journal = lock(&self.journal);
        if self.store.forget(key, dead) {
            journal.forget(key);
            self.revision.store(journal.revision(), Ordering::Release);
        }
    }

    /// Drops from the delta what it need not remember any longer.
    pub fn prune_delta(&self, now: Timestamp) {
        let mut journal = lock(&self.journal);
        journal.prune(now, self.settings.delta_retention);
        self.revision.store(journal.revision(), Ordering::Release);
    }

    /// How many leases are live.
    pub fn census(&self) -> Census {
        lock(&self.journal).census().clone()
    }

    /// How many heartbeats were taken since the start.
    pub fn renewals(&self) -> u64 {
        self.renewals.load(Ordering::Relaxed)
    }

    /// How many leases are silent, by zone.
    pub fn silent(&self) -> Vec<(Option<String>, usize)> {
        lock(&self.leases)
            .silent()
            .map(|(zone, count)| (zone.map(String::from), count))
            .collect()
    }

    /// What is protected now.
    pub fn protections(&self) -> Vec<Protection> {
        lock(&self.leases).protections(&self.settings)
    }

    /// The latest changes, newest first, up to `max`.
    pub fn account(&self, max: usize) -> Vec<Change> {
        lock(&self.journal).account().take(max).cloned().collect()
    }

    /// The last 1000 registrations, newest first.
    pub fn last_registered(&self) -> Vec<Noted> {
        lock(&self.journal).last_registered()
    }

    /// The last 1000 cancels and evictions, newest first.
    pub fn last_cancelled(&self) -> Vec<Noted> {
        lock(&self.journal).last_cancelled()
    }

    const fn write(&self, now: Timestamp) -> Write {
        Write {
            now,
            origin: self.origin,
        }
    }

    /// Opens the books for a write that is to be entered.
    fn books(&self) -> Books<'_> {
        Books {
            leases: lock(&self.leases),
            journal: lock(&self.journal),
        }
    }

    /// Enters what was written into the leases and the journal.
    fn enter(
        &self,
        books: &mut Books<'_>,
        written: &Written,
        what: What,
        by: Option<Sender>,
        now: Timestamp,
    ) -> Change {
        books.leases.note(written, &self.settings);
        let change = books.journal.enter(written, what, by, now);
        self.revision.store(change.revision, Ordering::Release);
        change
    }

    fn known_key(&self, app: &str, id: &str) -> Option<Arc<Key>> {
        self.store.look(app, id, |entry| entry.key().clone())
    }
}

/// What every write is entered into. Held from before the write until it is entered: two writes to one instance
/// that were entered the other way round would leave a live lease that nobody looks after, or a count below none.
struct Books<'a> {
    leases: MutexGuard<'a, Leases>,
    journal: MutexGuard<'a, Journal>,
}

/// A panic elsewhere does not make the data behind a lock any worse: every write under it is whole by itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
