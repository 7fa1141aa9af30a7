//! What a browser asks for: path, query, look, and how it reached this server.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::header::{COOKIE, HOST, HeaderMap};
use web_ui::frame::Theme;
use web_ui::links;

use super::forms;
use crate::server::State;

/// The cookie that holds the look.
pub(super) const LOOK: &str = "peerage-look";

/// What a browser asks for.
pub(super) struct Asked<'a> {
    pub(super) state: &'a State,
    pub(super) request: &'a HttpRequest,
    query: Vec<(String, String)>,
    /// What every form that acts repeats.
    pub(super) token: String,
    /// The cookie that gives this browser its number, if it has none yet.
    pub(super) token_given: Option<String>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(state: &'a State, request: &'a HttpRequest) -> Self {
        let query = form_urlencoded::parse(request.query_string().as_bytes());
        let (token, token_given) = forms::token(request.headers());
        Self {
            state,
            request,
            query: query.into_owned().collect(),
            token,
            token_given,
        }
    }

    /// The value of a key of the query; empty if it is not there.
    pub(super) fn value(&self, key: &str) -> &str {
        let found = self.query.iter().find(|(known, _)| known == key);
        found.map_or("", |(_, value)| value)
    }

    /// The address of this page with another value of a key, from this page; without the key if the value is empty.
    pub(super) fn with(&self, key: &str, value: &str) -> String {
        let kept = self.query.iter().filter(|(known, _)| known != key);
        let mut pairs: Vec<_> = kept
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        pairs.push((key, value));
        let path = format!("{}{}", self.to_pages(), self.below());
        format!("{path}{}", links::query(&pairs))
    }

    /// The path below where pages begin, as it was spelt, with its query.
    pub(super) fn link(&self) -> String {
        let query = self.request.query_string();
        match query.is_empty() {
            true => self.below().to_owned(),
            false => format!("{}?{query}", self.below()),
        }
    }

    /// The path below where pages begin, as it was spelt.
    pub(super) fn below(&self) -> &str {
        let path = self.request.uri().path();
        let below = path.strip_prefix(self.prefix()).unwrap_or(path);
        below.trim_start_matches('/')
    }

    fn prefix(&self) -> &str {
        self.state
            .config
            .dashboard
            .path
            .as_str()
            .trim_end_matches('/')
    }

    /// From this page to where pages begin.
    pub(super) fn to_pages(&self) -> String {
        match self.below().matches('/').count() {
            0 => "./".to_owned(),
            depth => "../".repeat(depth),
        }
    }

    /// From this page to where the server begins.
    pub(super) fn to_server(&self) -> String {
        let depth = self.below().matches('/').count() + self.prefix().matches('/').count();
        match depth {
            0 => "./".to_owned(),
            depth => "../".repeat(depth),
        }
    }

    /// The look that was chosen.
    pub(super) fn theme(&self) -> Theme {
        let chosen = cookie(self.request.headers(), LOOK);
        chosen
            .and_then(|name| Theme::named(&name))
            .unwrap_or_default()
    }

    /// What came of a form that was sent from here; empty if none was.
    pub(super) fn said(&self) -> String {
        let said = cookie(self.request.headers(), forms::SAID).unwrap_or_default();
        unescaped(&said)
    }

    /// Where this server was reached, as far as the browser says so in letters that an address has; else where it says
    /// of itself that it is.
    pub(super) fn address(&self, own_url: &str) -> String {
        let headers = self.request.headers();
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| Some(self.request.uri().authority()?.as_str()));
        let secure = headers
            .get("x-forwarded-proto")
            .is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"));
        match host.filter(|host| is_address(host)) {
            Some(host) if secure => format!("https://{host}"),
            Some(host) => format!("http://{host}"),
            None => own_url.trim_end_matches('/').to_owned(),
        }
    }

    /// The name of what a path names, unescaped.
    pub(super) fn part(&self, name: &str) -> String {
        unescaped(self.request.match_info().get(name).unwrap_or_default())
    }
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut pairs = headers
        .get_all(COOKIE)
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='));
    pairs.find_map(|(known, value)| (known == name).then(|| value.to_owned()))
}

pub(super) fn unescaped(text: &str) -> String {
    let bytes = percent_encoding::percent_decode_str(text);
    bytes
        .decode_utf8()
        .map_or_else(|_| text.to_owned(), Cow::into_owned)
}

/// The longest name a host has, with its port.
const HOST_MAX: usize = 259;

/// Whether a text has only letters that addresses have, so that it is harmless in snippets for shells and files.
pub(super) fn is_address(host: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    !host.is_empty() && host.len() <= HOST_MAX && host.chars().all(plain)
}
