//! The part of the page that is about who keeps leases when servers come and go.
//!
//! Here: every metric about that, once, with its name, unit and help. Not here: the other servers themselves (`peers`).

use std::fmt;
use std::sync::atomic::Ordering;

use ::peers::node::view::Cluster;
use ::peers::version::Origin;

use super::page::Sheet;
use super::{EVENTS, peers};
use crate::registry::change::What;
use crate::server::State;

/// Prints what became of leases when servers came and went.
pub(super) fn encode(sheet: &mut Sheet<'_>, state: &State, seen: &Cluster) -> fmt::Result {
    let of = |what| state.metrics.changes(what);
    let all = [
        (
            "peerage_adoptions",
            "Leases taken over from other servers",
            What::Adopted,
        ),
        (
            "peerage_refutations",
            "Ends of leases gainsaid, since their clients had been heard",
            What::Refuted,
        ),
        (
            "peerage_restatements",
            "Leases said anew to be kept here, after this server took another epoch",
            What::Restated,
        ),
        (
            "peerage_drops",
            "Records dropped, since peers had deleted them",
            What::Dropped,
        ),
    ];
    for (name, help, what) in all {
        sheet.counter(name, help, of(what))?;
    }
    let events = EVENTS
        .iter()
        .zip(&state.metrics.events)
        .map(|(event, count)| {
            (
                vec![("event", (*event).to_owned())],
                count.load(Ordering::Relaxed),
            )
        });
    let help = "What was told of the cluster, by the event of the line in the log";
    sheet.counters("peerage_cluster_events", help, events)?;
    let there = |owner: &Origin| {
        seen.members
            .iter()
            .any(|member| peers::is_there(member) && member.origin == Some(*owner))
    };
    let owners = state.registry.owners();
    let orphaned = owners
        .iter()
        .filter(|(owner, _)| !there(owner))
        .map(|(_, count)| count);
    let help = "Leases whose owner is gone, waiting for their clients to call another server";
    sheet.gauge(
        "peerage_leases_orphaned",
        help,
        orphaned.sum::<usize>() as f64,
    )?;
    let kept = state.registry.kept_orphans();
    let kept = kept.iter().map(|kept| kept.count).sum::<usize>();
    let help = "Leases whose owner is gone, and which are kept in doubt";
    sheet.gauge("peerage_leases_orphaned_kept", help, kept as f64)
}
