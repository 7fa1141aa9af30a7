//! The servers of the registry.

use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, web};

use super::extract::{parsed, part, value};
use super::problem::Problem;
use crate::cluster::records::{self, PAGE, PAGE_MAX, Records};
use crate::cluster::view::Cluster;
use crate::cluster::{self, VIEW};
use crate::native::documents;
use crate::server::State;

/// `GET /api/v1/cluster`.
#[utoipa::path(
    get,
    path = "/api/v1/cluster",
    tag = "cluster",
    summary = "The cluster as this server sees it",
    responses((status = 200, description = "The servers, what they hold, what is protected", body = Cluster)),
)]
pub(super) async fn seen_here(state: web::Data<State>) -> HttpResponse {
    HttpResponse::Ok().json(cluster::view(&state).await)
}

/// `GET /api/v1/cluster/members/{member}`.
#[utoipa::path(
    get,
    path = "/api/v1/cluster/members/{member}",
    tag = "cluster",
    summary = "The cluster as another server sees it",
    params(("member" = String, Path, description = "The server's name or id.")),
    responses(
        (status = 200, description = "The servers, as that one sees them", body = Cluster),
        (status = 404, description = "Nobody goes by that name or id", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "It did not answer", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn seen_there(
    state: web::Data<State>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let member = part(&request, "member")?;
    let seen = cluster::seen(&state).await;
    let named = |name: &str, id: String| *member == *name || *member == *id;
    if named(&seen.me.name, cluster::id(seen.me.origin.node)) {
        return Ok(HttpResponse::Ok().json(cluster::document(&state, &seen)));
    }
    let mut members = seen.members.iter();
    let Some(found) = members.find(|each| named(&each.name, cluster::id(each.node))) else {
        return Err(Problem::NoSuchMember(member));
    };
    match cluster::ask(&state, found.node, VIEW).await {
        Some(document) if serde_json::from_slice::<Cluster>(&document).is_ok() => {
            Ok(HttpResponse::Ok()
                .content_type(ContentType::json())
                .body(document))
        }
        _ => Err(Problem::MemberSilent(found.name.clone())),
    }
}

/// `GET /api/v1/cluster/records`.
#[utoipa::path(
    get,
    path = "/api/v1/cluster/records",
    tag = "cluster",
    summary = "What this server shows, record by record with its versions",
    params(
        ("after" = Option<String>, Query, description = "Records after this one: `next` of the page before."),
        ("key" = Option<String>, Query, description = "Only this one: `APP/ID`."),
        ("limit" = Option<usize>, Query, description = "How many at most, up to 5000. Default 500."),
    ),
    responses(
        (status = 200, description = "A page of records", body = Records),
        (status = 400, description = "A value makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn shown_here(
    state: web::Data<State>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = request.query_string();
    super::lists_open(&state)?;
    let (after, key) = (parsed_key(query, "after")?, parsed_key(query, "key")?);
    let limit = parsed(query, "limit", "number")?
        .unwrap_or(PAGE)
        .clamp(1, PAGE_MAX);
    let snapshot = state.registry.refresh();
    Ok(HttpResponse::Ok().json(match key {
        Some(key) => records::only(&snapshot, &key),
        None => records::page(&snapshot, after.as_ref(), limit),
    }))
}

fn parsed_key(query: &str, name: &str) -> Result<Option<(String, String)>, Problem> {
    let parse = |key: String| {
        let wrong = || Problem::BadQuery(format!("{key:?} is no key; a key is APP/ID"));
        records::parse_key(&key).ok_or_else(wrong)
    };
    value(query, name).map(parse).transpose()
}
