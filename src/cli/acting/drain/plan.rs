//! What will follow a drain, before it begins.
//!
//! What must always hold: the instances listed are those the server will take out of service, as far as can be known
//! before; and whoever would leave somebody with nobody is told so.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::super::client::{Client, Failure};
use super::super::super::reading::{Wanted, all, some};
use super::super::super::text::{lasting, listed};
use super::super::{Which, paragraphs};
use crate::native::documents::{Instances, Row, Services};
use crate::native::query::Query;
use crate::plural::counted;

/// So many applications that would be left without anybody in a zone are named.
const NAMED_MAX: usize = 10;

impl Which {
    /// The queries of which one matches those that are meant; none if nothing was said.
    pub(super) fn query(&self) -> Option<Vec<String>> {
        let Self {
            instance,
            query,
            zone,
            host,
        } = self;
        let one = instance
            .as_ref()
            .map(|named| Query::naming(&named.app, &named.id));
        let zone = zone.as_ref().map(|zone| Query::of("zone", zone));
        let single = one
            .or(zone)
            .or_else(|| query.clone())
            .map(|query| vec![query]);
        let named = |host: &String| vec![Query::of("host", host), Query::of("ip", host)];
        single.or_else(|| host.as_ref().map(named))
    }
}

/// Those that a query matches, or any of several.
pub(super) fn instances(client: &Client, queries: &[String]) -> Result<Instances, Failure> {
    let mut found: BTreeMap<(String, String), Row> = BTreeMap::new();
    let mut whole = Instances::default();
    for query in queries {
        let wanted = Wanted {
            query,
            limit: u64::MAX,
            ..Wanted::default()
        };
        let part = all(client, &wanted)?;
        (whole.as_of, whole.total) = (part.as_of, part.total);
        let named = part.instances.into_iter();
        found.extend(named.map(|row| ((row.app.clone(), row.id.clone()), row)));
    }
    whole.instances = found.into_values().collect();
    whole.matched = whole.instances.len() as u64;
    Ok(whole)
}

/// Which applications would have nobody in service in a zone where they have somebody now.
pub(super) fn emptied(services: &Services, drained: &[Row]) -> Vec<(String, String)> {
    let mut gone: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for row in drained.iter().filter(|row| row.status == "UP") {
        *gone.entry((&row.app, &row.zone)).or_default() += 1;
    }
    let up = |app: &str, zone: &str| {
        let service = services
            .services
            .iter()
            .find(|service| service.name == app)?;
        service.zones.get(zone)?.get("UP").copied()
    };
    gone.into_iter()
        .filter(|((app, zone), count)| up(app, zone).is_some_and(|up| up <= *count))
        .map(|((app, zone), _)| (app.to_owned(), zone.to_owned()))
        .collect()
}

pub(super) fn to_drain(
    instances: &Instances,
    emptied: &[(String, String)],
    deadline: Option<Duration>,
    colours: bool,
) -> String {
    let apps: BTreeSet<_> = instances.instances.iter().map(|row| &row.app).collect();
    let until = match deadline {
        Some(deadline) => format!(
            "until stopped or until the drain is undone, for {} at most",
            lasting(deadline.as_secs_f64())
        ),
        None => "until stopped or until the drain is undone".to_owned(),
    };
    let mut sentences = vec![format!(
        "{} of {} will be shown as OUT_OF_SERVICE by all servers, {until}.",
        counted(instances.matched, "instance"),
        counted(apps.len() as u64, "application"),
    )];
    sentences.extend(left_without(emptied));
    format!("{}{}", some(instances, colours), paragraphs(&sentences))
}

/// A warning, if anybody is left with nobody.
fn left_without(emptied: &[(String, String)]) -> Option<String> {
    if emptied.is_empty() {
        return None;
    }
    let mut named: Vec<_> = emptied
        .iter()
        .take(NAMED_MAX)
        .map(|(app, zone)| format!("{app} in zone {zone}"))
        .collect();
    if emptied.len() > NAMED_MAX {
        named.push(format!("{} more", emptied.len() - NAMED_MAX));
    }
    Some(format!(
        "Nobody will be left in service of {}: clients there call other zones, if they can.",
        listed(&named)
    ))
}
