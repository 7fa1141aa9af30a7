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
pub mod view;
mod wheel;
mod writes;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use peers::version::Origin;

use self::change::{Change, Sender, What};
use self::entry::{Entry, Key};
use self::instance::{AppName, Metadata, Registration};
use self::journal::Journal;
pub use self::journal::{Census, Noted};
use self::leases::Leases;
use self::listing::Numbers;
use self::preservation::Protection;
use self::settings::RegistrySettings;
use self::snapshot::Snapshot;
use self::status::Status;
use self::store::{Store, Written};
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

/// A heartbeat.
#[derive(Clone, Copy, Debug)]
pub struct Heartbeat {
    /// When the client says it last changed, in milliseconds by its own clock.
    pub last_dirty: Option<i64>,
    /// The override that a peer believes the instance to be under.
    pub carried_override: Option<Status>,
    /// Who sent it.
    pub by: Sender,
}

/// What became of a heartbeat.
#[derive(Clone, Debug)]
pub enum Renewal {
    /// The lease starts again.
    Renewed,
    /// Nobody of that name is known, or its status is unknown: the client is to register again.
    Unknown,
    /// The lease starts again, but the client has changed since it registered, and is to register again.
    Outdated,
    /// The lease starts again, and what is registered here is newer than what the peer has.
    Ahead(Arc<Entry>),
}

/// Why a call about an instance was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No instance of that name is registered.
    NotRegistered,
    /// Its metadata would grow beyond the limit.
    MetadataTooLarge,
}

/// Which metadata are too large.
#[derive(Clone, Copy, Debug)]
pub struct MetadataLimits {
    /// How many names there may be.
    pub keys: usize,
    /// How many bytes names and values may have in all.
    pub bytes: usize,
}

impl MetadataLimits {
    /// Whether these keep within the limits.
    pub fn allow(&self, metadata: &Metadata) -> bool {
        let pairs = metadata.iter();
        pairs.len() <= self.keys
            && metadata
                .iter()
                .map(|(name, value)| name.len() + value.len())
                .sum::<usize>()
                <= self.bytes
    }
}

/// What a sweep did.
#[derive(Clone, Debug)]
pub struct Swept {
    /// Whose leases it ended.
    pub evicted: Vec<Change>,
    /// How many leases were over and held by a guard.
    pub held: usize,
}

/// A status set from outside, or taken away.
#[derive(Clone, Copy, Debug)]
pub struct StatusCall {
    /// The status to show; with a removal, what the instance is to have said of itself.
    pub status: Option<Status>,
    /// A change of the client's own that comes with it, in milliseconds by its clock.
    pub last_dirty: Option<i64>,
    /// Who asks.
    pub by: Sender,
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

    /// Registers an instance, for the first time or again. Its lease starts anew in any case; what is stored of it
    /// is kept if its timestamp is greater than the incoming one (Eureka's rule).
    pub fn register(&self, registration: Registration, by: Sender, now: Timestamp) -> Change {
        let instance = &registration.instance;
        let key = self.known_key(instance.app.as_str(), instance.key_id());
        let key = key.unwrap_or_else(|| {
            Arc::new(Key {
                app: instance.app.clone(),
                id: instance.key_id().into(),
            })
        });
        let write = writes::Write {
            now,
            origin: self.origin,
        };
        let written = self.store.write(&key, |held| {
            let record = write.register(held.map(Entry::record), registration, by);
            Some(Entry::starting(key.clone(), record, now))
        });
        let written = written.expect("a registration is always written");
        let again = written
            .before
            .as_ref()
            .is_some_and(|before| before.record().live());
        self.enter(
            &written,
            if again {
                What::RegisteredAgain
            } else {
                What::Registered
            },
            Some(by),
            now,
        )
    }

