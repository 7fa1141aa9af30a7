//! The bridge: the registry as a set of records that peers keep in agreement.
//!
//! Here: [`Replication`], which says in keys, versions and bytes what the registry says in instances and leases, and
//! the reverse. Not here: any decision about either; HTTP. The only room that knows both. What must always hold:
//! bytes that make no sense are counted, kept and passed on unread; every change that peers bring about is told like a local one.

mod codec;
mod key;
mod pulse;
#[cfg(test)]
mod tests;
mod unread;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use peers::agreement::Told;
use peers::node::view::Cluster;
use peers::record::{Key, Record};
use peers::replica::{Leases, Relayed, Replica};
use peers::surroundings::{self, Surroundings};
use peers::version::{Origin, Version};

use self::pulse::Pulse;
use self::unread::Unread;
use crate::clock::Timestamp;
use crate::registry::change::Change;
use crate::registry::surroundings as around;
use crate::registry::{self, Dropped, Registry, RelayAnswer};

/// Tells of a change that peers brought about.
pub type Tell = Arc<dyn Fn(&Change) + Send + Sync>;

/// Answers what a peer asks for its pages, with the cluster as it looks from here.
pub type Answer = Arc<dyn Fn(&[u8], &Cluster) -> Vec<u8> + Send + Sync>;

/// The registry, as peers see it.
pub struct Replication {
    registry: Arc<Registry>,
    began: Timestamp,
    tell: Tell,
    answer: Answer,
    pulse: Pulse,
    unread: Unread,
    forgotten: Vec<Key>,
    unreadable: u64,
}

impl Replication {
    /// Stands before a registry. `began` is what the wall clock said when the time of the node was zero.
    pub fn new(registry: Arc<Registry>, began: Timestamp, tell: Tell) -> Self {
        Self {
            registry,
            began,
            tell,
            answer: Arc::new(|_question, _cluster| Vec::new()),
            pulse: Pulse::default(),
            unread: Unread::default(),
            forgotten: Vec::new(),
            unreadable: 0,
        }
    }

    /// Lets this answer what peers ask for their pages. Else every answer is empty.
    #[must_use]
    pub fn answering(self, answer: Answer) -> Self {
        Self { answer, ..self }
    }

    fn at(&self, now: Duration) -> Timestamp {
        self.began + now
    }

    fn told(&self, change: Option<Change>) {
        change.iter().for_each(|change| (self.tell)(change));
    }

    /// Takes what can be read of a record. Answers whether that was all of it.
    fn take(&self, now: Duration, key: &Key, bytes: &Record) -> bool {
        let Some(key) = key::read(key) else {
            return false;
        };
        let held = self.registry.stored(&key);
        let held = held.as_ref().map(|held| held.record());
        let Some(read) = codec::read(&key, bytes, held) else {
            return false;
        };
        let at = self.at(now);
        let merged = self.registry.merge(&key, read.record, bytes.ended_for, at);
        self.told(merged.change);
        read.whole
    }

    /// What the registry holds of a key.
    fn held(&self, now: Duration, key: &Key) -> Option<Record> {
        let stored = self.registry.stored(&*key::read(key)?)?;
        let ended_for = stored.ended_for(self.at(now));
        Some(codec::write(stored.record(), ended_for))
    }
}

/// The instance of which a peer, or a snapshot, tells; none if this release cannot read it.
pub fn told_of(told: &Told) -> Option<(Arc<registry::entry::Key>, registry::record::Record)> {
    let key = key::read(&told.key)?;
    let read = codec::read(&key, &told.record, None)?;
    Some((key, read.record))
}

impl Replica for Replication {
    fn take_written(&mut self) -> Vec<Key> {
        let written = self.registry.take_written();
        let written = written.iter().map(|key| key::write(key));
        written.chain(self.forgotten.drain(..)).collect()
    }

    fn read(&self, now: Duration, key: &Key) -> Option<Record> {
        self.unread.joined(now, key, self.held(now, key))
    }

    fn merge(&mut self, now: Duration, key: &Key, theirs: Record) {
        if !self.take(now, key, &theirs) {
            // What is missing may have come before.
            let kept = self.unread.keep(now, key, &theirs);
            if !kept.is_some_and(|kept| self.take(now, key, &kept)) {
                self.unreadable += 1;
            }
        }
        if self.unread.knows(key)
            && let Some(held) = self.held(now, key)
        {
            self.unread.settle(key, &held);
        }
    }

