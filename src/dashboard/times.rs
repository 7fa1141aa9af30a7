//! Times of documents as pages show them.

use chrono::DateTime;
use web_ui::parts::When;

use crate::clock::Timestamp;

/// A time of a document, as people read it now.
pub(super) fn when(time: &str, now: Timestamp) -> When {
    match millis(time) {
        Some(at) => When::new(time, at, now.as_millis()),
        None => When::default(),
    }
}

/// A time of a document that may be unknown.
pub(super) fn when_known(time: Option<&String>, now: Timestamp) -> When {
    time.map(|time| when(time, now)).unwrap_or_default()
}

/// Milliseconds since the Unix epoch.
pub(super) fn millis(time: &str) -> Option<u64> {
    let time = DateTime::parse_from_rfc3339(time).ok()?;
    u64::try_from(time.timestamp_millis()).ok()
}
