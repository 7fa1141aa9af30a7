//! The long poll: an answer when something has changed, or when the time is up.
//!
//! Here: waiting, and telling whether what was waited for has changed. Not here: the documents (`native`). What must
//! always hold: an index that is not known, or went back, is answered at once; only those are woken whose service
//! changed; a change that was taken back is no news; and however many are woken, heartbeats do not wait for them.

mod index;
mod shared;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{CACHE_CONTROL, ContentType, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use serde::Serialize;
use tokio::time::sleep;

use self::index::{Index, wait};
use self::shared::Made;
pub(crate) use self::shared::Shared;
use super::extract;
use super::problem::Problem;
use super::stream::{Guest, Slot};
use crate::api::body::Pieces;
use crate::api::readers;
use crate::native::documents::{Row, WatchedInstances, WatchedService};
use crate::native::{instances, services};
use crate::registry::instance::AppName;
use crate::server::State;

/// How long a call waits, if nothing else is asked for.
const WAIT: Duration = Duration::from_secs(30);
/// How long it waits at most.
const WAIT_MAX: Duration = Duration::from_secs(300);
/// A wait ends up to this part later, so that callers who came together do not come back together.
const JITTER: u32 = 16;
/// After a change so much time is given to others that come with it.
const SETTLE: Duration = Duration::from_millis(50);
/// An answer is handed on in pieces of this size, so that a slow reader costs one piece and not the whole.
const PIECE: usize = 16 * 1024;
/// To look at an instance counts for so many bytes told, when it is said whose turn it is.
const LOOK: usize = 256;
/// Says what to give as `index` next, also where there is no body.
const INDEX: HeaderName = HeaderName::from_static("x-peerage-index");

/// What is waited for.
struct Awaited {
    app: Option<AppName>,
    index: Option<Index>,
    wait: Duration,
    /// What was asked, in a form that is the same for all who asked the same.
    question: String,
}

/// `GET /api/v1/watch/instances`.
#[utoipa::path(
    get,
    path = "/api/v1/watch/instances",
    operation_id = "watch_instances",
    tag = "events",
    summary = "Instances, when they have changed",
    description = "Answers at once without an index, or with one that is not the present one; else when a matching \
                   instance has changed; or 304 without a body when the time is up.",
    params(
        ("query" = Option<String>, Query, description = "Only instances that match."),
        ("index" = Option<String>, Query, description = "`index` of the answer before."),
        ("wait" = Option<String>, Query, description = "How long to wait: `30s` (the default), `500ms`, up to `5min`."),
        ("limit" = Option<usize>, Query, description = "How many instances at most."),
    ),
    responses(
        (status = 200, description = "The instances", body = WatchedInstances),
        (status = 304, description = "They have not changed"),
        (status = 400, description = "The query makes no sense"),
        (status = 503, description = "The server has not caught up, or has as many subscribers as it may"),
    ),
)]
pub(super) async fn instances(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let query = request.query_string();
    let asked = asked(query, None).and_then(|awaited| Ok((awaited, super::asked(query)?)));
    let (awaited, ask) = match asked {
        Ok(asked) => asked,
        Err(problem) => return problem.answer(),
    };
    let make = |sequence| {
        let instances = instances::list(&state, &ask);
        let rows: Vec<_> = instances.instances.iter().map(standing).collect();
        let hash = hash(&(instances.matched, rows));
        let index = present(&state, sequence, hash);
        let told = index.to_string();
        let document = WatchedInstances {
            index: told,
            instances,
        };
        Ok(Made::new(&state, index, written(&document)))
    };
    answer(&state, &request, awaited, make).await
}

/// `GET /api/v1/watch/services/{name}`.
#[utoipa::path(
    get,
    path = "/api/v1/watch/services/{name}",
    operation_id = "watch_service",
    tag = "events",
    summary = "A service, when it has changed",
    description = "Answers at once without an index, or with one that is not the present one; else when an instance of \
                   the service has changed; or 304 without a body when the time is up. A service nobody is registered \
                   for is answered as one without instances.",
    params(
        ("name" = String, Path, description = "The application."),
        ("index" = Option<String>, Query, description = "`index` of the answer before."),
        ("wait" = Option<String>, Query, description = "How long to wait: `30s` (the default), `500ms`, up to `5min`."),
    ),
    responses(
        (status = 200, description = "The service", body = WatchedService),
        (status = 304, description = "It has not changed"),
        (status = 400, description = "The query makes no sense"),
        (status = 503, description = "The server has not caught up, or has as many subscribers as it may"),
    ),
)]
pub(super) async fn service(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let named = extract::part(&request, "name").map(|name| AppName::new(&name));
    let asked = named.and_then(|app| Ok((asked(request.query_string(), Some(app.clone()))?, app)));
    let (awaited, app) = match asked {
        Ok(asked) => asked,
        Err(problem) => return problem.answer(),
    };
    let make = |sequence| {
        let service = services::one(&state, app.as_str());
        let rows: Vec<_> = service.rows.iter().map(standing).collect();
        let hash = hash(&(&service.row, &service.vips, &service.metadata, rows));
        let index = present(&state, sequence, hash);
        let told = index.to_string();
        let document = WatchedService {
            index: told,
            service,
        };
        Ok(Made::new(&state, index, written(&document)))
    };
    answer(&state, &request, awaited, make).await
}

