//! Clients in plain JSON: register, renew, cancel.

use actix_web::{HttpRequest, HttpResponse, web};

use super::extract::{Body, key};
use super::problem::Problem;
use super::rights::may_write;
use crate::native::{documents, writing};
use crate::server::State;

/// `PUT /api/v1/instances/{app}/{id}`.
#[utoipa::path(
    put,
    path = "/api/v1/instances/{app}/{id}",
    tag = "writing",
    summary = "Register an instance, for the first time or again",
    description = "Idempotent: to say the same again renews the lease and changes nothing else.",
    params(
        ("app" = String, Path, description = "The application; it is kept in upper case."),
        ("id" = String, Path, description = "The id, percent-encoded."),
    ),
    request_body = documents::Register,
    responses(
        (status = 200, description = "It was registered before, and is again", body = documents::Registered),
        (status = 201, description = "It is registered", body = documents::Registered),
        (status = 400, description = "The body makes no sense", body = documents::Problem, content_type = "application/problem+json"),
        (status = 403, description = "A page of another site asked", body = documents::Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is no JSON", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "This server takes no registrations now: ask another", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn register(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let body = Body::take(&state, &request, payload).await?;
    may_write(&state, &request)?;
    let (app, id) = key(&request)?;
    let from = request
        .peer_addr()
        .map(|peer| peer.ip().to_canonical().to_string());
    let (registered, known) = writing::register(&state, &app, &id, body.read()?, from.as_deref())?;
    let mut answer = if known {
        HttpResponse::Ok()
    } else {
        HttpResponse::Created()
    };
    Ok(answer.json(registered))
}

/// `PUT /api/v1/instances/{app}/{id}/lease`.
#[utoipa::path(
    put,
    path = "/api/v1/instances/{app}/{id}/lease",
    tag = "writing",
    summary = "Renew a lease",
    description = "Without a body.",
    params(
        ("app" = String, Path, description = "The application, in whatever case."),
        ("id" = String, Path, description = "The id, percent-encoded."),
    ),
    responses(
        (status = 200, description = "It is renewed", body = documents::Renewed),
        (status = 404, description = "It is not registered: register again", body = documents::Problem, content_type = "application/problem+json"),
        (status = 503, description = "This server cannot tell yet: ask another, or again", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn renew(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    Body::take(&state, &request, payload).await?;
    may_write(&state, &request)?;
    let (app, id) = key(&request)?;
    Ok(HttpResponse::Ok().json(writing::renew(&state, &app, &id)?))
}

/// `DELETE /api/v1/instances/{app}/{id}`.
#[utoipa::path(
    delete,
    path = "/api/v1/instances/{app}/{id}",
    tag = "writing",
    summary = "Cancel a lease",
    description = "Idempotent: one that is not there is cancelled already.",
    params(
        ("app" = String, Path, description = "The application, in whatever case."),
        ("id" = String, Path, description = "The id, percent-encoded."),
    ),
    responses(
        (status = 200, description = "It is gone", body = documents::Cancelled),
        (status = 503, description = "This server writes nothing now: ask another", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn cancel(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    Body::take(&state, &request, payload).await?;
    may_write(&state, &request)?;
    let (app, id) = key(&request)?;
    Ok(HttpResponse::Ok().json(writing::cancel(&state, &app, &id)?))
}
