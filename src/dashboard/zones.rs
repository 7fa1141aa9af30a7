//! `GET zones`: all zones, services by zones, and what is left without one.

use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::frame::{Frame, Place};
use web_ui::links;
use web_ui::parts::{Bar, Level, Link, Status};
use web_ui::services::SortLink;
use web_ui::zones::{ZoneCard, ZonesPage};

use super::asked::Asked;
use super::frame::About;
use super::situation::Situation;
use super::{answer, frame, heat, services};
use crate::native::documents::{Zone, Zones};
use crate::native::rows::NO_ZONE;
use crate::native::zones;
use crate::server::State;

/// So many services are named that are in one zone only.
const ONLY_HERE_MAX: usize = 8;

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let situation = Situation::of(&state).await;
    let about = About {
        place: Place::Zones,
        cli: "peerage instances --group-by zone".to_owned(),
        api: "/api/v1/zones".to_owned(),
        watches: "registry cluster",
        ..About::default()
    };
    let frame = frame::of(&asked, &situation, about);
    let zones = zones::of(&state, &situation.seen);
    let lost = zones
        .lose
        .iter()
        .find(|lose| lose.zone == asked.value("lose"));
    let (mut found, mistake) = services::found(&state, asked.value("query"));
    found.services = services::sorted(found.services, asked.value("sort"));
    let by_name = asked.value("sort") == "name";
    let page = ZonesPage {
        zones: zones
            .zones
            .iter()
            .filter(|zone| told(zone))
            .map(|zone| card(zone, &zones, &asked, &frame, &situation))
            .collect(),
        balance: balance(&zones.zones),
        search: services::field(&asked, "zones", &["sort", "lose"]).with_mistake(mistake),
        sorts: (sort(&asked, "", !by_name), sort(&asked, "name", by_name)),
        map: heat::map(&asked, &frame, &found, lost, usize::MAX),
        frame,
    };
    answer::html(&asked, &page)
}

/// Whether there is anything to tell of a zone: a server that stands in none makes no zone.
fn told(zone: &Zone) -> bool {
    zone.instances > 0 || zone.name != NO_ZONE
}

fn sort(asked: &Asked<'_>, by: &str, now: bool) -> SortLink {
    SortLink {
        href: asked.with("sort", by),
        now,
    }
}

fn card(
    zone: &Zone,
    zones: &Zones,
    asked: &Asked<'_>,
    frame: &Frame,
    situation: &Situation,
) -> ZoneCard {
    let statuses = zone
        .statuses
        .iter()
        .map(|(status, count)| (Status::named(status), *count));
    let lost = asked.value("lose") == zone.name;
    let lose = zones.lose.iter().find(|lose| lose.zone == zone.name);
    let loss = lose.map(|lose| heat::loss(lose, situation.services.total));
    let (level, loss) = loss.unwrap_or((Level::Good, "nothing would be lost".to_owned()));
    let only_here = zone.only_here.iter().take(ONLY_HERE_MAX);
    ZoneCard {
        name: Link::new(
            frame.instances(&links::term("zone", &zone.name)),
            zone.name.as_str(),
        ),
        bar: Bar::of(statuses),
        up: up(zone),
        servers: zone.servers.clone(),
        services: zone.services,
        only_here: only_here
            .map(|name| Link::new(frame.service(name), name.as_str()))
            .collect(),
        only_here_more: zone.only_here.len().saturating_sub(ONLY_HERE_MAX),
        silent: zone.silent,
        protected: zone.protected,
        loss: (level, format!("Without it {loss}")),
        toggle: heat::toggle(asked, &zone.name, lost),
        lost,
    }
}

fn up(zone: &Zone) -> u64 {
    zone.statuses.get("UP").copied().unwrap_or_default()
}

/// How evenly instances that are up are spread, in a sentence; nothing to say of a single zone.
fn balance(zones: &[Zone]) -> String {
    let zones: Vec<_> = zones.iter().filter(|zone| told(zone)).collect();
    let least = zones.iter().min_by_key(|zone| up(zone));
    let most = zones.iter().max_by_key(|zone| up(zone));
    match (least, most) {
        (Some(least), Some(most)) if zones.len() > 1 && up(least) == up(most) => {
            format!("Evenly spread: {} instances are up in each zone.", up(most))
        }
        (Some(least), Some(most)) if zones.len() > 1 => format!(
            "{} has most instances up, {}; {} has fewest, {}: {} % of that.",
            most.name,
            up(most),
            least.name,
            up(least),
            up(least) * 100 / up(most),
        ),
        _ => String::new(),
    }
}
