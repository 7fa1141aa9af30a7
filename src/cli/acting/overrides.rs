//! `peerage override`: showing instances in another status than their own.

use super::super::answer::{Answer, DONE};
use super::super::client::calls::{Verb, path};
use super::super::client::{Client, Failure};
use super::super::named::Named;
use super::super::table::{Cell, plain, tinted, written};
use super::super::terminal::{Terminal, Tint};
use super::super::text::lasting;
use super::{Override, done};
use crate::config::show::Output;
use crate::native::documents::{Done, Instance, OverrideInForce, Overrides, Overriding};
use crate::plural::counted;

/// Acts and answers.
pub(super) fn act(wanted: &Override, terminal: &mut Terminal<'_>) -> Result<Answer, Failure> {
    match wanted {
        Override::List { asking } => {
            let overrides = asking.client()?.read(&path(["overrides"]))?;
            let form = terminal.form(asking.form.output);
            Ok(listed(&overrides, form, terminal.colours))
        }
        Override::Set {
            instance,
            status,
            ttl,
            consent,
            asking,
        } => {
            let client = asking.client()?;
            let lasts = ttl.map(|ttl| lasting(ttl.as_secs_f64()));
            let plan = to_set(&found(&client, instance)?, status, lasts.as_deref());
            let given = match consent.given(&plan, terminal) {
                Ok(given) => given,
                Err(instead) => return Ok(instead),
            };
            let document = Overriding {
                status: status.to_uppercase(),
                reason: given.reason,
                by: given.by,
                ttl_ms: ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX)),
                until: None,
            };
            let said: Done = client.act(Verb::Put, &place(instance), &document)?;
            Ok(done(&said, terminal.form(asking.form.output)))
        }
        Override::Clear {
            instance,
            consent,
            asking,
        } => {
            let client = asking.client()?;
            let plan = to_clear(&found(&client, instance)?);
            let given = match consent.given(&plan, terminal) {
                Ok(given) => given,
                Err(instead) => return Ok(instead),
            };
            let document = given.undo();
            let said: Done = client.act(Verb::Delete, &place(instance), &document)?;
            Ok(done(&said, terminal.form(asking.form.output)))
        }
    }
}

/// An instance that is listed.
pub(super) fn found(client: &Client, instance: &Named) -> Result<Instance, Failure> {
    client.read(&path(["instances", &instance.app, &instance.id]))
}

fn place(instance: &Named) -> String {
    path(["instances", &instance.app, &instance.id, "override"])
}

/// Who an instance is and how it is shown now.
pub(super) fn shown(instance: &Instance) -> String {
    let row = &instance.row;
    let own = match &instance.overriding {
        Some(force) => format!(
            " ({}; it says {} of itself)",
            by_whom(force),
            plain(&row.own_status)
        ),
        None => String::new(),
    };
    format!(
        "{}/{} in zone {} is shown as {}{own}.",
        plain(&row.app),
        plain(&row.id),
        plain(&row.zone),
        plain(&row.status)
    )
}

fn by_whom(force: &OverrideInForce) -> String {
    let by = force.by.as_deref().unwrap_or("a call of Eureka's");
    match &force.reason {
        Some(reason) if !reason.is_empty() => {
            format!("overridden by {}: {}", plain(by), plain(reason))
        }
        _ => format!("overridden by {}", plain(by)),
    }
}

fn to_set(instance: &Instance, status: &str, lasts: Option<&str>) -> String {
    let status = status.to_uppercase();
    let until = match lasts {
        Some(lasts) => format!("for {lasts}"),
        None => "until that is cleared".to_owned(),
    };
    let calls = match status.as_str() {
        "UP" => "clients call it from their next read on, whatever it says of itself",
        _ => "clients that look for instances in service stop calling it with their next read",
    };
    format!(
        "{}\nIt will be shown as {status} by all servers, {until}; {calls}. Its own status is kept for afterwards.",
        shown(instance)
    )
}

