//! What became of the instances of a service, told from the events that are remembered.

use std::collections::BTreeMap;

use web_ui::frame::Frame;
use web_ui::links;
use web_ui::parts::{Link, Ribbon, Status, Stretch};
use web_ui::service::{RibbonLine, Timeline};

use crate::clock::Timestamp;
use crate::dashboard::asked::Asked;
use crate::dashboard::lines;
use crate::dashboard::situation::Situation;
use crate::dashboard::times::{millis, when};
use crate::native::documents::{Event, Row, Service};
use crate::native::events::{self, Ask, PAGE_MAX};

/// So many instances are drawn.
const RIBBONS_MAX: usize = 300;
/// So many events are told below.
const EVENTS_MAX: usize = 50;
/// How far back one can look, in minutes.
const SPANS: [(&str, u64); 3] = [("15", 15), ("60", 60), ("360", 360)];
const MINUTE_MS: u64 = 60_000;

pub(super) fn of(
    asked: &Asked<'_>,
    service: &Service,
    frame: &Frame,
    situation: &Situation,
) -> Timeline {
    let ask = Ask {
        query: links::term("app", &service.row.name),
        limit: Some(PAGE_MAX),
        ..Ask::default()
    };
    let told = events::of(asked.state, &ask).unwrap_or_default();
    let (chosen, minutes) = span(asked.value("span"));
    let now = situation.now.as_millis();
    let from = begins(&told.events, told.next.is_some(), asked.state.started_at)
        .max(now.saturating_sub(minutes * MINUTE_MS));
    let mut ribbons = ribbons(service, &told.events, from, now, frame);
    let more = ribbons.len().saturating_sub(RIBBONS_MAX);
    ribbons.truncate(RIBBONS_MAX);
    let last = told.events.get(..EVENTS_MAX).unwrap_or(&told.events);
    Timeline {
        from: when(&Timestamp::from_millis(from).to_string(), situation.now),
        spans: SPANS
            .map(|(name, minutes)| {
                (
                    Link::new(asked.with("span", name), words(minutes)),
                    name == chosen,
                )
            })
            .into(),
        ribbons,
        events: lines::of(last, frame, situation.now),
        more,
    }
}

fn span(asked: &str) -> (&'static str, u64) {
    let known = SPANS.into_iter().find(|(name, _)| *name == asked);
    known.unwrap_or(SPANS[1])
}

fn words(minutes: u64) -> String {
    match minutes {
        60 => "an hour".to_owned(),
        minutes if minutes % 60 == 0 => format!("{} hours", minutes / 60),
        minutes => format!("{minutes} minutes"),
    }
}

/// From when on everything is told: from the start, or from the oldest event of those that are.
fn begins(events: &[Event], more: bool, started_at: Timestamp) -> u64 {
    let oldest = events
        .last()
        .filter(|_| more)
        .and_then(|event| millis(&event.at));
    oldest.unwrap_or(started_at.as_millis())
}

/// One ribbon for each instance, those that are gone last.
fn ribbons(
    service: &Service,
    events: &[Event],
    from: u64,
    now: u64,
    frame: &Frame,
) -> Vec<RibbonLine> {
    let mut told: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for event in events.iter().rev() {
        if let Some(id) = event.id.as_deref() {
            told.entry(id).or_default().push(event);
        }
    }
    let listed: BTreeMap<&str, &Row> = service
        .rows
        .iter()
        .map(|row| (row.id.as_str(), row))
        .collect();
    let none = Vec::new();
    let here = listed.iter().map(|(id, row)| {
        let events = told.get(id).unwrap_or(&none);
        let stretches = stretches(events, Some(Status::named(&row.status)), now);
        line(service, id, &row.zone, &stretches, (from, now), frame)
    });
    let gone = told
        .iter()
        .filter(|(id, _)| !listed.contains_key(*id))
        .map(|(id, events)| {
            let stretches = stretches(events, None, now);
            let zone = events.iter().rev().find_map(|event| event.zone.as_deref());
            let line = line(
                service,
                id,
                zone.unwrap_or_default(),
                &stretches,
                (from, now),
                frame,
            );
            RibbonLine { gone: true, ..line }
        });
    here.chain(gone).collect()
}

fn line(
    service: &Service,
    id: &str,
    zone: &str,
    stretches: &[Stretch],
    (from, now): (u64, u64),
    frame: &Frame,
) -> RibbonLine {
    RibbonLine {
        link: Link::new(frame.instance(&service.row.name, id), id),
        zone: zone.to_owned(),
        ribbon: Ribbon::new(from, now, stretches),
        changes: stretches
            .iter()
            .filter(|stretch| stretch.from > from)
            .count(),
        gone: false,
    }
}

/// The statuses of an instance one after the other, from its events, the oldest first; `shown` is how it ends.
fn stretches(events: &[&Event], shown: Option<Status>, now: u64) -> Vec<Stretch> {
    let first = events.first().map_or(shown, |event| before(event));
    let mut all = vec![Stretch {
        from: 0,
        until: now,
        status: first,
    }];
    for event in events {
        let (Some(at), status) = (millis(&event.at), after(event)) else {
            continue;
        };
        if let Some(last) = all.last_mut().filter(|last| last.status != status) {
            last.until = at;
            all.push(Stretch {
                from: at,
                until: now,
                status,
            });
        }
    }
    all
}

/// How an instance was shown before an event; nothing, if it was not.
fn before(event: &Event) -> Option<Status> {
    let registered = event.kind == "registered";
    let before = event
        .before
        .as_deref()
        .or(event.status.as_deref())
        .filter(|_| !registered);
    before.map(Status::named)
}

/// How it is shown since then; nothing, if it is not.
fn after(event: &Event) -> Option<Status> {
    let gone = matches!(event.kind.as_str(), "cancelled" | "evicted" | "dropped");
    let after = event
        .after
        .as_deref()
        .or(event.status.as_deref())
        .filter(|_| !gone);
    after.map(Status::named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: u64, kind: &str, before: Option<&str>, status: &str) -> Event {
        Event {
            at: Timestamp::from_millis(at).to_string(),
            kind: kind.to_owned(),
            before: before.map(str::to_owned),
            after: before.map(|_| status.to_owned()),
            status: Some(status.to_owned()),
            ..Event::default()
        }
    }

    fn check(events: &[Event], shown: Option<Status>, expected: &[(u64, u64, Option<Status>)]) {
        let events: Vec<_> = events.iter().collect();
        let found = stretches(&events, shown, 100);
        let found: Vec<_> = found
            .iter()
            .map(|stretch| (stretch.from, stretch.until, stretch.status))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_ribbon_follows_the_events() {
        use Status::{Down, Up};
        check(&[], Some(Up), &[(0, 100, Some(Up))]);
        check(
            &[
                event(10, "registered", None, "UP"),
                event(40, "overridden", Some("UP"), "DOWN"),
                event(70, "evicted", None, "DOWN"),
            ],
            None,
            &[
                (0, 10, None),
                (10, 40, Some(Up)),
                (40, 70, Some(Down)),
                (70, 100, None),
            ],
        );
    }

    #[test]
    fn registering_again_is_no_change_of_status() {
        use Status::Up;
        check(
            &[event(40, "registered_again", None, "UP")],
            Some(Up),
            &[(0, 100, Some(Up))],
        );
    }
}
