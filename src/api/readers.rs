//! Who reads the registry: a drain waits until they all have.
//!
//! What must always hold: whoever may call an instance for what was read here counts; operators, who look, do not.

use actix_web::HttpRequest;
use actix_web::http::header::{HeaderName, USER_AGENT};

use crate::native::fetches::Following;
use crate::server::State;

/// What this program's command line calls itself: it is for people, and calls no instance.
pub(crate) const COMMAND_LINE: &str = concat!("peerage/", env!("CARGO_PKG_VERSION"));

const NAME: HeaderName = HeaderName::from_static("discoveryidentity-name");
const ID: HeaderName = HeaderName::from_static("discoveryidentity-id");

/// Takes note of a read.
pub(super) fn note(state: &State, request: &HttpRequest) {
    if let Some(name) = name(request) {
        state.fetches.note(&name, state.clock.now());
    }
}

/// Takes note of somebody who begins to follow.
pub(super) fn follow(state: &State, request: &HttpRequest) -> Option<Following> {
    let name = name(request)?;
    Some(state.fetches.follow(&name, state.clock.now()))
}

/// Who asks. Eureka's clients say what they are called, for others program and address have to do.
fn name(request: &HttpRequest) -> Option<String> {
    let headers = request.headers();
    let header = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let address = || {
        let peer = request.peer_addr();
        peer.map_or_else(String::new, |peer| peer.ip().to_canonical().to_string())
    };
    let program = header(&USER_AGENT);
    if program == Some(COMMAND_LINE) {
        return None;
    }
    let name = header(&NAME).or(program).unwrap_or("unnamed");
    let place = header(&ID).map_or_else(address, str::to_owned);
    Some(format!("{name} at {place}"))
}
