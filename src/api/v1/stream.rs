//! The stream of what happens, as server-sent events or lines of JSON.
//!
//! Here: `GET /api/v1/stream`: what is asked for, and the answer's head. Not here: events (`account`), the messages as
//! values (`native::documents`). What must always hold: a subscriber gets every event after its place once, in order, or
//! is told that it cannot (`resync`); it costs the server no more than its place in what all are told, however slowly it
//! reads; and no subscriber makes a heartbeat wait.

mod feed;
mod filter;
mod frame;
mod leases;
mod listing;
mod message;
mod pump;
mod subscriber;
mod wanted;

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};

pub(crate) use self::feed::{Feed, Guest, Slot};
pub(crate) use self::pump::run;
use self::subscriber::Subscriber;
use self::wanted::Wanted;
use super::problem::Problem;
use crate::server::State;

/// What proxies that collect answers before they pass them on are told.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// `GET /api/v1/stream`.
#[utoipa::path(
    get,
    path = "/api/v1/stream",
    tag = "events",
    summary = "What happens, as it happens",
    description = "Server-sent events; with `Accept: application/x-ndjson` the same messages as lines of JSON, each \
                   `{event, id, data}`. The `id` of a message is the revision up to which everything was told; given \
                   back as `Last-Event-ID` or `since`, the stream goes on after it. Messages: `snapshot`, `delta`, \
                   `cluster`, `notice`, `lease`, `bookmark`, `resync`, `bye`.",
    params(
        ("since" = Option<String>, Query, description = "Go on after this revision. `Last-Event-ID` comes before it."),
        ("topics" = Option<String>, Query, description = "Which of `registry`, `cluster`, `events`, `lease:APP/ID`, separated by commas. Default `registry,cluster`."),
        ("query" = Option<String>, Query, description = "Only instances that match."),
        ("rows" = Option<String>, Query, description = "`yes`: the snapshot has the instances, too."),
    ),
    responses(
        (status = 200, description = "The stream", content_type = "text/event-stream", body = String),
        (status = 400, description = "The query makes no sense"),
        (status = 503, description = "The server has not caught up, is stopping, or has as many subscribers as it may"),
    ),
)]
pub(super) async fn stream(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let answer = subscribe(&state, &request);
    answer.unwrap_or_else(|problem| problem.answer())
}

fn subscribe(state: &web::Data<State>, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    let wanted = Wanted::of(request)?;
    if !state.lists_open() || state.feed.closing() {
        return Err(Problem::NotReady);
    }
    let content_type = wanted.format.content_type();
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, content_type))
        .insert_header((CACHE_CONTROL, "no-cache, no-store, no-transform"))
        .insert_header((BUFFERING, "no"))
        // The end of the stream is the end of the connection: a server that stops must not wait for the next request.
        .force_close();
    if request.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let max = state.config.stream.subscribers.get();
    let slot = Slot::take(state, Guest::Subscriber).ok_or(Problem::TooManySubscribers(max))?;
    Ok(answer.body(Subscriber::new(slot, wanted, request)))
}
