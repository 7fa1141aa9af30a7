//! Leases that operators end, and guards they release.
//!
//! What must always hold: what follows is said as the registry will do it: a client that lives comes back, a server that
//! heard it gainsays, and what is released goes as the quota allows.

use super::acting::{
    Refused, bad, by_and_why, note_reason, operator, reach, revision, unknown, writing,
};
use super::documents::{Done, DoneToMany, Evict, EvictMany, Release, Skipped};
use super::explain::spoken;
use super::query::Query;
use super::rows::{NO_ZONE, Rows, server_name};
use crate::registry::Operator;
use crate::registry::change::Change;
use crate::registry::entry::Entry;
use crate::registry::instance::{AppName, Text};
use crate::registry::oversight::Outlook;
use crate::registry::preservation::Scope;
use crate::server::State;

/// So many of those passed over are told.
const SKIPPED_MAX: usize = 100;

/// Ends a lease now.
///
/// # Errors
///
/// If it is not listed, or the body makes no sense.
pub fn evict(state: &State, app: &str, id: &str, asked: &Evict) -> Result<Done, Refused> {
    writing(state)?;
    by_and_why(&asked.by, Some(&asked.reason))?;
    let name = AppName::new(app);
    let entry = state
        .registry
        .stored_as(name.as_str(), id)
        .filter(|entry| entry.record().live());
    let entry = entry.ok_or_else(|| unknown(app, id))?;
    let effect = eviction_effect(state, &entry);
    let change = evict_one(
        state,
        &entry,
        operator(&asked.by, Some(&asked.reason)),
        |_| true,
    )
    .ok_or_else(|| unknown(app, id))?;
    Ok(Done {
        revision: revision(state, Some(&change)),
        effect,
    })
}

fn evict_one(
    state: &State,
    entry: &Entry,
    by: Operator<'_>,
    still: impl Fn(&Entry) -> bool,
) -> Option<Change> {
    let key = entry.key();
    let change = state
        .registry
        .evict_now(key.app.as_str(), &key.id, by, still, state.clock.now())
        .ok()?;
    state.record(&change);
    Some(change)
}

/// What follows an eviction: that depends on whether its client lives, and on who keeps its lease.
fn eviction_effect(state: &State, entry: &Entry) -> String {
    let every = spoken(entry.instance().lease.interval());
    let gone = format!("It is gone from all lists: {}", reach(state));
    let oversight = state.registry.oversee(state.clock.now());
    match oversight.outlook(entry) {
        Outlook::Running | Outlook::Over(_) | Outlook::Orphaned(_) => format!(
            "{gone} If its process lives it registers again with its next heartbeat, within {every}; stop it first if it is not to."
        ),
        Outlook::Elsewhere => {
            let keeper = server_name(state, entry.record().owner().node);
            format!(
                "{gone} {keeper} keeps its lease: if that server has heard the client within the lease it gainsays this at once, and the instance stays."
            )
        }
    }
}

/// Ends leases that are over now, though guards may hold them or the quota be spent.
///
/// # Errors
///
/// If the body makes no sense.
pub fn evict_expired(state: &State, asked: &EvictMany) -> Result<DoneToMany, Refused> {
    writing(state)?;
    by_and_why(&asked.by, Some(&asked.reason))?;
    if !asked.expired {
        return Err(bad(
            "expired",
            "it must be true: leases that run are ended one by one",
        ));
    }
    let query = Query::parse(&asked.query).map_err(Refused::BadQuery)?;
    let rows = Rows::of(state);
    let snapshot = state.registry.refresh();
    let matching = snapshot
        .registered
        .iter()
        .filter(|entry| rows.match_query(&query, entry));
    let by = operator(&asked.by, Some(&asked.reason));
    let (mut changes, mut skipped) = (Vec::new(), Vec::new());
    for entry in matching {
        let over = rows.over(entry);
        let change = over
            .is_none()
            .then(|| evict_one(state, entry, by, |now| now.heard_at() == entry.heard_at()));
        match (change.flatten(), over) {
            (Some(change), _) => changes.push(change),
            (None, why) => skipped.push(Skipped {
                app: entry.key().app.as_str().to_owned(),
                id: entry.key().id.to_string(),
                why: why.unwrap_or("it was heard of just now").to_owned(),
            }),
        }
    }
    skipped.truncate(SKIPPED_MAX);
    Ok(DoneToMany {
        revision: revision(state, changes.last()),
        effect: many_effect(state, changes.len()),
        instances: changes.len() as u64,
        skipped,
    })
}

fn many_effect(state: &State, evicted: usize) -> String {
    match evicted {
        0 => "No lease that matches is over, so nothing changes.".to_owned(),
        _ => format!(
            "They are gone from all lists: {} Those whose processes live register again with their next heartbeats.",
            reach(state)
        ),
    }
}

/// Releases what a guard holds.
///
/// # Errors
///
/// If that guard protects nothing, or the body makes no sense.
pub fn release(state: &State, asked: &Release) -> Result<Done, Refused> {
    by_and_why(&asked.by, Some(&asked.reason))?;
    let scope = scope(asked)?;
    let released = state
        .registry
        .release(&scope)
        .ok_or_else(|| Refused::NotProtecting(scope.to_string()))?;
    let text = format!("released the protection of {scope}, with {released} silent leases");
    let revision = note_reason(
        state,
        "protection_released",
        operator(&asked.by, Some(&asked.reason)),
        &text,
    );
    let dealt = state.registry.oversee(state.clock.now()).quota();
    let effect = format!(
        "Of {scope} {released} leases are silent and no longer held by this guard: those that are over go from the next sweep on, at most {} in {}, unless another guard holds them; one that beats counts again.",
        dealt.next,
        spoken(dealt.window)
    );
    Ok(Done { revision, effect })
}

fn scope(asked: &Release) -> Result<Scope, Refused> {
    match (asked.guard.as_str(), &asked.zone) {
        ("server", None) => Ok(Scope::Server),
        ("isolation", None) => Ok(Scope::Isolation),
        ("zone", Some(zone)) => {
            let named = Some(zone.as_str()).filter(|zone| !zone.is_empty() && *zone != NO_ZONE);
            Ok(Scope::Zone(named.map(Text::from)))
        }
        ("zone", None) => Err(bad("zone", "it must say whose zone's guard is meant")),
        ("server" | "isolation", Some(_)) => Err(bad("zone", "only a zone's guard has one")),
        _ => Err(bad("guard", "it is none of server, zone, isolation")),
    }
}
