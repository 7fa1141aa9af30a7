//! Services: the instances of each application, counted.
//!
//! What must always hold: a list of services is made in one pass over a snapshot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::documents::{
    AsOf, Code, MetadataKey, MetadataValue, Service, ServiceRow, ServiceZone, Services, Worst,
};
use super::instances::{PAGE_MAX, moment};
use super::query::Query;
use super::rows::{Rows, Seen};
use super::secrets::MASK;
use crate::clock::Timestamp;
use crate::registry::instance::AppName;
use crate::registry::status::Status;
use crate::server::State;

/// So many keys of the metadata of a service are told, values of each, and ids of each value.
const KEYS_MAX: usize = 200;
const VALUES_MAX: usize = 100;
const IDS_MAX: usize = 100;

/// How many by status.
type Statuses = BTreeMap<String, u64>;

/// What is counted of a service.
#[derive(Debug, Default)]
struct Tally {
    instances: u64,
    statuses: [u64; Status::ALL.len()],
    zones: BTreeMap<String, Statuses>,
    protected: u64,
    versions: BTreeSet<String>,
    updated_at: Timestamp,
}

impl Tally {
    fn count(&mut self, seen: &Seen<'_>) {
        let (record, status) = (seen.entry().record(), seen.entry().record().status());
        self.instances += 1;
        if let Some(count) = self.statuses.get_mut(status as usize) {
            *count += 1;
        }
        let zone = self.zones.entry(seen.zone().to_owned()).or_default();
        *zone.entry(status.to_string()).or_default() += 1;
        self.protected += u64::from(seen.protected());
        let version = seen.entry().instance().metadata.value("version");
        if let Some(version) = version.filter(|version| !self.versions.contains(*version)) {
            self.versions.insert(version.to_owned());
        }
        self.updated_at = self.updated_at.max(record.updated_at());
    }

    fn of(&self, status: Status) -> u64 {
        self.statuses
            .get(status as usize)
            .copied()
            .unwrap_or_default()
    }

    fn row(self, name: &str) -> ServiceRow {
        ServiceRow {
            name: name.to_owned(),
            instances: self.instances,
            up: self.of(Status::Up),
            down: self.of(Status::Down),
            starting: self.of(Status::Starting),
            out_of_service: self.of(Status::OutOfService),
            unknown: self.of(Status::Unknown),
            worst: self.worst(),
            protected: self.protected,
            versions: self.versions.len() as u64,
            updated_at: self.updated_at.to_string(),
            zones: self.zones,
        }
    }

    fn worst(&self) -> Worst {
        let up = Status::Up.name();
        let zone_down = |zone: &Statuses| !zone.contains_key(up);
        match self.of(Status::Up) {
            0 => Worst::NoneUp,
            _ if self.zones.values().any(zone_down) => Worst::ZoneWithoutUp,
            _ if self.protected > 0 => Worst::Protected,
            _ if self.of(Status::Down) > 0 => Worst::SomeDown,
            up if up < self.instances => Worst::SomeNotUp,
            _ => Worst::Fine,
        }
    }
}

/// All services with instances that match, worst first.
pub fn list(state: &State, query: &Query) -> Services {
    let (revision, snapshot) = moment(state);
    let rows = Rows::of(state);
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for entry in snapshot.registered.iter() {
        let seen = rows.seen(entry);
        if query.is_empty() || query.matches(&seen.subject(rows.secrets(), rows.now())) {
            tallies
                .entry(entry.key().app.as_str())
                .or_default()
                .count(&seen);
        }
    }
    let mut services: Vec<_> = tallies
        .into_iter()
        .map(|(name, tally)| tally.row(name))
        .collect();
    services.sort_by(|a, b| a.worst.cmp(&b.worst).then_with(|| a.name.cmp(&b.name)));
    Services {
        revision: AsOf(revision),
        as_of: AsOf(rows.now().to_string()),
        total: snapshot.registered.applications().count() as u64,
        services,
    }
}

/// One service in full. `None`: it has no instances.
pub fn find(state: &State, name: &str) -> Option<Service> {
    Some(one(state, name)).filter(|service| service.row.instances > 0)
}

