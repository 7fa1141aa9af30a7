//! Beats of leases that other servers own, and taking such a lease over.
//!
//! Here: what becomes of such a beat here and at the owner, and adoption. Not here: how a relay travels. What must
//! always hold: a relay revives nothing; adoption writes the lease alone; and a lease is not taken over merely because
//! its client came by.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use peers::version::Origin;

use super::change::{Change, Sender, What};
use super::entry::{Entry, Key, Visit};
use super::evidence::heard_within_lease;
use super::{Registry, before, lock};
use crate::clock::Timestamp;

/// A client that beats here so often in a row has moved here. Behind a random balancer over three servers that many
/// fall to one once in 44 000 beats, so ownership does not wander.
const IN_A_ROW: u8 = 10;
/// A relay that is not acknowledged is sent again after this, and then ever more rarely.
const AGAIN_AFTER: Duration = Duration::from_secs(1);
/// The pause grows up to this power of two.
const AGAIN_BITS_MAX: u8 = 2;

/// A beat that was heard here of a lease that another server owns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// Who is to hear of it.
    pub owner: Origin,
    /// Whose beat it was.
    pub key: Arc<Key>,
    /// How long ago it was heard.
    pub age: Duration,
}

/// What becomes of a relay at the server it was sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relayed {
    /// The lease is kept here and goes on.
    Seen,
    /// The instance is dead here, or kept by another server. The answer to this is the record.
    HeldOtherwise,
    /// Nothing is known of it.
    Unknown,
}

/// How the owner answered a relay, other than by its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelayAnswer {
    /// It counts the beat.
    Seen,
    /// It knows no such instance.
    Unknown,
}

/// The beats that owners are to hear of, until they have: a stream may swallow a relay, and a client that came here
/// once may not come again before its lease is over.
#[derive(Debug, Default)]
pub(super) struct Relays(BTreeMap<Arc<Key>, Pending>);

/// A beat that was not acknowledged.
#[derive(Clone, Copy, Debug, Default)]
struct Pending {
    due: Timestamp,
    tries: u8,
}

impl Relays {
    /// A later beat makes the earlier one of no interest.
    fn insert(&mut self, key: &Arc<Key>) {
        self.0.insert(key.clone(), Pending::default());
    }

    /// What is to be sent now, and is to be sent again if that is of no avail.
    fn take_due(&mut self, now: Timestamp) -> Vec<Arc<Key>> {
        let due = self.0.iter_mut().filter(|(_, pending)| pending.due <= now);
        let taken = due.map(|(key, pending)| {
            pending.due = now + AGAIN_AFTER * (1 << pending.tries.min(AGAIN_BITS_MAX));
            pending.tries = pending.tries.saturating_add(1);
            key.clone()
        });
        taken.collect()
    }

    fn remove(&mut self, key: &Key) {
        self.0.remove(key);
    }

    /// The owner has the beat that was sent to it; one that came since is to be sent all the same.
    fn acknowledge(&mut self, key: &Key) {
        if self.0.get(key).is_some_and(|pending| pending.tries > 0) {
            self.0.remove(key);
        }
    }
}

impl Registry {
    /// A beat came here of a lease that another server owned a moment ago: that server is to hear of it, or does not
    /// own it any longer.
    pub(super) fn pass_on(&self, app: &str, id: &str, visit: Visit, now: Timestamp) {
        let Some(entry) = self.store.find(app, id) else {
            return;
        };
        let moved = visit.row >= IN_A_ROW || visit.unanswered;
        if moved || !self.standing.up(entry.record().owner()) {
            self.adopt_unasked(&entry, now);
        } else {
            lock(&self.relays).insert(entry.key());
        }
    }

    /// Whoever owns the lease now is to hear of the last beat that came here.
    pub(super) fn relay_again(&self, key: &Arc<Key>) {
        lock(&self.relays).insert(key);
    }

    /// The answer to a beat has no room for the change, so the next sweep tells of it.
    fn adopt_unasked(&self, entry: &Entry, now: Timestamp) {
        if let Some(change) = self.adopt(entry, now) {
            lock(&self.journal).tell_later(change);
        }
    }

    /// Takes over a lease, unless it was written since the entry was read. Its deadline counts from the last beat.
    fn adopt(&self, heard: &Entry, now: Timestamp) -> Option<Change> {
        let key = heard.key();
        let mut books = self.books(now);
        let write = books.write;
        let adopt = |entry: &Entry| {
            let unchanged = entry.record().lease.version == heard.record().lease.version;
            let another = entry.record().live() && !entry.owned_by(write.origin);
            (unchanged && another).then(|| {
                let adopted = entry.with(write.own(entry.record()));
                let witnessed_at = entry.witnessed_at().unwrap_or(now);
                adopted.extend(witnessed_at, self.settings.lease_doubled);
                adopted
            })
        };
        let written = self.store.rewrite(key.app.as_str(), &key.id, adopt)?;
        Some(self.enter(&mut books, &written, What::Adopted, Some(Sender::Client)))
    }

    /// The beats heard here of leases that other servers own, which these are to be told of now: one for each instance,
    /// in the order of their keys. They come again until they are acknowledged or of no use any more.
    pub fn take_relays(&self, now: Timestamp) -> Vec<Relay> {
        let due = lock(&self.relays).take_due(now);
        let relay = |key: Arc<Key>| {
            let relay = self.relay(&key, now);
            if relay.is_none() {
                lock(&self.relays).remove(&key);
            }
            relay
        };
        due.into_iter().filter_map(relay).collect()
    }

    fn relay(&self, key: &Arc<Key>, now: Timestamp) -> Option<Relay> {
        let entry = self.stored(key)?;
        let another = entry.record().live() && !entry.owned_by(self.origin());
        if !another || !heard_within_lease(&entry, now, &self.settings) {
            return None;
        }
        if !self.standing.up(entry.record().owner()) {
            self.adopt_unasked(&entry, now);
            return None;
        }
        entry.count_relay();
        Some(Relay {
            owner: entry.record().owner(),
            age: now.since(entry.witnessed_at()?),
            key: key.clone(),
        })
    }

    /// A beat was heard elsewhere, so long ago, of a lease that is taken to be this server's. It renews the lease, if
    /// it is; it revives nothing, for the client may have left since.
    pub fn relayed(&self, key: &Key, age: Duration, now: Timestamp) -> Relayed {
        let own = self.origin();
        let kept = self.store.look(key.app.as_str(), &key.id, |entry| {
            let kept = entry.owned_by(own);
            if kept {
                entry.hear_relayed(before(now, age), self.settings.lease_doubled);
            }
            kept
        });
        match kept {
            Some(true) => Relayed::Seen,
            Some(false) => Relayed::HeldOtherwise,
            None => Relayed::Unknown,
        }
    }

    /// The owner answered a relay. One that knows nothing of the instance does not keep its lease: whoever heard the
    /// client takes it over.
    pub fn relay_answered(&self, key: &Key, answer: RelayAnswer, now: Timestamp) -> Option<Change> {
        let entry = self.stored(key)?;
        match answer {
            RelayAnswer::Seen => {
                entry.acknowledge();
                lock(&self.relays).acknowledge(key);
                None
            }
            RelayAnswer::Unknown if heard_within_lease(&entry, now, &self.settings) => {
                self.adopt(&entry, now)
            }
            RelayAnswer::Unknown => None,
        }
    }
}
