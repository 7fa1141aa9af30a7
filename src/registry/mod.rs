//! Who is registered, until when, and what changed.
//!
//! Here: [`Registry`] and everything it is made of. It is pure: no IO, no logging, no clock; time and chance are
//! handed in. Not here: how anything is spelt on the wire, and when the background work is due. What must always
//! hold:
//!
//! - What is shown of an instance is a function of its record alone, so that all servers show the same.
//! - A write is above everything it was made on top of ([`peers::version`]).
//! - A heartbeat of an own lease takes one shared lock of one shard and stores a few numbers.
//! - A lease is kept by the server that wrote it. The others show it, and end it only as a steward ends orphans.
//! - A lease ends when it says, or the registry says what holds it.
//! - Locks are taken one at a time, or in the order: leases, journal, a shard of the store or the outbox; whoever
//!   listens to changes comes last.
//! - Leases and journal are told of writes in the order of the writes.

mod books;
mod calls;
mod census;
pub mod change;
mod ears;
pub mod entry;
mod evidence;
pub mod instance;
mod journal;
mod leases;
pub mod listing;
mod merge;
mod operators;
pub mod orphans;
mod outbox;
pub mod oversight;
pub mod preservation;
pub mod quota;
pub mod record;
mod relays;
pub mod settings;
pub mod snapshot;
pub mod status;
mod store;
pub mod surroundings;
mod sweep;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod view;
mod wheel;
mod writes;
pub mod zones;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use peers::version::Origin;

use self::books::Books;
pub use self::calls::{Heartbeat, MetadataLimits, Refusal, Renewal, StatusCall};
pub use self::census::Census;
use self::change::Change;
use self::entry::{Entry, Key};
use self::journal::Journal;
pub use self::journal::Noted;
use self::leases::Leases;
use self::listing::Numbers;
pub use self::merge::{Dropped, Merged};
pub use self::operators::Operator;
use self::orphans::Kept;
use self::outbox::Outbox;
use self::preservation::Protection;
use self::relays::Relays;
pub use self::relays::{Relay, RelayAnswer, Relayed};
use self::settings::RegistrySettings;
use self::snapshot::{Changed, Snapshot};
use self::store::Store;
use self::surroundings::{Standing, Surroundings};
pub use self::sweep::Swept;
use self::zones::ZoneRules;
use crate::clock::Timestamp;

/// All instances, their leases, and what changed.
#[derive(Debug)]
pub struct Registry {
    settings: RegistrySettings,
    standing: Standing,
    store: Store,
    journal: Mutex<Journal>,
    leases: Mutex<Leases>,
    snapshot: ArcSwap<Snapshot>,
    numbers: Mutex<Numbers>,
    /// The journal's revision, to be read without its lock.
    revision: AtomicU64,
    renewals: AtomicU64,
    heard_clients: AtomicBool,
    /// Whose beats are to be passed on.
    relays: Mutex<Relays>,
    outbox: Outbox,
    zones: Arc<ZoneRules>,
}

impl Registry {
    /// An empty registry whose writes are by `origin`.
    pub fn new(settings: RegistrySettings, origin: Origin) -> Self {
        Self {
            settings,
            standing: Standing::alone(origin),
            store: Store::new(),
            journal: Mutex::default(),
            leases: Mutex::default(),
            snapshot: ArcSwap::default(),
            numbers: Mutex::default(),
            revision: AtomicU64::new(0),
            renewals: AtomicU64::new(0),
            heard_clients: AtomicBool::new(false),
            relays: Mutex::default(),
            outbox: Outbox::default(),
            zones: Arc::default(),
        }
    }

    /// The same, with zones by these rules. To be called before anything is registered.
    #[must_use]
    pub fn zoned(self, rules: ZoneRules) -> Self {
        let zones = Arc::new(rules);
        Self {
            journal: Mutex::new(Journal::by(zones.clone())),
            leases: Mutex::new(Leases::by(zones.clone())),
            zones,
            ..self
        }
    }

    /// By what the zone of an instance is told.
    pub const fn zones(&self) -> &Arc<ZoneRules> {
        &self.zones
    }

    /// The settings it was made with.
    pub const fn settings(&self) -> &RegistrySettings {
        &self.settings
    }

