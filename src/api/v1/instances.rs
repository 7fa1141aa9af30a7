//! Instances, services, zones: what is registered.

use actix_web::{HttpRequest, HttpResponse, web};

use super::extract::{asked, key, part, query, value};
use super::fresh::{document, moving};
use super::problem::Problem;
use super::{aside, lists_open};
use crate::api::readers;
use crate::cluster;
use crate::native::acting::Refused;
use crate::native::documents;
use crate::native::{explain, instance, instances, services, zones};
use crate::server::State;

/// `GET /api/v1/instances`.
#[utoipa::path(
    get,
    path = "/api/v1/instances",
    tag = "instances",
    summary = "Instances, by page or all in a compact form",
    params(
        ("query" = Option<String>, Query, description = "Only instances that match: `zone:a status:down meta.version:1.* \"text\" -app:test*`.", example = "zone:eu-a status:down"),
        ("group_by" = Option<String>, Query, description = "Put together by app, zone, status, host, version, code, lease, owner or `meta.KEY`."),
        ("sort" = Option<String>, Query, description = "Sorted by app (the default), id, host, zone, status, version, worst, registered, updated, renewed or deadline; `-` before it turns it round."),
        ("after" = Option<String>, Query, description = "Where to go on: `next` of the page before."),
        ("limit" = Option<usize>, Query, description = "How many at most, up to 5000. Default 500."),
        ("view" = Option<String>, Query, description = "`compact`: all that match, as document `Compact`. Default: a page of rows."),
    ),
    responses(
        (status = 200, description = "The instances; with `view=compact` document `Compact` instead", body = documents::Instances),
        (status = 304, description = "What the reader has is as good"),
        (status = 400, description = "The query makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(
    state: web::Data<State>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    lists_open(&state)?;
    let text = request.query_string();
    match value(text, "view").as_deref() {
        Some("compact") => {
            let query = query(text)?;
            readers::note(&state, &request);
            let compact = aside(&state, move |state| instances::compact(state, &query)).await?;
            Ok(document(&request, &compact))
        }
        None | Some("" | "full") => {
            let ask = asked(text)?;
            if ask.after.is_none() {
                readers::note(&state, &request);
            }
            let list = aside(&state, move |state| instances::list(state, &ask)).await?;
            Ok(document(&request, &list))
        }
        Some(view) => Err(Problem::BadQuery(format!(
            "view is {view:?}, which is neither full nor compact"
        ))),
    }
}

/// `GET /api/v1/instances/{app}/{id}`.
#[utoipa::path(
    get,
    path = "/api/v1/instances/{app}/{id}",
    tag = "instances",
    summary = "One instance in full",
    params(
        ("app" = String, Path, description = "The application, in whatever case."),
        ("id" = String, Path, description = "The id, percent-encoded."),
    ),
    responses(
        (status = 200, description = "The instance, with its explanation and its last events", body = documents::Instance),
        (status = 404, description = "It is not listed", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn one(
    state: web::Data<State>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (app, id) = key(&request)?;
    let found = instance::of(&state, &app, &id);
    match found {
        Some(found) => Ok(moving(&found)),
        None if state.doors().not_found => Err(Refused::UnknownInstance { app, id }.into()),
        None => Err(Problem::NotReady),
    }
}

/// `GET /api/v1/explain/{app}/{id}`.
#[utoipa::path(
    get,
    path = "/api/v1/explain/{app}/{id}",
    tag = "instances",
    summary = "Why an instance is here or gone, and what happens next",
    description = "Never 404: of what nobody knows the code is `unknown`.",
    params(
        ("app" = String, Path, description = "The application, in whatever case."),
        ("id" = String, Path, description = "The id, percent-encoded."),
    ),
    responses((status = 200, description = "The explanation", body = documents::Explanation)),
)]
pub(super) async fn explain(
    state: web::Data<State>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (app, id) = key(&request)?;
    Ok(moving(&explain::of(&state, &app, &id)))
}

/// `GET /api/v1/services`.
#[utoipa::path(
    get,
    path = "/api/v1/services",
    tag = "services",
    summary = "Services, worst first",
    params(("query" = Option<String>, Query, description = "Only count instances that match.")),
    responses(
        (status = 200, description = "The services", body = documents::Services),
        (status = 304, description = "What the reader has is as good"),
        (status = 400, description = "The query makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn services(
    state: web::Data<State>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    lists_open(&state)?;
    let query = query(request.query_string())?;
    let services = aside(&state, move |state| services::list(state, &query)).await?;
    Ok(document(&request, &services))
}

/// `GET /api/v1/services/{name}`.
#[utoipa::path(
    get,
    path = "/api/v1/services/{name}",
    tag = "services",
    summary = "One service in full",
    params(("name" = String, Path, description = "The application, in whatever case.")),
    responses(
        (status = 200, description = "The service", body = documents::Service),
        (status = 304, description = "What the reader has is as good"),
        (status = 404, description = "It has no instances", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn service(
    state: web::Data<State>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    lists_open(&state)?;
    let name = part(&request, "name")?;
    readers::note(&state, &request);
    let wanted = name.clone();
    let service = aside(&state, move |state| services::find(state, &wanted)).await?;
    service
        .map(|service| document(&request, &service))
        .ok_or(Problem::UnknownService(name))
}

/// `GET /api/v1/zones`.
#[utoipa::path(
    get,
    path = "/api/v1/zones",
    tag = "services",
    summary = "Zones, and what would be left of each service without one",
    responses(
        (status = 200, description = "The zones", body = documents::Zones),
        (status = 304, description = "What the reader has is as good"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn zones(
    state: web::Data<State>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    lists_open(&state)?;
    let cluster = cluster::seen(&state).await;
    let zones = aside(&state, move |state| zones::of(state, &cluster)).await?;
    Ok(document(&request, &zones))
}
