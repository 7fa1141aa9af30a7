//! `GET services/{name}`: one service, as lanes, as a matrix of metadata, or over time.

mod lanes;
mod matrix;
mod timeline;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::frame::{Frame, Place};
use web_ui::links;
use web_ui::missing::MissingPage;
use web_ui::parts::{Level, Link};
use web_ui::service::{Part, ServicePage};

use super::asked::Asked;
use super::frame::About;
use super::situation::Situation;
use super::{answer, frame, heat, services};
use crate::native::documents::{Service, ServiceZone, Worst};
use crate::server::State;

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let name = asked.part("name");
    let situation = Situation::of(&state).await;
    let about = About {
        place: Place::Services,
        cli: format!(
            "peerage instances -f {}",
            links::shell(&links::term("app", &name))
        ),
        api: format!("/api/v1/services/{}", links::part(&name)),
        watches: "registry",
        app: name.to_uppercase(),
        search: links::term("app", &name),
    };
    let frame = frame::of(&asked, &situation, about);
    match crate::native::services::find(&state, &name) {
        Some(service) => answer::html(&asked, &page(&asked, frame, &service, &situation)),
        None => answer::html_with(&asked, StatusCode::NOT_FOUND, &missing(&name, frame)),
    }
}

fn page(asked: &Asked<'_>, frame: Frame, service: &Service, situation: &Situation) -> ServicePage {
    let view = asked.value("view");
    let part = match view {
        "metadata" => matrix::of(service, &frame),
        "timeline" => Part::Timeline(timeline::of(asked, service, &frame, situation)),
        _ => lanes::of(service, &frame, situation),
    };
    ServicePage {
        name: service.row.name.clone(),
        bar: services::bar(&service.row),
        worst: worst(service),
        warnings: imbalance(&service.by_zone).into_iter().collect(),
        vips: service.vips.clone(),
        tabs: tabs(asked, view),
        part,
        frame,
    }
}

fn tabs(asked: &Asked<'_>, view: &str) -> Vec<(Link, bool)> {
    let known = ["metadata", "timeline"].contains(&view);
    let tab = |name: &str, text: &str| {
        (
            Link::new(asked.with("view", name), text),
            name == view || name.is_empty() && !known,
        )
    };
    vec![
        tab("", "Instances by zone"),
        tab("metadata", "Metadata"),
        tab("timeline", "Timeline"),
    ]
}

fn worst(service: &Service) -> (Level, String) {
    let (level, _) = heat::worst(&service.row);
    let zones = service.by_zone.iter().filter(|zone| zone.up == 0);
    let zones: Vec<_> = zones.map(|zone| zone.name.as_str()).collect();
    let text = match service.row.worst {
        Worst::NoneUp => "No instance is up: clients find nobody to call".to_owned(),
        Worst::ZoneWithoutUp => format!("No instance is up in {}", zones.join(", ")),
        Worst::Protected => format!(
            "{} leases are over, and held by a guard",
            service.row.protected
        ),
        Worst::SomeDown => format!("{} of {} are down", service.row.down, service.row.instances),
        Worst::SomeNotUp | Worst::Fine => String::new(),
    };
    (level, text)
}

/// A zone that has more than twice as many up as another: losing it loses most.
fn imbalance(zones: &[ServiceZone]) -> Option<String> {
    let most = zones.iter().max_by_key(|zone| zone.up)?;
    let least = zones.iter().min_by_key(|zone| zone.up)?;
    (least.up > 0 && most.up > 2 * least.up).then(|| {
        format!(
            "Unevenly spread: {} up in {}, {} in {}",
            most.up, most.name, least.up, least.name
        )
    })
}

fn missing(name: &str, frame: Frame) -> MissingPage {
    MissingPage {
        title: format!("No service is called {name}"),
        text: "None of its instances is listed: it never registered here, or its last instance is gone. Its events may tell.".to_owned(),
        links: vec![
            Link::new(format!("{}services", frame.pages), "All services"),
            Link::new(format!("{}events{}", frame.pages, links::query(&[("query", &links::term("app", name))])), "Events of this service"),
            Link::new(format!("{}connect", frame.pages), "Connect a client"),
        ],
        frame,
    }
}
