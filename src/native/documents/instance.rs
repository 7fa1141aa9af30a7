//! One instance in full.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event::Event;
use super::explanation::Explanation;
use super::instances::Row;
use crate::cluster::records::Version;

/// Everything that is known of one instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Instance {
    /// The state of the registry it was made from: `epoch-sequence`.
    pub revision: String,
    /// When it was made, by this server's clock.
    pub as_of: String,
    /// It in one line.
    #[serde(flatten)]
    pub row: Row,
    /// Who says which status of it, the one that is shown first.
    pub statuses: Vec<Stated>,
    /// Its virtual addresses.
    pub vip: Option<String>,
    /// Its virtual addresses for TLS.
    pub secure_vip: Option<String>,
    /// Where people and monitors find it.
    pub urls: Urls,
    /// Whatever else it says. Values that look secret are `•••`.
    pub metadata: BTreeMap<String, String>,
    /// Which of these values are masked.
    pub masked: Vec<String>,
    /// Where it runs: `MyOwn`, `Amazon` or `Netflix`.
    pub data_center: String,
    /// Which write of each part of its record is in force.
    pub versions: Versions,
    /// The override in force. `null`: none.
    #[serde(rename = "override")]
    pub overriding: Option<OverrideInForce>,
    /// Why it is shown as it is.
    pub explanation: Explanation,
    /// What last became of it, newest first, at most twenty.
    pub events: Vec<Event>,
}

/// A status, and who says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Stated {
    /// The status. `null`: nobody says any.
    pub status: Option<String>,
    /// Which of the three it is.
    pub from: StatusSource,
    /// Who said it. `null`: nobody in particular, or nobody knows.
    pub by: Option<String>,
    /// Since when. `null`: nobody knows.
    pub at: Option<String>,
    /// Why, as a sentence.
    pub why: String,
}

/// Which of the three statuses of an instance is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusSource {
    /// What is shown.
    #[default]
    Shown,
    /// What the client claims.
    Client,
    /// What an operator has set.
    Override,
}

/// Where people and monitors find an instance. User names and passwords are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Urls {
    /// Its page.
    pub home: Option<String>,
    /// Its status.
    pub status: Option<String>,
    /// Its health.
    pub health: Option<String>,
    /// Its health over TLS.
    pub secure_health: Option<String>,
}

/// Which write of each part of a record is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Versions {
    /// The instance as registered.
    pub body: Option<Version>,
    /// Its lease. Its origin owns it.
    pub lease: Option<Version>,
    /// The override. `null`: never written.
    #[serde(rename = "override")]
    pub overriding: Option<Version>,
}

/// An override that is in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OverrideInForce {
    /// The status it shows.
    pub status: String,
    /// Who set it. `null`: set by Eureka's own call, which does not tell.
    pub by: Option<String>,
    /// Why. `null`: nobody said.
    pub reason: Option<String>,
    /// When it ends by itself. `null`: it does not.
    pub until: Option<String>,
    /// When it was set, by the clock of the server that took it.
    pub set_at: String,
    /// The server that took it.
    pub set_on: String,
}