fn to_clear(instance: &Instance) -> String {
    let own = plain(&instance.row.own_status);
    let follows = if instance.overriding.is_some() {
        format!("It will be shown as {own} again, which it says of itself, by all servers.")
    } else {
        format!("There is no override in force: it stays {own}.")
    };
    format!("{}\n{follows}", shown(instance))
}

const HEADER: [&str; 8] = [
    "APPLICATION",
    "ID",
    "ZONE",
    "SHOWN AS",
    "OWN",
    "BY",
    "UNTIL",
    "WHY",
];

fn listed(overrides: &Overrides, output: Output, colours: bool) -> Answer {
    Answer {
        text: written(
            output,
            || text(overrides, colours),
            overrides,
            &overrides.overrides,
        ),
        code: DONE,
    }
}

fn text(overrides: &Overrides, colours: bool) -> String {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let rows: Vec<[Cell; 8]> = overrides
        .overrides
        .iter()
        .map(|one| {
            let force = &one.overriding;
            [
                one.app.as_str().into(),
                one.id.as_str().into(),
                one.zone.as_str().into(),
                Cell::tinted(force.status.as_str(), Tint::of_status(&force.status)),
                one.own_status.as_str().into(),
                or_dash(&force.by).into(),
                force.until.as_deref().unwrap_or("cleared").into(),
                or_dash(&force.reason).into(),
            ]
        })
        .collect();
    let count = counted(rows.len() as u64, "override");
    if rows.is_empty() {
        return format!("{count}\n");
    }
    format!("{}{count}\n", tinted(HEADER, &rows, colours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::documents::{OverrideListed, Row};

    fn force() -> OverrideInForce {
        OverrideInForce {
            status: "OUT_OF_SERVICE".to_owned(),
            by: Some("anna".to_owned()),
            reason: Some("disk\u{1b}[2J".to_owned()),
            until: Some("2026-01-01T14:00:00.000Z".to_owned()),
            set_at: "2026-01-01T12:00:00.000Z".to_owned(),
            set_on: "server-a".to_owned(),
        }
    }

    fn instance(overriding: Option<OverrideInForce>) -> Instance {
        let status = overriding
            .as_ref()
            .map_or("UP", |force| &force.status)
            .to_owned();
        Instance {
            row: Row {
                app: "ORDERS".to_owned(),
                id: "o-1".to_owned(),
                zone: "zone-a".to_owned(),
                status,
                own_status: "UP".to_owned(),
                ..Row::default()
            },
            overriding,
            ..Instance::default()
        }
    }

    #[test]
    fn what_follows_is_said_before() {
        insta::assert_snapshot!(to_set(&instance(None), "out_of_service", Some("2 h")), @r"
        ORDERS/o-1 in zone zone-a is shown as UP.
        It will be shown as OUT_OF_SERVICE by all servers, for 2 h; clients that look for instances in service stop calling it with their next read. Its own status is kept for afterwards.
        ");
        insta::assert_snapshot!(to_clear(&instance(Some(force()))), @r"
        ORDERS/o-1 in zone zone-a is shown as OUT_OF_SERVICE (overridden by anna: disk?[2J; it says UP of itself).
        It will be shown as UP again, which it says of itself, by all servers.
        ");
        insta::assert_snapshot!(to_clear(&instance(None)), @r"
        ORDERS/o-1 in zone zone-a is shown as UP.
        There is no override in force: it stays UP.
        ");
    }

    #[test]
    fn overrides_are_a_table() {
        let one = OverrideListed {
            app: "ORDERS".to_owned(),
            id: "o-1".to_owned(),
            zone: "zone-a".to_owned(),
            own_status: "UP".to_owned(),
            overriding: force(),
        };
        let overrides = Overrides {
            overrides: vec![one],
            ..Overrides::default()
        };
        insta::assert_snapshot!(listed(&overrides, Output::Table, false).text, @r"
        APPLICATION  ID   ZONE    SHOWN AS        OWN  BY    UNTIL                     WHY
        ORDERS       o-1  zone-a  OUT_OF_SERVICE  UP   anna  2026-01-01T14:00:00.000Z  disk?[2J
        1 override
        ");
    }
}
