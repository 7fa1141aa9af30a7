//! What an explanation follows from.
//!
//! Here: the facts as values, and the one place where they are gathered. Not here: what they mean. What must always
//! hold: the facts are of one moment, as far as the registry lets itself be read.

use std::sync::Arc;
use std::time::Duration;

use super::ranking;
use super::spoken::spoken;
use crate::account::Event;
use crate::clock::Timestamp;
use crate::native::documents::Code;
use crate::native::rows::{Rows, server_name};
use crate::registry::change::What;
use crate::registry::entry::{Entry, Key};
use crate::registry::instance::{AppName, Instance};
use crate::registry::orphans::Orphan;
use crate::registry::oversight::{Dealt, Outlook};
use crate::registry::preservation::Scope;
use crate::registry::record::{Ended, EndedBy, Override, Record};
use crate::registry::status::Status;
use crate::registry::zones::ZoneFrom;
use crate::server::State;

/// Everything an explanation follows from.
#[derive(Clone, Debug)]
pub struct Facts {
    /// When it is explained.
    pub now: Timestamp,
    /// The server that explains.
    pub server: String,
    /// Whether that server has caught up with its peers.
    pub caught_up: bool,
    /// The application, in upper case.
    pub app: String,
    /// The id there.
    pub id: String,
    /// Whether it is there.
    pub life: Life,
}

/// Whether an instance is there.
#[derive(Clone, Debug)]
pub enum Life {
    /// It is listed.
    Listed(Box<Listed>),
    /// It was.
    Gone(Box<Gone>),
    /// Nobody knows.
    Unknown,
}

impl Life {
    fn gone(gone: Gone) -> Self {
        Self::Gone(Box::new(gone))
    }
}

/// An instance that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// Whether somebody said so, rather than its lease ran out.
    pub cancelled: bool,
    /// Since when.
    pub at: Timestamp,
    /// The operator who ended it, by name.
    pub operator: Option<String>,
    /// The server that told it, by name; this one if none.
    pub told_by: Option<String>,
    /// Who kept its lease, by name, if that is still known.
    pub keeper: Option<String>,
    /// How long its lease lasted, if that is still known.
    pub duration: Option<Duration>,
    /// When its client was last heard here, if it was.
    pub heard_at: Option<Timestamp>,
    /// The override that waits for its return.
    pub overruled: Option<Overruled>,
    /// How long its record is remembered. `None`: it is forgotten, and only the account of events tells of it.
    pub remembered_until: Option<Timestamp>,
}

/// An instance that is listed.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Why.
    pub code: Code,
    /// The status shown.
    pub status: Status,
    /// The status its client claims.
    pub own_status: Status,
    /// What somebody set instead.
    pub overruled: Option<Overruled>,
    /// Who keeps its lease.
    pub keeper: Keeper,
    /// When it registered.
    pub registered_at: Timestamp,
    /// When its client was last heard here.
    pub heard_at: Option<Timestamp>,
    /// From when on a beat is overdue.
    pub late_at: Timestamp,
    /// When its lease is over by what was heard here.
    pub deadline: Timestamp,
    /// How often its client means to beat.
    pub interval: Duration,
    /// How long its lease lasts without a beat.
    pub duration: Duration,
    /// The guards that hold its lease, or would if it were over.
    pub guards: Vec<Guard>,
    /// How many leases may be evicted.
    pub quota: Dealt,
    /// How many leases kept here are over and held by no guard.
    pub waiting: usize,
    /// When leases are looked at next.
    pub next_sweep: Option<Timestamp>,
    /// Its zone.
    pub zone: Option<String>,
    /// What tells the zone, in words; and whether that is a guess.
    pub zone_told: (String, bool),
    /// Its host name and its address.
    pub host: String,
    /// Its address.
    pub ip: String,
    /// Whether two processes seem to speak for it.
    pub doubtful: bool,
    /// By how much the client's clock was ahead when it registered.
    pub client_ahead: Duration,
    /// By how much the clock that wrote last is ahead, and whose that is.
    pub writer_ahead: (Duration, String),
}

