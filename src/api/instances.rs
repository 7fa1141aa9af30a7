//! One instance: register, renew, cancel, status, metadata, and reading it alone.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};

use super::query::Query;
use super::{error, limits, negotiate};
use crate::eureka::{self, Format, document};
use crate::registry::change::Sender;
use crate::registry::entry::Entry;
use crate::registry::instance::AppName;
use crate::registry::status::Status;
use crate::registry::{Heartbeat, Renewal, StatusCall};
use crate::server::State;

/// A name of an instance: its application and its id there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    pub(crate) app: &'a str,
    pub(crate) id: &'a str,
}

/// `POST /apps/{app}`. Answers 204 and nothing else: clients compare.
pub(crate) fn register(state: &State, app: &str, headers: &HeaderMap, body: &[u8]) -> HttpResponse {
    let Some(content) = Content::of(headers) else {
        return error::unsupported_media_type();
    };
    let (now, limits) = (state.clock.now(), limits::of_bodies(&state.config.limits));
    match eureka::registration(content.format, body, &AppName::new(app), &limits, now) {
        Ok(registration) => {
            state.record(
                &state
                    .registry
                    .register(registration, negotiate::sender(headers), now),
            );
            HttpResponse::NoContent().finish()
        }
        Err(refusal) => {
            tracing::debug!(%app, "refused a registration: {refusal}");
            error::unreadable(&refusal, content.error_format)
        }
    }
}

/// What a request says its body is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content {
    pub(crate) format: Format,
    /// The format in which it is refused: Eureka answers in XML unless the type is nothing but `application/json`.
    pub(crate) error_format: Format,
}

impl Content {
    /// JSON or XML, in UTF-8 or in what Java takes for it; `None` is neither.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let header = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let (essence, parameters) = header.split_once(';').unwrap_or((header, ""));
        let format = match essence.trim() {
            json if json.eq_ignore_ascii_case("application/json") => Format::Json,
            xml if xml.eq_ignore_ascii_case("application/xml") => Format::Xml,
            _ => return None,
        };
        let charset = parameters
            .split(';')
            .filter_map(|parameter| parameter.split_once('='));
        let charset = charset.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        let understood = |charset: &str| {
            ["utf-8", "iso-8859-1"]
                .iter()
                .any(|known| charset.eq_ignore_ascii_case(known))
        };
        let all_understood = charset
            .map(|(_, value)| value.trim().trim_matches('"'))
            .all(understood);
        let error_format = if header == "application/json" {
            Format::Json
        } else {
            Format::Xml
        };
        all_understood.then_some(Self {
            format,
            error_format,
        })
    }
}

/// `PUT /apps/{app}/{id}`. The status in its query is not looked at, as Java does not.
pub(crate) fn renew(
    state: &State,
    name: Name<'_>,
    query: Query<'_>,
    headers: &HeaderMap,
) -> HttpResponse {
    let last_dirty = match query.last_dirty() {
        Ok(last_dirty) => last_dirty,
        Err(refused) => return refused,
    };
    let by = negotiate::sender(headers);
    let carried_override = match by {
        Sender::Client => None,
        Sender::Peer => query.status("overriddenstatus").unwrap_or_default(),
    };
    // Peers write an override they do not have as UNKNOWN.
    let carried_override = carried_override.filter(|status| *status != Status::Unknown);
    let beat = Heartbeat {
        last_dirty,
        carried_override,
        by,
    };
    match state.renew(name, &beat) {
        Renewal::Renewed => HttpResponse::Ok().finish(),
        Renewal::Unknown | Renewal::Outdated => error::not_found(),
        Renewal::Ahead(entry) => {
            let mut answer = HttpResponse::Conflict();
            let format = negotiate::format(headers);
            answer
                .content_type(format.content_type())
                .body(single(&entry, format))
        }
    }
}

/// `DELETE /apps/{app}/{id}`.
pub(crate) fn cancel(state: &State, name: Name<'_>, headers: &HeaderMap) -> HttpResponse {
    let cancelled = state.registry.cancel(
        name.app,
        name.id,
        negotiate::sender(headers),
        state.clock.now(),
    );
    match cancelled {
        Ok(change) => {
            state.record(&change);
            HttpResponse::Ok().finish()
        }
        Err(refusal) => error::refused(refusal),
    }
}

/// `PUT /apps/{app}/{id}/status`.
pub(crate) fn set_status(
    state: &State,
    name: Name<'_>,
    query: Query<'_>,
    headers: &HeaderMap,
) -> HttpResponse {
    match status_call(query, headers) {
        Ok(StatusCall { status: None, .. }) => error::bad_request("value is missing"),
        Ok(call) => done(
            state,
            state
                .registry
                .set_override(name.app, name.id, call, state.clock.now()),
        ),
        Err(refused) => refused,
    }
}

/// `DELETE /apps/{app}/{id}/status`.
pub(crate) fn remove_status(
    state: &State,
    name: Name<'_>,
    query: Query<'_>,
    headers: &HeaderMap,
) -> HttpResponse {
    match status_call(query, headers) {
        Ok(call) => done(
            state,
            state
                .registry
                .remove_override(name.app, name.id, call, state.clock.now()),
        ),
        Err(refused) => refused,
    }
}

fn status_call(query: Query<'_>, headers: &HeaderMap) -> Result<StatusCall, HttpResponse> {
    let (status, last_dirty) = (query.status("value")?, query.last_dirty()?);
    Ok(StatusCall {
        status,
        last_dirty,
        by: negotiate::sender(headers),
    })
}

/// `PUT /apps/{app}/{id}/metadata`.
pub(crate) fn set_metadata(state: &State, name: Name<'_>, query: Query<'_>) -> HttpResponse {
    let limits = limits::of_metadata(&state.config.limits);
    done(
        state,
        state.registry.update_metadata(
            name.app,
            name.id,
            &query.metadata(),
            limits,
            state.clock.now(),
        ),
    )
}

fn done(
    state: &State,
    outcome: Result<Option<crate::registry::change::Change>, crate::registry::Refusal>,
) -> HttpResponse {
    match outcome {
        Ok(change) => {
            change.iter().for_each(|change| state.record(change));
            HttpResponse::Ok().finish()
        }
        Err(refusal) => error::refused(refusal),
    }
}

/// `GET /apps/{app}/{id}`.
pub(crate) fn fetch(state: &State, name: Name<'_>, headers: &HeaderMap) -> HttpResponse {
    show(
        state
            .registry
            .find(name.app, name.id, state.clock.now())
            .as_deref(),
        headers,
    )
}

/// `GET /instances/{id}`.
pub(crate) fn fetch_by_id(state: &State, id: &str, headers: &HeaderMap) -> HttpResponse {
    show(
        state.registry.find_by_id(id, state.clock.now()).as_deref(),
        headers,
    )
}

fn show(entry: Option<&Entry>, headers: &HeaderMap) -> HttpResponse {
    let Some(entry) = entry else {
        return error::not_found();
    };
    let format = negotiate::format(headers);
    HttpResponse::Ok()
        .content_type(format.content_type())
        .body(single(entry, format))
}

fn single(entry: &Entry, format: Format) -> Vec<u8> {
    let mut out = Vec::with_capacity(2048);
    document::single_instance(&mut out, format, &entry.shown());
    out
}
