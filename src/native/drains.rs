//! Drains: instances are taken out of service, and it is followed until nobody can call them who could know better.
//!
//! Here: which instances, the refusal to empty a zone unasked, the book of drains, how far each has come. Not here: the
//! override itself, which is the registry's, and HTTP. What must always hold: a drain is nothing but its overrides: it
//! holds without this server, and undoing it takes away only what it set.

mod progress;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use peers::version::Version;

pub(crate) use self::progress::{answer, is_question};
use super::acting::{Refused, bad, by_and_why, given, note_reason, operator, ttl_of, writing};
use super::documents::{Drain, DrainTarget, Drains as Document, Undo};
use super::query::Query;
use super::rows::{Rows, Seen};
use crate::clock::Timestamp;
use crate::registry::entry::{Entry, Key};
use crate::registry::instance::AppName;
use crate::registry::record::Override;
use crate::registry::status::Status;
use crate::server::State;

/// So many drains are remembered; the oldest go first.
const DRAINS_MAX: usize = 100;

/// The drains this server was asked for.
#[derive(Debug, Default)]
pub struct Drains(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    last: u64,
    drains: BTreeMap<u64, Arc<Begun>>,
}

/// A drain as it began.
#[derive(Debug)]
struct Begun {
    id: u64,
    revision: String,
    query: String,
    by: String,
    reason: String,
    since: Timestamp,
    until: Option<Timestamp>,
    instances: Vec<Taken>,
    /// Whether it was undone; set once.
    undone: std::sync::atomic::AtomicBool,
}

/// An instance that was taken out of service, and the write that did it.
#[derive(Clone, Debug)]
struct Taken {
    key: Arc<Key>,
    zone: String,
    written: Version,
}

impl Drains {
    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, begun: impl FnOnce(u64) -> Begun) -> Arc<Begun> {
        let mut book = self.lock();
        book.last += 1;
        let begun = Arc::new(begun(book.last));
        book.drains.insert(begun.id, begun.clone());
        if book.drains.len() > DRAINS_MAX {
            book.drains.pop_first();
        }
        begun
    }

    fn find(&self, id: u64) -> Result<Arc<Begun>, Refused> {
        self.lock()
            .drains
            .get(&id)
            .cloned()
            .ok_or(Refused::UnknownDrain(id))
    }

    fn newest_first(&self) -> Vec<Arc<Begun>> {
        self.lock().drains.values().rev().cloned().collect()
    }
}

/// Which instances are meant.
#[derive(Clone, Debug)]
enum Target {
    Query(Query),
    One(AppName, String),
    Zone(String),
    Host(String),
}

impl Target {
    /// What is asked for, and the same as a query.
    fn of(asked: &DrainTarget) -> Result<(Self, String), Refused> {
        match (
            &asked.query,
            &asked.app,
            &asked.id,
            &asked.zone,
            &asked.host,
        ) {
            (Some(query), None, None, None, None) => {
                let parsed = Query::parse(query).map_err(Refused::BadQuery)?;
                if parsed.is_empty() {
                    return Err(bad(
                        "query",
                        "it must name something: an empty one would drain everything",
                    ));
                }
                Ok((Self::Query(parsed), query.clone()))
            }
            (None, Some(app), Some(id), None, None) => {
                let app = AppName::new(app);
                let query = Query::naming(app.as_str(), id);
                Ok((Self::One(app, id.clone()), query))
            }
            (None, None, None, Some(zone), None) => {
                Ok((Self::Zone(zone.clone()), Query::of("zone", zone)))
            }
            (None, None, None, None, Some(host)) => {
                Ok((Self::Host(host.clone()), Query::of("host", host)))
            }
            _ => Err(bad("query", "say one of query, app with id, zone, host")),
        }
    }

    fn takes(&self, rows: &Rows, seen: &Seen<'_>) -> bool {
        let (entry, instance) = (seen.entry(), seen.entry().instance());
        match self {
            Self::Query(query) => query.matches(&seen.subject(rows.secrets(), rows.now())),
            Self::One(app, id) => entry.key().app == *app && *entry.key().id == **id,
            Self::Zone(zone) => seen.zone() == zone,
            Self::Host(host) => {
                instance.host_name.eq_ignore_ascii_case(host) || *instance.ip_addr == **host
            }
        }
    }
}

/// Takes instances out of service.
///
/// # Errors
///
/// If nothing matches, the body makes no sense, or a service would have nobody left in a zone and that was not confirmed.
pub async fn begin(state: &State, asked: &DrainTarget) -> Result<Drain, Refused> {
    let begun = take_out(state, asked)?;
    Ok(progress::document(state, &begun).await)
}

