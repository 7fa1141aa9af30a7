//! Lists of instances: rows for tables, and a compact form for whoever wants all of them.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ArrayItems, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::explanation::Code;

/// A page of instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Instances {
    /// The state of the registry it was made from: `epoch-sequence`. To be given to the stream as `since`.
    #[schema(value_type = String)]
    pub revision: super::AsOf,
    /// When it was made, by this server's clock.
    #[schema(value_type = String)]
    pub as_of: super::AsOf,
    /// How many instances are listed here in all.
    pub total: u64,
    /// How many of them the query matched.
    pub matched: u64,
    /// What to give as `after` for the next page. `null`: there is none.
    pub next: Option<String>,
    /// With `group_by`: how many matched in each group, in the order of the rows. Else empty.
    pub groups: Vec<Group>,
    /// The instances, in the order asked for.
    pub instances: Vec<Row>,
}

/// Instances that have something in common.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Group {
    /// What they have in common: a zone, a status, and so on. Empty: they have none.
    pub value: String,
    /// How many they are.
    pub instances: u64,
    /// How many of them by the status they are shown in.
    pub statuses: BTreeMap<String, u64>,
}

/// An instance in one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Row {
    /// Its application, in upper case.
    pub app: String,
    /// Its id there.
    pub id: String,
    /// Its host name.
    pub host: String,
    /// Its address.
    pub ip: String,
    /// Its plain port. `null`: not in use.
    pub port: Option<i32>,
    /// Its TLS port. `null`: not in use.
    pub secure_port: Option<i32>,
    /// Its zone; `unknown` if nothing tells.
    pub zone: String,
    /// What tells its zone.
    pub zone_from: ZoneFrom,
    /// The status it is shown in.
    pub status: String,
    /// The status it claims.
    pub own_status: String,
    /// The status an operator has set. `null`: none.
    pub overridden: Option<String>,
    /// What its metadata call `version`. `null`: nothing.
    pub version: Option<String>,
    /// Its lease.
    pub lease: RowLease,
    /// Whether its lease is over and a guard keeps it from being evicted.
    pub protected: bool,
    /// Why it is shown as it is, in one word.
    pub code: Code,
    /// When it registered, or changed its metadata.
    pub registered_at: String,
    /// When anything of it last changed.
    pub updated_at: String,
}

/// A lease in short.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RowLease {
    /// How it stands.
    pub state: LeaseState,
    /// When its client was last heard. `null`: another server keeps the lease, and nothing was heard here.
    pub renewed_at: Option<String>,
    /// When it is over if nothing more is heard. `null`: only the server that keeps it knows.
    pub deadline: Option<String>,
    /// How often its client means to beat.
    pub interval_ms: u64,
    /// How long it lasts without a beat.
    pub duration_ms: u64,
    /// The server that keeps it, by its name; its id where the name is not known.
    pub owner: String,
    /// Whether that is the server that answers.
    pub owned_here: bool,
}

impl Hash for RowLease {
    /// Heartbeats move the times of a lease all day; a list in which nothing else moved is still the same.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            state: standing,
            interval_ms,
            duration_ms,
            owner,
            owned_here,
            ..
        } = self;
        (standing, interval_ms, duration_ms, owner, owned_here).hash(state);
    }
}

/// How a lease stands.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LeaseState {
    /// Its client was heard within one and a half of its own intervals, or another server keeps it and is there.
    #[default]
    Fresh,
    /// A beat is overdue.
    Late,
    /// Nothing was heard for two of its intervals, or its owner is gone.
    Silent,
    /// It has run out; or its owner is gone, for as long as it lasts.
    Over,
}

impl LeaseState {
    /// All of them, from the best to the worst.
    pub const ALL: [Self; 4] = [Self::Fresh, Self::Late, Self::Silent, Self::Over];

    /// What it is called in documents and queries.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Late => "late",
            Self::Silent => "silent",
            Self::Over => "over",
        }
    }
}

/// What tells the zone of an instance.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ZoneFrom {
    /// Its metadata, under `zone`.
    Metadata,
    /// Amazon's availability zone.
    Amazon,
    /// Another key of its metadata, one of the setting `zones.metadata-keys`.
    Key,
    /// Its address, by the setting `zones.networks`. Nobody said it of the instance itself.
    Network,
    /// Nothing.
    #[default]
    Unknown,
}

