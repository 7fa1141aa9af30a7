//! One instance: register, renew, cancel, status, metadata, and reading it alone.

use actix_web::http::header::HeaderMap;
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::content::Content;
use super::error::Refusal;
use super::query::Query;
use super::{limits, negotiate};
use crate::eureka::{self, document};
use crate::registry::change::{Change, Sender};
use crate::registry::entry::Entry;
use crate::registry::instance::AppName;
use crate::registry::status::Status;
use crate::registry::{self, Heartbeat, Renewal, StatusCall};
use crate::server::State;

/// A name of an instance: its application and its id there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    pub(crate) app: &'a str,
    pub(crate) id: &'a str,
}

/// `POST /apps/{app}`. Answers 204 and nothing else: clients compare.
pub(crate) fn register(
    state: &State,
    app: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<HttpResponse, Refusal> {
    let content = Content::of(headers).ok_or(Refusal::UnsupportedMediaType)?;
    let (now, limits) = (state.clock.now(), limits::of_bodies(&state.config.limits));
    let registration = eureka::registration(content.format, body, &AppName::new(app), &limits, now)
        .map_err(|refusal| Refusal::Unreadable(refusal, content.error_format))?;
    if !state.takes(&registration, now) {
        return Err(Refusal::NotReady);
    }
    state.record(
        &state
            .registry
            .register(registration, negotiate::sender(headers), now),
    );
    Ok(HttpResponse::NoContent().finish())
}

/// `PUT /apps/{app}/{id}`. The status in its query is not looked at, as Java does not.
pub(crate) fn renew(
    state: &State,
    name: Name<'_>,
    query: Query<'_>,
    headers: &HeaderMap,
) -> Result<HttpResponse, Refusal> {
    let by = negotiate::sender(headers);
    let carried_override = match by {
        Sender::Client | Sender::Cluster | Sender::Operator => None,
        Sender::Peer => query.status("overriddenstatus").unwrap_or_default(),
    };
    // Peers write an override they do not have as UNKNOWN.
    let carried_override = carried_override.filter(|status| *status != Status::Unknown);
    let beat = Heartbeat {
        last_dirty: query.last_dirty()?,
        carried_override,
        by,
    };
    match state.renew(name, &beat) {
        Renewal::Renewed => Ok(HttpResponse::Ok().finish()),
        Renewal::Unknown | Renewal::Outdated => Err(registry::Refusal::NotRegistered.into()),
        Renewal::Ahead(entry) => Ok(show(HttpResponse::Conflict(), &entry, headers)),
    }
}

/// `DELETE /apps/{app}/{id}`.
pub(crate) fn cancel(
    state: &State,
    name: Name<'_>,
    headers: &HeaderMap,
) -> Result<HttpResponse, Refusal> {
    let by = negotiate::sender(headers);
    done(
        state,
        state
            .registry
            .cancel(name.app, name.id, by, state.clock.now())
            .map(Some),
    )
}

/// `PUT /apps/{app}/{id}/status`.
pub(crate) fn set_status(
    state: &State,
    name: Name<'_>,
    query: Query<'_>,
    headers: &HeaderMap,
) -> Result<HttpResponse, Refusal> {
    let call = status_call(query, headers)?;
    if call.status.is_none() {
        return Err(Refusal::BadQuery("value is missing".to_owned()));
    }
    done(
        state,
        state
            .registry
            .set_override(name.app, name.id, call, state.clock.now()),
    )
}

/// `DELETE /apps/{app}/{id}/status`.
pub(crate) fn remove_status(
    state: &State,
    name: Name<'_>,
    query: Query<'_>,
    headers: &HeaderMap,
) -> Result<HttpResponse, Refusal> {
    let call = status_call(query, headers)?;
    done(
        state,
        state
            .registry
            .remove_override(name.app, name.id, call, state.clock.now()),
    )
}

fn status_call(query: Query<'_>, headers: &HeaderMap) -> Result<StatusCall, Refusal> {
    let (status, last_dirty) = (query.status("value")?, query.last_dirty()?);
    Ok(StatusCall {
        status,
        last_dirty,
        by: negotiate::sender(headers),
    })
}

/// `PUT /apps/{app}/{id}/metadata`.
pub(crate) fn set_metadata(
    state: &State,
    name: Name<'_>,
    query: Query<'_>,
) -> Result<HttpResponse, Refusal> {
    let (changes, limits) = (query.metadata(), limits::of_metadata(&state.config.limits));
    let now = state.clock.now();
    done(
        state,
        state
            .registry
            .update_metadata(name.app, name.id, &changes, limits, now),
    )
}

fn done(
    state: &State,
    outcome: Result<Option<Change>, registry::Refusal>,
) -> Result<HttpResponse, Refusal> {
    outcome?.iter().for_each(|change| state.record(change));
    Ok(HttpResponse::Ok().finish())
}

/// `GET /apps/{app}/{id}`.
pub(crate) fn fetch(
    state: &State,
    name: Name<'_>,
    headers: &HeaderMap,
) -> Result<HttpResponse, Refusal> {
    let entry = state.registry.find(name.app, name.id, state.clock.now());
    let entry = entry.ok_or(registry::Refusal::NotRegistered)?;
    Ok(show(HttpResponse::Ok(), &entry, headers))
}

/// `GET /instances/{id}`.
pub(crate) fn fetch_by_id(
    state: &State,
    id: &str,
    headers: &HeaderMap,
) -> Result<HttpResponse, Refusal> {
    let entry = state.registry.find_by_id(id, state.clock.now());
    let entry = entry.ok_or(registry::Refusal::NotRegistered)?;
    Ok(show(HttpResponse::Ok(), &entry, headers))
}

fn show(mut answer: HttpResponseBuilder, entry: &Entry, headers: &HeaderMap) -> HttpResponse {
    let format = negotiate::format(headers);
    let mut out = Vec::with_capacity(2048);
    document::single_instance(&mut out, format, &entry.shown());
    answer.content_type(format.content_type()).body(out)
}
