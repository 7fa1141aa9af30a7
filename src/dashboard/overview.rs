//! `GET /`: how everything is. A browser gets a page, everything else ten lines of text.

use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::connect::Connect;
use web_ui::frame::{Frame, Place};
use web_ui::overview::{Leases, OverviewPage, ServerDot, Tiles};
use web_ui::parts::{Bar, Level, Status};

use super::asked::Asked;
use super::frame::About;
use super::situation::Situation;
use super::{answer, connect, frame, heat, lines, needs, plain};
use crate::api::negotiate;
use crate::cluster::view::{Member, Standing};
use crate::native::documents::Event;
use crate::native::events::{self, Ask};
use crate::native::zones;
use crate::server::State;

/// So many services the map has here.
const MAP_MAX: usize = 20;
/// So many events are told here, of so many that are looked at.
const EVENTS_MAX: usize = 10;
const EVENTS_LOOKED_AT: usize = 500;
/// While there are no more instances than this, somebody is trying how to connect.
const TRYING_MAX: u64 = 2;

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    if negotiate::html(request.headers()) {
        return page(&state, &request).await;
    }
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(plain::text(&state))
}

async fn page(state: &State, request: &HttpRequest) -> HttpResponse {
    let asked = Asked::new(state, request);
    let situation = Situation::of(state).await;
    let about = About {
        place: Place::Overview,
        cli: "peerage status".to_owned(),
        api: "/api/v1/services".to_owned(),
        watches: "registry cluster",
        ..About::default()
    };
    let frame = frame::of(&asked, &situation, about);
    let lose = zones::of(state, &situation.seen).lose;
    let lost = lose.iter().find(|lose| lose.zone == asked.value("lose"));
    let page = OverviewPage {
        tiles: tiles(&situation),
        needs: needs::of(&situation, &frame),
        connect: trying(&asked, &situation, &frame),
        map: heat::map(&asked, &frame, &situation.services, lost, MAP_MAX),
        more: situation.services.services.len().saturating_sub(MAP_MAX),
        events: lines::of(&news(state), &frame, situation.now),
        frame,
    };
    answer::html(&asked, &page)
}

/// What happened last, but for what is no news.
fn news(state: &State) -> Vec<Event> {
    let last = Ask {
        limit: Some(EVENTS_LOOKED_AT),
        ..Ask::default()
    };
    let events = events::of(state, &last)
        .unwrap_or_default()
        .events
        .into_iter();
    events
        .filter(|event| !lines::quiet(event))
        .take(EVENTS_MAX)
        .collect()
}

/// How to connect, as long as hardly anybody is.
fn trying(asked: &Asked<'_>, situation: &Situation, frame: &Frame) -> Option<Connect> {
    (situation.instances() <= TRYING_MAX).then(|| connect::connect(asked, situation, frame, ""))
}

fn tiles(situation: &Situation) -> Tiles {
    let services = &situation.services.services;
    let without = services.iter().filter(|service| service.up == 0).count();
    let counts = services.iter().flat_map(|service| {
        [
            (Status::Up, service.up),
            (Status::Down, service.down),
            (Status::Starting, service.starting),
            (Status::OutOfService, service.out_of_service),
            (Status::Unknown, service.unknown),
        ]
    });
    Tiles {
        instances: Bar::of(counts),
        services: services.len() as u64,
        services_without_up: without as u64,
        servers: servers(situation),
        agreement: agreement(situation),
        leases: leases(situation),
    }
}

fn leases(situation: &Situation) -> Leases {
    let protection = &situation.protection;
    Leases {
        owned: protection.owned,
        silent: protection.silent,
        silent_max: protection.silent_max,
        renewals: situation.cluster.server.state.renewals_per_minute.into(),
        protecting: protection.active,
    }
}

/// All servers, zone by zone.
fn servers(situation: &Situation) -> Vec<ServerDot> {
    let server = &situation.cluster.server;
    let members = situation.cluster.members.iter();
    let members = members.filter(|member| member.standing != Standing::Left);
    let mut dots: Vec<_> = members.map(dot).collect();
    dots.push(ServerDot {
        name: server.name.clone(),
        zone: server.zone.clone(),
        level: if server.ready {
            Level::Good
        } else {
            Level::Warn
        },
        word: if server.ready { "" } else { "not ready" },
        here: true,
    });
    dots.sort_by(|a, b| (&a.zone, &a.name).cmp(&(&b.zone, &b.name)));
    dots
}

fn dot(member: &Member) -> ServerDot {
    let (level, word) = match member.standing {
        Standing::Up if member.draining => (Level::Warn, "leaving"),
        Standing::Up if !member.ready => (Level::Warn, "not ready"),
        Standing::Up => (Level::Good, ""),
        Standing::Suspect => (Level::Warn, "does not answer"),
        Standing::Behind => (Level::Warn, "behind"),
        Standing::Down | Standing::Left => (Level::Bad, "down"),
    };
    ServerDot {
        name: member.name.clone(),
        zone: member.zone.clone(),
        level,
        word,
        here: false,
    }
}

/// Whether the servers agree, which they need not for moments while clients register.
fn agreement(situation: &Situation) -> (Level, String) {
    let cluster = &situation.cluster;
    let alone = cluster
        .members
        .iter()
        .all(|member| member.standing == Standing::Left);
    let (level, text) = match (alone, cluster.isolated_since.is_some(), cluster.agreed) {
        (_, true, _) => (Level::Bad, "this one has lost the others"),
        (true, ..) => (Level::Good, "it is alone"),
        (false, _, true) => (Level::Good, "they agree"),
        (false, _, false) => (Level::Good, "writes are on their way"),
    };
    (level, text.to_owned())
}
