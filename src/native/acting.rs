//! What operators do to instances and leases.
//!
//! Here: overrides, evictions, the release of protection; each checked, done, and told with what happens next. Not here:
//! whether somebody may (`api::v1::rights`), drains (`drains`). What must always hold: everything that is done is in the
//! account of events with the operator's name; and what is said to happen next is what the registry will do.

use std::time::Duration;

use super::documents::{AsOf, Done, OverrideListed, Overrides, Overriding, Undo};
use super::explain::spoken;
use super::instance::in_force;
use super::instances::moment;
use super::query::Mistake;
use super::rows::Rows;
use crate::account::{Notice, Topic};
use crate::clock::Timestamp;
use crate::registry::Operator;
use crate::registry::change::Change;
use crate::registry::instance::{AppName, Text};
use crate::registry::record::Override;
use crate::registry::status::Status;
use crate::server::State;

/// The longest name of an operator, in bytes.
pub const BY_MAX: usize = 128;
/// The longest reason, in bytes.
pub const REASON_MAX: usize = 1024;
/// The longest time an override may last: longer is as good as for ever.
const TTL_MAX: Duration = Duration::from_secs(10 * 366 * 24 * 60 * 60);

/// Why something was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// No such instance is listed.
    UnknownInstance {
        /// Its application.
        app: String,
        /// Its id there.
        id: String,
    },
    /// A field of the body makes no sense.
    BadField {
        /// Which.
        field: &'static str,
        /// Why, as a sentence.
        why: String,
    },
    /// The query makes no sense.
    BadQuery(Mistake),
    /// That guard protects nothing.
    NotProtecting(String),
    /// Nothing matches.
    NothingMatches(String),
    /// A service would have nobody in service in a zone where it has somebody now, each as `SERVICE in ZONE`.
    EmptiesZone(Vec<String>),
    /// There is no such drain.
    UnknownDrain(u64),
    /// The server writes nothing now.
    NotReady,
}

/// Checks what an operator says of themselves, and why they act. A reason may be left out, a name may not.
pub(super) fn by_and_why(by: &str, reason: Option<&str>) -> Result<(), Refused> {
    if by.trim().is_empty() {
        return Err(bad(
            "by",
            "it must say who acts: whoever comes after will want to know",
        ));
    }
    line("by", by, BY_MAX)?;
    reason.map_or(Ok(()), |reason| line("reason", reason, REASON_MAX))
}

fn line(field: &'static str, text: &str, max: usize) -> Result<(), Refused> {
    match text {
        _ if text.len() > max => Err(bad(field, "it is too long")),
        _ if text.chars().any(char::is_control) => {
            Err(bad(field, "it must be one line without control characters"))
        }
        _ => Ok(()),
    }
}

/// Who acts, for the registry.
pub(super) fn operator<'a>(by: &'a str, reason: Option<&'a str>) -> Operator<'a> {
    Operator {
        name: by,
        why: reason.map(str::trim).filter(|why| !why.is_empty()),
    }
}

/// A reason, if one was given.
pub(super) fn given(reason: &str) -> Option<Text> {
    Some(reason.trim())
        .filter(|reason| !reason.is_empty())
        .map(Text::from)
}

pub(super) fn bad(field: &'static str, why: &str) -> Refused {
    Refused::BadField {
        field,
        why: why.to_owned(),
    }
}

/// Refuses to act while the server does not know whether another goes by its name.
pub(super) fn writing(state: &State) -> Result<(), Refused> {
    if state.doors().writes {
        Ok(())
    } else {
        Err(Refused::NotReady)
    }
}

pub(super) fn unknown(app: &str, id: &str) -> Refused {
    Refused::UnknownInstance {
        app: AppName::new(app).as_str().to_owned(),
        id: id.to_owned(),
    }
}

/// The revision of a change; the present one where nothing changed.
pub(super) fn revision(state: &State, change: Option<&Change>) -> String {
    match change {
        Some(change) => state.account.at(change.event).to_string(),
        None => state.account.revision().to_string(),
    }
}

/// Shows an instance in another status than its own.
///
/// # Errors
///
/// If it is not listed, or the body makes no sense.
pub fn overrule(state: &State, app: &str, id: &str, asked: &Overriding) -> Result<Done, Refused> {
    writing(state)?;
    by_and_why(&asked.by, Some(&asked.reason))?;
    let now = state.clock.now();
    let status = status(&asked.status)?;
    let until = until(asked, now)?;
    let set = Override {
        by: Some(asked.by.as_str().into()),
        why: given(&asked.reason),
        until,
        ..Override::of(status)
    };
    let name = AppName::new(app);
    let change = state
        .registry
        .overrule(
            name.as_str(),
            id,
            set,
            operator(&asked.by, Some(&asked.reason)),
            now,
        )
        .map_err(|_gone| unknown(app, id))?;
    change.iter().for_each(|change| state.record(change));
    let shown = state
        .registry
        .stored_as(name.as_str(), id)
        .map_or(status, |entry| entry.record().status());
    Ok(Done {
        revision: revision(state, change.as_ref()),
        effect: override_effect(state, status, shown, until.map(|until| until.since(now))),
    })
}