    /// Takes a heartbeat.
    pub fn renew(&self, app: &str, id: &str, beat: &Heartbeat, now: Timestamp) -> Renewal {
        let registered = self.store.look(app, id, |entry| {
            let known = entry.record().live() && entry.record().status() != Status::Unknown;
            known.then(|| {
                entry.hear(now, self.settings.lease_doubled);
                entry.instance().last_dirty
            })
        });
        let Some(Some(registered)) = registered else {
            return Renewal::Unknown;
        };
        self.renewals.fetch_add(1, Ordering::Relaxed);
        match beat.last_dirty.filter(|_| self.settings.compare_timestamps) {
            Some(theirs) if theirs > registered => self.outdated(app, id, beat, now),
            Some(theirs) if theirs < registered && beat.by == Sender::Peer => self
                .store
                .find(app, id)
                .map_or(Renewal::Unknown, Renewal::Ahead),
            _ => Renewal::Renewed,
        }
    }

    /// A peer whose copy is newer hands over its override before it is asked to register the instance here.
    fn outdated(&self, app: &str, id: &str, beat: &Heartbeat, now: Timestamp) -> Renewal {
        if let (Some(status), Sender::Peer) = (beat.carried_override, beat.by) {
            let write = writes::Write {
                now,
                origin: self.origin,
            };
            let set =
                |entry: &Entry| Some(entry.with(write.carry_override(entry.record(), status)));
            if let Some(written) = self.store.rewrite(app, id, set) {
                self.enter(&written, What::Overridden, Some(beat.by), now);
            }
        }
        Renewal::Outdated
    }

    /// Ends a lease at its client's wish, and the override with it.
    pub fn cancel(
        &self,
        app: &str,
        id: &str,
        by: Sender,
        now: Timestamp,
    ) -> Result<Change, Refusal> {
        let write = writes::Write {
            now,
            origin: self.origin,
        };
        let written = self.store.rewrite(app, id, |entry| {
            write
                .cancel(entry.record())
                .map(|record| entry.with(record))
        });
        if let Some(written) = written {
            if written
                .before
                .as_ref()
                .is_some_and(|before| before.record().live())
            {
                return Ok(self.enter(&written, What::Cancelled, Some(by), now));
            }
            lock(&self.leases).note(&written, &self.settings);
        }
        let key = Arc::new(Key {
            app: AppName::new(app),
            id: id.into(),
        });
        lock(&self.journal).enter_vain_cancel(&key, now);
        Err(Refusal::NotRegistered)
    }

    /// Shows an instance in another status than its own. To set the status that is shown already changes nothing.
    pub fn set_override(
        &self,
        app: &str,
        id: &str,
        call: StatusCall,
        now: Timestamp,
    ) -> Result<Option<Change>, Refusal> {
        let write = writes::Write {
            now,
            origin: self.origin,
        };
        self.call(app, id, What::Overridden, call.by, now, |entry| {
            let status = call
                .status
                .filter(|status| *status != entry.record().status())?;
            Some(entry.with(write.set_override(entry.record(), status, call.last_dirty)))
        })
    }

    /// Shows an instance in its own status again.
    pub fn remove_override(
        &self,
        app: &str,
        id: &str,
        call: StatusCall,
        now: Timestamp,
    ) -> Result<Option<Change>, Refusal> {
        let write = writes::Write {
            now,
            origin: self.origin,
        };
        self.call(app, id, What::OverrideRemoved, call.by, now, |entry| {
            entry.record().overridden()?;
            Some(entry.with(write.remove_override(entry.record(), call.status, call.last_dirty)))
        })
    }

    /// Puts metadata in; known names get the new values.
    pub fn update_metadata(
        &self,
        app: &str,
        id: &str,
        changes: &Metadata,
        limits: MetadataLimits,
        now: Timestamp,
    ) -> Result<Option<Change>, Refusal> {
        let write = writes::Write {
            now,
            origin: self.origin,
        };
        let mut fits = true;
        let done = self.call(
            app,
            id,
            What::MetadataChanged,
            Sender::Client,
            now,
            |entry| {
                let metadata = entry.instance().metadata.with(changes.iter());
                fits = limits.allow(&metadata);
                fits.then(|| entry.with(write.set_metadata(entry.record(), metadata)))
            },
        );
        if fits {
            done
        } else {
            Err(Refusal::MetadataTooLarge)
        }
    }

