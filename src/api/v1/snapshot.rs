//! All that this server holds, as one file.

use actix_web::http::header::{CONTENT_DISPOSITION, ContentType};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};
use futures_util::stream;

use super::lists_open;
use super::problem::Problem;
use crate::native::documents;
use crate::server::{State, Taking};

/// `GET /api/v1/snapshot`.
#[utoipa::path(
    get,
    path = "/api/v1/snapshot",
    tag = "cluster",
    summary = "All that this server holds, as a file from which a server can start",
    responses(
        (status = 200, description = "A snapshot of the registry, for `peerage snapshot inspect` and for data directories", content_type = "application/octet-stream"),
        (status = 503, description = "This server has not caught up", body = documents::Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn snapshot(state: web::Data<State>) -> Result<HttpResponse, Problem> {
    lists_open(&state)?;
    let peers = state.peers.get().ok_or(Problem::NotReady)?;
    let taking = Taking::begin(peers)
        .await
        .map_err(|_ended| Problem::NotReady)?;
    // One that breaks off lacks its end, which whoever reads it notices.
    let chunks = stream::try_unfold(taking, async |mut taking: Taking| {
        let chunk = taking
            .next()
            .await
            .map_err(actix_web::error::ErrorServiceUnavailable)?;
        Ok::<_, actix_web::Error>(chunk.map(|chunk| (Bytes::from(chunk), taking)))
    });
    Ok(HttpResponse::Ok()
        .content_type(ContentType::octet_stream())
        .insert_header((
            CONTENT_DISPOSITION,
            "attachment; filename=\"registry.snapshot\"",
        ))
        .streaming(Box::pin(chunks)))
}
