//! Drains: instances are taken out of service, and it is followed until nobody can call them who could know better.
//!
//! Here: beginning, undoing, and telling of drains. Not here: the override itself, which is the registry's, and HTTP.
//! What must always hold: a drain is nothing but its overrides, which carry its number: it holds without the server that
//! was asked for it, every server tells of it, and undoing it takes away only what it set.

mod asking;
mod book;
mod progress;
mod target;

pub(crate) use self::asking::{answer, is_question};
pub use self::book::Drains;
use self::book::Heard;
use self::progress::Progress;
use self::target::{Target, emptied};
use super::acting::{Refused, by_and_why, given, note_reason, operator, ttl_of, writing};
use super::documents::{Drain, DrainState, DrainTarget, Drains as Document, Undo};
use super::rows::Rows;
use crate::account::{Notice, Topic};
use crate::clock::Timestamp;
use crate::registry::entry::{Entry, Key};
use crate::registry::record::Override;
use crate::registry::status::Status;
use crate::server::State;

/// Takes instances out of service.
///
/// # Errors
///
/// If nothing matches, the body makes no sense, or a service would have nobody left in a zone and that was not confirmed.
pub async fn begin(state: &State, asked: &DrainTarget) -> Result<Drain, Refused> {
    let number = take_out(state, asked)?;
    one(state, number).await
}

/// Answers the number of the drain that began.
fn take_out(state: &State, asked: &DrainTarget) -> Result<u64, Refused> {
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
    let number = state.drains.number(state.registry.origin());
    let set = Override {
        by: Some(asked.by.as_str().into()),
        why: given(&asked.reason),
        until: deadline.map(|deadline| state.clock.now() + deadline),
        drain: Some(number),
        ..Override::of(Status::OutOfService)
    };
    let taken = meant.iter().filter(|entry| take(state, entry, &set, asked));
    let taken = taken.count();
    if taken == 0 {
        return Err(Refused::NothingMatches(query));
    }
    let by = operator(&asked.by, Some(&asked.reason));
    let what = format!("began drain {number}, of {taken} instances, {query}");
    note_reason(state, "drain_began", by, &what);
    state.drains.asked(number, query);
    Ok(number)
}

/// Takes one instance out of service. Answers whether it is still there.
fn take(state: &State, entry: &Entry, set: &Override, asked: &DrainTarget) -> bool {
    let key = entry.key();
    let change = state.registry.overrule(
        key.app.as_str(),
        &key.id,
        set.clone(),
        operator(&asked.by, Some(&asked.reason)),
        state.clock.now(),
    );
    change
        .iter()
        .flatten()
        .for_each(|change| state.record(change));
    change.is_ok()
}

/// Whether an instance is listed, and out of service by this drain.
fn holds(state: &State, key: &Key, number: u64) -> bool {
    let entry = state.registry.stored(key);
    entry.is_some_and(|entry| entry.record().live() && entry.record().drain() == Some(number))
}

/// How far a drain has come.
///
/// # Errors
///
/// If there is no such drain.
pub async fn one(state: &State, number: u64) -> Result<Drain, Refused> {
    let heard = state.drains.find(number);
    let heard = heard.ok_or(Refused::UnknownDrain(number))?;
    Ok(told(state, &heard).await)
}

/// All drains, newest first.
pub async fn all(state: &State) -> Document {
    let mut drains = Vec::new();
    for heard in state.drains.newest_first() {
        drains.push(told(state, &heard).await);
    }
    Document { drains }
}

/// Looks how the drains come out that this server was asked for, though nobody asks again.
pub(crate) async fn look(state: &State) {
    for heard in state.drains.unsettled() {
        told(state, &heard).await;
    }
}

/// How far a drain has come. The server that was asked for it notes its end when it first sees that.
async fn told(state: &State, heard: &Heard) -> Drain {
    let drain = Progress::of(state, heard).await.document();
    let over = drain.state != DrainState::Draining;
    if over && heard.query.is_some() && !heard.settle() && drain.state != DrainState::Ended {
        let text = format!("drain {} is done: {}", drain.id, drain.sentence);
        state.note(Notice::new("drain_done", Topic::Notice, &text));
        tracing::info!(event = "drain_done", drain = drain.id, "{text}");
    }
    drain
}

/// Takes back what a drain has set, where nobody has set something else since.
///
/// # Errors
///
/// If there is no such drain, or the body makes no sense.
pub async fn undo(state: &State, number: u64, asked: &Undo) -> Result<Drain, Refused> {
    writing(state)?;
    by_and_why(&asked.by, asked.reason.as_deref())?;
    let heard = state.drains.find(number);
    let heard = heard.ok_or(Refused::UnknownDrain(number))?;
    let by = operator(&asked.by, asked.reason.as_deref());
    let mut given_back = 0_u64;
    for key in heard.instances.keys() {
        let still = |entry: &Entry| entry.record().drain() == Some(number);
        let (app, now) = (key.app.as_str(), state.clock.now());
        let change = state.registry.give_back(app, &key.id, by, still, now);
        let change = change.ok().flatten();
        change.iter().for_each(|change| state.record(change));
        given_back += u64::from(change.is_some());
    }
    if given_back > 0 {
        let what = format!("undid drain {number}: {given_back} instances are in service again");
        note_reason(state, "drain_undone", by, &what);
    }
    Ok(told(state, &heard).await)
}

/// When a drain ends by itself, if that is yet to come.
fn ends(heard: &Heard, now: Timestamp) -> Option<Timestamp> {
    heard.until.filter(|until| *until > now)
}
