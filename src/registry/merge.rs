//! What comes from other peers: records, and deletions that this server missed.
//!
//! Here: merging a record into what is held, refutation, drops. Not here: which beats are evidence (`evidence`), how
//! records travel. What must always hold: every register becomes the greater of the two, or a lease above both where
//! a death is refuted; and what was merged already changes nothing.

use std::sync::Arc;
use std::time::Duration;

use peers::version::Version;

use super::change::{Change, Sender, What};
use super::entry::{Entry, Key};
use super::evidence::{End, heard_within_lease};
use super::journal::Asked;
use super::record::{Ended, EndedBy, Record};
use super::settings::RegistrySettings;
use super::store::Written;
use super::writes::Write;
use super::{Books, Registry, before};
use crate::clock::Timestamp;

/// What a merge did.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// What readers see of it, that it was refuted, or that another server keeps the lease.
    pub change: Option<Change>,
    /// Whether it brought a death that this server gainsaid: what is held then is newer than what came.
    pub refuted: bool,
}

/// What became of a record that the peers had deleted.
#[derive(Clone, Debug)]
pub enum Dropped {
    /// It is dropped here, too.
    Dropped(Change),
    /// This server heard its client: it keeps the lease from now on.
    Refuted(Change),
    /// It is gone already, or another than was deleted.
    Kept,
}

impl Registry {
    /// Takes another peer's record. `ended_for`: for how long its lease has been over, by ages summed hop by hop and
    /// never by wall clocks.
    pub fn merge(
        &self,
        key: &Arc<Key>,
        theirs: Record,
        ended_for: Option<Duration>,
        now: Timestamp,
    ) -> Merged {
        let mut books = self.books(now);
        let news = News {
            write: books.write,
            settings: &self.settings,
            died_at: before(now, ended_for.unwrap_or_default()),
        };
        let mut refuted = false;
        let written = self.store.write(key, |held| {
            let Some(held) = held else {
                return Some(news.first(key, theirs));
            };
            let taken = news.taken(held, theirs)?;
            refuted = taken.refuted;
            Some(taken.entry)
        });
        written
            .iter()
            .for_each(|written| self.relay_to_new_owner(written, now));
        let change = written.and_then(|written| match refuted {
            true => Some(self.enter(&mut books, &written, What::Refuted, None)),
            false => self.enter_merged(&mut books, &written),
        });
        Merged { change, refuted }
    }

    /// Two servers may have owned a lease while they were apart. Of the one that does so no longer, the other has to
    /// hear what it heard meanwhile: nobody was to be told of it before.
    fn relay_to_new_owner(&self, written: &Written, now: Timestamp) {
        let after = &written.after;
        let before = written
            .before
            .as_ref()
            .map(|before| before.record().owner());
        let moved = before.is_some_and(|before| before != after.record().owner());
        let another = after.record().live() && !after.owned_by(self.origin());
        if moved && another && heard_within_lease(after, now, &self.settings) {
            self.relay_again(after.key());
        }
    }

    /// The peers have deleted a record: it goes here as well, if its lease is live and still of that version. Whoever
    /// heard the client meanwhile gainsays that, as if it were an eviction.
    pub fn drop_deleted(&self, key: &Key, version: Version, now: Timestamp) -> Dropped {
        let mut books = self.books(now);
        let (write, settings) = (books.write, &self.settings);
        let still =
            |entry: &Entry| entry.record().live() && entry.record().lease.version == version;
        let unheard = |entry: &Entry| still(entry) && !heard_within_lease(entry, now, settings);
        if let Some(gone) = self.store.forget(key, unheard) {
            return Dropped::Dropped(self.enter_dropped(&mut books, gone));
        }
        let refute = |entry: &Entry| {
            let witnessed_at = entry.witnessed_at().filter(|_| still(entry))?;
            Some(refuted(
                entry,
                entry.record(),
                witnessed_at,
                write,
                settings,
            ))
        };
        let written = self.store.rewrite(key.app.as_str(), &key.id, refute);
        written.map_or(Dropped::Kept, |written| {
            Dropped::Refuted(self.enter(&mut books, &written, What::Refuted, None))
        })
    }

