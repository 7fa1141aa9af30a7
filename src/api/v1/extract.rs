//! What a request below `/api/v1` says: names in its path, values of its query, its body.
//!
//! What must always hold: whatever is sent ends in a value or a problem, and a body is taken off the connection before
//! anything is refused.

use std::str::FromStr;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, web};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::problem::Problem;
use crate::api::body;
use crate::native::instances::{Ask, Cursor, GroupBy, Sort, SortBy};
use crate::native::query::Query;
use crate::server::State;

/// A part of the path, decoded. It is taken from the path as it was sent: what the router has decoded is text already,
/// whatever was there.
pub(super) fn part(request: &HttpRequest, name: &str) -> Result<String, Problem> {
    let (pattern, sent) = (
        request.match_pattern().unwrap_or_default(),
        request.uri().path(),
    );
    let mut parts = pattern.split('/').zip(sent.split('/'));
    let part = parts.find(|(wanted, _)| {
        wanted
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            == Some(name)
    });
    let part = part.map_or("", |(_, part)| part);
    let decoded = percent_decode_str(part).decode_utf8();
    decoded
        .map(|part| part.into_owned())
        .map_err(|_bad| Problem::BadQuery(format!("the {name} in the path is no UTF-8")))
}

/// The application and the id in the path.
pub(super) fn key(request: &HttpRequest) -> Result<(String, String), Problem> {
    Ok((part(request, "app")?, part(request, "id")?))
}

/// The first value of a name in the query.
pub(super) fn value(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// The same, read as something.
pub(super) fn parsed<T: FromStr>(
    query: &str,
    name: &str,
    what: &str,
) -> Result<Option<T>, Problem> {
    let parse = |text: String| {
        text.parse()
            .map_err(|_bad| Problem::BadQuery(format!("{name} is {text:?}, which is no {what}")))
    };
    value(query, name).map(parse).transpose()
}

/// The query in the query.
pub(super) fn query(text: &str) -> Result<Query, Problem> {
    Ok(Query::parse(&value(text, "query").unwrap_or_default())?)
}

/// What is asked of a list of instances.
pub(crate) fn asked(text: &str) -> Result<Ask, Problem> {
    let one_of = |name: &str, value: &str, names: &[&str]| {
        Problem::BadQuery(format!(
            "{name} is {value:?}, which is none of {}",
            names.join(", ")
        ))
    };
    let group = |name: String| {
        GroupBy::parse(&name).ok_or_else(|| one_of("group_by", &name, &GroupBy::NAMES))
    };
    let sort = |name: String| {
        Sort::parse(&name).ok_or_else(|| one_of("sort", &name, &SortBy::ALL.map(|(_, name)| name)))
    };
    let cursor = |after: String| {
        Cursor::parse(&after).ok_or_else(|| {
            Problem::BadQuery(format!("after is {after:?}, which is no next of a page"))
        })
    };
    Ok(Ask {
        query: query(text)?,
        group_by: value(text, "group_by")
            .filter(|name| !name.is_empty())
            .map(group)
            .transpose()?,
        sort: value(text, "sort")
            .filter(|name| !name.is_empty())
            .map(sort)
            .transpose()?
            .unwrap_or_default(),
        after: value(text, "after").map(cursor).transpose()?,
        limit: parsed(text, "limit", "number")?.unwrap_or_default(),
    })
}

/// The body, and whether it says that it is JSON.
pub(super) struct Body {
    bytes: web::Bytes,
    json: bool,
}

impl Body {
    /// Takes it in within the limits, unless it may have waited while this server did not run.
    pub(super) async fn take(
        state: &State,
        request: &HttpRequest,
        payload: web::Payload,
    ) -> Result<Self, Problem> {
        let begun = state.clock.ticks();
        let limits = &state.config.limits;
        let bytes = body::collect(
            request.head(),
            payload,
            limits.body.bytes(),
            limits.body_timeout,
        )
        .await;
        let json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|header| header.to_str().ok())
            .is_some_and(json);
        let bytes = bytes.map_err(Problem::Body)?;
        if state.stalls.may_be_old(begun) {
            return Err(Problem::MayBeOld);
        }
        Ok(Self { bytes, json })
    }

    /// Whether it says that it is JSON.
    pub(super) const fn says_json(&self) -> bool {
        self.json
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Reads it.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        if !self.json {
            return Err(Problem::NotJson);
        }
        serde_json::from_slice(&self.bytes).map_err(|cause| Problem::BadBody(cause.to_string()))
    }
}

fn json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}
