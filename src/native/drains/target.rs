//! Which instances are to be drained, and whom that would leave with nobody.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::native::acting::{Refused, bad};
use crate::native::documents::DrainTarget;
use crate::native::query::Query;
use crate::native::rows::{Rows, Seen};
use crate::registry::entry::Entry;
use crate::registry::instance::AppName;
use crate::registry::status::Status;

/// Which instances are meant.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Query(Query),
    One(AppName, String),
    Zone(String),
    Host(String),
}

impl Target {
    /// What is asked for, and the same as a query.
    pub(super) fn of(asked: &DrainTarget) -> Result<(Self, String), Refused> {
        match (
            &asked.query,
            &asked.app,
            &asked.id,
            &asked.zone,
            &asked.host,
        ) {
            (Some(query), None, None, None, None) => {
                let parsed = Query::parse(query).map_err(Refused::BadQuery)?;
                if parsed.is_empty() {
                    return Err(bad(
                        "query",
                        "it must name something: an empty one would drain everything",
                    ));
                }
                Ok((Self::Query(parsed), query.clone()))
            }
            (None, Some(app), Some(id), None, None) => {
                let app = AppName::new(app);
                let query = Query::naming(app.as_str(), id);
                Ok((Self::One(app, id.clone()), query))
            }
            (None, None, None, Some(zone), None) => {
                Ok((Self::Zone(zone.clone()), Query::of("zone", zone)))
            }
            (None, None, None, None, Some(host)) => {
                Ok((Self::Host(host.clone()), Query::of("host", host)))
            }
            _ => Err(bad("query", "say one of query, app with id, zone, host")),
        }
    }

    pub(super) fn takes(&self, rows: &Rows, seen: &Seen<'_>) -> bool {
        let (entry, instance) = (seen.entry(), seen.entry().instance());
        match self {
            Self::Query(query) => query.matches(&seen.subject(rows.secrets(), rows.now())),
            Self::One(app, id) => entry.key().app == *app && *entry.key().id == **id,
            Self::Zone(zone) => seen.zone() == zone,
            Self::Host(host) => {
                instance.host_name.eq_ignore_ascii_case(host) || *instance.ip_addr == **host
            }
        }
    }
}

/// Which services would have nobody up in a zone where they have somebody now.
pub(super) fn emptied<'a>(
    rows: &Rows,
    all: impl Iterator<Item = &'a Arc<Entry>>,
    meant: &[Arc<Entry>],
) -> Vec<String> {
    type Place<'a> = (&'a str, String);
    let up = |entry: &Entry| entry.record().status() == Status::Up;
    let place = |entry: &'a Entry| (entry.key().app.as_str(), rows.zone(entry).to_owned());
    let mut left: BTreeMap<Place<'a>, usize> = BTreeMap::new();
    for entry in all.filter(|entry| up(entry)) {
        *left.entry(place(entry)).or_default() += 1;
    }
    let mut lost: BTreeMap<(String, String), usize> = BTreeMap::new();
    for entry in meant.iter().filter(|entry| up(entry)) {
        let place = (
            entry.key().app.as_str().to_owned(),
            rows.zone(entry).to_owned(),
        );
        *lost.entry(place).or_default() += 1;
    }
    let empty = lost.into_iter().filter(|((app, zone), lost)| {
        left.get(&(app.as_str(), zone.clone()))
            .is_some_and(|left| left <= lost)
    });
    empty
        .map(|((app, zone), _)| format!("{app} in {zone}"))
        .collect()
}
