//! Services: instances of one application, counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AsOf;
use super::explanation::Code;
use super::instances::Row;

/// All services with instances that match, worst first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Services {
    /// The state of the registry it was made from: `epoch-sequence`.
    #[schema(value_type = String)]
    pub revision: AsOf,
    /// When it was made, by this server's clock.
    #[schema(value_type = String)]
    pub as_of: AsOf,
    /// How many services there are in all.
    pub total: u64,
    /// The services.
    pub services: Vec<ServiceRow>,
}

/// A service in one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ServiceRow {
    /// The application.
    pub name: String,
    /// How many instances it has.
    pub instances: u64,
    /// Those shown as up.
    pub up: u64,
    /// Those shown as down.
    pub down: u64,
    /// Those shown as starting.
    pub starting: u64,
    /// Those shown as out of service.
    pub out_of_service: u64,
    /// Those shown as unknown.
    pub unknown: u64,
    /// How many in each zone by the status they are shown in.
    pub zones: BTreeMap<String, BTreeMap<String, u64>>,
    /// How many of its leases are over and held by a guard.
    pub protected: u64,
    /// How many different versions its instances say they are.
    pub versions: u64,
    /// When anything of it last changed.
    pub updated_at: String,
    /// What is worst about it.
    pub worst: Worst,
}

/// What is worst about a service.
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
pub enum Worst {
    /// No instance is up.
    NoneUp,
    /// In one of its zones no instance is up.
    ZoneWithoutUp,
    /// Leases are over and held by a guard.
    Protected,
    /// Some instances are down.
    SomeDown,
    /// Some instances are not up for another reason.
    SomeNotUp,
    /// Nothing.
    #[default]
    Fine,
}

/// One service in full.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Service {
    /// The state of the registry it was made from: `epoch-sequence`.
    #[schema(value_type = String)]
    pub revision: AsOf,
    /// When it was made, by this server's clock.
    #[schema(value_type = String)]
    pub as_of: AsOf,
    /// It in one line.
    #[serde(flatten)]
    pub row: ServiceRow,
    /// Its virtual addresses.
    pub vips: Vec<String>,
    /// Its zones, in their order.
    pub by_zone: Vec<ServiceZone>,
    /// How many of its instances are explained by each code.
    pub codes: BTreeMap<Code, u64>,
    /// Its instances, in the order of their ids; at most 5000.
    pub rows: Vec<Row>,
    /// Its metadata: which instances say what. Keys in which they differ first.
    pub metadata: Vec<MetadataKey>,
}

/// A service within one zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ServiceZone {
    /// The zone.
    pub name: String,
    /// How many instances it has there.
    pub instances: u64,
    /// Those shown as up.
    pub up: u64,
    /// How many by the status they are shown in.
    pub statuses: BTreeMap<String, u64>,
}

/// What the instances of a service say under one key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MetadataKey {
    /// The key.
    pub key: String,
    /// Whether they say different things, or some nothing.
    pub differs: bool,
    /// What they say, the most frequent first; at most a hundred. Values that look secret are `•••`.
    pub values: Vec<MetadataValue>,
}

/// One value under a key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MetadataValue {
    /// The value. `null`: they say nothing under this key.
    pub value: Option<String>,
    /// How many instances say so.
    pub instances: u64,
    /// Which, by id; at most a hundred.
    pub ids: Vec<String>,
}
