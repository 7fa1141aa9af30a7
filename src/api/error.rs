//! Why a request is refused, and what that looks like on the wire. The only place with status codes for errors.
//!
//! Bodies are empty wherever a Eureka client might read one as an instance: above all, seven of Java's own clients
//! never register again after a 404 that has a body.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, ContentType};

use super::target::NoTarget;
use crate::eureka::{self, Format};
use crate::registry;

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The path names nothing.
    NoTarget(NoTarget),
    /// The path is there, and has these methods.
    MethodNotAllowed {
        /// As the `Allow` header lists them.
        allow: String,
    },
    /// Path and query are longer than allowed.
    PathTooLong,
    /// The headers are longer than allowed.
    HeadTooLong,
    /// There are more connections than allowed.
    TooManyConnections,
    /// Not now. Clients go to the next server and keep what they have.
    NotReady,
    /// It may have waited while this server did not run. Whoever is still there says it again.
    MayBeOld,
    /// Deltas are switched off: clients fetch everything.
    DeltaDisabled,
    /// A value of the query makes no sense, for this reason.
    BadQuery(String),
    /// The body says neither that it is JSON nor that it is XML.
    UnsupportedMediaType,
    /// The body is longer than allowed.
    BodyTooLong,
    /// The body took longer than allowed.
    BodyTooSlow,
    /// The body broke off.
    BodyBrokenOff,
    /// The body is no registration or batch. Eureka words that in one of two formats.
    Unreadable(eureka::Refusal, Format),
    /// The registry did not do it.
    Registry(registry::Refusal),
    /// Groups are switched at Amazon only.
    NotAtAmazon,
}

impl From<registry::Refusal> for Refusal {
    fn from(refusal: registry::Refusal) -> Self {
        Self::Registry(refusal)
    }
}

impl Refusal {
    /// What people should know of it: why an instance that ought to be listed is not.
    pub(super) fn reason(&self) -> Option<String> {
        match self {
            Self::Unreadable(refusal, _) => Some(refusal.to_string()),
            Self::UnsupportedMediaType => {
                Some("the Content-Type is neither JSON nor XML in UTF-8".to_owned())
            }
            Self::BodyTooLong => Some("the body is longer than allowed".to_owned()),
            Self::MayBeOld => Some("it may have waited while this server did not run".to_owned()),
            _ => None,
        }
    }

    /// The answer.
    pub(crate) fn answer(&self) -> HttpResponse {
        let empty = |status| HttpResponse::build(status).finish();
        // What is left on the connection cannot be skipped within the limits, so it is of no more use.
        let last = |status| HttpResponse::build(status).force_close().finish();
        match self {
            Self::NoTarget(NoTarget::Malformed) => bad_request("the path holds a broken escape"),
            Self::NoTarget(NoTarget::Unknown)
            | Self::Registry(registry::Refusal::NotRegistered) => empty(StatusCode::NOT_FOUND),
            Self::MethodNotAllowed { allow } => HttpResponse::MethodNotAllowed()
                .insert_header((ALLOW, allow.as_str()))
                .finish(),
            Self::PathTooLong => empty(StatusCode::URI_TOO_LONG),
            Self::HeadTooLong => empty(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            Self::TooManyConnections => last(StatusCode::SERVICE_UNAVAILABLE),
            Self::NotReady | Self::MayBeOld => empty(StatusCode::SERVICE_UNAVAILABLE),
            Self::DeltaDisabled => empty(StatusCode::FORBIDDEN),
            Self::BadQuery(reason) => bad_request(reason),
            Self::UnsupportedMediaType => empty(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::BodyTooLong => last(StatusCode::PAYLOAD_TOO_LARGE),
            Self::BodyTooSlow => last(StatusCode::REQUEST_TIMEOUT),
            Self::BodyBrokenOff => last(StatusCode::BAD_REQUEST),
            Self::Unreadable(eureka::Refusal::Invalid(fault), _) => bad_request(&fault.to_string()),
            Self::Unreadable(eureka::Refusal::TooLarge(reason), _) => bad_request(reason),
            Self::Unreadable(eureka::Refusal::Unparsable(_), format) => HttpResponse::BadRequest()
                .content_type(format.content_type())
                .body(format.cannot_parse()),
            Self::Registry(registry::Refusal::MetadataTooLarge) => {
                bad_request("metadata would grow beyond the limit")
            }
            Self::NotAtAmazon => empty(StatusCode::BAD_REQUEST),
        }
    }
}

/// What the request says makes no sense, for this short reason.
fn bad_request(reason: &str) -> HttpResponse {
    HttpResponse::BadRequest()
        .content_type(ContentType::plaintext())
        .body(reason.to_owned())
}
