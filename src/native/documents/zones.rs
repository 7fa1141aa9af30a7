//! Zones, and what is left of each service should one be lost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AsOf;

/// All zones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Zones {
    /// The state of the registry it was made from: `epoch-sequence`.
    #[schema(value_type = String)]
    pub revision: AsOf,
    /// When it was made, by this server's clock.
    #[schema(value_type = String)]
    pub as_of: AsOf,
    /// The zones, in the order of their names. Instances of which nothing tells the zone are in `unknown`.
    pub zones: Vec<Zone>,
    /// What would be left, should a zone be lost.
    pub lose: Vec<Lose>,
}

/// A zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Zone {
    /// What it is called.
    pub name: String,
    /// How many instances it has.
    pub instances: u64,
    /// How many by the status they are shown in.
    pub statuses: BTreeMap<String, u64>,
    /// How many of the leases this server keeps there are silent.
    pub silent: u64,
    /// How many of its leases are over and held by a guard.
    pub protected: u64,
    /// How many services it has.
    pub services: u64,
    /// Services that are in no other zone, in the order of their names; at most a hundred.
    pub only_here: Vec<String>,
    /// The servers of the registry in this zone, by name.
    pub servers: Vec<String>,
}

/// What would be left without a zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Lose {
    /// The zone that is lost.
    pub zone: String,
    /// Services that would lose something, those that would lose most of themselves first.
    pub services: Vec<Left>,
}

/// What would be left of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Left {
    /// The service.
    pub name: String,
    /// How many would still be up.
    pub left_up: u64,
    /// How many are up now.
    pub of_up: u64,
}
