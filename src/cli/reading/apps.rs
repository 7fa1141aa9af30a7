//! `peerage apps`: applications and how they are.

use std::collections::BTreeMap;

use super::super::answer::{Answer, DONE};
use super::super::table::{Cell, tinted, written};
use super::super::terminal::Tint;
use crate::config::show::Output;
use crate::native::documents::{ServiceRow, Services, Worst};
use crate::plural::counted;

const HEADER: [&str; 7] = [
    "APPLICATION",
    "INSTANCES",
    "UP",
    "NOT UP",
    "ZONES: UP OF ALL",
    "VERSIONS",
    "WORST",
];

/// What is said of applications.
pub(super) fn answer(services: &Services, output: Output, colours: bool) -> Answer {
    Answer {
        text: written(
            output,
            || text(services, colours),
            services,
            &services.services,
        ),
        code: DONE,
    }
}

fn text(services: &Services, colours: bool) -> String {
    let shown = services.services.len() as u64;
    let which = if shown < services.total {
        format!("{shown} of {}", counted(services.total, "application"))
    } else {
        counted(shown, "application")
    };
    if shown == 0 {
        return format!("{which}\n");
    }
    let rows: Vec<_> = services.services.iter().map(row).collect();
    format!("{}{which}\n", tinted(HEADER, &rows, colours))
}

fn row(service: &ServiceRow) -> [Cell; 7] {
    let (worst, tint) = worst(service);
    [
        service.name.as_str().into(),
        service.instances.to_string().into(),
        service.up.to_string().into(),
        not_up(service).into(),
        zones(&service.zones).into(),
        service.versions.to_string().into(),
        Cell::tinted(worst, tint),
    ]
}

/// How many are not up, and what they are instead.
fn not_up(service: &ServiceRow) -> String {
    let all = [
        (service.down, "down"),
        (service.starting, "starting"),
        (service.out_of_service, "out of service"),
        (service.unknown, "unknown"),
    ];
    let some = all.iter().filter(|(count, _)| *count > 0);
    let told: Vec<_> = some
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if told.is_empty() {
        "-".to_owned()
    } else {
        told.join(", ")
    }
}

fn zones(zones: &BTreeMap<String, BTreeMap<String, u64>>) -> String {
    let told: Vec<_> = zones
        .iter()
        .map(|(zone, statuses)| {
            let all: u64 = statuses.values().sum();
            let up = statuses.get("UP").copied().unwrap_or_default();
            format!("{zone} {up}/{all}")
        })
        .collect();
    told.join(", ")
}

fn worst(service: &ServiceRow) -> (String, Tint) {
    match service.worst {
        Worst::NoneUp => ("no instance is up".to_owned(), Tint::Bad),
        Worst::ZoneWithoutUp => ("none up in a zone".to_owned(), Tint::Bad),
        Worst::Protected => (format!("{} protected", service.protected), Tint::Doubtful),
        Worst::SomeDown => ("some are down".to_owned(), Tint::Doubtful),
        Worst::SomeNotUp => ("some are not up".to_owned(), Tint::Doubtful),
        Worst::Fine => ("-".to_owned(), Tint::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: &str, up: u64, down: u64, worst: Worst) -> ServiceRow {
        let statuses = BTreeMap::from([("UP".to_owned(), up), ("DOWN".to_owned(), down)]);
        ServiceRow {
            name: name.to_owned(),
            instances: up + down,
            up,
            down,
            zones: BTreeMap::from([("zone-a".to_owned(), statuses)]),
            versions: 1,
            worst,
            ..ServiceRow::default()
        }
    }

    #[test]
    fn applications_are_a_table() {
        let services = Services {
            total: 3,
            services: vec![
                service("PAY\u{1b}[2J", 0, 2, Worst::NoneUp),
                service("ORDERS", 3, 0, Worst::Fine),
            ],
            ..Services::default()
        };
        insta::assert_snapshot!(answer(&services, Output::Table, false).text, @r"
        APPLICATION  INSTANCES  UP  NOT UP  ZONES: UP OF ALL  VERSIONS  WORST
        PAY?[2J      2          0   2 down  zone-a 0/2        1         no instance is up
        ORDERS       3          3   -       zone-a 3/3        1         -
        2 of 3 applications
        ");
        let lines = answer(&services, Output::Ndjson, false).text;
        assert_eq!(lines.lines().count(), 2, "{lines}");
    }

    #[test]
    fn that_there_is_none_is_said() {
        let text = answer(&Services::default(), Output::Table, false).text;
        assert_eq!(text, "0 applications\n");
    }
}
