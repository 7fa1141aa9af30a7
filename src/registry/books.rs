//! What every write is entered into, and by whom it is written.
//!
//! Here: the locks that a write holds, and the one way in which it is entered. Not here: what is written (`writes`). What
//! must always hold: two writes to one instance are entered in the order in which they were made, and all writes made
//! with the books open are by one origin.

use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

use peers::version::Origin;

use super::change::{Change, Sender, What};
use super::entry::Entry;
use super::instance::Text;
use super::journal::{Asked, Journal};
use super::leases::Leases;
use super::settings::RegistrySettings;
use super::store::Written;
use super::writes::Write;
use super::{Registry, lock};
use crate::clock::Timestamp;

/// What every write is entered into. Held from before the write until it is entered: two writes to one instance
/// that were entered the other way round would leave a live lease that nobody looks after, or a count below none.
pub(super) struct Books<'a> {
    pub(super) leases: MutexGuard<'a, Leases>,
    pub(super) journal: MutexGuard<'a, Journal>,
    /// By whom and when. Who writes here changes only while the books are open.
    pub(super) write: Write,
    /// The operator who writes, by name.
    pub(super) actor: Option<Text>,
    /// Why, in the operator's own words.
    pub(super) reason: Option<Text>,
}

impl Books<'_> {
    /// Enters what was written into the leases alone: it shows readers nothing.
    pub(super) fn note(&mut self, written: &Written, settings: &RegistrySettings) {
        self.leases.note(written, self.write.origin, settings);
    }
}

impl Registry {
    /// This server goes by another epoch from now on. The leases it owns are written anew, with their times as they
    /// are; whoever believed its former self gone would end them otherwise.
    pub fn restate(&self, origin: Origin, now: Timestamp) -> Vec<Change> {
        let mut books = self.books(now);
        let former = std::mem::replace(&mut books.write.origin, origin);
        if former == origin {
            return Vec::new();
        }
        self.standing.become_origin(origin);
        let write = books.write;
        let owned = self.store.all().into_iter();
        let owned = owned.filter(|entry| entry.owned_by(former));
        let restate = |entry: &Entry| Some(entry.with(write.own(entry.record())));
        let written = owned.filter_map(|entry| {
            let key = entry.key();
            self.store.rewrite(key.app.as_str(), &key.id, restate)
        });
        written
            .map(|written| self.enter(&mut books, &written, What::Restated, None))
            .collect()
    }

    pub(super) fn write(&self, now: Timestamp) -> Write {
        let origin = self.origin();
        Write { now, origin }
    }

    /// Opens the books for a write that is to be entered.
    pub(super) fn books(&self, now: Timestamp) -> Books<'_> {
        let leases = lock(&self.leases);
        Books {
            write: self.write(now),
            leases,
            journal: lock(&self.journal),
            actor: None,
            reason: None,
        }
    }

    /// Opens the books for a write that an operator asks for.
    pub(super) fn books_of(&self, now: Timestamp, actor: Option<&str>) -> Books<'_> {
        let mut books = self.books(now);
        books.actor = actor.map(Text::from);
        books
    }

    /// Enters what was written here into the leases and the journal, and for the peers.
    pub(super) fn enter(
        &self,
        books: &mut Books<'_>,
        written: &Written,
        what: What,
        by: Option<Sender>,
    ) -> Change {
        let change = self.enter_unsaid(books, written, what, by);
        self.outbox.enter(written.after.key());
        change
    }

    /// The same for what the peers know already.
    pub(super) fn enter_unsaid(
        &self,
        books: &mut Books<'_>,
        written: &Written,
        what: What,
        by: Option<Sender>,
    ) -> Change {
        books.note(written, &self.settings);
        let now = books.write.now;
        let asked = Asked {
            by,
            actor: books.actor.clone(),
            reason: books.reason.clone(),
        };
        let change = books.journal.enter(written, what, asked, now);
        self.publish(&books.journal);
        change
    }

    /// Enters what says again what was said: no news to readers here, and perhaps to peers who heard otherwise.
    pub(super) fn enter_restated(&self, books: &mut Books<'_>, written: &Written) {
        books.note(written, &self.settings);
        books.journal.touch(written.after.key());
        self.outbox.enter(written.after.key());
    }

    /// Lets readers see that there is something new.
    pub(super) fn publish(&self, journal: &Journal) {
        self.revision.store(journal.revision(), Ordering::Release);
    }
}
