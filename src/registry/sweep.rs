//! The sweep: the only way leases end by themselves.
//!
//! Here: ending what `leases` says is to end, and forgetting the dead. Not here: who that is (`leases`, `orphans`).
//! What must always hold: a lease that was heard of, or written, since it was chosen does not end.

use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use super::change::{Change, What};
use super::entry::{Entry, Key};
use super::leases::{self, Leases};
use super::{Books, Registry, lock};
use crate::clock::Timestamp;

/// What a sweep did.
#[derive(Clone, Debug)]
pub struct Swept {
    /// Whose leases it ended.
    pub evicted: Vec<Change>,
    /// Whose overrides it ended.
    pub expired: Vec<Change>,
    /// Which leases this server took over since the last sweep, because it heard their clients.
    pub adopted: Vec<Change>,
    /// How many leases were over and held by a guard.
    pub held: usize,
    /// How long the server was not running before, if it was for long: all leases were moved by that.
    pub stalled: Option<Duration>,
}

impl Registry {
    /// Ends leases that are over, in random order and within what the guards and the quota allow, and forgets
    /// those dead long enough. To be called once every sweep interval.
    pub fn sweep(&self, now: Timestamp, chance: &mut impl rand::Rng) -> Swept {
        let mut leases = lock(&self.leases);
        let stalled = self.excuse_stall(&mut leases, now);
        let surroundings = self.standing.surroundings();
        let (store, settings) = (&self.store, &self.settings);
        leases.look(store, &surroundings, now, settings);
        let (drawn, held) = leases.draw(store, now, settings, chance);
        let orphans = leases.draw_orphans(store, &surroundings, now, settings, chance);
        let mut evicted = Vec::new();
        for key in drawn {
            let end;
            (leases, end) = self.evict(leases, &key, now, |entry| entry.expired(now));
            if end.is_some() {
                leases.spend();
            }
            evicted.extend(end);
        }
        for key in orphans {
            let end;
            (leases, end) = self.evict(leases, &key, now, |entry| entry.record().live());
            evicted.extend(end);
        }
        let mut expired = Vec::new();
        for key in leases.take_overridden(&surroundings, now) {
            let end;
            (leases, end) = self.expire_override(leases, &key, now);
            expired.extend(end);
        }
        let forgotten = leases.take_forgotten(self.census().live, now);
        for (due, key) in forgotten {
            self.forget(&mut leases, &key, due);
        }
        Swept {
            evicted,
            expired,
            adopted: lock(&self.journal).take_untold(),
            held,
            stalled,
        }
    }

    /// Moves all leases by the time this server was not running. Answers how long that was, if it was for long.
    fn excuse_stall(&self, leases: &mut Leases, now: Timestamp) -> Option<Duration> {
        let (from, gap) = leases.stall(now, &self.settings)?;
        let own = self.origin();
        let all = self.store.all();
        let owned = all.iter().filter(|entry| entry.owned_by(own));
        owned.for_each(|entry| entry.excuse(from, gap));
        Some(gap)
    }

    /// Ends a lease that was drawn, if `still` says so. The journal is open for one write at a time, so that readers
    /// need not wait for them all.
    fn evict<'a>(
        &'a self,
        leases: MutexGuard<'a, Leases>,
        key: &Key,
        now: Timestamp,
        still: impl Fn(&Entry) -> bool,
    ) -> (MutexGuard<'a, Leases>, Option<Change>) {
        let mut books = self.books_with(leases, now);
        let write = books.write;
        let end = |entry: &Entry| still(entry).then(|| entry.with(write.evict(entry.record())));
        let written = self.store.rewrite(key.app.as_str(), &key.id, end);
        let change = written.map(|written| self.enter(&mut books, &written, What::Evicted, None));
        (books.leases, change)
    }

    /// Ends an override whose time is over, unless it was written since, or the instance is forgotten.
    fn expire_override<'a>(
        &'a self,
        leases: MutexGuard<'a, Leases>,
        key: &Arc<Key>,
        now: Timestamp,
    ) -> (MutexGuard<'a, Leases>, Option<Change>) {
        let mut books = self.books_with(leases, now);
        let write = books.write;
        let end = |entry: &Entry| Some(entry.with(write.expire_override(entry.record())?));
        let written = self.store.rewrite(key.app.as_str(), &key.id, end);
        let change = written.and_then(|written| {
            if written.was_live() {
                return Some(self.enter(&mut books, &written, What::OverrideExpired, None));
            }
            books.note(&written, &self.settings);
            self.outbox.enter(key);
            None
        });
        (books.leases, change)
    }

    fn books_with<'a>(&'a self, leases: MutexGuard<'a, Leases>, now: Timestamp) -> Books<'a> {
        Books {
            leases,
            journal: lock(&self.journal),
            write: self.write(now),
            actor: None,
            reason: None,
        }
    }

    /// Forgets a dead record, unless it has come to life or ended anew since it was noted for this time.
    fn forget(&self, leases: &mut Leases, key: &Arc<Key>, due: Timestamp) {
        let dead = |entry: &Entry| leases::forgotten_at(entry, &self.settings) == Some(due);
        let mut journal = lock(&self.journal);
        if let Some(gone) = self.store.forget(key, dead) {
            leases.forget_expiry(&gone);
            journal.forget(key);
            self.publish(&journal);
            self.outbox.enter(key);
        }
    }
}
