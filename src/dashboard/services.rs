//! `GET services`: all services in one dense table, the worst first.

use std::cmp::Reverse;

use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::frame::{Frame, Place};
use web_ui::links;
use web_ui::parts::{Bar, Link, Mistake, Search, Status};
use web_ui::services::{ServiceLine, ServicesPage, SortLink, Sorts};

use super::asked::Asked;
use super::frame::About;
use super::situation::Situation;
use super::times::when;
use super::{answer, frame, heat};
use crate::native::documents::{ServiceRow, Services};
use crate::native::query::Query;
use crate::native::{query, services};
use crate::server::State;

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let situation = Situation::of(&state).await;
    let query = asked.value("query");
    let about = About {
        place: Place::Services,
        cli: command(query),
        api: format!("/api/v1/services{}", links::query(&[("query", query)])),
        watches: "registry",
        search: query.to_owned(),
        ..About::default()
    };
    let frame = frame::of(&asked, &situation, about);
    let (found, mistake) = found(&state, query);
    let zones = heat::zones(&found.services);
    let rows = sorted(found.services, asked.value("sort"));
    let page = ServicesPage {
        search: field(&asked, "services", &["sort"]).with_mistake(mistake),
        total: found.total,
        sorts: sorts(&asked),
        rows: rows
            .iter()
            .map(|row| line(row, &zones, &frame, &situation))
            .collect(),
        zones,
        frame,
    };
    answer::html(&asked, &page)
}

fn command(query: &str) -> String {
    match query {
        "" => "peerage apps".to_owned(),
        query => format!("peerage apps -f {}", links::shell(query)),
    }
}

/// Services with instances that match; with a query that makes no sense none, and what is wrong with it.
pub(super) fn found(state: &State, query: &str) -> (Services, Option<Mistake>) {
    match Query::parse(query) {
        Ok(query) => (services::list(state, &query), None),
        Err(mistake) => (Services::default(), Some(mistaken(query, mistake))),
    }
}

/// What is wrong with a query, for people.
pub(super) fn mistaken(query: &str, mistake: query::Mistake) -> Mistake {
    let suggestion = mistake.suggestion.unwrap_or_default();
    Mistake::new(
        query,
        mistake.position,
        mistake.length,
        mistake.message,
        suggestion,
    )
}

/// The field for a query on the page at `path`, which keeps these other values of the address.
pub(super) fn field(asked: &Asked<'_>, path: &str, kept: &[&str]) -> Search {
    let kept = kept
        .iter()
        .map(|key| ((*key).to_owned(), asked.value(key).to_owned()));
    let action = format!("{}{path}", asked.to_pages());
    Search::new(
        action,
        asked.value("query"),
        "zone:a status:down meta.version:1.*",
        kept.collect(),
    )
}

fn sorts(asked: &Asked<'_>) -> Sorts {
    let link = |sort: &str| SortLink {
        href: asked.with("sort", sort),
        now: asked.value("sort") == sort,
    };
    Sorts {
        name: link("name"),
        worst: link(""),
        instances: link("instances"),
        changed: link("changed"),
    }
}

/// In the order asked for; they come with the worst first.
pub(super) fn sorted(mut rows: Vec<ServiceRow>, sort: &str) -> Vec<ServiceRow> {
    match sort {
        "name" => rows.sort_by(|a, b| a.name.cmp(&b.name)),
        "instances" => rows.sort_by_key(|row| Reverse(row.instances)),
        "changed" => rows.sort_by(|a, b| b.updated_at.cmp(&a.updated_at)),
        _ => {}
    }
    rows
}

fn line(row: &ServiceRow, zones: &[String], frame: &Frame, situation: &Situation) -> ServiceLine {
    let (level, worst) = heat::worst(row);
    ServiceLine {
        service: Link::new(frame.service(&row.name), row.name.as_str()),
        level,
        worst: worst.to_owned(),
        bar: bar(row),
        up: row.up,
        cells: heat::cells(frame, row, zones, None),
        versions: row.versions,
        protected: row.protected,
        changed: when(&row.updated_at, situation.now),
    }
}

/// The instances of a service by status.
pub(super) fn bar(row: &ServiceRow) -> Bar {
    Bar::of([
        (Status::Up, row.up),
        (Status::Down, row.down),
        (Status::Starting, row.starting),
        (Status::OutOfService, row.out_of_service),
        (Status::Unknown, row.unknown),
    ])
}
