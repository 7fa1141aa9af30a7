//! What can be asked of a registry about one instance, and what becomes of it.
//!
//! Here: registrations, heartbeats, cancels, status and metadata calls. Not here: what each makes of a record
//! (`writes`). What must always hold: a call that writes opens the books before it does.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Registry;
use super::change::{Change, Sender, What};
use super::entry::{Entry, Key, Visit};
use super::instance::{AppName, Metadata, Registration};
use super::journal::Asked;
use super::record::{Override, Record};
use super::status::Status;
use super::writes::{Owner, Write};
use crate::clock::Timestamp;

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
        self.hear_client();
        let mut books = self.books(now);
        let write = books.write;
        let written = self.store.write(&key, |held| {
            let record = held.map(Entry::record);
            let record = write.register(record, self.owner(record), registration, by);
            Some(Entry::starting(key.clone(), record, now).doubting(held, now))
        });
        let written = written.expect("a registration is always written");
        let what = if written.was_live() {
            What::RegisteredAgain
        } else {
            What::Registered
        };
        self.enter(&mut books, &written, what, Some(by))
    }

    /// Whether somebody keeps the lease of what is held.
    fn owner(&self, held: Option<&Record>) -> Owner {
        match held {
            Some(held) if self.standing.gone(held.owner()) => Owner::Gone,
            _ => Owner::Present,
        }
    }

    /// Notes that there are clients, even if what one asked for was refused. Written once, since all threads read it.
    pub fn hear_client(&self) {
        if !self.heard_clients.load(Ordering::Relaxed) {
            self.heard_clients.store(true, Ordering::Relaxed);
        }
    }

    /// Takes a heartbeat.
    pub fn renew(&self, app: &str, id: &str, beat: &Heartbeat, now: Timestamp) -> Renewal {
        self.hear_client();
        let heard = self.store.look(app, id, |entry| {
            let known = entry.record().live() && entry.record().status() != Status::Unknown;
            known.then(|| {
                entry.doubt(beat, now);
                (entry.instance().last_dirty, self.hear(entry, now))
            })
        });
        let Some(Some((registered, visit))) = heard else {
            return Renewal::Unknown;
        };
        self.renewals.fetch_add(1, Ordering::Relaxed);
        if let Some(visit) = visit {
            self.pass_on(app, id, visit, now);
        }
        match beat.last_dirty.filter(|_| self.settings.compare_timestamps) {
            Some(theirs) if theirs > registered => self.outdated(app, id, beat, now),
            Some(theirs) if theirs < registered && beat.by == Sender::Peer => self
                .store
                .find(app, id)
                .map_or(Renewal::Unknown, Renewal::Ahead),
            _ => Renewal::Renewed,
        }
    }

    /// The client of a live lease was heard; `Some` if another server keeps it.
    fn hear(&self, entry: &Entry, now: Timestamp) -> Option<Visit> {
        let doubled = self.settings.lease_doubled;
        if entry.record().owner() == self.origin() {
            entry.hear(now, doubled);
            return None;
        }
        Some(entry.hear_for_owner(now, doubled))
    }

    /// A peer whose copy is newer hands over its override before it is asked to register the instance here.
    fn outdated(&self, app: &str, id: &str, beat: &Heartbeat, now: Timestamp) -> Renewal {
        if let (Some(status), Sender::Peer) = (beat.carried_override, beat.by) {
            let mut books = self.books(now);
            let write = books.write;
            let set =
                |entry: &Entry| Some(entry.with(write.carry_override(entry.record(), status)));
            if let Some(written) = self.store.rewrite(app, id, set) {
                self.enter(&mut books, &written, What::Overridden, Some(beat.by));
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
        let mut books = self.books(now);
        let write = books.write;
        let written = self.store.rewrite(app, id, |entry| {
            entry.forget_witness();
            write
                .cancel(entry.record())
                .map(|record| entry.with(record))
        });
        if let Some(written) = written {
            if written.was_live() {
                return Ok(self.enter(&mut books, &written, What::Cancelled, Some(by)));
            }
            books.note(&written, &self.settings);
            self.outbox.enter(written.after.key());
        }
        let key = Arc::new(Key {
            app: AppName::new(app),
            id: id.into(),
        });
        books.journal.enter_vain_cancel(&key, now);
        Err(Refusal::NotRegistered)
    }

    /// Shows an instance in another status than its own. To set the status that is shown already changes nothing that
    /// readers see, and yet it is a later word than what another server may have been told meanwhile.
    pub fn set_override(
        &self,
        app: &str,
        id: &str,
        call: StatusCall,
        now: Timestamp,
    ) -> Result<Option<Change>, Refusal> {
        self.call(
            app,
            id,
            What::Overridden,
            call.by.into(),
            now,
            |write, entry| {
                let (held, status) = (entry.record(), call.status?);
                let written = match status == held.status() {
                    true => self.restated(write, held)?,
                    false => write.set_override(held, Override::of(status), call.last_dirty),
                };
                Some(entry.with(written))
            },
        )
    }

    /// Shows an instance in its own status again.
    pub fn remove_override(
        &self,
        app: &str,
        id: &str,
        call: StatusCall,
        now: Timestamp,
    ) -> Result<Option<Change>, Refusal> {
        self.call(
            app,
            id,
            What::OverrideRemoved,
            call.by.into(),
            now,
            |write, entry| {
                let held = entry.record();
                let written = match held.overridden() {
                    None => self.restated(write, held)?,
                    Some(_) => write.remove_override(held, call.status, call.last_dirty),
                };
                Some(entry.with(written))
            },
        )
    }

    /// The override as it is, said again; alone there is nobody who could have heard otherwise.
    fn restated(&self, write: Write, held: &Record) -> Option<Record> {
        let surroundings = self.standing.surroundings();
        surroundings.met.then(|| write.restate_override(held))
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
        let mut fits = true;
        let done = self.call(
            app,
            id,
            What::MetadataChanged,
            Sender::Client.into(),
            now,
            |write, entry| {
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

    /// A call about an instance: its lease starts again, if it is kept here, and what `make` says is written.
    pub(super) fn call(
        &self,
        app: &str,
        id: &str,
        what: What,
        asked: Asked,
        now: Timestamp,
        make: impl FnOnce(Write, &Entry) -> Option<Entry>,
    ) -> Result<Option<Change>, Refusal> {
        self.find(app, id, now).ok_or(Refusal::NotRegistered)?;
        let mut books = self.books_of(now, asked.actor.as_deref());
        books.reason = asked.reason;
        let write = books.write;
        let written = self.store.rewrite(app, id, |entry| {
            if entry.owned_by(write.origin) {
                entry.extend(now, self.settings.lease_doubled);
            }
            entry.record().live().then(|| make(write, entry))?
        });
        let Some(written) = written else {
            return Ok(None);
        };
        if written.says_nothing_new() {
            self.enter_restated(&mut books, &written);
            return Ok(None);
        }
        Ok(Some(self.enter(&mut books, &written, what, asked.by)))
    }
}
