//! `GET events`: what happened, by kind and by query, with cause and actor; and one event for itself.

use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::events::{EventsPage, FullLine};
use web_ui::frame::{Frame, Place};
use web_ui::links;
use web_ui::parts::{Link, When};

use super::asked::Asked;
use super::frame::About;
use super::situation::Situation;
use super::times::when;
use super::{answer, frame, lines, services};
use crate::account::Revision;
use crate::native::documents::{Event, Events};
use crate::native::events::{self, Ask, PAGE_MAX};
use crate::server::State;

/// So many events has a page.
const ROWS: usize = 100;

/// Kinds that belong together: what the tab says, and which they are.
const KINDS: [(&str, &str); 7] = [
    ("Everything", ""),
    ("Came", "registered,registered_again"),
    ("Went", "cancelled,evicted,dropped"),
    (
        "By operators",
        "overridden,override_removed,override_expired,drain_began,drain_undone,drain_done,protection_released",
    ),
    (
        "Protection",
        "protection_began,protection_ended,protection_released,isolated,isolation_ended,stalled",
    ),
    (
        "Servers",
        "peer_up,peer_down,peer_left,peer_udp_blocked,peer_tcp_blocked,peer_behind,peer_slow,peer_differs,\
         peer_clock_off,compared,foreign_cluster,foreign_protocol,senseless_stream,duplicate_name,stage,stopping,\
         epoch_taken",
    ),
    ("Leases moved", "adopted,moved,restated,refuted"),
];

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let situation = Situation::of(&state).await;
    let frame = frame::of(&asked, &situation, about(&asked));
    let (ask, wrong) = match asked.value("event") {
        "" => read(&asked),
        single => only(single),
    };
    let (found, mistake) = match listed(&state, ask).await {
        Ok(found) => (found, None),
        Err(mistake) => {
            let told = services::mistaken(asked.value("query"), mistake);
            (Events::default(), Some(told))
        }
    };
    let mut page = page(&asked, frame, found, &situation);
    page.search = page.search.with_mistake(mistake);
    page.wrong = wrong;
    answer::html(&asked, &page)
}

fn about(asked: &Asked<'_>) -> About {
    let query = asked.value("query");
    let flag = match query {
        "" => String::new(),
        query => format!(" -f {}", links::shell(query)),
    };
    About {
        place: Place::Events,
        cli: format!("peerage events{flag}"),
        api: format!("/api/v1/events{}", kept(asked, &[])),
        watches: "registry events cluster",
        search: query.to_owned(),
        ..About::default()
    }
}

/// Looking through many events takes longer than a heartbeat should wait.
async fn listed(
    state: &web::Data<State>,
    ask: Ask,
) -> Result<Events, crate::native::query::Mistake> {
    let state = state.clone();
    let found = web::block(move || events::of(&state, &ask)).await;
    found.unwrap_or_else(|_stopping| Ok(Events::default()))
}

fn read(asked: &Asked<'_>) -> (Ask, String) {
    let kinds = asked.value("kind").split(',').map(str::trim);
    let (before, wrong) = match asked.value("before") {
        "" => (None, String::new()),
        before => match before.parse::<Revision>() {
            Ok(before) => (Some(before), String::new()),
            Err(_) => (None, format!("{before:?} names no event")),
        },
    };
    let ask = Ask {
        before,
        limit: Some(ROWS),
        query: asked.value("query").to_owned(),
        kinds: kinds
            .filter(|kind| !kind.is_empty())
            .map(str::to_owned)
            .collect(),
    };
    (ask, wrong)
}

/// The one event of this name: the newest before the one after it.
fn only(single: &str) -> (Ask, String) {
    let after = single.parse::<Revision>().ok().map(|named| Revision {
        sequence: named.sequence.saturating_add(1),
        ..named
    });
    let ask = Ask {
        // A name that is none has nothing before it.
        before: Some(after.unwrap_or(Revision {
            epoch: 0,
            sequence: 0,
        })),
        limit: Some(1),
        ..Ask::default()
    };
    let wrong = after.map_or_else(|| format!("{single:?} names no event"), |_| String::new());
    (ask, wrong)
}

/// The query of an address which asks for the same but for these.
fn kept(asked: &Asked<'_>, other: &[(&str, &str)]) -> String {
    let said = |key: &'static str| {
        let found = other.iter().find(|(known, _)| *known == key);
        (key, found.map_or(asked.value(key), |(_, value)| *value))
    };
    links::query(&[said("query"), said("kind"), said("before"), said("limit")])
}

fn page(asked: &Asked<'_>, frame: Frame, found: Events, situation: &Situation) -> EventsPage {
    let to = |other: &[(&str, &str)]| format!("{}events{}", asked.to_pages(), kept(asked, other));
    let single = asked.value("event");
    let shown = found
        .events
        .iter()
        .filter(|event| single.is_empty() || event.revision == single);
    let next = found.next.as_deref().filter(|_| single.is_empty());
    EventsPage {
        search: services::field(asked, "events", &["kind"]),
        wrong: String::new(),
        kinds: kinds(asked, &to),
        lines: shown.map(|event| full(event, &frame, situation)).collect(),
        single: !single.is_empty(),
        oldest: oldest(asked.state, situation),
        first: match asked.value("before") {
            "" => String::new(),
            _ => to(&[("before", "")]),
        },
        next: next.map_or_else(String::new, |next| to(&[("before", next)])),
        exports: vec![export(asked, &frame)],
        frame,
    }
}

fn kinds(asked: &Asked<'_>, to: &impl Fn(&[(&str, &str)]) -> String) -> Vec<(Link, bool)> {
    let now = asked.value("kind");
    let known = KINDS.iter().any(|(_, kinds)| *kinds == now);
    let tab = |(text, kinds): &(&str, &str)| {
        let href = to(&[("kind", kinds), ("before", "")]);
        (Link::new(href, *text), *kinds == now)
    };
    let own = (!known).then(|| (Link::new(to(&[]), now), true));
    KINDS.iter().map(tab).chain(own).collect()
}

fn full(event: &Event, frame: &Frame, situation: &Situation) -> FullLine {
    let name = links::query(&[("event", &event.revision)]);
    FullLine {
        line: lines::line(event, frame, situation.now),
        href: format!("{}events{name}", frame.pages),
    }
}

/// Since when events are remembered: the oldest event there is, or the start.
fn oldest(state: &State, situation: &Situation) -> When {
    let floor = state.account.floor();
    let first = Revision {
        sequence: floor.sequence.saturating_add(1),
        ..floor
    };
    let ask = Ask {
        before: Some(first),
        limit: Some(1),
        ..Ask::default()
    };
    let oldest = events::of(state, &ask).unwrap_or_default();
    match oldest.events.first() {
        Some(event) => when(&event.at, situation.now),
        None => when(&situation.cluster.server.started_at, situation.now),
    }
}

/// As many events as the API gives at once.
fn export(asked: &Asked<'_>, frame: &Frame) -> Link {
    let limit = PAGE_MAX.to_string();
    let query = kept(asked, &[("limit", &limit)]);
    Link::new(format!("{}api/v1/events{query}", frame.server), "JSON")
}