    /// Enters what came from a peer, who knows it already. Answers what there is to tell of it.
    fn enter_merged(&self, books: &mut Books<'_>, written: &Written) -> Option<Change> {
        let moved = written.moved().then_some(What::Moved);
        let Some(what) = written.shown_change().or(moved) else {
            books.note(written, &self.settings);
            books.journal.touch(written.after.key());
            return None;
        };
        Some(self.enter_unsaid(books, written, what, Some(Sender::Cluster)))
    }

    /// Enters that nothing is stored of an instance any more. The delta shows it as evicted, which it was somewhere.
    fn enter_dropped(&self, books: &mut Books<'_>, gone: Arc<Entry>) -> Change {
        let (write, by) = (books.write, Some(Sender::Cluster));
        let asked = Asked {
            by,
            ..Asked::default()
        };
        books.leases.leave(&gone, &self.settings);
        let written = Written {
            after: Arc::new(gone.with(write.evict(gone.record()))),
            before: Some(gone),
        };
        let change = books
            .journal
            .enter(&written, What::Dropped, asked, write.now);
        self.publish(&books.journal);
        change
    }
}

/// A record from a peer, and what it takes to judge it.
struct News<'a> {
    write: Write,
    settings: &'a RegistrySettings,
    /// Since when its lease is over, if it is, by this server's clock.
    died_at: Timestamp,
}

/// What is held after a merge.
struct Taken {
    entry: Entry,
    refuted: bool,
}

impl News<'_> {
    /// The first that is heard of an instance.
    fn first(&self, key: &Arc<Key>, theirs: Record) -> Entry {
        self.timed(Entry::received(key.clone(), theirs, self.died_at))
    }

    /// What is held once their record is taken; `None` if nothing of it is news.
    fn taken(&self, held: &Entry, theirs: Record) -> Option<Taken> {
        let mut record = held.record().clone();
        record.merge(theirs);
        if record == *held.record() {
            return None;
        }
        let same_lease = record.lease.version == held.record().lease.version;
        let entry = match record.lease.value.ended {
            _ if same_lease => self.commented(held, record),
            None => self.timed(held.with(record)),
            Some(Ended { by, .. }) => return Some(self.ended(held, record, by)),
        };
        Some(Taken {
            entry,
            refuted: false,
        })
    }

    /// Body or override are newer. At the owner that starts the lease again, as the call that wrote them would have,
    /// and it is no more a sign of life than there.
    fn commented(&self, held: &Entry, record: Record) -> Entry {
        let entry = held.with(record);
        if entry.owned_by(self.write.origin) {
            entry.extend(self.write.now, self.settings.lease_doubled);
        }
        entry
    }

    /// Another lease, with its deadline. One that comes back to its owner, who had lost it, starts anew.
    fn timed(&self, entry: Entry) -> Entry {
        if entry.owned_by(self.write.origin) {
            entry.extend(self.write.now, self.settings.lease_doubled);
            entry
        } else {
            entry.kept_elsewhere(self.settings.lease_doubled)
        }
    }

    /// The lease is over, or that is refuted. What was heard before a cancel is no evidence from then on, against
    /// whatever end.
    fn ended(&self, held: &Entry, record: Record, by: EndedBy) -> Taken {
        let end = End {
            by,
            at: self.died_at,
            duration: record.lease.value.duration,
        };
        let gainsaid = |at: &Timestamp| end.gainsaid(*at, self.write.now, self.settings);
        if let Some(witnessed_at) = held.witnessed_at().filter(gainsaid) {
            return Taken {
                entry: refuted(held, &record, witnessed_at, self.write, self.settings),
                refuted: true,
            };
        }
        let entry = held.with(record).dead_since(self.died_at);
        if by == EndedBy::Cancel {
            entry.forget_witness();
        }
        Taken {
            entry,
            refuted: false,
        }
    }
}

/// The lease goes on as this server's. That renews nothing: its deadline counts from the last beat.
fn refuted(
    held: &Entry,
    ended: &Record,
    witnessed_at: Timestamp,
    write: Write,
    settings: &RegistrySettings,
) -> Entry {
    let entry = held.with(write.own(ended));
    entry.extend(witnessed_at, settings.lease_doubled);
    entry
}