/// Who keeps a lease.
#[derive(Clone, Debug)]
pub enum Keeper {
    /// The server that explains.
    Here,
    /// Another, which is there.
    There {
        /// Its name.
        name: String,
        /// Where to ask it. `None`: it has not told.
        url: Option<String>,
    },
    /// Another, which is not there any more.
    Lost {
        /// Its name.
        name: String,
        /// What is to become of its leases.
        orphan: Orphan,
        /// The place of the server that explains among those that may end them; `None`: it is none of them.
        steward: Option<u32>,
    },
}

/// A guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// What it watches over.
    pub scope: Scope,
    /// Since when it protects.
    pub since: Timestamp,
    /// Until when at the latest.
    pub until: Timestamp,
    /// How many leases it counts.
    pub counted: usize,
    /// How many of these are silent.
    pub silent: usize,
}

/// An override.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overruled {
    /// The status it shows.
    pub status: Status,
    /// Who set it.
    pub by: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// When it ends by itself.
    pub until: Option<Timestamp>,
    /// When it was set.
    pub set_at: Timestamp,
    /// The server that took it.
    pub set_on: String,
}

impl Facts {
    /// Gathers what is known of an instance.
    pub fn gather(state: &State, rows: &Rows, app: &str, id: &str) -> Self {
        let app = AppName::new(app);
        let stored = state.registry.stored_as(app.as_str(), id);
        let key = Key {
            app: app.clone(),
            id: id.into(),
        };
        let life = match stored {
            Some(entry) if entry.record().live() => {
                Life::Listed(Box::new(Listed::of(state, rows, &entry)))
            }
            Some(entry) => Gone::stored(state, &entry, &key).map_or(Life::Unknown, Life::gone),
            None => Gone::remembered(state, &key).map_or(Life::Unknown, Life::gone),
        };
        Self {
            now: rows.now(),
            server: state.config.name.clone(),
            caught_up: state.lists_open(),
            app: app.as_str().to_owned(),
            id: id.to_owned(),
            life,
        }
    }

    /// The code they amount to.
    pub fn code(&self) -> Code {
        match &self.life {
            Life::Listed(listed) => listed.code,
            Life::Gone(gone) if gone.cancelled => Code::Cancelled,
            Life::Gone(_) => Code::Evicted,
            Life::Unknown => Code::Unknown,
        }
    }

    /// How long ago something was.
    pub(super) fn ago(&self, at: Timestamp) -> String {
        spoken(self.now.since(at))
    }

    /// How long something lasts yet.
    pub(super) fn left(&self, until: Timestamp) -> String {
        spoken(until.since(self.now))
    }
}

impl Listed {
    fn of(state: &State, rows: &Rows, entry: &Entry) -> Self {
        let (oversight, now) = (rows.oversight(), rows.now());
        let (record, instance) = (entry.record(), entry.instance());
        let outlook = oversight.outlook(entry);
        let zone = oversight.zone(entry);
        let guards = oversight.holders(entry).map(|guard| Guard {
            scope: guard.scope.clone(),
            since: guard.since,
            until: guard.until,
            counted: guard.owned,
            silent: guard.silent,
        });
        let here = record.owner() == oversight.origin;
        let heard = Some(entry.heard_at()).filter(|at| *at > Timestamp::default());
        let over = state.registry.over(now);
        let free = over
            .iter()
            .filter(|entry| oversight.holders(entry).next().is_none());
        Self {
            code: ranking::code(entry, &outlook, now),
            status: record.status(),
            own_status: instance.status,
            overruled: Overruled::of(state, record),
            keeper: keeper(state, rows, record, &outlook),
            registered_at: record.registered_at(),
            heard_at: heard,
            late_at: entry.late_at(),
            deadline: entry.deadline(),
            interval: instance.lease.interval(),
            duration: record.lease.value.duration,
            guards: if here { guards.collect() } else { Vec::new() },
            quota: oversight.quota(),
            waiting: free.count(),
            next_sweep: oversight.next_sweep(),
            zone: zone.name.map(str::to_owned),
            zone_told: (
                zone_told(zone.from, &instance.ip_addr),
                matches!(zone.from, ZoneFrom::Network(_)),
            ),
            host: instance.host_name.to_string(),
            ip: instance.ip_addr.to_string(),
            doubtful: entry.doubtful(now),
            client_ahead: client_ahead(instance, record),
            writer_ahead: writer_ahead(state, record, now),
        }
    }
}