/// The statuses an operator may set. Of an instance that is shown as unknown heartbeats are answered as if it were.
fn status(name: &str) -> Result<Status, Refused> {
    const WRONG: &str = "it is none of UP, DOWN, STARTING, OUT_OF_SERVICE";
    let status: Status = name
        .to_ascii_uppercase()
        .parse()
        .map_err(|_bad| bad("status", WRONG))?;
    if status == Status::Unknown {
        return Err(bad("status", WRONG));
    }
    Ok(status)
}

fn until(asked: &Overriding, now: Timestamp) -> Result<Option<Timestamp>, Refused> {
    let until = match (asked.ttl_ms, &asked.until) {
        (Some(_), Some(_)) => return Err(bad("until", "say ttl_ms or until, not both")),
        (Some(ttl), None) => Some(now + ttl_of("ttl_ms", ttl)?),
        (None, Some(until)) => Some(time(until)?),
        (None, None) => None,
    };
    match until {
        Some(until) if until <= now => Err(bad("until", "it is not later than now")),
        Some(until) if until > now + TTL_MAX => {
            Err(bad("until", "it is more than ten years away; leave it out"))
        }
        until => Ok(until),
    }
}

pub(super) fn ttl_of(field: &'static str, millis: u64) -> Result<Duration, Refused> {
    let ttl = Duration::from_millis(millis);
    match millis {
        0 => Err(bad(field, "it must be more than nothing")),
        _ if ttl > TTL_MAX => Err(bad(field, "it is more than ten years; leave it out")),
        _ => Ok(ttl),
    }
}

fn time(text: &str) -> Result<Timestamp, Refused> {
    let parsed = chrono::DateTime::parse_from_rfc3339(text);
    let millis = parsed
        .ok()
        .and_then(|time| u64::try_from(time.timestamp_millis()).ok());
    let wrong = || bad("until", "it is no time like 2026-01-31T12:00:00Z");
    millis.map(Timestamp::from_millis).ok_or_else(wrong)
}

/// Whom changes reach, and when.
pub(super) fn reach(state: &State) -> String {
    let fetch = spoken(state.config.drain.fetch_interval);
    let peers = match state.peers.get() {
        Some(_) => ", its peers within moments",
        None => "",
    };
    format!(
        "{} shows that from now on{peers}, Eureka's clients with their next fetch, expected within {fetch}.",
        state.config.name
    )
}

fn override_effect(
    state: &State,
    wanted: Status,
    shown: Status,
    lasts: Option<Duration>,
) -> String {
    let mut effect = match wanted == shown {
        true => format!("It is shown as {wanted}: {}", reach(state)),
        false => format!(
            "It stays shown as {shown}, which its client says and is stronger; {wanted} shows once it says it is up."
        ),
    };
    if let Some(lasts) = lasts {
        effect.push_str(&format!(" That ends by itself in {}.", spoken(lasts)));
    }
    effect
}

/// Shows an instance in its own status again.
///
/// # Errors
///
/// If it is not listed, or the body makes no sense.
pub fn give_back(state: &State, app: &str, id: &str, asked: &Undo) -> Result<Done, Refused> {
    writing(state)?;
    by_and_why(&asked.by, asked.reason.as_deref())?;
    let (name, now) = (AppName::new(app), state.clock.now());
    let change = state.registry.give_back(
        name.as_str(),
        id,
        operator(&asked.by, asked.reason.as_deref()),
        |_| true,
        now,
    );
    let change = change.map_err(|_gone| unknown(app, id))?;
    change.iter().for_each(|change| state.record(change));
    let effect = match &change {
        Some(change) => format!(
            "It is shown as {}, which its client says: {}",
            change.status,
            reach(state)
        ),
        None => "There was no override, so nothing changes.".to_owned(),
    };
    Ok(Done {
        revision: revision(state, change.as_ref()),
        effect,
    })
}

/// All overrides in force.
pub fn overrides(state: &State) -> Overrides {
    let (revision, snapshot) = moment(state);
    let rows = Rows::of(state);
    let listed = snapshot.registered.iter().filter_map(|entry| {
        Some(OverrideListed {
            app: entry.key().app.as_str().to_owned(),
            id: entry.key().id.to_string(),
            zone: rows.zone(entry).to_owned(),
            own_status: entry.instance().status.to_string(),
            overriding: in_force(state, entry.record())?,
        })
    });
    Overrides {
        revision: AsOf(revision),
        overrides: listed.collect(),
    }
}

/// Notes what an operator did that is no change of an instance, and why. Answers the revision.
pub(super) fn note_reason(
    state: &State,
    kind: &'static str,
    by: Operator<'_>,
    text: &str,
) -> String {
    let Operator { name, why } = by;
    let reason = why.unwrap_or("no reason given");
    tracing::info!(
        event = kind,
        actor = name,
        reason,
        "operator {name} {text}: {reason}"
    );
    let mut notice = Notice::new(kind, Topic::Notice, text).by(Some(name));
    notice.reason = why.map(Text::from);
    state.note(notice).to_string()
}