fn take_out(state: &State, asked: &DrainTarget) -> Result<Arc<Begun>, Refused> {
    writing(state)?;
    by_and_why(&asked.by, Some(&asked.reason))?;
    let (target, query) = Target::of(asked)?;
    let deadline = asked
        .deadline_ms
        .map(|millis| ttl_of("deadline_ms", millis))
        .transpose()?;
    let (rows, snapshot) = (Rows::of(state), state.registry.refresh());
    let meant = snapshot
        .registered
        .iter()
        .filter(|entry| target.takes(&rows, &rows.seen(entry)));
    let meant: Vec<_> = meant.cloned().collect();
    if meant.is_empty() {
        return Err(Refused::NothingMatches(query));
    }
    let emptied = emptied(&rows, snapshot.registered.iter(), &meant);
    if !emptied.is_empty() && !asked.confirm_empties_zone {
        return Err(Refused::EmptiesZone(emptied));
    }
    let since = state.clock.now();
    let until = deadline.map(|deadline| since + deadline);
    let taken: Vec<_> = meant
        .iter()
        .filter_map(|entry| take(state, &rows, entry, asked, until))
        .collect();
    if taken.is_empty() {
        return Err(Refused::NothingMatches(query));
    }
    let what = format!("began to drain {} instances, {query}", taken.len());
    let revision = note_reason(
        state,
        "drain_began",
        operator(&asked.by, Some(&asked.reason)),
        &what,
    );
    Ok(state.drains.enter(|id| Begun {
        id,
        revision,
        query,
        by: asked.by.clone(),
        reason: asked.reason.clone(),
        since,
        until,
        instances: taken,
        undone: false.into(),
    }))
}

/// Takes one instance out of service. `None`: it is gone meanwhile.
fn take(
    state: &State,
    rows: &Rows,
    entry: &Entry,
    asked: &DrainTarget,
    until: Option<Timestamp>,
) -> Option<Taken> {
    let key = entry.key();
    let set = Override {
        by: Some(asked.by.as_str().into()),
        why: given(&asked.reason),
        until,
        ..Override::of(Status::OutOfService)
    };
    let change = state
        .registry
        .overrule(
            key.app.as_str(),
            &key.id,
            set,
            operator(&asked.by, Some(&asked.reason)),
            state.clock.now(),
        )
        .ok()?;
    change.iter().for_each(|change| state.record(change));
    Some(Taken {
        key: key.clone(),
        zone: rows.zone(entry).to_owned(),
        written: written(state, key)?,
    })
}

/// Which write of an instance's override is in force.
fn written(state: &State, key: &Key) -> Option<Version> {
    let entry = state
        .registry
        .stored(key)
        .filter(|entry| entry.record().live())?;
    let register = entry.record().overriding.as_ref()?;
    register.value.set.as_ref().map(|_| register.version)
}

/// Which services would have nobody up in a zone where they have somebody now.
fn emptied<'a>(
    rows: &Rows,
    all: impl Iterator<Item = &'a Arc<Entry>>,
    meant: &[Arc<Entry>],
) -> Vec<String> {
    type Place<'a> = (&'a str, String);
    let up = |entry: &Entry| entry.record().status() == Status::Up;
    let place = |entry: &'a Entry| (entry.key().app.as_str(), rows.zone(entry).to_owned());
    let mut left: BTreeMap<Place<'a>, usize> = BTreeMap::new();
    for entry in all.filter(|entry| up(entry)) {
        *left.entry(place(entry)).or_default() += 1;
    }
    let mut lost: BTreeMap<(String, String), usize> = BTreeMap::new();
    for entry in meant.iter().filter(|entry| up(entry)) {
        let place = (
            entry.key().app.as_str().to_owned(),
            rows.zone(entry).to_owned(),
        );
        *lost.entry(place).or_default() += 1;
    }
    let empty = lost.into_iter().filter(|((app, zone), lost)| {
        left.get(&(app.as_str(), zone.clone()))
            .is_some_and(|left| left <= lost)
    });
    empty
        .map(|((app, zone), _)| format!("{app} in {zone}"))
        .collect()
}

/// How far a drain has come.
///
/// # Errors
///
/// If there is no such drain.
pub async fn one(state: &State, id: u64) -> Result<Drain, Refused> {
    let begun = state.drains.find(id)?;
    Ok(progress::document(state, &begun).await)
}

/// All drains, newest first.
pub async fn all(state: &State) -> Document {
    let mut drains = Vec::new();
    for begun in state.drains.newest_first() {
        drains.push(progress::document(state, &begun).await);
    }
    Document { drains }
}

/// Takes back what a drain has set, where nobody has set something else since.
///
/// # Errors
///
/// If there is no such drain, or the body makes no sense.
pub async fn undo(state: &State, id: u64, asked: &Undo) -> Result<Drain, Refused> {
    writing(state)?;
    by_and_why(&asked.by, asked.reason.as_deref())?;
    let begun = state.drains.find(id)?;
    let mut given_back = 0_u64;
    for taken in &begun.instances {
        let key = &taken.key;
        let still = |entry: &Entry| {
            let register = entry.record().overriding.as_ref();
            register.is_some_and(|register| register.version == taken.written)
        };
        let change = state.registry.give_back(
            key.app.as_str(),
            &key.id,
            operator(&asked.by, asked.reason.as_deref()),
            still,
            state.clock.now(),
        );
        let change = change.ok().flatten();
        change.iter().for_each(|change| state.record(change));
        given_back += u64::from(change.is_some());
    }
    let again = begun.undone.swap(true, std::sync::atomic::Ordering::AcqRel);
    if !again || given_back > 0 {
        let what = format!("undid drain {id}: {given_back} instances are in service again");
        note_reason(
            state,
            "drain_undone",
            operator(&asked.by, asked.reason.as_deref()),
            &what,
        );
    }
    Ok(progress::document(state, &begun).await)
}

impl Begun {
    fn undone(&self) -> bool {
        self.undone.load(std::sync::atomic::Ordering::Acquire)
    }

    fn lasted(&self, now: Timestamp) -> Duration {
        now.since(self.since)
    }
}
