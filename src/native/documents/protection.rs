//! What is not evicted though it is silent, and how fast the rest may go.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AsOf;

/// What this server protects, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Protection {
    /// The state of the registry it was made from: `epoch-sequence`.
    #[schema(value_type = String)]
    pub revision: AsOf,
    /// When it was made, by this server's clock.
    #[schema(value_type = String)]
    pub as_of: AsOf,
    /// Whether any guard protects anything.
    pub active: bool,
    /// How things stand, in one or two sentences.
    pub sentence: String,
    /// Whether guards are asked at all: the setting `preservation.enabled`.
    pub enabled: bool,
    /// The guards that protect.
    pub guards: Vec<Guard>,
    /// How many leases may still be evicted.
    pub quota: Quota,
    /// How many leases this server keeps.
    pub owned: u64,
    /// How many of these are silent.
    pub silent: u64,
    /// From how many silent ones on the server's own guard protects all of them. One that keeps fewer than ten leases
    /// counts those of all servers instead.
    pub silent_max: u64,
}

/// A guard that protects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Guard {
    /// Which: `server`, `zone` or `isolation`. With the zone it names the guard to be released.
    pub guard: String,
    /// Whose zone, for a zone's guard; empty for those of which nothing tells the zone. `null`: it is no zone's.
    pub zone: Option<String>,
    /// Why it protects, as a sentence.
    pub why: String,
    /// Since when.
    pub since: String,
    /// Until when at the latest.
    pub until: String,
    /// Leases it counts.
    pub leases_counted: u64,
    /// How many of these are silent.
    pub leases_silent: u64,
    /// How many leases are over and held by it.
    pub held: u64,
    /// The first hundred of these, in the order of their names.
    pub leases: Vec<Held>,
}

/// A lease that is over and held.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Held {
    /// Its application.
    pub app: String,
    /// Its id there.
    pub id: String,
    /// Its zone.
    pub zone: String,
    /// Since when its lease is over.
    pub over_since: String,
}

/// How many leases may still be evicted in this window, healthy or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Quota {
    /// How long a window is.
    pub window_ms: u64,
    /// How many may still go in this one.
    pub left: u64,
    /// How many could go in it when it began. 0: nothing was swept yet.
    pub of: u64,
    /// How many may go in one that begins now.
    pub next: u64,
    /// When the next window begins. `null`: nothing was swept yet.
    pub renewed_at: Option<String>,
}

impl std::hash::Hash for Quota {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.window_ms, self.left, self.of, self.next).hash(state);
    }
}
