//! Instances in the words of lists.

use web_ui::parts::Level;

use crate::native::documents::{LeaseState, Row};

/// Where an instance serves.
pub(super) fn address(row: &Row) -> String {
    match row.port.or(row.secure_port) {
        Some(port) => format!("{}:{port}", row.host),
        None => row.host.clone(),
    }
}

/// How a lease stands, in words, and how bad that is.
pub(super) fn lease(state: LeaseState) -> (Level, &'static str) {
    match state {
        LeaseState::Fresh => (Level::Good, "beats"),
        LeaseState::Late => (Level::Warn, "late"),
        LeaseState::Silent => (Level::Warn, "silent"),
        LeaseState::Over => (Level::Bad, "lease over"),
    }
}
