//! Why a request below `/api/v1` is refused, as `application/problem+json` (RFC 9457).
//!
//! Here: every refusal with its status, its kind and its words. Not here: deciding to refuse. What must always hold: the
//! kind of a problem is a word that never changes; the detail says what to do about it.

use std::collections::BTreeMap;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Value, json};

use crate::api::error::Refusal;
use crate::native::acting::Refused;
use crate::native::documents;
use crate::native::query::Mistake;

/// After so many seconds a server that is not ready may be.
const RETRY: HeaderValue = HeaderValue::from_static("5");

/// Why a request is refused.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The path names nothing.
    NoSuchPath,
    /// The path is there, and has these methods.
    MethodNotAllowed(&'static str),
    /// A value of the query makes no sense, for this reason.
    BadQuery(String),
    /// The query is wrong at a place.
    Mistake(Mistake),
    /// The body makes no sense, for this reason.
    BadBody(String),
    /// The body does not say that it is JSON.
    NotJson,
    /// The body could not be taken in.
    Body(Refusal),
    /// Nobody of that name or id is known.
    NoSuchMember(String),
    /// No instance of that application is listed.
    UnknownService(String),
    /// A server that is known did not answer.
    MemberSilent(String),
    /// There are as many subscribers as there may be.
    TooManySubscribers(usize),
    /// Nobody may act as an operator here.
    ActionsOff,
    /// Only this machine may.
    NotLocal,
    /// A page of another site asked, or one under a name that is not this server's.
    CrossSite(&'static str),
    /// What asks for an action does not say that it means it.
    NoHeader,
    /// What was asked for was not done.
    Refused(Refused),
    /// This server has not caught up, and would show a part for the whole.
    NotReady,
    /// What was said may have waited while this server did not run, and its sender be gone.
    MayBeOld,
}

/// Why something was refused, in a sentence.
pub(crate) fn detail(refused: Refused) -> String {
    Problem::from(refused).to_string()
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Mistake> for Problem {
    fn from(mistake: Mistake) -> Self {
        Self::Mistake(mistake)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told().detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.told().status
    }

    fn error_response(&self) -> HttpResponse {
        self.answer()
    }
}

/// A problem in words.
struct Told {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: String,
    members: BTreeMap<String, Value>,
}

impl Told {
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }
}

fn told(
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: impl Into<String>,
) -> Told {
    Told {
        status,
        kind,
        title,
        detail: detail.into(),
        members: BTreeMap::new(),
    }
}

impl Problem {
    /// The answer.
    pub(crate) fn answer(&self) -> HttpResponse {
        let told = self.told();
        let mut answer = HttpResponse::build(told.status);
        answer.insert_header((HeaderName::from_static("cache-control"), "no-store"));
        if told.status == StatusCode::SERVICE_UNAVAILABLE {
            answer.insert_header((RETRY_AFTER, RETRY));
        }
        if let Self::MethodNotAllowed(allow) = self {
            answer.insert_header((ALLOW, *allow));
        }
        if matches!(self, Self::Body(_)) {
            // What is left of the body cannot be skipped within the limits.
            answer.force_close();
        }
        let document = documents::Problem {
            kind: format!("/problems/{}", told.kind),
            title: told.title.to_owned(),
            status: told.status.as_u16(),
            detail: told.detail,
            members: told.members,
        };
        // The type of the content is set by `json` only where there is none yet.
        answer
            .content_type("application/problem+json")
            .json(document)
    }

    fn told(&self) -> Told {
        match self {
            Self::BadQuery(_)
            | Self::Mistake(_)
            | Self::BadBody(_)
            | Self::NotJson
            | Self::Body(_) => self.malformed(),
            Self::ActionsOff | Self::NotLocal | Self::CrossSite(_) | Self::NoHeader => {
                self.forbidden()
            }
            Self::Refused(refused) => of_refused(refused),
            Self::NoSuchPath
            | Self::MethodNotAllowed(_)
            | Self::NoSuchMember(_)
            | Self::UnknownService(_) => self.absent(),
            Self::MemberSilent(_)
            | Self::TooManySubscribers(_)
            | Self::NotReady
            | Self::MayBeOld => self.unavailable(),
        }
    }

    fn absent(&self) -> Told {
        match self {
            Self::MethodNotAllowed(allow) => told(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "method not allowed",
                format!("this path can be asked with {allow}"),
            ),
            Self::NoSuchMember(name) => told(
                StatusCode::NOT_FOUND,
                "unknown-member",
                "no such member",
                format!("no server goes by the name or id {name:?}; /api/v1/cluster lists them"),
            ),
            Self::UnknownService(name) => told(
                StatusCode::NOT_FOUND,
                "unknown-service",
                "no such service",
                format!(
                    "no instance of {name} is listed; /api/v1/services lists those that have some"
                ),
            ),
            _ => told(
                StatusCode::NOT_FOUND,
                "no-such-path",
                "no such path",
                "nothing is served at this path; this release may be older than you think",
            ),
        }
    }

    fn unavailable(&self) -> Told {
        let (kind, title, detail) = match self {
            Self::MemberSilent(name) => (
                "member-silent",
                "member did not answer",
                format!(
                    "{name} did not answer; it may be down, or cut off from here: `peerage members` tells"
                ),
            ),
            Self::TooManySubscribers(max) => (
                "too-many-subscribers",
                "too many subscribers",
                format!(
                    "there are {max} streams and long polls, as many as there may be; ask another server, or again later"
                ),
            ),
            Self::MayBeOld => (
                "may-be-old",
                "it may have waited",
                "this server did not run for a while, and what it reads now may have been said before that; say it \
                 again, or ask another server"
                    .to_owned(),
            ),
            _ => ("not-ready", "not ready", NOT_READY.to_owned()),
        };
        told(StatusCode::SERVICE_UNAVAILABLE, kind, title, detail)
    }

    fn malformed(&self) -> Told {
        match self {
            Self::Mistake(mistake) => of_mistake(mistake),
            Self::BadQuery(reason) => told(
                StatusCode::BAD_REQUEST,
                "bad-query",
                "bad query",
                reason.clone(),
            ),
            Self::NotJson => told(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not-json",
                "not JSON",
                "the body must be JSON and say so: Content-Type: application/json",
            ),
            Self::Body(refusal) => of_body(refusal),
            Self::BadBody(reason) => told(
                StatusCode::BAD_REQUEST,
                "bad-body",
                "bad body",
                reason.clone(),
            ),
            _ => told(
                StatusCode::BAD_REQUEST,
                "bad-request",
                "bad request",
                "the request makes no sense",
            ),
        }
    }

    fn forbidden(&self) -> Told {
        let (kind, detail) = match self {
            Self::ActionsOff => (
                "actions-off",
                "operators' actions are switched off here; the setting actions allows them: auto for this machine, on for \
                 everybody who reaches the server"
                    .to_owned(),
            ),
            Self::NotLocal => (
                "not-local",
                "operators' actions are taken from the server's own machine only, and not by way of a proxy; run the \
                 command there, or set actions to on, which lets everybody act who reaches the server"
                    .to_owned(),
            ),
            Self::NoHeader => (
                "no-action-header",
                "an action must say that it is meant: send JSON with its Content-Type, or the header X-Peerage-Action: yes"
                    .to_owned(),
            ),
            Self::CrossSite(why) => (
                "cross-site",
                format!("pages of other sites do not write here: {why}; names of this server are allowed by the setting api.hosts"),
            ),
            _ => ("forbidden", "that is not allowed".to_owned()),
        };
        told(StatusCode::FORBIDDEN, kind, "not allowed", detail)
    }
}

const NOT_READY: &str = "this server has not caught up with its peers, and would show a part for the whole or write under \
                         another's name; ask another server, or again in a moment";

fn of_mistake(mistake: &Mistake) -> Told {
    let problem = told(
        StatusCode::BAD_REQUEST,
        "bad-query",
        "bad query",
        mistake.to_string(),
    )
    .with("position", mistake.position)
    .with("length", mistake.length)
    .with("expected", json!(mistake.expected));
    match &mistake.suggestion {
        Some(suggestion) => problem.with("suggestion", suggestion.as_str()),
        None => problem,
    }
}

fn of_body(refusal: &Refusal) -> Told {
    let (status, kind, detail) = match refusal {
        Refusal::BodyTooLong => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-long",
            "the body is longer than allowed: limits.body",
        ),
        Refusal::BodyTooSlow => (
            StatusCode::REQUEST_TIMEOUT,
            "body-too-slow",
            "the body took longer than allowed: limits.body-timeout",
        ),
        _ => (
            StatusCode::BAD_REQUEST,
            "body-broken-off",
            "the body broke off",
        ),
    };
    told(status, kind, "body refused", detail)
}