    /// An instance, unless its lease is over and nothing protects it: then it is listed until the next sweep, but
    /// calls about it alone find nobody, as in Java. Of leases that others keep only they can say that.
    pub fn find(&self, app: &str, id: &str, now: Timestamp) -> Option<Arc<Entry>> {
        let entry = self
            .store
            .find(app, id)
            .filter(|entry| entry.record().live())?;
        let over = entry.expired(now) && entry.owned_by(self.origin());
        (!over || lock(&self.leases).hold(&entry, &self.settings)).then_some(entry)
    }

    /// What is stored under a key, dead or alive.
    pub fn stored(&self, key: &Key) -> Option<Arc<Entry>> {
        self.store.find(key.app.as_str(), &key.id)
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

    /// A snapshot that knows every write which was acknowledged before this call. One that differs from the last in
    /// nothing but who keeps a lease has the same revision: nobody need write lists anew for it.
    pub fn refresh(&self) -> Arc<Snapshot> {
        let mut numbers = lock(&self.numbers);
        let last = self.snapshot.load_full();
        let (revision, changed) = self.changed();
        if revision == last.revision && changed.is_empty() {
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
            entry: self.stored(&key).or_else(|| journal.dropped(&key)),
            key,
            lately,
        });
        (journal.revision(), changed.collect())
    }

    /// Drops from the delta what it need not remember any longer.
    pub fn prune_delta(&self, now: Timestamp) {
        let mut journal = lock(&self.journal);
        journal.prune(now, self.settings.delta_retention);
        self.publish(&journal);
    }

    /// How many leases are live, whoever keeps them.
    pub fn census(&self) -> Census {
        lock(&self.journal).census().clone()
    }

    /// How many instances are listed.
    pub fn listed(&self) -> usize {
        lock(&self.journal).census().live
    }

    /// How many heartbeats were taken since the start.
    pub fn renewals(&self) -> u64 {
        self.renewals.load(Ordering::Relaxed)
    }

    /// Whether any client registered or beat here since the start, known or not.
    pub fn heard_clients(&self) -> bool {
        self.heard_clients.load(Ordering::Relaxed)
    }

    /// How many leases this server owns, and how many of these are silent.
    pub fn owned(&self) -> (usize, usize) {
        lock(&self.leases).owned()
    }

    /// Which other origins live leases name as their owners, and how many each.
    pub fn owners(&self) -> BTreeMap<Origin, usize> {
        lock(&self.leases).owners()
    }

    /// Which instances are kept though their owners are gone, by owner.
    pub fn kept_orphans(&self) -> Vec<Kept> {
        let surroundings = self.standing.surroundings();
        lock(&self.leases).kept_orphans(&surroundings)
    }

    /// How many of the leases this server owns are silent, by zone.
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

    /// Who writes here now.
    pub fn origin(&self) -> Origin {
        self.standing.origin()
    }

    /// Tells what this server knows of the others from now on.
    pub fn surround(&self, surroundings: Surroundings) {
        self.standing.surround(surroundings);
    }

    /// The instances that were written or forgotten here since this was last asked, each once, in the order of their
    /// first writes. What came from other peers is not among them, unless it was refuted. Nothing is noted before
    /// [`on_write`](Self::on_write).
    pub fn take_written(&self) -> Vec<Arc<Key>> {
        self.outbox.take()
    }

    /// From now on `wake` is called when something was written and there was nothing to take before; everything that
    /// is stored already counts as written. It is called in the middle of a write and must not call back.
    pub fn on_write(&self, wake: impl Fn() + Send + Sync + 'static) {
        self.outbox.listen(wake);
        let all = self.store.all();
        all.iter().for_each(|entry| self.outbox.enter(entry.key()));
    }

    /// From now on every change is told to `hear` as it is entered, with what is stored since then: in the order of the
    /// writes, each once, and before anybody else can learn of it. It answers the number that the change is to carry. It
    /// is called in the middle of a write and must not call back.
    pub fn on_change(&self, hear: impl Fn(&Change, &Entry) -> u64 + Send + 'static) {
        lock(&self.journal).listen(hear);
    }

    fn known_key(&self, app: &str, id: &str) -> Option<Arc<Key>> {
        self.store.look(app, id, |entry| entry.key().clone())
    }
}

/// The moment so long ago.
fn before(now: Timestamp, age: Duration) -> Timestamp {
    Timestamp::default() + now.since(Timestamp::default() + age)
}

/// A panic elsewhere does not make the data behind a lock any worse: every write under it is whole by itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
