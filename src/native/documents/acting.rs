//! What operators do, and what comes of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::AsOf;
use super::instance::OverrideInForce;

/// Shows an instance in another status than its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Overriding {
    /// The status to show, by Eureka's name.
    pub status: String,
    /// Why; whoever comes after will want to know. May be left out.
    #[serde(default)]
    pub reason: String,
    /// Who does it.
    pub by: String,
    /// How long it holds. Default: until it is taken away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<u64>,
    /// Until when it holds, instead of `ttl_ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// Takes something back: an override, a drain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Who does it.
    pub by: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Ends a lease now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evict {
    /// Why; whoever comes after will want to know. May be left out.
    #[serde(default)]
    pub reason: String,
    /// Who does it.
    pub by: String,
}

/// Ends leases that are over, now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvictMany {
    /// Which instances; empty for all.
    #[serde(default)]
    pub query: String,
    /// Must be `true`: only leases that are over are ended this way.
    pub expired: bool,
    /// Why; whoever comes after will want to know. May be left out.
    #[serde(default)]
    pub reason: String,
    /// Who does it.
    pub by: String,
}

/// Releases what a guard holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Which guard: `server`, `zone` or `isolation`.
    pub guard: String,
    /// Whose zone, for a zone's guard; empty for those of which nothing tells the zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Why; whoever comes after will want to know. May be left out.
    #[serde(default)]
    pub reason: String,
    /// Who does it.
    pub by: String,
}

/// It is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Done {
    /// The state of the registry from which on it holds: `epoch-sequence`.
    pub revision: String,
    /// What will happen next, in a sentence or two.
    pub effect: String,
}

/// It is done to several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DoneToMany {
    /// The state of the registry from which on it holds: `epoch-sequence`.
    pub revision: String,
    /// What will happen next, in a sentence or two.
    pub effect: String,
    /// To how many.
    pub instances: u64,
    /// Those that were passed over, and why; at most a hundred.
    pub skipped: Vec<Skipped>,
}

/// An instance that was passed over.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Skipped {
    /// Its application.
    pub app: String,
    /// Its id there.
    pub id: String,
    /// Why.
    pub why: String,
}

/// All overrides in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Overrides {
    /// The state of the registry it was made from: `epoch-sequence`.
    #[schema(value_type = String)]
    pub revision: AsOf,
    /// The overrides, in the order of applications and ids.
    pub overrides: Vec<OverrideListed>,
}

/// An override and whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OverrideListed {
    /// Its application.
    pub app: String,
    /// Its id there.
    pub id: String,
    /// The zone of the instance.
    pub zone: String,
    /// The status the instance claims.
    pub own_status: String,
    /// The override.
    #[serde(flatten)]
    pub overriding: OverrideInForce,
}

/// Alias of the override of one instance.
pub type Override = OverrideInForce;

/// Takes instances out of service, and follows until they can be stopped. One of `query`, `app` with `id`, `zone` and
/// `host` says which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrainTarget {
    /// Those that this query matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The application of a single instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The id of a single instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Those of this zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Those of this host, by its name or its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Who does it.
    pub by: String,
    /// Why; whoever comes after will want to know. May be left out.
    #[serde(default)]
    pub reason: String,
    /// After how long the instances serve again by themselves, should nobody stop them or undo the drain. Default:
    /// never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
    /// Whether it is meant that a service is left without an instance in service in a zone where it has one now.
    #[serde(default)]
    pub confirm_empties_zone: bool,
}

/// All drains that this server has heard of and remembers, newest first: whatever server was asked for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Drains {
    /// The drains.
    pub drains: Vec<Drain>,
}

/// A drain, and how far it has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Drain {
    /// Names it, at every server.
    pub id: u64,
    /// How far it has come.
    pub state: DrainState,
    /// The state of the registry of the server that answers, from which on it holds there: `epoch-sequence`.
    pub revision: String,
    /// The server that was asked for it, by name.
    pub server: String,
    /// What was asked for, as a query. `null`: another server was asked, or this one before it was started again, and
    /// only whom it took is known.
    pub query: Option<String>,
    /// Who asked for it.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When it began, by the clock of the server that was asked.
    pub since: String,
    /// When the instances serve again by themselves. `null`: never.
    pub until: Option<String>,
    /// The instances.
    pub instances: Vec<Drained>,
    /// How far the peers have come.
    pub propagated_to: PropagatedTo,
    /// How far the clients have come.
    pub fetched_since: Fetched,
    /// Whether the instances can be stopped without anybody calling them who could know better.
    pub safe_to_stop: bool,
    /// How things stand, in a sentence or two.
    pub sentence: String,
}

/// How far a drain has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrainState {
    /// Peers or clients do not know it yet.
    #[default]
    Draining,
    /// The instances can be stopped.
    Drained,
    /// All its instances are gone.
    Stopped,
    /// It was undone, or ended by itself.
    Ended,
}

/// An instance of a drain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Drained {
    /// Its application.
    pub app: String,
    /// Its id there.
    pub id: String,
    /// Its zone.
    pub zone: String,
    /// The status it is shown in. `null`: it is gone.
    pub status: Option<String>,
    /// Whether the drain's override is still the one in force.
    pub holds: bool,
}

/// How far the peers have come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PropagatedTo {
    /// Peers that are there.
    pub peers: u64,
    /// How many of them show all instances as drained.
    pub shown_by: u64,
    /// Those that do not, or did not answer, by name.
    pub waiting_for: Vec<String>,
}

/// How far the clients have come that read the registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Fetched {
    /// Clients that read the registry lately or follow its stream, here and at the peers that answered.
    pub clients: u64,
    /// How many of these have read it, or were told, since the drain began.
    pub fetched: u64,
    /// Those that have not, by what they call themselves; at most twenty.
    pub waiting_for: Vec<String>,
}
