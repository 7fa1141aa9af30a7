//! Lists of instances: in pages of rows, or all in the compact form.
//!
//! Here: what can be asked of a list, and answering it in one pass over a snapshot. Not here: rows (`rows`), queries
//! (`query`). What must always hold: a page goes on where the one before ended, whatever changed meanwhile: nobody who
//! was there all the time is left out or told twice, as long as what they are sorted by stays.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::documents::{AsOf, Code, Compact, CompactRow, Group, Instances, LeaseState};
use super::query::Query;
use super::rows::{Rows, Seen};
use crate::registry::entry::Entry;
use crate::registry::snapshot::Snapshot;
use crate::registry::status::Status;
use crate::server::State;

/// How many rows a page has if nobody says.
pub const PAGE: usize = 500;
/// How many it has at most: some four megabytes.
pub const PAGE_MAX: usize = 5000;

/// What is asked of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Which instances.
    pub query: Query,
    /// By what they are put together.
    pub group_by: Option<GroupBy>,
    /// By what they are sorted, within groups.
    pub sort: Sort,
    /// After which row the page begins.
    pub after: Option<Cursor>,
    /// How many rows at most; 0: as many as usual.
    pub limit: usize,
}

/// By what instances can be put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// Their applications.
    App,
    /// Their zones.
    Zone,
    /// The statuses they are shown in.
    Status,
    /// Their hosts.
    Host,
    /// What their metadata call `version`.
    Version,
    /// Why they are shown so.
    Code,
    /// How their leases stand.
    Lease,
    /// Who keeps their leases.
    Owner,
    /// A key of their metadata.
    Metadata(String),
}

impl GroupBy {
    /// What can be asked for.
    pub const NAMES: [&'static str; 9] = [
        "app", "zone", "status", "host", "version", "code", "lease", "owner", "meta.KEY",
    ];

    /// The one that is called so.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "app" | "service" => Self::App,
            "zone" => Self::Zone,
            "status" => Self::Status,
            "host" => Self::Host,
            "version" => Self::Version,
            "code" => Self::Code,
            "lease" => Self::Lease,
            "owner" => Self::Owner,
            name => Self::Metadata(
                name.strip_prefix("meta.")
                    .filter(|key| !key.is_empty())?
                    .to_owned(),
            ),
        })
    }

    fn value<'a>(&self, rows: &'a Rows, seen: &Seen<'a>) -> &'a str {
        let (entry, metadata) = (seen.entry(), &seen.entry().instance().metadata);
        match self {
            Self::App => entry.key().app.as_str(),
            Self::Zone => seen.zone(),
            Self::Status => entry.record().status().name(),
            Self::Host => &entry.instance().host_name,
            Self::Version => metadata.value("version").unwrap_or_default(),
            Self::Code => seen.code().name(),
            Self::Lease => seen.lease().name(),
            Self::Owner => seen.owner(),
            Self::Metadata(key) if rows.secrets().hide(key) => super::secrets::MASK,
            Self::Metadata(key) => metadata.value(key).unwrap_or_default(),
        }
    }
}

/// By what rows are sorted; those that are equal in it by application and id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// By what rows can be sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Application, then id.
    #[default]
    App,
    /// Id.
    Id,
    /// Host name.
    Host,
    /// Zone.
    Zone,
    /// Shown status.
    Status,
    /// What the metadata call `version`.
    Version,
    /// The worst first.
    Worst,
    /// When it registered.
    Registered,
    /// When it last changed.
    Updated,
    /// When its client was last heard.
    Renewed,
    /// When its lease is over.
    Deadline,
}

impl SortBy {
    /// All of them and their names.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::App, "app"),
        (Self::Id, "id"),
        (Self::Host, "host"),
        (Self::Zone, "zone"),
        (Self::Status, "status"),
        (Self::Version, "version"),
        (Self::Worst, "worst"),
        (Self::Registered, "registered"),
        (Self::Updated, "updated"),
        (Self::Renewed, "renewed"),
        (Self::Deadline, "deadline"),
    ];

    /// What rows are compared by, as text in the order of what it stands for.
    fn value(self, seen: &Seen<'_>) -> String {
        let (entry, record) = (seen.entry(), seen.entry().record());
        let time = |at: Option<crate::clock::Timestamp>| {
            format!("{:020}", at.unwrap_or_default().as_millis())
        };
        match self {
            Self::App => String::new(),
            Self::Id => entry.key().id.to_string(),
            Self::Host => entry.instance().host_name.to_string(),
            Self::Zone => seen.zone().to_owned(),
            Self::Status => record.status().to_string(),
            Self::Version => entry
                .instance()
                .metadata
                .value("version")
                .unwrap_or_default()
                .to_owned(),
            Self::Worst => worst(seen),
            Self::Registered => time(Some(record.registered_at())),
            Self::Updated => time(Some(record.updated_at())),
            Self::Renewed => time(seen.heard_at()),
            Self::Deadline => time(seen.deadline()),
        }
    }
}

/// What is down before what is not up, and what is held or late before what is well.
fn worst(seen: &Seen<'_>) -> String {
    let status = match seen.entry().record().status() {
        Status::Down => 0,
        Status::Unknown => 1,
        Status::Starting => 2,
        Status::OutOfService => 3,
        Status::Up => 4,
    };
    let place = Code::ALL
        .iter()
        .position(|code| *code == seen.code())
        .unwrap_or_default();
    format!("{status}{:02}", Code::ALL.len() - place)
}

