//! How things stand in ten lines of text, for terminals.

use crate::registry::preservation::Protection;
use crate::server::State;

/// The lines.
pub(super) fn text(state: &State) -> String {
    let snapshot = state.registry.refresh();
    let registered = &snapshot.registered;
    let statuses = registered.statuses();
    let statuses: Vec<_> = statuses
        .iter()
        .map(|(status, count)| format!("{status} {count}"))
        .collect();
    let silent: usize = state.registry.silent().iter().map(|(_, count)| count).sum();
    let ready = if state.ready() { "ready" } else { "not ready" };
    let lines = [
        (
            "peerage",
            format!("{} {}", state.config.name, env!("CARGO_PKG_VERSION")),
        ),
        ("state", ready.to_owned()),
        ("up", format!("{} h", crate::api::uptime(state))),
        (
            "applications",
            registered.applications().count().to_string(),
        ),
        ("instances", registered.iter().count().to_string()),
        ("status", statuses.join(", ")),
        (
            "heartbeats",
            format!(
                "{} in the last full minute",
                state.metrics.renewals_last_minute()
            ),
        ),
        ("silent", silent.to_string()),
        ("protected", protected(state)),
        ("revision", snapshot.revision.to_string()),
    ];
    lines
        .map(|(name, value)| format!("{name:<14}{value}\n"))
        .concat()
}

/// What guards protect, in words.
fn protected(state: &State) -> String {
    let guards = state.registry.protections();
    if guards.is_empty() {
        return "nothing".to_owned();
    }
    let now = state.clock.now();
    let said = guards.iter().map(|guard| {
        let Protection { scope, since, until, owned, silent } = guard;
        let (since, left) = (now.since(*since).as_secs(), until.since(now).as_secs());
        format!("{scope}: {silent} of {owned} are silent, so nobody is evicted for it; since {since} s, for {left} s more at most")
    });
    said.collect::<Vec<_>>().join("; ")
}
