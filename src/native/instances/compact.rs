//! All instances in the compact form: names once, and rows that point to them.

use std::collections::HashMap;
use std::time::Duration;

use super::moment;
use crate::clock::Timestamp;
use crate::native::documents::{AsOf, Code, Compact, CompactRow, LeaseState};
use crate::native::query::Query;
use crate::native::rows::{Rows, Seen, used};
use crate::registry::entry::Entry;
use crate::registry::status::Status;
use crate::server::State;

/// All matching instances in the compact form.
pub fn compact(state: &State, query: &Query) -> Compact {
    let (revision, snapshot) = moment(state);
    let rows = Rows::of(state);
    let mut tables = Tables::new();
    let seen = snapshot.registered.iter().map(|entry| rows.seen(entry));
    let matching = seen.filter(|seen| {
        query.is_empty() || query.matches(&seen.subject(rows.secrets(), rows.now()))
    });
    let compact: Vec<_> = matching.map(|seen| tables.row(&rows, &seen)).collect();
    let owned = |table: Table<'_>| table.names.into_iter().map(str::to_owned).collect();
    Compact {
        revision: AsOf(revision),
        as_of: AsOf(rows.now().to_string()),
        total: snapshot.registered.iter().count() as u64,
        apps: owned(tables.apps),
        hosts: owned(tables.hosts),
        zones: owned(tables.zones),
        statuses: Status::ALL.map(|status| status.to_string()).into(),
        leases: LeaseState::ALL.map(|state| state.name().to_owned()).into(),
        codes: Code::ALL.map(|code| code.name().to_owned()).into(),
        versions: owned(tables.versions),
        columns: CompactRow::COLUMNS.map(str::to_owned).into(),
        rows: compact,
    }
}

/// Names by the order in which they first came.
#[derive(Debug, Default)]
struct Table<'a> {
    names: Vec<&'a str>,
    places: HashMap<&'a str, u32>,
}

impl<'a> Table<'a> {
    fn place(&mut self, name: &'a str) -> u32 {
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        *self.places.entry(name).or_insert_with(|| {
            self.names.push(name);
            next
        })
    }
}

struct Tables<'a> {
    apps: Table<'a>,
    hosts: Table<'a>,
    zones: Table<'a>,
    versions: Table<'a>,
}

impl<'a> Tables<'a> {
    fn new() -> Self {
        let mut versions = Table::default();
        versions.place("");
        Self {
            apps: Table::default(),
            hosts: Table::default(),
            zones: Table::default(),
            versions,
        }
    }

    fn row(&mut self, rows: &Rows, seen: &Seen<'a>) -> CompactRow {
        let entry: &'a Entry = seen.entry();
        let (record, instance, now) = (entry.record(), entry.instance(), rows.now());
        let secs = |time: Duration| time.as_secs();
        let left = |until: Timestamp| match until > now {
            true => i64::try_from(secs(until.since(now))).unwrap_or(i64::MAX),
            false => -i64::try_from(secs(now.since(until))).unwrap_or(i64::MAX),
        };
        CompactRow {
            app: self.apps.place(entry.key().app.as_str()),
            id: entry.key().id.to_string(),
            host: self.hosts.place(&instance.host_name),
            zone: self.zones.place(seen.zone()),
            status: record.status() as u32,
            own_status: instance.status as u32,
            overridden: record.overridden().map_or(0, |status| status as u32 + 1),
            lease: seen.lease() as u32,
            code: place_of(seen.code()),
            version: self
                .versions
                .place(instance.metadata.value("version").unwrap_or_default()),
            heard_s: seen.heard_at().map(|at| secs(now.since(at))),
            left_s: seen.deadline().map(left),
            port: used(instance.port).or(used(instance.secure_port)),
            updated_s: secs(now.since(record.updated_at())),
        }
    }
}

fn place_of(code: Code) -> u32 {
    let place = Code::ALL
        .iter()
        .position(|known| *known == code)
        .unwrap_or_default();
    u32::try_from(place).unwrap_or_default()
}
