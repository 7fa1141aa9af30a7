//! What a refusal looks like on the wire. The only place with status codes for errors.
//!
//! Bodies are empty wherever a Eureka client might read one as an instance: above all, seven of Java's own clients
//! never register again after a 404 that has a body.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, ContentType};

use super::body::BodyRefusal;
use super::target::{NoTarget, Target};
use crate::eureka::{self, Format};
use crate::registry;

/// Nobody of that name, or nothing at that path.
pub(crate) fn not_found() -> HttpResponse {
    HttpResponse::NotFound().finish()
}

/// The path is there, and has other methods.
pub(crate) fn method_not_allowed(target: &Target<'_>) -> HttpResponse {
    HttpResponse::MethodNotAllowed()
        .insert_header((ALLOW, target.allow()))
        .finish()
}

/// What the request says makes no sense, for this short reason.
pub(crate) fn bad_request(reason: impl Into<String>) -> HttpResponse {
    HttpResponse::BadRequest()
        .content_type(ContentType::plaintext())
        .body(reason.into())
}

/// A body that says neither that it is JSON nor that it is XML.
pub(crate) fn unsupported_media_type() -> HttpResponse {
    HttpResponse::UnsupportedMediaType().finish()
}

/// Not now. Clients go to the next server and keep what they have.
pub(crate) fn not_ready() -> HttpResponse {
    HttpResponse::ServiceUnavailable().finish()
}

/// Deltas are switched off: clients fetch everything.
pub(crate) fn delta_disabled() -> HttpResponse {
    HttpResponse::Forbidden().finish()
}

/// A path that names nothing.
pub(crate) fn no_target(reason: NoTarget) -> HttpResponse {
    match reason {
        NoTarget::Unknown => not_found(),
        NoTarget::Malformed => bad_request("the path holds a broken escape"),
    }
}

/// A request body that was not taken.
pub(crate) fn body(refusal: BodyRefusal) -> HttpResponse {
    let status = match refusal {
        BodyRefusal::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
        BodyRefusal::TooSlow => StatusCode::REQUEST_TIMEOUT,
        BodyRefusal::BrokenOff => StatusCode::BAD_REQUEST,
    };
    // What is left of the body cannot be skipped within the limits, so the connection is of no more use.
    HttpResponse::build(status).force_close().finish()
}

/// A request body that is no registration or batch. Eureka's two texts, each under its own type.
pub(crate) fn unreadable(refusal: &eureka::Refusal, format: Format) -> HttpResponse {
    match refusal {
        eureka::Refusal::Unparsable(_) => HttpResponse::BadRequest()
            .content_type(format.content_type())
            .body(format.cannot_parse()),
        eureka::Refusal::Invalid(fault) => bad_request(fault.to_string()),
    }
}

/// A call the registry did not do.
pub(crate) fn refused(refusal: registry::Refusal) -> HttpResponse {
    match refusal {
        registry::Refusal::NotRegistered => not_found(),
        registry::Refusal::MetadataTooLarge => bad_request("metadata would grow beyond the limit"),
    }
}
