//! Batches from servers that speak Eureka's own replication. Nothing of it is passed on.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::HeaderMap;

use super::content::Content;
use super::error::Refusal;
use super::instances::Name;
use super::limits;
use crate::eureka::Format;
use crate::eureka::batch::{self, Answer, Call, Item};
use crate::registry::change::{Change, Sender};
use crate::registry::entry::Entry;
use crate::registry::{self, Heartbeat, Renewal, StatusCall};
use crate::server::State;

/// What became of an item: its status and, where the sender's copy is older, our own.
type Outcome = (u16, Option<Arc<Entry>>);

/// `POST /peerreplication/batch`. Items are worked off in order; one that fails does not stop the next.
pub(crate) fn replicate(
    state: &State,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<HttpResponse, Refusal> {
    let content = Content::of(headers).filter(|content| content.format == Format::Json);
    let content = content.ok_or(Refusal::UnsupportedMediaType)?;
    let limits = limits::of_bodies(&state.config.limits);
    let items = batch::requests(body, &limits, state.clock.now())
        .map_err(|refusal| Refusal::Unreadable(refusal, content.error_format))?;
    let outcomes: Vec<Outcome> = items
        .into_iter()
        .map(|item| item.map_or((400, None), |item| apply(state, item)))
        .collect();
    // Each instance is handed out once: the answer must not grow with how often it was asked for.
    let mut handed_out = BTreeSet::new();
    let answers = outcomes.iter().map(|(status_code, entry)| {
        let entry = entry
            .as_ref()
            .filter(|entry| handed_out.insert(entry.key()));
        Answer {
            status_code: *status_code,
            instance: entry.map(|entry| entry.shown()),
        }
    });
    let mut out = Vec::new();
    batch::write(&mut out, answers);
    Ok(HttpResponse::Ok()
        .content_type(Format::Json.content_type())
        .body(out))
}

fn apply(state: &State, item: Item) -> Outcome {
    let (registry, now, by) = (&state.registry, state.clock.now(), Sender::Peer);
    let (app, id) = (item.app.as_str(), &*item.id);
    let outcome = match item.call {
        Call::Heartbeat {
            last_dirty,
            carried_override,
        } => {
            let beat = Heartbeat {
                last_dirty,
                carried_override,
                by,
            };
            return renewed(state, state.renew(Name { app, id }, &beat));
        }
        Call::Register(registration) if !state.takes(&registration, now) => return (503, None),
        Call::Register(registration) => Ok(Some(registry.register(*registration, by, now))),
        Call::Cancel => registry.cancel(app, id, by, now).map(Some),
        Call::StatusUpdate { status, last_dirty } => {
            let call = StatusCall {
                status: Some(status),
                last_dirty,
                by,
            };
            registry.set_override(app, id, call, now)
        }
        Call::DeleteStatusOverride { status, last_dirty } => {
            let call = StatusCall {
                status,
                last_dirty,
                by,
            };
            registry.remove_override(app, id, call, now)
        }
    };
    (status_code(state, outcome), None)
}

fn renewed(state: &State, renewal: Renewal) -> Outcome {
    match renewal {
        Renewal::Renewed => (200, None),
        Renewal::Unknown | Renewal::Outdated => (unknown(state), None),
        Renewal::Ahead(entry) => (409, Some(entry)),
    }
}

fn status_code(state: &State, outcome: Result<Option<Change>, registry::Refusal>) -> u16 {
    match outcome {
        Ok(change) => {
            change.iter().for_each(|change| state.record(change));
            200
        }
        Err(registry::Refusal::NotRegistered) => unknown(state),
        Err(registry::Refusal::MetadataTooLarge) => 400,
    }
}

/// What to say of an instance nobody here knows: not now, as long as others may know it.
fn unknown(state: &State) -> u16 {
    if state.doors().not_found { 404 } else { 503 }
}
