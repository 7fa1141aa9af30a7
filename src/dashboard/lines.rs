//! Events as lines of a page.

use web_ui::frame::Frame;
use web_ui::parts::{EventLine, Events, Level, Link, Status};

use super::times::when;
use crate::clock::Timestamp;
use crate::native::documents::{Cause, Event};

/// These events as lines.
pub(super) fn of(events: &[Event], frame: &Frame, now: Timestamp) -> Events {
    Events {
        lines: events.iter().map(|event| line(event, frame, now)).collect(),
    }
}

/// An event as a line.
pub(super) fn line(event: &Event, frame: &Frame, now: Timestamp) -> EventLine {
    EventLine {
        revision: event.revision.clone(),
        at: when(&event.at, now),
        kind: event.kind.replace('_', " "),
        level: level(event),
        sign: sign(&event.kind),
        subject: subject(event, frame),
        zone: event.zone.clone().unwrap_or_default(),
        text: event.text.clone(),
        change: change(event),
        cause: cause(event),
    }
}

fn subject(event: &Event, frame: &Frame) -> Option<Link> {
    let (app, id) = (event.app.as_ref()?, event.id.as_ref()?);
    Some(Link::new(frame.instance(app, id), format!("{app}/{id}")))
}

fn change(event: &Event) -> Option<(Status, Status)> {
    let (before, after) = (event.before.as_ref()?, event.after.as_ref()?);
    Some((Status::named(before), Status::named(after)))
}

/// How bad an event is: whatever takes instances or servers away, or holds something, is worth a look.
fn level(event: &Event) -> Level {
    match event.kind.as_str() {
        "protection_began" | "peer_down" | "isolated" | "peer_differs" | "duplicate_name" => {
            Level::Bad
        }
        "evicted" | "overridden" | "dropped" | "drain_began" | "stalled" | "stopping" => {
            Level::Warn
        }
        "peer_udp_blocked" | "peer_tcp_blocked" | "peer_behind" | "peer_slow"
        | "peer_clock_off" => Level::Warn,
        "foreign_cluster" | "foreign_protocol" | "senseless_stream" => Level::Warn,
        _ if event.after.as_deref() == Some("DOWN") => Level::Warn,
        _ => Level::Good,
    }
}

/// A sign for a kind: what came, what went, what was set, what is held.
fn sign(kind: &str) -> &'static str {
    match kind {
        "registered" | "peer_up" => "+",
        "registered_again" | "restated" | "adopted" | "moved" | "refuted" | "compared" => "↻",
        "cancelled" | "dropped" | "peer_left" => "−",
        "evicted" | "peer_down" | "isolated" => "✕",
        "overridden" | "drain_began" => "⊘",
        "override_removed" | "override_expired" | "drain_undone" | "drain_done"
        | "protection_ended" | "isolation_ended" => "✓",
        "protection_began" | "protection_released" => "◆",
        "metadata_changed" => "✎",
        kind if kind.starts_with("peer_") || kind.starts_with("foreign_") => "▲",
        _ => "·",
    }
}

/// Whether an event is no news: who keeps a lease moves by thousands when a server is lost.
pub(super) fn quiet(event: &Event) -> bool {
    matches!(
        event.kind.as_str(),
        "registered_again" | "restated" | "adopted" | "moved" | "compared" | "epoch_taken"
    )
}

/// What brought it about, and who.
pub(super) fn cause(event: &Event) -> String {
    let by = |what: &str| match event.actor.as_deref().or(event.from.as_deref()) {
        Some(who) => format!("{what} {who}"),
        None => what.to_owned(),
    };
    let cause = match event.cause {
        Cause::Client => by("its client"),
        Cause::Replication => by("peer"),
        Cause::Eviction => "its lease ran out".to_owned(),
        Cause::Operator => by("operator"),
        Cause::EurekaPeer => by("Eureka server"),
        Cause::Server => "this server".to_owned(),
    };
    match event.reason.as_deref() {
        Some(reason) if !reason.is_empty() => format!("{cause}: {reason}"),
        _ => cause,
    }
}