fn keeper(state: &State, rows: &Rows, record: &Record, outlook: &Outlook<'_>) -> Keeper {
    let name = || server_name(state, record.owner().node);
    match outlook {
        Outlook::Running | Outlook::Over(_) => Keeper::Here,
        Outlook::Elsewhere => Keeper::There {
            name: name(),
            url: state.urls.of(record.owner().node),
        },
        Outlook::Orphaned(orphan) => Keeper::Lost {
            name: name(),
            orphan: *orphan,
            steward: rows.oversight().surroundings.steward,
        },
    }
}

fn zone_told(from: ZoneFrom<'_>, ip: &str) -> String {
    match from {
        ZoneFrom::Metadata => "its metadata, under zone".to_owned(),
        ZoneFrom::Amazon => "Amazon's availability zone".to_owned(),
        ZoneFrom::Key(key) => format!("its metadata, under {key}"),
        ZoneFrom::Network(network) => format!("its address {ip}, by the network {network}"),
        ZoneFrom::Nothing => "nothing".to_owned(),
    }
}

/// A client that registers says when it last changed, by its own clock: that cannot be later than now.
fn client_ahead(instance: &Instance, record: &Record) -> Duration {
    let dirty = Timestamp::from_millis(u64::try_from(instance.last_dirty).unwrap_or(0));
    dirty.since(record.body.value.registered_at)
}

fn writer_ahead(state: &State, record: &Record, now: Timestamp) -> (Duration, String) {
    let newest = record.newest();
    let ahead = Timestamp::from_millis(newest.clock.millis()).since(now);
    let name = server_name(state, newest.origin.node);
    (ahead, name)
}

impl Overruled {
    /// The override in force of a record.
    pub(crate) fn of(state: &State, record: &Record) -> Option<Self> {
        let register = record.overriding.as_ref()?;
        let set: &Override = register.value.set.as_ref()?;
        Some(Self {
            status: set.status,
            by: set.by.as_deref().map(str::to_owned),
            why: set.why.as_deref().map(str::to_owned),
            until: set.until,
            set_at: Timestamp::from_millis(register.version.clock.millis()),
            set_on: server_name(state, register.version.origin.node),
        })
    }
}

impl Gone {
    /// One whose record is remembered.
    fn stored(state: &State, entry: &Entry, key: &Key) -> Option<Self> {
        let record = entry.record();
        let Ended { by, at } = record.lease.value.ended?;
        let told = last_end(state, key);
        let told = told.as_deref();
        let settings = state.registry.settings();
        let memory = match record.overridden() {
            Some(_) => settings.remember_overridden,
            None => settings.remember_dead,
        };
        let forgotten_at = state.clock.now()
            + memory.saturating_sub(entry.ended_for(state.clock.now()).unwrap_or_default());
        Some(Self {
            cancelled: by == EndedBy::Cancel,
            at,
            operator: told.and_then(operator),
            told_by: told.and_then(teller),
            keeper: Some(server_name(state, record.owner().node)),
            duration: Some(record.lease.value.duration),
            heard_at: Some(entry.heard_at()).filter(|at| *at > Timestamp::default()),
            overruled: Overruled::of(state, record),
            remembered_until: Some(forgotten_at),
        })
    }

    /// One whose record is forgotten, or was dropped, and of which the account of events tells yet.
    fn remembered(state: &State, key: &Key) -> Option<Self> {
        let told = last_end(state, key)?;
        Some(Self {
            cancelled: told.what == Some(What::Cancelled),
            at: told.at,
            operator: operator(&told),
            told_by: teller(&told),
            keeper: None,
            duration: None,
            heard_at: None,
            overruled: None,
            remembered_until: None,
        })
    }
}

/// The last event by which it was listed no more, unless it was listed again since.
fn last_end(state: &State, key: &Key) -> Option<Arc<Event>> {
    let about = |event: &Event| event.what.is_some() && event.key.as_deref() == Some(key);
    let (last, _) = state.account.newest(None, 1, about);
    last.into_iter().next().filter(|last| !last.listed)
}

fn operator(event: &Event) -> Option<String> {
    event.actor.as_deref().map(str::to_owned)
}

fn teller(event: &Event) -> Option<String> {
    event.peer.as_deref().map(str::to_owned)
}