    fn drop_deleted(&mut self, now: Duration, key: &Key, lease: Version) -> bool {
        let unread = self.unread.drop_deleted(key, lease);
        let Some(named) = key::read(key) else {
            return unread;
        };
        match self.registry.drop_deleted(&named, lease, self.at(now)) {
            Dropped::Dropped(change) => {
                (self.tell)(&change);
                true
            }
            Dropped::Refuted(change) => {
                (self.tell)(&change);
                false
            }
            Dropped::Kept => unread,
        }
    }

    fn take_relays(&mut self, now: Duration) -> Vec<(Origin, Key, Duration)> {
        self.pulse.feel(now, self.registry.renewals());
        let memory = self.registry.settings().remember_overridden;
        self.forgotten.extend(self.unread.forget(now, memory));
        let relays = self.registry.take_relays(self.at(now)).into_iter();
        relays
            .map(|relay| (relay.owner, key::write(&relay.key), relay.age))
            .collect()
    }

    fn relayed(&mut self, now: Duration, key: &Key, age: Duration) -> Relayed {
        let at = self.at(now);
        let answer = key::read(key).map(|key| self.registry.relayed(&key, age, at));
        match answer {
            Some(registry::Relayed::Seen) => Relayed::Seen,
            Some(registry::Relayed::HeldOtherwise) => Relayed::HeldOtherwise,
            Some(registry::Relayed::Unknown) | None => Relayed::Unknown,
        }
    }

    fn relay_answered(&mut self, now: Duration, key: &Key, answer: Relayed) {
        let answer = match answer {
            Relayed::Seen => RelayAnswer::Seen,
            Relayed::Unknown => RelayAnswer::Unknown,
            // The owner has sent the record it holds instead; merging that is all there is to do.
            Relayed::HeldOtherwise => return,
        };
        if let Some(key) = key::read(key) {
            let change = self.registry.relay_answered(&key, answer, self.at(now));
            self.told(change);
        }
    }

    fn surround(&mut self, _now: Duration, surroundings: &Surroundings) {
        self.registry.surround(self.around(surroundings));
    }

    fn leases(&self) -> Leases {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (owned, silent) = self.registry.owned();
        Leases {
            owned: count(owned),
            silent: count(silent),
            renewals_per_minute: self.pulse.per_minute(),
            preserving: !self.registry.protections().is_empty(),
            called: self.registry.heard_clients(),
        }
    }

    fn unreadable(&self) -> u64 {
        self.unreadable
    }

    fn owners(&self) -> BTreeMap<Origin, u32> {
        let owners = self.registry.owners().into_iter();
        owners
            .map(|(origin, leases)| (origin, u32::try_from(leases).unwrap_or(u32::MAX)))
            .collect()
    }

    fn restate(&mut self, now: Duration, origin: Origin) {
        let changes = self.registry.restate(origin, self.at(now));
        changes.iter().for_each(|change| (self.tell)(change));
    }

    fn answer(&self, _now: Duration, question: &[u8], cluster: &Cluster) -> Vec<u8> {
        (self.answer)(question, cluster)
    }
}

impl Replication {
    fn around(&self, others: &Surroundings) -> around::Surroundings {
        let gone = others.gone.iter();
        around::Surroundings {
            met: others.met,
            up: others.up.clone(),
            gone: gone
                .map(|(origin, gone)| (*origin, self.gone(gone)))
                .collect(),
            steward: others.steward,
            isolated: others.isolated,
            others: around::LeaseSums {
                owned: others.others.owned,
                silent: others.others.silent,
            },
        }
    }

    fn gone(&self, gone: &surroundings::Gone) -> around::Gone {
        around::Gone {
            since: self.at(gone.since),
            leases_told: gone.leases_told,
        }
    }
}

impl fmt::Debug for Replication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { began, pulse, .. } = self;
        let origin = self.registry.origin();
        f.debug_struct("Replication")
            .field("origin", &origin)
            .field("began", began)
            .field("pulse", pulse)
            .finish_non_exhaustive()
    }
}