/// All matching instances in as few bytes as possible: numbers stand for places in tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Compact {
    /// The state of the registry it was made from: `epoch-sequence`.
    #[schema(value_type = String)]
    pub revision: super::AsOf,
    /// When it was made, by this server's clock: what ages are counted from.
    #[schema(value_type = String)]
    pub as_of: super::AsOf,
    /// How many instances are listed here in all.
    pub total: u64,
    /// Applications.
    pub apps: Vec<String>,
    /// Hosts.
    pub hosts: Vec<String>,
    /// Zones.
    pub zones: Vec<String>,
    /// Statuses.
    pub statuses: Vec<String>,
    /// States of leases.
    pub leases: Vec<String>,
    /// Codes of explanations.
    pub codes: Vec<String>,
    /// Versions; place 0 is for none.
    pub versions: Vec<String>,
    /// What the places of a row mean.
    pub columns: Vec<String>,
    /// The instances, by application and id.
    pub rows: Vec<CompactRow>,
}

/// A row of the compact form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompactRow {
    /// Place in `apps`.
    pub app: u32,
    /// Its id.
    pub id: String,
    /// Place in `hosts`.
    pub host: u32,
    /// Place in `zones`.
    pub zone: u32,
    /// Place in `statuses` of the status it is shown in.
    pub status: u32,
    /// Place in `statuses` of the status it claims.
    pub own_status: u32,
    /// Place in `statuses` of the override, plus one; 0 is none.
    pub overridden: u32,
    /// Place in `leases`.
    pub lease: u32,
    /// Place in `codes`.
    pub code: u32,
    /// Place in `versions`.
    pub version: u32,
    /// How many seconds before `as_of` its client was last heard. `null`: not here.
    pub heard_s: Option<u64>,
    /// How many seconds after `as_of` its lease is over; below zero: so long ago. `null`: nobody here
    /// knows.
    pub left_s: Option<i64>,
    /// Where it serves. `null`: it says nothing of a port.
    pub port: Option<i32>,
    /// How many seconds before `as_of` anything of it last changed.
    pub updated_s: u64,
}

impl Hash for CompactRow {
    /// Heartbeats move the times of a lease all day.
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Self {
            app,
            id,
            host,
            zone,
            status,
            own_status,
            overridden,
            lease,
            code,
            version,
            port,
            ..
        } = self;
        (
            app, id, host, zone, status, own_status, overridden, lease, code, version, port,
        )
            .hash(state);
    }
}

impl CompactRow {
    /// What the places of a row mean, in their order.
    pub const COLUMNS: [&'static str; 14] = [
        "app",
        "id",
        "host",
        "zone",
        "status",
        "own_status",
        "overridden",
        "lease",
        "code",
        "version",
        "heard_s",
        "left_s",
        "port",
        "updated_s",
    ];
}

impl Serialize for CompactRow {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_seq(Some(Self::COLUMNS.len()))?;
        row.serialize_element(&self.app)?;
        row.serialize_element(&self.id)?;
        for place in [
            self.host,
            self.zone,
            self.status,
            self.own_status,
            self.overridden,
            self.lease,
            self.code,
            self.version,
        ] {
            row.serialize_element(&place)?;
        }
        row.serialize_element(&self.heard_s)?;
        row.serialize_element(&self.left_s)?;
        row.serialize_element(&self.port)?;
        row.serialize_element(&self.updated_s)?;
        row.end()
    }
}

impl<'de> Deserialize<'de> for CompactRow {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        type Places = (
            u32,
            String,
            u32,
            u32,
            u32,
            u32,
            u32,
            u32,
            u32,
            u32,
            Option<u64>,
            Option<i64>,
            Option<i32>,
            u64,
        );
        let (
            app,
            id,
            host,
            zone,
            status,
            own_status,
            overridden,
            lease,
            code,
            version,
            heard_s,
            left_s,
            port,
            updated_s,
        ) = Places::deserialize(deserializer)?;
        Ok(Self {
            app,
            id,
            host,
            zone,
            status,
            own_status,
            overridden,
            lease,
            code,
            version,
            heard_s,
            left_s,
            port,
            updated_s,
        })
    }
}

impl PartialSchema for CompactRow {
    fn schema() -> RefOr<Schema> {
        let row = ArrayBuilder::new()
            .items(ArrayItems::RefOrSchema(Box::new(RefOr::T(
                Schema::default(),
            ))))
            .description(Some("One value for each of `columns`, in their order."));
        RefOr::T(Schema::Array(row.build()))
    }
}

impl ToSchema for CompactRow {}
