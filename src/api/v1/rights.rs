//! Who may write, and who may act as an operator.
//!
//! Here: the rules, as functions of a request. Not here: tokens, which do not exist yet. What must always hold: a page of
//! another site never writes here, not even when its name is made to point here; and beyond this machine nobody acts
//! unless the settings say so in as many words.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HOST, HeaderMap, HeaderName, ORIGIN, VIA};

use super::extract::Body;
use super::problem::Problem;
use crate::config::Actions;
use crate::server::State;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const ACTION: HeaderName = HeaderName::from_static("x-peerage-action");
/// What proxies add: with these the request is not from this machine, though its last hop is.
const FORWARDING: [HeaderName; 4] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-real-ip"),
];

/// Whether this request may act as an operator.
pub(super) fn may_act(state: &State, request: &HttpRequest, body: &Body) -> Result<(), Problem> {
    may_act_by_form(state, request)?;
    let meant = request
        .headers()
        .get(ACTION)
        .is_some_and(|value| value == "yes");
    if meant || (body.says_json() && !body.is_empty()) {
        Ok(())
    } else {
        Err(Problem::NoHeader)
    }
}

/// Whether this request may act as an operator, if it is a form of a page of ours: whoever asks makes sure of that.
pub(crate) fn may_act_by_form(state: &State, request: &HttpRequest) -> Result<(), Problem> {
    allowed(state, request)?;
    may_write(state, request)
}

/// Whether forms that act are any use to whoever asks for a page.
pub(crate) fn actions_here(state: &State, request: &HttpRequest) -> bool {
    let named = host(request).is_some_and(|host| own_name(state, host));
    allowed(state, request).is_ok() && named
}

/// Whether the settings let anybody act from where this request comes.
fn allowed(state: &State, request: &HttpRequest) -> Result<(), Problem> {
    match state.config.actions {
        Actions::Off => Err(Problem::ActionsOff),
        Actions::Auto if !local(request) => Err(Problem::NotLocal),
        Actions::Auto | Actions::On => Ok(()),
    }
}

/// Whether a request comes from this machine itself.
fn local(request: &HttpRequest) -> bool {
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    let forwarded = FORWARDING
        .iter()
        .any(|header| request.headers().contains_key(header));
    peer.is_some_and(|peer| peer.is_loopback()) && !forwarded
}

/// Whether this request may write: not if a page of another site sends it. Every browser says where such a request comes
/// from; what says nothing is no browser.
pub(super) fn may_write(state: &State, request: &HttpRequest) -> Result<(), Problem> {
    let headers = request.headers();
    let (origin, site) = (text(headers, &ORIGIN), text(headers, &FETCH_SITE));
    if origin.is_none() && site.is_none() {
        return Ok(());
    }
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(Problem::CrossSite(
            "the browser says that the request is another site's",
        ));
    }
    let host = host(request).unwrap_or_default();
    if origin.is_some_and(|origin| !same_place(origin, host)) {
        return Err(Problem::CrossSite("its Origin is not this server"));
    }
    match own_name(state, host) {
        true => Ok(()),
        false => Err(Problem::CrossSite("its Host is no name of this server")),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    // What is no text equals nothing.
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

fn host(request: &HttpRequest) -> Option<&str> {
    let header = text(request.headers(), &HOST);
    header.or_else(|| {
        request
            .uri()
            .authority()
            .map(|authority| authority.as_str())
    })
}

/// Whether an origin is that of a host with its port. The scheme may differ where a proxy ends TLS.
fn same_place(origin: &str, host: &str) -> bool {
    let place = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"));
    !host.is_empty() && place.is_some_and(|place| place.eq_ignore_ascii_case(host))
}

/// Whether a host is an address or a name of this server. A name of somebody else's can be made to point here, an address
/// cannot.
fn own_name(state: &State, host: &str) -> bool {
    let name = without_port(host);
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let config = &state.config;
    let named = |own: &str| name.eq_ignore_ascii_case(own);
    address.parse::<IpAddr>().is_ok()
        || named("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || named(&config.name)
        || config.api.hosts.0.iter().any(|own| named(own))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port))
            if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') =>
        {
            name
        }
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        assert!(same_place("http://a:1", "a:1"));
        assert!(same_place("https://A:1", "a:1"));
        for (origin, host) in [
            ("null", "null"),
            ("http://", ""),
            ("http://a:2", "a:1"),
            ("http://a:1.evil", "a:1"),
            ("ftp://a", "a"),
        ] {
            assert!(!same_place(origin, host), "{origin} {host}");
        }
    }

    #[test]
    fn ports_are_no_part_of_a_name() {
        for (host, expected) in [
            ("a:1", "a"),
            ("a", "a"),
            ("[::1]:8761", "[::1]"),
            ("[::1]", "[::1]"),
            ("127.0.0.1:80", "127.0.0.1"),
        ] {
            assert_eq!(without_port(host), expected);
        }
    }
}