fn asked(query: &str, app: Option<AppName>) -> Result<Awaited, Problem> {
    let mut question = match &app {
        Some(app) => format!("service {app}"),
        None => "instances".to_owned(),
    };
    let (mut index, mut time) = (None, WAIT);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            // One that cannot be read is as good as none: whoever sends it gets the present one.
            "index" => index = value.parse().ok(),
            "wait" => {
                let wrong = || {
                    Problem::BadQuery(format!(
                        "wait is {value:?}; a time is written 500ms, 30s or 5min"
                    ))
                };
                time = wait(&value).ok_or_else(wrong)?.min(WAIT_MAX);
            }
            _ => {
                question.push_str(&format!("&{name:?}={value:?}"));
            }
        }
    }
    Ok(Awaited {
        app,
        index,
        wait: time,
        question,
    })
}

/// What callers wait for a change of. When an instance said it, and how long it has been silent, is not among it: then
/// every one that registers again would wake everybody.
fn standing(row: &Row) -> impl Hash + '_ {
    let address = (&row.host, &row.ip, row.port, row.secure_port);
    let statuses = (&row.status, &row.own_status, &row.overridden);
    (
        &row.app,
        &row.id,
        address,
        &row.zone,
        statuses,
        &row.version,
    )
}

fn hash(document: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    document.hash(&mut hasher);
    hasher.finish()
}

fn written(document: &impl Serialize) -> Bytes {
    let written = serde_json::to_vec(document);
    debug_assert!(written.is_ok(), "texts, numbers and lists can be written");
    written.unwrap_or_default().into()
}

fn present(state: &State, sequence: u64, hash: u64) -> Index {
    Index {
        epoch: state.account.revision().epoch,
        sequence,
        hash,
    }
}

/// Answers when what `make` makes, which is told how far the account is, differs from what the caller has.
async fn answer(
    state: &web::Data<State>,
    request: &HttpRequest,
    awaited: Awaited,
    make: impl Fn(u64) -> Result<Made, Problem>,
) -> HttpResponse {
    let Some(slot) = Slot::take(state, Guest::Watcher) else {
        let max = state.config.stream.subscribers.get();
        return Problem::TooManySubscribers(max).answer();
    };
    if !state.lists_open() {
        return Problem::NotReady.answer();
    }
    let mut over = pin!(sleep(awaited.wait + jitter(&slot, awaited.wait)));
    let waiting = state.account.wait(awaited.app.clone());
    loop {
        // Listens before it looks: what happens in between wakes it.
        let mut next = pin!(waiting.next());
        next.as_mut().enable();
        // What is answered is as of now; and whoever waits has what is there.
        readers::note(state, request);
        let made = match made(state, &awaited, &make) {
            Ok(made) => made,
            Err(problem) => return problem.answer(),
        };
        if !awaited.index.is_some_and(|index| index.knows(made.index)) {
            return changed(&made);
        }
        if state.feed.closing() {
            return unchanged(made.index);
        }
        tokio::select! {
            () = &mut over => return unchanged(made.index),
            () = next => {}
        }
        tokio::select! {
            () = &mut over => {}
            () = sleep(SETTLE) => {}
        }
        let looked_at = match awaited.app {
            Some(_) => 0,
            None => state.registry.listed(),
        };
        let cost = made.body.len().max(looked_at * LOOK);
        slot.turn(cost).await;
    }
}

fn jitter(slot: &Slot, wait: Duration) -> Duration {
    let thousandth = u32::try_from(slot.spread(1000)).unwrap_or_default();
    wait / JITTER * thousandth / 1000
}

/// The answer as of now: what another has made of the same question, if nothing happened since.
fn made(
    state: &State,
    awaited: &Awaited,
    make: impl Fn(u64) -> Result<Made, Problem>,
) -> Result<Arc<Made>, Problem> {
    let sequence = match &awaited.app {
        Some(app) => state.account.latest_of(app),
        None => state.account.revision().sequence,
    };
    if let Some(made) = state.watched.find(state, &awaited.question, sequence) {
        return Ok(made);
    }
    let made = Arc::new(make(sequence)?);
    state.watched.keep(&awaited.question, &made);
    Ok(made)
}

fn changed(made: &Made) -> HttpResponse {
    let (body, mut rest) = (&made.body, made.body.clone());
    let pieces = body.len().div_ceil(PIECE);
    let pieces = (0..pieces).map(move |_| rest.split_to(rest.len().min(PIECE)));
    HttpResponse::Ok()
        .insert_header((INDEX, made.index.to_string()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type(ContentType::json())
        .body(Pieces::new(body.len() as u64, pieces))
}

fn unchanged(present: Index) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((INDEX, present.to_string()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish()
}