/// The same; one without instances has all counts at zero.
pub fn one(state: &State, name: &str) -> Service {
    let (revision, snapshot) = moment(state);
    let rows = Rows::of(state);
    let app = AppName::new(name);
    let all: Vec<Seen<'_>> = snapshot
        .registered
        .application(app.as_str())
        .map(|entry| rows.seen(entry))
        .collect();
    let (mut tally, mut codes) = (Tally::default(), BTreeMap::<Code, u64>::new());
    for seen in &all {
        tally.count(seen);
        *codes.entry(seen.code()).or_default() += 1;
    }
    let row = tally.row(app.as_str());
    Service {
        revision: AsOf(revision),
        as_of: AsOf(rows.now().to_string()),
        vips: vips(&all),
        by_zone: row.zones.iter().map(zone).collect(),
        codes,
        rows: all
            .iter()
            .take(PAGE_MAX)
            .map(|seen| rows.row(seen.entry()))
            .collect(),
        metadata: matrix(&rows, &all),
        row,
    }
}

fn zone((name, statuses): (&String, &Statuses)) -> ServiceZone {
    ServiceZone {
        name: name.clone(),
        instances: statuses.values().sum(),
        up: statuses.get(Status::Up.name()).copied().unwrap_or_default(),
        statuses: statuses.clone(),
    }
}

fn vips(all: &[Seen<'_>]) -> Vec<String> {
    let vips = all.iter().flat_map(|seen| seen.entry().instance().vips());
    let vips: BTreeSet<_> = vips.filter(|vip| !vip.is_empty()).collect();
    vips.into_iter()
        .take(VALUES_MAX)
        .map(str::to_owned)
        .collect()
}

/// Who says a value: `None` is the value of those that say nothing.
type Sayers<'a> = BTreeMap<Option<String>, Vec<&'a str>>;

/// Which instances say what, keys in which they differ first.
fn matrix(rows: &Rows, all: &[Seen<'_>]) -> Vec<MetadataKey> {
    let names: BTreeSet<&str> = all
        .iter()
        .flat_map(|seen| seen.entry().instance().metadata.iter().map(|(key, _)| key))
        .collect();
    let mut keys: Vec<_> = names
        .into_iter()
        .take(KEYS_MAX)
        .map(|key| said(rows, all, key))
        .collect();
    keys.sort_by(|a, b| b.differs.cmp(&a.differs).then_with(|| a.key.cmp(&b.key)));
    keys
}

/// What the instances say under one key. Of secrets only whether there are any.
fn said(rows: &Rows, all: &[Seen<'_>], key: &str) -> MetadataKey {
    let hidden = rows.secrets().hide(key);
    let mut sayers = Sayers::new();
    for seen in all {
        let value = seen.entry().instance().metadata.value(key);
        let value = value.map(|value| {
            if hidden {
                MASK.to_owned()
            } else {
                rows.secrets().shown(key, value)
            }
        });
        sayers
            .entry(value)
            .or_default()
            .push(&seen.entry().key().id);
    }
    let differs = sayers.len() > 1;
    let mut values: Vec<_> = sayers.into_iter().collect();
    values.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then_with(|| a.0.cmp(&b.0)));
    let value = |(value, ids): (Option<String>, Vec<&str>)| MetadataValue {
        value,
        instances: ids.len() as u64,
        ids: ids.into_iter().take(IDS_MAX).map(str::to_owned).collect(),
    };
    MetadataKey {
        key: key.to_owned(),
        differs,
        values: values.into_iter().take(VALUES_MAX).map(value).collect(),
    }
}

/// Services as `zones` wants them: how many are up in each zone.
pub(super) fn up_by_zone(
    rows: &Rows,
    snapshot: &Arc<crate::registry::snapshot::Snapshot>,
) -> BTreeMap<String, BTreeMap<String, (u64, u64)>> {
    let mut services: BTreeMap<String, BTreeMap<String, (u64, u64)>> = BTreeMap::new();
    for entry in snapshot.registered.iter() {
        let up = u64::from(entry.record().status() == Status::Up);
        let app = entry.key().app.as_str();
        if !services.contains_key(app) {
            services.insert(app.to_owned(), BTreeMap::new());
        }
        let Some(zones) = services.get_mut(app) else {
            continue;
        };
        let zone = zones.entry(rows.zone(entry).to_owned()).or_default();
        *zone = (zone.0 + 1, zone.1 + up);
    }
    services
}
