//! What happened lately, as a document.
//!
//! Here: events as people and programs are told of them, and pages of them. Not here: keeping them (`account`).

use std::time::Duration;

use super::documents::{Cause, Code, Event, Events, LeaseState};
use super::query::{Mistake, Query, Subject};
use super::rows::Rows;
use crate::account;
use crate::account::{Account, Revision};
use crate::registry::instance::{AppName, Instance};
use crate::registry::status::Status;
use crate::server::State;

/// How many events one page has, if nothing else is asked for.
pub const PAGE: usize = 100;
/// How many it may have.
pub const PAGE_MAX: usize = 1000;

/// Which events to show.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// Those before this one.
    pub before: Option<Revision>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Those about instances that match. Of what an event itself tells (application, id, zone, status) its own word
    /// counts; of the rest, what is known of the instance now.
    pub query: String,
    /// Those of one of these kinds; any, if there is none.
    pub kinds: Vec<String>,
}

/// What happened, newest first. A place of another start has nothing before it.
///
/// # Errors
///
/// If the query makes no sense.
pub fn of(state: &State, ask: &Ask) -> Result<Events, Mistake> {
    let account = &state.account;
    let (query, rows) = (Query::parse(&ask.query)?, Rows::of(state));
    let (revision, oldest) = (account.revision(), account.floor());
    let wanted = |event: &account::Event| {
        let kind = ask.kinds.is_empty() || ask.kinds.iter().any(|kind| kind == event.kind);
        kind && matches(state, &rows, &query, event)
    };
    let before = match ask.before {
        Some(before) if before.epoch != revision.epoch => Some(0),
        before => before.map(|before| before.sequence),
    };
    let limit = ask.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    let (events, next) = account.newest(before, limit, wanted);
    Ok(Events {
        revision: revision.to_string(),
        oldest: oldest.to_string(),
        next: next.map(|sequence| account.at(sequence).to_string()),
        events: events
            .iter()
            .map(|event| document(account, event))
            .collect(),
    })
}

/// An event as it is told.
pub fn document(account: &Account, event: &account::Event) -> Event {
    let (key, status) = (
        event.key.as_deref(),
        event.status.map(|status| status.to_string()),
    );
    let changed = event.changes_status();
    Event {
        revision: account.at(event.sequence).to_string(),
        at: event.at.to_string(),
        kind: event.kind.to_owned(),
        app: key.map(|key| key.app.to_string()),
        id: key.map(|key| key.id.to_string()),
        zone: event.zone.as_deref().map(String::from),
        before: event
            .before
            .filter(|_| changed)
            .map(|status| status.to_string()),
        after: status.clone().filter(|_| changed),
        status,
        cause: cause(event.cause),
        actor: event.actor.as_deref().map(String::from),
        from: event.peer.as_deref().map(String::from),
        reason: event.reason.as_deref().map(String::from),
        text: event.text(),
    }
}

const fn cause(cause: account::Cause) -> Cause {
    match cause {
        account::Cause::Client => Cause::Client,
        account::Cause::Replication => Cause::Replication,
        account::Cause::Eviction => Cause::Eviction,
        account::Cause::Operator => Cause::Operator,
        account::Cause::EurekaPeer => Cause::EurekaPeer,
        account::Cause::Server => Cause::Server,
    }
}

/// Whether an event is about an instance that matches. One about none matches what asks for nothing.
pub fn matches(state: &State, rows: &Rows, query: &Query, event: &account::Event) -> bool {
    if query.is_empty() {
        return true;
    }
    let Some(key) = event.key.as_deref() else {
        return false;
    };
    let entry = state.registry.stored(key);
    let unknown = Instance {
        id: Some(key.id.clone()),
        ..Instance::new(AppName::new(key.app.as_str()), "", "")
    };
    let now = entry.as_deref().map(|entry| rows.subject(entry));
    let now = now.unwrap_or(Subject {
        secrets: rows.secrets(),
        instance: &unknown,
        id: &key.id,
        zone: "unknown",
        status: Status::Unknown,
        overridden: None,
        protected: false,
        lease: LeaseState::Over,
        owner: "",
        code: Code::Unknown,
        age: Duration::ZERO,
        heard_ago: Duration::MAX,
    });
    query.matches(&Subject {
        id: &key.id,
        zone: event.zone.as_deref().unwrap_or(now.zone),
        status: event.status.unwrap_or(now.status),
        ..now
    })
}
