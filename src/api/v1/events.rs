//! What happened lately, as a document or as lines.

use actix_web::http::header::{ACCEPT, CACHE_CONTROL};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{BufMut as _, BytesMut};

use super::problem::Problem;
use crate::native::documents::{Event, Events};
use crate::native::events::{self, Ask};
use crate::server::State;

/// `GET /api/v1/events`.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "events",
    summary = "What happened lately, newest first",
    description = "With `Accept: application/x-ndjson` the events as lines of JSON.",
    params(
        ("query" = Option<String>, Query, description = "Only events about instances that match."),
        ("kind" = Option<String>, Query, description = "Only events of these kinds, separated by commas."),
        ("before" = Option<String>, Query, description = "Only events before this revision: `next` of the page before."),
        ("limit" = Option<usize>, Query, description = "How many at most, up to 1000. Default 100."),
    ),
    responses(
        (status = 200, description = "The events", body = Events),
        (status = 400, description = "The query makes no sense"),
    ),
)]
pub(super) async fn events(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let ask = match asked(request.query_string()) {
        Ok(ask) => ask,
        Err(problem) => return problem.answer(),
    };
    // With many events kept and a query of many patterns this takes longer than a heartbeat should wait.
    let page = web::block(move || events::of(&state, &ask).map_err(Problem::Mistake));
    match page.await.expect("looking at events does not panic") {
        Ok(page) if lines_wanted(&request) => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .content_type("application/x-ndjson")
            .body(lines(&page.events)),
        Ok(page) => HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .json(page),
        Err(problem) => problem.answer(),
    }
}

fn lines_wanted(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT);
    accept
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("ndjson"))
}

fn lines(events: &[Event]) -> BytesMut {
    let mut out = BytesMut::new();
    for event in events {
        let written = serde_json::to_writer((&mut out).writer(), event);
        debug_assert!(written.is_ok(), "texts can be written");
        out.extend_from_slice(b"\n");
    }
    out
}

fn asked(query: &str) -> Result<Ask, Problem> {
    let mut ask = Ask::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let wrong =
            |what: &str| Problem::BadQuery(format!("{name} is {value:?}, which is no {what}"));
        match &*name {
            "query" => ask.query = value.into_owned(),
            "kind" => {
                let kinds = value.split(',').map(str::trim);
                ask.kinds
                    .extend(kinds.filter(|kind| !kind.is_empty()).map(String::from));
            }
            "before" => ask.before = Some(value.parse().map_err(|_no| wrong("revision"))?),
            "limit" => ask.limit = Some(value.parse().map_err(|_no| wrong("number"))?),
            _ => {}
        }
    }
    Ok(ask)
}
