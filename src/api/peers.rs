//! Batches from servers that speak Eureka's own replication. Nothing of it is passed on.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::HeaderMap;

use super::instances::{Content, Name};
use super::{error, limits};
use crate::eureka::Format;
use crate::eureka::batch::{self, Answer, Call, Item};
use crate::registry::change::{Change, Sender};
use crate::registry::entry::Entry;
use crate::registry::{Heartbeat, Refusal, Renewal, StatusCall};
use crate::server::State;

/// What became of an item: its status and, where the sender's copy is older, our own.
type Outcome = (u16, Option<Arc<Entry>>);

/// `POST /peerreplication/batch`. Items are worked off in order; one that fails does not stop the next.
pub(crate) fn replicate(state: &State, headers: &HeaderMap, body: &[u8]) -> HttpResponse {
    let Some(content) = Content::of(headers).filter(|content| content.format == Format::Json)
    else {
        return error::unsupported_media_type();
    };
    let items = match batch::requests(
        body,
        &limits::of_bodies(&state.config.limits),
        state.clock.now(),
    ) {
        Ok(items) => items,
        Err(refusal) => return error::unreadable(&refusal, content.error_format),
    };
    let outcomes: Vec<Outcome> = items
        .into_iter()
        .map(|item| item.map_or((400, None), |item| apply(state, item)))
        .collect();
    let answers = outcomes.iter().map(|(status_code, entry)| Answer {
        status_code: *status_code,
        instance: entry.as_ref().map(|entry| entry.shown()),
    });
    let mut out = Vec::new();
    batch::write(&mut out, answers);
    HttpResponse::Ok()
        .content_type(Format::Json.content_type())
        .body(out)
}

fn apply(state: &State, item: Item) -> Outcome {
    let (now, by) = (state.clock.now(), Sender::Peer);
    let (app, id) = (item.app.as_str(), &*item.id);
    let outcome = match item.call {
        Call::Heartbeat {
            last_dirty,
            carried_override,
        } => {
            return renewed(state.renew(
                Name { app, id },
                &Heartbeat {
                    last_dirty,
                    carried_override: carried_override,
                    by,
                },
            ));
        }
        Call::Register(registration) => Ok(Some(state.registry.register(*registration, by, now))),
        Call::Cancel => state.registry.cancel(app, id, by, now).map(Some),
        Call::StatusUpdate { status, last_dirty } => state.registry.set_override(
            app,
            id,
            StatusCall {
                status: Some(status),
                last_dirty,
                by,
            },
            now,
        ),
        Call::DeleteStatusOverride { status, last_dirty } => state.registry.remove_override(
            app,
            id,
            StatusCall {
                status,
                last_dirty,
                by,
            },
            now,
        ),
    };
    (status_code(state, outcome), None)
}

fn renewed(renewal: Renewal) -> Outcome {
    match renewal {
        Renewal::Renewed => (200, None),
        Renewal::Unknown | Renewal::Outdated => (404, None),
        Renewal::Ahead(entry) => (409, Some(entry)),
    }
}

fn status_code(state: &State, outcome: Result<Option<Change>, Refusal>) -> u16 {
    match outcome {
        Ok(change) => {
            change.iter().for_each(|change| state.record(change));
            200
        }
        Err(Refusal::NotRegistered) => 404,
        Err(Refusal::MetadataTooLarge) => 400,
    }
}
