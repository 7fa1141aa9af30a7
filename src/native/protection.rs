//! What is protected, and how many leases may be evicted.

use super::documents::{AsOf, Guard, Held, Protection, Quota};
use super::explain::spoken;
use super::rows::{Rows, millis};
use super::zones;
use crate::clock::Timestamp;
use crate::cluster;
use crate::registry::entry::Entry;
use crate::registry::oversight::Oversight;
use crate::registry::preservation::{self, Scope, silent_max};
use crate::server::State;

/// So many leases are named with the guard that holds them.
const HELD_MAX: usize = 100;

/// What this server protects, and why.
pub fn of(state: &State) -> Protection {
    let revision = state.account.revision().to_string();
    let rows = Rows::of(state);
    let (oversight, settings) = (rows.oversight(), state.registry.settings());
    let mut over = state.registry.over(rows.now());
    over.sort_by(|a, b| a.key().cmp(b.key()));
    let guards: Vec<_> = oversight
        .protections()
        .map(|protection| {
            let held = over.iter().filter(|entry| {
                oversight
                    .holders(entry)
                    .any(|holder| holder.scope == protection.scope)
            });
            guard(
                &rows,
                protection,
                &held.map(|entry| &**entry).collect::<Vec<_>>(),
            )
        })
        .collect();
    let (owned, silent) = state.registry.owned();
    let max = silent_max(owned, settings.share_kept_percent);
    Protection {
        revision: AsOf(revision),
        as_of: AsOf(rows.now().to_string()),
        active: !guards.is_empty(),
        sentence: sentence(oversight, owned, silent, max, settings.preservation),
        enabled: settings.preservation,
        guards,
        quota: quota(oversight),
        owned: owned as u64,
        silent: silent as u64,
        silent_max: max as u64,
    }
}

fn guard(rows: &Rows, protection: &preservation::Protection, held: &[&Entry]) -> Guard {
    Guard {
        guard: name(&protection.scope).to_owned(),
        zone: zones::of_guard(&protection.scope),
        why: cluster::why(protection),
        since: protection.since.to_string(),
        until: protection.until.to_string(),
        leases_counted: protection.owned as u64,
        leases_silent: protection.silent as u64,
        held: held.len() as u64,
        leases: held
            .iter()
            .take(HELD_MAX)
            .map(|entry| held_lease(rows, entry))
            .collect(),
    }
}

/// What a guard is called in documents and calls.
pub(crate) const fn name(scope: &Scope) -> &'static str {
    match scope {
        Scope::Server => "server",
        Scope::Zone(_) => "zone",
        Scope::Isolation => "isolation",
    }
}

fn held_lease(rows: &Rows, entry: &Entry) -> Held {
    Held {
        app: entry.key().app.as_str().to_owned(),
        id: entry.key().id.to_string(),
        zone: rows.zone(entry).to_owned(),
        over_since: entry.deadline().to_string(),
    }
}

fn quota(oversight: &Oversight) -> Quota {
    let dealt = oversight.quota();
    Quota {
        window_ms: millis(dealt.window),
        left: dealt.left as u64,
        of: dealt.of as u64,
        next: dealt.next as u64,
        renewed_at: dealt.renewed_at.map(|at| at.to_string()),
    }
}

fn sentence(
    oversight: &Oversight,
    owned: usize,
    silent: usize,
    max: usize,
    enabled: bool,
) -> String {
    let told: Vec<_> = oversight
        .protections()
        .map(|guard| told(guard, oversight.now))
        .collect();
    if !told.is_empty() {
        return told.join(" ");
    }
    let leases = format!("{silent} of the {owned} leases this server keeps are silent");
    match enabled {
        true => {
            format!("Nothing is protected: {leases}, and from {max} on all would be protected.")
        }
        false => format!("Nothing is protected, as the settings say: {leases}."),
    }
}

fn told(guard: &preservation::Protection, now: Timestamp) -> String {
    let (scope, since, until) = (
        &guard.scope,
        spoken(now.since(guard.since)),
        spoken(guard.until.since(now)),
    );
    let why = cluster::why(guard);
    format!(
        "Protecting {scope} for {since}, since {why}; that ends in {until} at the latest, or a minute after its cause."
    )
}