fn of_refused(refused: &Refused) -> Told {
    match refused {
        Refused::UnknownInstance { app, id } => told(
            StatusCode::NOT_FOUND,
            "unknown-instance",
            "no such instance",
            format!("no instance {id:?} of {app} is listed; /api/v1/explain tells what is known of it, and a client registers again"),
        ),
        Refused::BadField { field, why } => {
            told(StatusCode::BAD_REQUEST, "bad-body", "bad body", format!("{field}: {why}")).with("field", *field)
        }
        Refused::BadQuery(mistake) => of_mistake(mistake),
        Refused::NotProtecting(scope) => told(
            StatusCode::CONFLICT,
            "not-protecting",
            "nothing to release",
            format!("the guard over {scope} protects nothing now; /api/v1/protection lists those that do"),
        ),
        Refused::NothingMatches(query) => told(
            StatusCode::NOT_FOUND,
            "nothing-matches",
            "nothing matches",
            format!("no instance that is listed matches {query}"),
        ),
        Refused::EmptiesZone(places) => told(
            StatusCode::CONFLICT,
            "empties-zone",
            "that would empty a zone",
            format!(
                "these services would have nobody in service any more: {}; say confirm_empties_zone if that is meant",
                places.join(", ")
            ),
        )
        .with("services", json!(places)),
        Refused::UnknownDrain(id) => told(
            StatusCode::NOT_FOUND,
            "unknown-drain",
            "no such drain",
            format!("this server knows no drain {id}: it was over before the server started, or a hundred came after it; /api/v1/drains lists those it knows, and /api/v1/overrides what is out of service"),
        ),
        Refused::NotReady => told(StatusCode::SERVICE_UNAVAILABLE, "not-ready", "not ready", NOT_READY),
    }
}