    /// A call about an instance: its lease starts again, and what `write` says is written.
    fn call(
        &self,
        app: &str,
        id: &str,
        what: What,
        by: Sender,
        now: Timestamp,
        write: impl FnOnce(&Entry) -> Option<Entry>,
    ) -> Result<Option<Change>, Refusal> {
        self.find(app, id, now).ok_or(Refusal::NotRegistered)?;
        let written = self.store.rewrite(app, id, |entry| {
            if !entry.record().live() {
                return None;
            }
            entry.extend(now, self.settings.lease_doubled);
            write(entry)
        });
        Ok(written.map(|written| self.enter(&written, what, Some(by), now)))
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
        let mut apps: Vec<_> = snapshot
            .registered
            .iter()
            .map(|entry| &entry.key().app)
            .collect();
        apps.dedup();
        apps.into_iter()
            .find_map(|app| self.find(app.as_str(), id, now))
    }

    /// The last snapshot made.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Counts the states of the registry that readers could tell apart; a snapshot of another revision is stale.
    pub fn revision(&self) -> u64 {
        self.revision.load(Ordering::Acquire)
    }

    /// A snapshot that knows every write which was acknowledged before this call.
    pub fn refresh(&self) -> Arc<Snapshot> {
        let mut numbers = lock(&self.numbers);
        let last = self.snapshot.load_full();
        let (revision, changed) = {
            let mut journal = lock(&self.journal);
            (journal.revision(), journal.read())
        };
        if revision == last.revision {
            return last;
        }
        let find = |key: &Key| self.store.find(key.app.as_str(), &key.id);
        let next = Arc::new(last.next(revision, changed, find, &mut numbers));
        self.snapshot.store(next.clone());
        next
    }

    /// Ends leases that are over, in random order and within what the guards and the quota allow, and forgets
    /// those dead long enough. To be called once every sweep interval.
    pub fn sweep(&self, now: Timestamp, chance: &mut impl rand::Rng) -> Swept {
        let mut leases = lock(&self.leases);
        if let Some((from, gap)) = leases.stall(now, &self.settings) {
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
            let write = writes::Write {
                now,
                origin: self.origin,
            };
            let end = |entry: &Entry| {
                entry
                    .expired(now)
                    .then(|| entry.with(write.evict(entry.record())))
            };
            let Some(written) = self.store.rewrite(key.app.as_str(), &key.id, end) else {
                continue;
            };
            leases.spend();
            leases.note(&written, &self.settings);
            evicted.push(self.note(&written, What::Evicted, None, now));
        }
        for (due, key) in leases.take_forgotten(census.live, now) {
            self.forget(&key, due);
        }
        Swept { evicted, held }
    }

    /// Forgets a dead record, unless it has come to life or ended anew since it was noted for this time.
    fn forget(&self, key: &Arc<Key>, due: Timestamp) {
        let dead =
            |entry: &Entry| leases::forgotten_at(entry.record(), &self.settings) == Some(due);
        if self.store.forget(key, dead) {
            let mut journal = lock(&self.journal);
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

    /// Enters what was written into the journal and the leases.
    fn enter(&self, written: &Written, what: What, by: Option<Sender>, now: Timestamp) -> Change {
        lock(&self.leases).note(written, &self.settings);
        self.note(written, what, by, now)
    }

    fn note(&self, written: &Written, what: What, by: Option<Sender>, now: Timestamp) -> Change {
        let mut journal = lock(&self.journal);
        let change = journal.enter(written, what, by, now);
        self.revision.store(change.revision, Ordering::Release);
        change
    }

    fn known_key(&self, app: &str, id: &str) -> Option<Arc<Key>> {
        self.store.look(app, id, |entry| entry.key().clone())
    }
}

/// A panic elsewhere does not make the data behind a lock any worse: every write under it is whole by itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
