//! Why a request below `/api/v1` is refused, as `application/problem+json` (RFC 9457).

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ALLOW;
use serde::Serialize;

use super::READING;

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum Problem {
    /// The path names nothing.
    NoSuchPath,
    /// The path can be read, and nothing else.
    MethodNotAllowed,
    /// The query makes no sense, for this reason.
    BadQuery(String),
    /// Nobody of that name or id is known.
    NoSuchMember(String),
    /// A server that is known did not answer.
    MemberSilent(String),
    /// This server has not caught up, and would show a part for the whole.
    NotReady,
}

/// What is sent. The status says what kind of problem it is, so there is no `type`.
#[derive(Serialize)]
struct Document {
    title: &'static str,
    status: u16,
    detail: String,
}

impl Problem {
    /// The answer.
    pub(super) fn answer(&self) -> HttpResponse {
        let (status, title, detail) = self.told();
        let mut answer = HttpResponse::build(status);
        if matches!(self, Self::MethodNotAllowed) {
            answer.insert_header((ALLOW, READING));
        }
        let document = Document {
            title,
            status: status.as_u16(),
            detail,
        };
        // The type of the content is set by `json` only where there is none yet.
        answer
            .content_type("application/problem+json")
            .json(document)
    }

    fn told(&self) -> (StatusCode, &'static str, String) {
        match self {
            Self::NoSuchPath => (
                StatusCode::NOT_FOUND,
                "no such path",
                "nothing is served at this path; this release may be older than you think"
                    .to_owned(),
            ),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method not allowed",
                "this path can only be read".to_owned(),
            ),
            Self::BadQuery(reason) => (StatusCode::BAD_REQUEST, "bad query", reason.clone()),
            Self::NoSuchMember(name) => (
                StatusCode::NOT_FOUND,
                "no such member",
                format!("no server goes by the name or id {name:?}; /api/v1/cluster lists them"),
            ),
            Self::MemberSilent(name) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "member did not answer",
                format!(
                    "{name} did not answer within two seconds; ask it directly, or look at its network"
                ),
            ),
            Self::NotReady => (
                StatusCode::SERVICE_UNAVAILABLE,
                "not ready",
                "this server has not caught up with its peers, and would show a part for the whole"
                    .to_owned(),
            ),
        }
    }
}
