//! What operators do.
//!
//! What must always hold: nothing is done for a request that may not act, and each of these asks `may_act` first.

use actix_web::{HttpRequest, HttpResponse, web};

use super::extract::{Body, key, part, value};
use super::fresh::moving;
use super::problem::Problem;
use super::rights::may_act;
use crate::native::acting::Refused;
use crate::native::{acting, documents, drains, evictions};
use crate::server::State;

/// `PUT /api/v1/instances/{app}/{id}/override`.
#[utoipa::path(
    put,
    path = "/api/v1/instances/{app}/{id}/override",
    tag = "acting",
    summary = "Show an instance in another status than its own",
    params(
        ("app" = String, Path, description = "The application, in whatever case."),
        ("id" = String, Path, description = "The id, percent-encoded."),
    ),
    request_body = documents::Overriding,
    responses(
        (status = 200, description = "It is set", body = documents::Done),
        (status = 400, description = "The body makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 403, description = "Operators do not act from there, or nobody does", body = documents::Problem, content_type = "application/problem+json"),
        (status = 404, description = "It is not listed", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn overrule(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = Body::take(&state, &request, payload).await?;
    may_act(&state, &request, &body)?;
    let (app, id) = key(&request)?;
    Ok(HttpResponse::Ok().json(acting::overrule(&state, &app, &id, &body.read()?)?))
}

/// `DELETE /api/v1/instances/{app}/{id}/override`.
#[utoipa::path(
    delete,
    path = "/api/v1/instances/{app}/{id}/override",
    tag = "acting",
    summary = "Show an instance in its own status again",
    description = "Who and why is said in a body like `Undo`, or in the query.",
    params(
        ("app" = String, Path, description = "The application, in whatever case."),
        ("id" = String, Path, description = "The id, percent-encoded."),
        ("by" = Option<String>, Query, description = "Who does it, where there is no body."),
        ("reason" = Option<String>, Query, description = "Why, where there is no body."),
    ),
    responses(
        (status = 200, description = "It is taken away, or there was none", body = documents::Done),
        (status = 400, description = "The body makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 403, description = "Operators do not act from there, or nobody does", body = documents::Problem, content_type = "application/problem+json"),
        (status = 404, description = "It is not listed", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn give_back(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = Body::take(&state, &request, payload).await?;
    may_act(&state, &request, &body)?;
    let (app, id) = key(&request)?;
    let undo = undo(&request, &body)?;
    Ok(HttpResponse::Ok().json(acting::give_back(&state, &app, &id, &undo)?))
}

/// `POST /api/v1/instances/{app}/{id}/evict`.
#[utoipa::path(
    post,
    path = "/api/v1/instances/{app}/{id}/evict",
    tag = "acting",
    summary = "End a lease now",
    description = "If its process lives it registers again; see `effect`.",
    params(
        ("app" = String, Path, description = "The application, in whatever case."),
        ("id" = String, Path, description = "The id, percent-encoded."),
    ),
    request_body = documents::Evict,
    responses(
        (status = 200, description = "It is ended", body = documents::Done),
        (status = 400, description = "The body makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 403, description = "Operators do not act from there, or nobody does", body = documents::Problem, content_type = "application/problem+json"),
        (status = 404, description = "It is not listed", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn evict(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = Body::take(&state, &request, payload).await?;
    may_act(&state, &request, &body)?;
    let (app, id) = key(&request)?;
    Ok(HttpResponse::Ok().json(evictions::evict(&state, &app, &id, &body.read()?)?))
}

/// `POST /api/v1/evict`.
#[utoipa::path(
    post,
    path = "/api/v1/evict",
    tag = "acting",
    summary = "End leases that are over, though guards may hold them",
    request_body = documents::EvictMany,
    responses(
        (status = 200, description = "They are ended", body = documents::DoneToMany),
        (status = 400, description = "The body makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 403, description = "Operators do not act from there, or nobody does", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn evict_expired(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = Body::take(&state, &request, payload).await?;
    may_act(&state, &request, &body)?;
    Ok(HttpResponse::Ok().json(evictions::evict_expired(&state, &body.read()?)?))
}

/// `POST /api/v1/protection/release`.
#[utoipa::path(
    post,
    path = "/api/v1/protection/release",
    tag = "acting",
    summary = "Release what a guard holds",
    request_body = documents::Release,
    responses(
        (status = 200, description = "It is released", body = documents::Done),
        (status = 400, description = "The body makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 403, description = "Operators do not act from there, or nobody does", body = documents::Problem, content_type = "application/problem+json"),
        (status = 409, description = "That guard protects nothing", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "It may have waited while the server did not run", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn release(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = Body::take(&state, &request, payload).await?;
    may_act(&state, &request, &body)?;
    Ok(HttpResponse::Ok().json(evictions::release(&state, &body.read()?)?))
}

/// `POST /api/v1/drain`.
#[utoipa::path(
    post,
    path = "/api/v1/drain",
    tag = "acting",
    summary = "Take instances out of service, and follow until they can be stopped",
    request_body = documents::DrainTarget,
    responses(
        (status = 200, description = "The drain, as it began", body = documents::Drain),
        (status = 400, description = "The body makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 403, description = "Operators do not act from there, or nobody does", body = documents::Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nothing matches", body = documents::Problem, content_type = "application/problem+json"),
        (status = 409, description = "A service would have nobody in service in a zone where it has somebody now", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn drain(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = Body::take(&state, &request, payload).await?;
    may_act(&state, &request, &body)?;
    Ok(HttpResponse::Ok().json(drains::begin(&state, &body.read()?).await?))
}

/// `DELETE /api/v1/drains/{drain}`.
#[utoipa::path(
    delete,
    path = "/api/v1/drains/{drain}",
    tag = "acting",
    summary = "Undo a drain",
    description = "Only what the drain has set is taken away. Who and why is said in a body like `Undo`, or in the query.",
    params(
        ("drain" = u64, Path, description = "Which drain: its `id`."),
        ("by" = Option<String>, Query, description = "Who does it, where there is no body."),
        ("reason" = Option<String>, Query, description = "Why, where there is no body."),
    ),
    responses(
        (status = 200, description = "It is undone", body = documents::Drain),
        (status = 400, description = "The body makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 403, description = "Operators do not act from there, or nobody does", body = documents::Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such drain", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "The server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn undo_drain(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = Body::take(&state, &request, payload).await?;
    may_act(&state, &request, &body)?;
    let (id, undo) = (drain_id(&request)?, undo(&request, &body)?);
    Ok(HttpResponse::Ok().json(drains::undo(&state, id, &undo).await?))
}

/// `GET /api/v1/drains`.
#[utoipa::path(
    get,
    path = "/api/v1/drains",
    tag = "acting",
    summary = "The drains, whichever server was asked for them, newest first",
    responses((status = 200, description = "The drains", body = documents::Drains)),
)]
pub(super) async fn all_drains(state: web::Data<State>) -> HttpResponse {
    moving(&drains::all(&state).await)
}

/// `GET /api/v1/drains/{drain}`.
#[utoipa::path(
    get,
    path = "/api/v1/drains/{drain}",
    tag = "acting",
    summary = "How far a drain has come",
    params(("drain" = u64, Path, description = "Which drain: its `id`.")),
    responses(
        (status = 200, description = "The drain", body = documents::Drain),
        (status = 404, description = "There is no such drain", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn one_drain(
    state: web::Data<State>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    Ok(moving(&drains::one(&state, drain_id(&request)?).await?))
}

fn drain_id(request: &HttpRequest) -> Result<u64, Problem> {
    let text = part(request, "drain")?;
    text.parse().map_err(|_bad| {
        Problem::BadQuery(format!(
            "{text:?} names no drain; GET /api/v1/drains lists them"
        ))
    })
}

/// Who takes something back, from the body or, since many clients send none with DELETE, from the query.
fn undo(request: &HttpRequest, body: &Body) -> Result<documents::Undo, Problem> {
    if !body.is_empty() {
        return body.read();
    }
    let query = request.query_string();
    let missing = || Refused::BadField {
        field: "by",
        why: "it must say who acts, in a body or in the query".to_owned(),
    };
    Ok(documents::Undo {
        by: value(query, "by").ok_or_else(missing)?,
        reason: value(query, "reason"),
    })
}
