//! The API for people and programs that operate servers, below `/api/v1`.
//!
//! Here: its routes and handlers. Not here: what the documents mean (`cluster`), refusals (`problem`). What must
//! always hold: everything below this path answers in JSON, refusals too; and nothing here changes an instance.

mod problem;

use actix_web::http::Method;
use actix_web::http::header::{ALLOW, ContentType};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, web};
use serde::Deserialize;

use self::problem::Problem;
use super::READING;
use crate::cluster::records::{self, PAGE, PAGE_MAX, Records};
use crate::cluster::view::Cluster;
use crate::cluster::{self, VIEW};
use crate::server::State;

/// Where all of it stands.
const ROOT: &str = "/api/v1";

/// The routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let scope = web::scope(ROOT)
        .service(readable("/cluster", seen_here))
        .service(readable("/cluster/members/{member}", seen_there))
        .service(readable("/cluster/records", shown_here))
        .default_service(web::to(async || Problem::NoSuchPath.answer()));
    config.service(scope);
}

fn readable<Show, Arguments>(path: &str, show: Show) -> Resource
where
    Show: Handler<Arguments, Output = HttpResponse>,
    Arguments: FromRequest + 'static,
{
    web::resource(path)
        .route(web::get().to(show.clone()))
        .route(web::head().to(show))
        .default_service(web::to(async |method: Method| match method {
            Method::OPTIONS => HttpResponse::Ok().insert_header((ALLOW, READING)).finish(),
            _ => Problem::MethodNotAllowed.answer(),
        }))
}

/// `GET /api/v1/cluster`: the cluster as this server sees it.
async fn seen_here(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(cluster::view(&state).await)
}

/// `GET /api/v1/cluster/members/{member}`: the cluster as another server sees it, by its name or its id.
async fn seen_there(state: web::Data<State>, member: web::Path<String>) -> HttpResponse {
    let seen = cluster::seen(&state).await;
    let named = |name: &str, id: String| *member == name || *member == id;
    if named(&seen.me.name, cluster::id(seen.me.origin.node)) {
        return HttpResponse::Ok().json(cluster::document(&state, &seen));
    }
    let mut members = seen.members.iter();
    let Some(found) = members.find(|each| named(&each.name, cluster::id(each.node))) else {
        return Problem::NoSuchMember(member.into_inner()).answer();
    };
    match cluster::ask(&state, found.node, VIEW).await {
        Some(document) if serde_json::from_slice::<Cluster>(&document).is_ok() => {
            HttpResponse::Ok()
                .content_type(ContentType::json())
                .body(document)
        }
        _ => Problem::MemberSilent(found.name.clone()).answer(),
    }
}

/// What to show of the records.
#[derive(Debug, Deserialize)]
struct Wanted {
    /// Those after this one.
    after: Option<String>,
    /// Only this one.
    key: Option<String>,
    /// At most so many.
    limit: Option<usize>,
}

/// `GET /api/v1/cluster/records`: what this server shows, with versions.
async fn shown_here(
    state: web::Data<State>,
    wanted: Result<web::Query<Wanted>, actix_web::Error>,
) -> HttpResponse {
    let wanted = wanted.map_err(|cause| Problem::BadQuery(cause.to_string()));
    let page = wanted.and_then(|wanted| page(&state, &wanted));
    page.map_or_else(
        |problem| problem.answer(),
        |page| HttpResponse::Ok().json(page),
    )
}

fn page(state: &State, wanted: &Wanted) -> Result<Records, Problem> {
    if !state.lists_open() {
        return Err(Problem::NotReady);
    }
    let snapshot = state.registry.refresh();
    let (after, key) = (parsed(wanted.after.as_ref())?, parsed(wanted.key.as_ref())?);
    let limit = wanted.limit.unwrap_or(PAGE).clamp(1, PAGE_MAX);
    Ok(match key {
        Some(key) => records::only(&snapshot, &key),
        None => records::page(&snapshot, after.as_ref(), limit),
    })
}

fn parsed(key: Option<&String>) -> Result<Option<(String, String)>, Problem> {
    let parse = |key: &String| {
        let wrong = || Problem::BadQuery(format!("{key:?} is no key; a key is APP/ID"));
        records::parse_key(key).ok_or_else(wrong)
    };
    key.map(parse).transpose()
}
