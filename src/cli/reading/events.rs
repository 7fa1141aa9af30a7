//! `peerage events`: what happened, and a line for each event.

use super::super::answer::{Answer, DONE};
use super::super::client::calls::{path, with};
use super::super::client::{Client, Failure};
use super::super::table::{plain, table, written};
use super::super::terminal::{Terminal, Tint};
use super::super::text::{clock_time, plain_json};
use super::Events as Asked;
use super::resume::Reader;
use super::watch;
use crate::config::show::Output;
use crate::native::documents::{Event, Events};

/// How many to ask for at once.
const PAGE: u64 = 500;

/// Asks and answers.
pub(super) fn ask(asked: &Asked, terminal: &mut Terminal<'_>) -> Result<Answer, Failure> {
    let client = asked.asking.client()?;
    let query = &asked.filter.query;
    let page = |before: &str, rest: u64| {
        let limit = rest.min(PAGE).to_string();
        let parameters = [
            ("query", query.as_str()),
            ("kind", &asked.kind),
            ("before", before),
            ("limit", &limit),
        ];
        let page: Result<Events, _> = client.read(&with(&path(["events"]), &parameters));
        page.map_err(|failure| failure.of_query(query))
    };
    let mut events = page("", asked.limit.max(1))?;
    let limit = usize::try_from(asked.limit).unwrap_or(usize::MAX);
    while events.events.len() < limit
        && let Some(before) = &events.next
    {
        let rest = (limit - events.events.len()) as u64;
        let next = page(before, rest)?;
        events.events.extend(next.events);
        events.next = next.next;
    }
    events.events.truncate(limit);
    if asked.follow {
        return follow(asked, &client, &events, terminal);
    }
    let form = terminal.form(asked.asking.form.output);
    Ok(answer(&events, form))
}

/// Those that were, and then those that come.
fn follow(
    asked: &Asked,
    client: &Client,
    past: &Events,
    terminal: &mut Terminal<'_>,
) -> Result<Answer, Failure> {
    let form = terminal.form(asked.asking.form.output);
    let told: String = past
        .events
        .iter()
        .rev()
        .map(|event| line(event, form, terminal.colours))
        .collect();
    if terminal.print(&told).is_err() {
        return Ok(Answer::done());
    }
    let reader = Reader::since(Some(past.revision.clone())).of_kinds(&asked.kind);
    watch::go_on(client, &asked.filter.query, reader, form, terminal)
}

/// What is said of events: for people oldest first, as they would have seen them come.
fn answer(events: &Events, output: Output) -> Answer {
    let in_order: Vec<&Event> = events.events.iter().rev().collect();
    Answer {
        text: written(output, || text(&in_order), events, &in_order),
        code: DONE,
    }
}

fn text(events: &[&Event]) -> String {
    if events.is_empty() {
        return "no events\n".to_owned();
    }
    let row = |event: &&Event| {
        [
            event.at.clone(),
            event.kind.clone(),
            event.zone.clone().unwrap_or_else(|| "-".to_owned()),
            said(event),
        ]
    };
    let rows: Vec<_> = events.iter().map(row).collect();
    table(["AT", "KIND", "ZONE", "WHAT"], &rows)
}

/// An event in a sentence, with the reason that was given for it.
fn said(event: &Event) -> String {
    match &event.reason {
        Some(reason) if !reason.is_empty() => format!("{}: {reason}", event.text),
        _ => event.text.clone(),
    }
}

/// An event as a line, for those who read them as they come. JSON comes in lines, too: the whole never ends.
pub(super) fn line(event: &Event, output: Output, colours: bool) -> String {
    if output != Output::Table {
        let json = serde_json::to_string(event).unwrap_or_default();
        return plain_json(&json) + "\n";
    }
    let zone = event.zone.as_deref().unwrap_or("-");
    format!(
        "{}  {}  {:<12}  {}\n",
        Tint::Faint.paint(&clock_time(&event.at), colours),
        tint(event).paint(&format!("{:<18}", plain(&event.kind)), colours),
        plain(zone),
        plain(&said(event)),
    )
}

fn tint(event: &Event) -> Tint {
    match event.kind.as_str() {
        "registered" | "peer_up" | "protection_ended" => Tint::Good,
        "evicted" | "peer_down" | "protection_began" | "isolated" | "resync" => Tint::Bad,
        "cancelled" | "overridden" | "drain_began" | "dropped" => Tint::Doubtful,
        _ => Tint::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(revision: &str, kind: &str, text: &str) -> Event {
        Event {
            revision: revision.to_owned(),
            at: "2026-01-01T12:05:00.250Z".to_owned(),
            kind: kind.to_owned(),
            zone: Some("zone-a".to_owned()),
            text: text.to_owned(),
            ..Event::default()
        }
    }

    #[test]
    fn people_read_what_happened_first_first() {
        let second = Event {
            reason: Some("it hangs \u{1b}[2J".to_owned()),
            ..event(
                "1-2",
                "evicted",
                "evicted ORDERS/o-1; operator anna asked for it",
            )
        };
        let events = Events {
            events: vec![
                second,
                event("1-1", "registered", "registered ORDERS/o-1 as UP"),
            ],
            ..Events::default()
        };
        insta::assert_snapshot!(answer(&events, Output::Table).text, @r"
        AT                        KIND        ZONE    WHAT
        2026-01-01T12:05:00.250Z  registered  zone-a  registered ORDERS/o-1 as UP
        2026-01-01T12:05:00.250Z  evicted     zone-a  evicted ORDERS/o-1; operator anna asked for it: it hangs ?[2J
        ");
        let lines = answer(&events, Output::Ndjson).text;
        assert!(lines.starts_with(r#"{"revision":"1-1""#), "{lines}");
    }

    #[test]
    fn an_event_that_comes_is_a_line_with_its_time() {
        let event = event("1-1", "registered", "registered ORDERS/o-1\u{202e} as UP");
        insta::assert_snapshot!(line(&event, Output::Table, false), @"12:05:00.250  registered          zone-a        registered ORDERS/o-1? as UP");
        let json = line(&event, Output::Json, true);
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
        assert_eq!(json.lines().count(), 1);
    }
}