impl Sort {
    /// The one that is called so; `-` before it turns it round.
    pub fn parse(name: &str) -> Option<Self> {
        let (descending, name) = name
            .strip_prefix('-')
            .map_or((false, name), |name| (true, name));
        let (by, _) = SortBy::ALL.into_iter().find(|(_, known)| *known == name)?;
        Some(Self { by, descending })
    }
}

/// Where a page ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    group: String,
    value: String,
    app: String,
    id: String,
}

impl Cursor {
    /// Reads what a page gave as `next`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text
            .split('/')
            .map(|part| percent_decode_str(part).decode_utf8().ok());
        let mut part = || Some(parts.next()??.into_owned());
        let cursor = Self {
            group: part()?,
            value: part()?,
            app: part()?,
            id: part()?,
        };
        parts.next().is_none().then_some(cursor)
    }

    fn write(&self) -> String {
        let parts = [&self.group, &self.value, &self.app, &self.id];
        let parts: Vec<_> = parts
            .map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string())
            .into();
        parts.join("/")
    }
}

/// An instance with what it is sorted by.
struct Placed<'a> {
    group: &'a str,
    value: String,
    seen: Seen<'a>,
}

impl Placed<'_> {
    fn cursor(&self) -> Cursor {
        let key = self.seen.entry().key();
        Cursor {
            group: self.group.to_owned(),
            value: self.value.clone(),
            app: key.app.as_str().to_owned(),
            id: key.id.to_string(),
        }
    }

    fn place(&self) -> (&str, &str, &str, &str) {
        let key = self.seen.entry().key();
        (self.group, &self.value, key.app.as_str(), &key.id)
    }
}

fn compare(a: (&str, &str, &str, &str), b: (&str, &str, &str, &str), descending: bool) -> Ordering {
    let values = a.1.cmp(b.1);
    let values = if descending { values.reverse() } else { values };
    a.0.cmp(b.0)
        .then(values)
        .then(a.2.cmp(b.2))
        .then(a.3.cmp(b.3))
}

/// A page of instances.
pub fn list(state: &State, ask: &Ask) -> Instances {
    let (revision, snapshot) = moment(state);
    let rows = Rows::of(state);
    let total = snapshot.registered.iter().count();
    let mut placed = place(&rows, &snapshot, ask);
    placed.sort_by(|a, b| compare(a.place(), b.place(), ask.sort.descending));
    let groups = if ask.group_by.is_some() {
        groups(&placed)
    } else {
        Vec::new()
    };
    let limit = if ask.limit == 0 {
        PAGE
    } else {
        ask.limit.min(PAGE_MAX)
    };
    let begins = ask.after.as_ref().map_or(0, |after| {
        let after = (
            after.group.as_str(),
            after.value.as_str(),
            after.app.as_str(),
            after.id.as_str(),
        );
        placed.partition_point(|each| {
            compare(each.place(), after, ask.sort.descending) != Ordering::Greater
        })
    });
    let page: Vec<_> = placed.iter().skip(begins).take(limit).collect();
    let next = (begins + page.len() < placed.len())
        .then(|| page.last().map(|last| last.cursor().write()))
        .flatten();
    Instances {
        revision: AsOf(revision),
        as_of: AsOf(rows.now().to_string()),
        total: total as u64,
        matched: placed.len() as u64,
        next,
        groups,
        instances: page
            .into_iter()
            .map(|each| rows.row(each.seen.entry()))
            .collect(),
    }
}

/// The revision, and a list in which every change up to it is found.
pub(crate) fn moment(state: &State) -> (String, Arc<Snapshot>) {
    let revision = state.account.revision().to_string();
    (revision, state.registry.refresh())
}

fn place<'a>(rows: &'a Rows, snapshot: &'a Snapshot, ask: &Ask) -> Vec<Placed<'a>> {
    let all = snapshot.registered.iter().map(|entry| rows.seen(entry));
    let matching = all.filter(|seen| {
        ask.query.is_empty() || ask.query.matches(&seen.subject(rows.secrets(), rows.now()))
    });
    let placed = matching.map(|seen| Placed {
        group: ask
            .group_by
            .as_ref()
            .map_or("", |group| group.value(rows, &seen)),
        value: ask.sort.by.value(&seen),
        seen,
    });
    placed.collect()
}

/// How many there are in each group, in their order.
fn groups(placed: &[Placed<'_>]) -> Vec<Group> {
    let chunks = placed.chunk_by(|a, b| a.group == b.group);
    let group = |chunk: &[Placed<'_>]| {
        let mut statuses: BTreeMap<String, u64> = BTreeMap::new();
        for each in chunk {
            *statuses
                .entry(each.seen.entry().record().status().to_string())
                .or_default() += 1;
        }
        Group {
            value: chunk
                .first()
                .map(|first| first.group.to_owned())
                .unwrap_or_default(),
            instances: chunk.len() as u64,
            statuses,
        }
    };
    chunks.map(group).collect()
}

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
        let secs = |time: std::time::Duration| time.as_secs();
        let left = |until: crate::clock::Timestamp| match until > now {
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
