//! Services by zones, and what is left should one be lost.

use std::collections::BTreeSet;

use web_ui::frame::Frame;
use web_ui::links;
use web_ui::parts::{Cell, HeatMap, HeatRow, Left, Level, Link, Lost, ZoneHead};

use super::asked::Asked;
use crate::native::documents::{Lose, ServiceRow, Services, Worst};

/// So many services are named in a sentence.
const NAMED_MAX: usize = 6;

/// All zones of these services, in the order of their names.
pub(super) fn zones(services: &[ServiceRow]) -> Vec<String> {
    let zones: BTreeSet<&String> = services
        .iter()
        .flat_map(|service| service.zones.keys())
        .collect();
    zones.into_iter().cloned().collect()
}

/// The map of at most `max` of these services; `lose` is the zone that is thought away.
pub(super) fn map(
    asked: &Asked<'_>,
    frame: &Frame,
    services: &Services,
    lose: Option<&Lose>,
    max: usize,
) -> HeatMap {
    let zones = zones(&services.services);
    let shown = shown(&services.services, lose, max).into_iter();
    let lost_zone = lose.map(|lose| lose.zone.as_str());
    HeatMap {
        rows: shown
            .map(|service| row(frame, service, &zones, lose))
            .collect(),
        lost: lose.map(|lose| lost(asked, lose, services)),
        zones: zones
            .iter()
            .map(|zone| head(asked, frame, zone, lost_zone))
            .collect(),
    }
}

/// Those that come first: the worst, or those of which least would be left.
fn shown<'a>(services: &'a [ServiceRow], lose: Option<&Lose>, max: usize) -> Vec<&'a ServiceRow> {
    let Some(lose) = lose else {
        return services.iter().take(max).collect();
    };
    let place = |service: &ServiceRow| {
        lose.services
            .iter()
            .position(|left| left.name == service.name)
            .unwrap_or(usize::MAX)
    };
    let mut placed: Vec<_> = services
        .iter()
        .map(|service| (place(service), service))
        .collect();
    placed.sort_by_key(|(place, _)| *place);
    placed
        .into_iter()
        .take(max)
        .map(|(_, service)| service)
        .collect()
}

fn head(asked: &Asked<'_>, frame: &Frame, zone: &str, lost: Option<&str>) -> ZoneHead {
    let is_lost = lost == Some(zone);
    ZoneHead {
        name: Link::new(frame.instances(&links::term("zone", zone)), zone),
        toggle: toggle(asked, zone, is_lost),
        lost: is_lost,
    }
}

/// Thinks a zone away on this page, or back.
pub(super) fn toggle(asked: &Asked<'_>, zone: &str, lost: bool) -> Link {
    match lost {
        true => Link::new(asked.with("lose", ""), "bring back"),
        false => Link::new(asked.with("lose", zone), "lose"),
    }
}

fn row(frame: &Frame, service: &ServiceRow, zones: &[String], lose: Option<&Lose>) -> HeatRow {
    let (level, worst) = worst(service);
    let lost_zone = lose.map(|lose| lose.zone.as_str());
    let left = lose.and_then(|lose| lose.services.iter().find(|left| left.name == service.name));
    HeatRow {
        service: Link::new(frame.service(&service.name), service.name.as_str()),
        level,
        worst: worst.to_owned(),
        all: Cell {
            up: service.up,
            of: service.instances,
            ..Cell::default()
        },
        cells: cells(frame, service, zones, lost_zone),
        left: left.map(|left| Left {
            up: left.left_up,
            of: left.of_up,
        }),
    }
}

/// What of a service is in each of these zones.
pub(super) fn cells(
    frame: &Frame,
    service: &ServiceRow,
    zones: &[String],
    lost: Option<&str>,
) -> Vec<Cell> {
    let cell = |zone: &String| {
        let statuses = service.zones.get(zone)?;
        let query = format!(
            "{} {}",
            links::term("app", &service.name),
            links::term("zone", zone)
        );
        Some(Cell {
            zone: zone.clone(),
            up: statuses.get("UP").copied().unwrap_or_default(),
            of: statuses.values().sum(),
            href: frame.instances(&query),
            lost: lost == Some(zone),
        })
    };
    zones
        .iter()
        .map(|zone| cell(zone).unwrap_or_default())
        .collect()
}

/// How bad a service is, and by what.
pub(super) fn worst(service: &ServiceRow) -> (Level, &'static str) {
    match service.worst {
        Worst::NoneUp => (Level::Bad, "none up"),
        Worst::ZoneWithoutUp => (Level::Warn, "a zone without"),
        Worst::Protected => (Level::Warn, "held by a guard"),
        Worst::SomeDown => (Level::Warn, "some down"),
        Worst::SomeNotUp => (Level::Good, ""),
        Worst::Fine => (Level::Good, ""),
    }
}

fn lost(asked: &Asked<'_>, lose: &Lose, services: &Services) -> Lost {
    let (level, text) = loss(lose, services.total);
    Lost {
        zone: lose.zone.clone(),
        sentence: format!("Without {} {text}.", lose.zone),
        level,
        back: asked.with("lose", ""),
    }
}

/// What the loss of a zone would mean, as the end of a sentence, and how bad that would be.
pub(super) fn loss(lose: &Lose, total: u64) -> (Level, String) {
    let gone: Vec<_> = lose
        .services
        .iter()
        .filter(|left| left.left_up == 0)
        .collect();
    let halved = lose
        .services
        .iter()
        .filter(|left| left.left_up > 0 && left.left_up * 2 <= left.of_up)
        .count();
    let names: Vec<_> = gone
        .iter()
        .take(NAMED_MAX)
        .map(|left| left.name.as_str())
        .collect();
    let more = match gone.len().saturating_sub(NAMED_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match (gone.len(), halved) {
        (0, 0) => (
            Level::Good,
            "every service keeps more than half of what is up".to_owned(),
        ),
        (0, halved) => (
            Level::Warn,
            format!("every service has some instance up, {halved} of {total} half or less"),
        ),
        (count, _) => (
            Level::Bad,
            format!(
                "{count} of {total} services would have no instance up: {}{more}",
                names.join(", ")
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::documents::Left as LeftUp;

    fn losing(left: &[(&str, u64, u64)]) -> Lose {
        let services = left.iter().map(|(name, left_up, of_up)| LeftUp {
            name: (*name).to_owned(),
            left_up: *left_up,
            of_up: *of_up,
        });
        Lose {
            zone: "b".to_owned(),
            services: services.collect(),
        }
    }

    #[test]
    fn a_loss_is_as_bad_as_the_service_that_loses_most() {
        let check = |left: &[(&str, u64, u64)]| loss(&losing(left), 7).0;
        assert_eq!(check(&[]), Level::Good);
        assert_eq!(check(&[("A", 2, 3)]), Level::Good);
        assert_eq!(check(&[("A", 2, 4)]), Level::Warn);
        assert_eq!(check(&[("A", 0, 1), ("B", 2, 3)]), Level::Bad);
    }

    #[test]
    fn those_that_would_be_gone_are_named_but_not_without_end() {
        let many: Vec<(String, u64, u64)> = (0..9).map(|n| (format!("S{n}"), 0, 1)).collect();
        let many: Vec<_> = many
            .iter()
            .map(|(name, left, of)| (name.as_str(), *left, *of))
            .collect();
        let (_, text) = loss(&losing(&many), 9);
        assert_eq!(
            text,
            "9 of 9 services would have no instance up: S0, S1, S2, S3, S4, S5 and 3 more"
        );
    }
}
