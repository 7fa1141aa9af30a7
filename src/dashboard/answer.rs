//! Pages and files as answers of HTTP.
//!
//! What must always hold: a page may load and ask nothing but its own origin, runs no script that stands within it, and
//! is shown in no frame of others.

use std::io::Write as _;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING, SET_COOKIE, VARY};
use actix_web::{HttpResponse, HttpResponseBuilder};
use flate2::Compression;
use flate2::write::GzEncoder;
use web_ui::Template;

use super::asked::Asked;
use super::forms::SAID;
use crate::api::negotiate;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Pages of less are not worth compressing.
const COMPRESSED_MIN: usize = 1024;
/// Pages are made for every request: little work for most of the gain.
const PAGE_EFFORT: u32 = 4;

/// A page.
pub(super) fn html(asked: &Asked<'_>, page: &impl Template) -> HttpResponse {
    html_with(asked, StatusCode::OK, page)
}

/// A page that answers with another status.
pub(super) fn html_with(
    asked: &Asked<'_>,
    status: StatusCode,
    page: &impl Template,
) -> HttpResponse {
    let text = match page.render() {
        Ok(text) => text,
        Err(error) => {
            tracing::error!(
                event = "page_failed",
                path = asked.request.path(),
                "failed to make a page: {error}"
            );
            return HttpResponse::InternalServerError().finish();
        }
    };
    let mut answer = HttpResponse::build(status);
    guard(&mut answer)
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "Accept, Accept-Encoding, Cookie"))
        .content_type("text/html; charset=utf-8");
    if let Some(given) = &asked.token_given {
        answer.append_header((SET_COOKIE, given.as_str()));
    }
    if !asked.said().is_empty() {
        answer.append_header((SET_COOKIE, format!("{SAID}=; Max-Age=0; Path=/")));
    }
    if text.len() < COMPRESSED_MIN || !negotiate::gzip(asked.request.headers()) {
        return answer.body(text);
    }
    answer
        .insert_header((CONTENT_ENCODING, "gzip"))
        .body(gzip(text.as_bytes(), PAGE_EFFORT))
}

/// The headers by which a browser guards what we send. Others never learn from which page somebody came; we must, since
/// browsers that keep it from us leave the origin out of forms as well.
pub(super) fn guard(answer: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    answer
        .insert_header(("Content-Security-Policy", POLICY))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("X-Frame-Options", "DENY"))
        .insert_header(("Referrer-Policy", "same-origin"))
}

/// These bytes, compressed.
pub(super) fn gzip(bytes: &[u8], effort: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(effort));
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}
