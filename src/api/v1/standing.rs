//! How this server stands: what it protects, how it is set, and the description of this very API.

use actix_web::{HttpRequest, HttpResponse, web};

use super::fresh::document;
use super::openapi;
use crate::native::{acting, documents, protection, settings};
use crate::server::State;

/// `GET /api/v1/protection`.
#[utoipa::path(
    get,
    path = "/api/v1/protection",
    tag = "cluster",
    summary = "What is not evicted though it is silent, and how fast the rest may go",
    responses(
        (status = 200, description = "The guards, the quota", body = documents::Protection),
        (status = 304, description = "What the reader has is as good"),
    ),
)]
pub(super) async fn protection(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    document(&request, &protection::of(&state))
}

/// `GET /api/v1/settings`.
#[utoipa::path(
    get,
    path = "/api/v1/settings",
    tag = "cluster",
    summary = "The settings in effect, and where each comes from",
    responses(
        (status = 200, description = "The settings", body = documents::Settings),
        (status = 304, description = "What the reader has is as good"),
    ),
)]
pub(super) async fn settings(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    document(&request, &settings::of(&state))
}

/// `GET /api/v1/overrides`.
#[utoipa::path(
    get,
    path = "/api/v1/overrides",
    tag = "acting",
    summary = "All overrides in force",
    responses(
        (status = 200, description = "The overrides", body = documents::Overrides),
        (status = 304, description = "What the reader has is as good"),
    ),
)]
pub(super) async fn overrides(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    document(&request, &acting::overrides(&state))
}

/// `GET /api/v1/openapi.json`.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "cluster",
    summary = "The description of this API",
    responses((status = 200, description = "An OpenAPI 3.1 document", body = serde_json::Value)),
)]
pub(super) async fn described() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(openapi::TEXT.as_str())
}
