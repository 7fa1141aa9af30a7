//! The messages of the stream, and the answers of the long poll.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::event::Event;
use super::instances::{Instances, Row, RowLease};
use super::services::Service;

/// `snapshot`, the first message of a stream without a position: where it begins. With `rows=yes` there are as many as it
/// takes, and each has some of the instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Snapshot {
    /// Where the stream begins. A list that is read from now on has every change up to it.
    pub revision: String,
    /// The time by this server's clock.
    pub as_of: String,
    /// How many instances are listed in all.
    pub total: u64,
    /// How many of them are shown in each status.
    pub statuses: BTreeMap<String, u64>,
    /// Whether it is the last one. Only that has an id: a list that was broken off is not resumed.
    pub last: bool,
    /// With `rows=yes`: some of the instances, those the query matches, in the order of application and id.
    pub rows: Vec<Row>,
}

/// `delta`: what changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Delta {
    /// It tells of everything after this revision…
    pub after: String,
    /// …up to this one, which is its id.
    pub revision: String,
    /// The time by this server's clock.
    pub as_of: String,
    /// With the topic `registry`: the instances that changed, each once, in the order of their last changes.
    pub changes: Vec<Change>,
    /// With the topic `events`: everything that happened, oldest first.
    pub events: Vec<Event>,
}

/// All that happened to one instance between two revisions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Change {
    /// What it comes to.
    pub kind: ChangeKind,
    /// Its application.
    pub app: String,
    /// Its id there.
    pub id: String,
    /// The revision of its last change.
    pub revision: String,
    /// How many changes are folded into this one.
    pub events: u32,
    /// The last of them, as events call it.
    pub what: String,
    /// The instance as it is listed now, perhaps newer than the revision. `null`: it is not listed now.
    pub row: Option<Row>,
}

/// What became of an instance.
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
pub enum ChangeKind {
    /// It is listed, and was not before.
    Registered,
    /// It is shown in the same status, and something else about it is new.
    #[default]
    Updated,
    /// It is shown in another status.
    Status,
    /// It is listed no more; or, where the stream has a query, it does not match it any more.
    Removed,
}

/// `bookmark`: nothing else happened, and the connection is alive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Bookmark {
    /// Everything up to this revision, which is its id, was told.
    pub revision: String,
    /// The time by this server's clock.
    pub as_of: String,
    /// How many instances are listed.
    pub instances: u64,
    /// How many heartbeats this server has taken since it started.
    pub renewals: u64,
}

/// `resync`: not everything can be told any more. Whoever keeps a list must read it again, after this message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Resync {
    /// Where the stream goes on, here or after connecting again: its id.
    pub revision: String,
    /// The time by this server's clock.
    pub as_of: String,
    /// Why.
    pub reason: ResyncReason,
    /// The same in a sentence.
    pub text: String,
}

/// Why a list must be read again.
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
pub enum ResyncReason {
    /// The position is another server's, or of an earlier start of this one. The stream goes on.
    OtherEpoch,
    /// The position is older than what is kept. The stream goes on.
    TooOld,
    /// The reader was too slow. The stream ends.
    #[default]
    TooSlow,
}

/// `bye`: the server stops, and the stream ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Bye {
    /// The time by this server's clock.
    pub as_of: String,
    /// After how long to connect again, to another server where there is one.
    pub retry_ms: u64,
}

/// `lease`: a lease that was asked for by a topic was renewed, or its instance is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LeaseMoved {
    /// The application.
    pub app: String,
    /// The instance.
    pub id: String,
    /// The time by this server's clock.
    pub as_of: String,
    /// The lease. `null`: it is not listed.
    pub lease: Option<RowLease>,
}

/// A list of instances, and what to give as `index` to be answered when it has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WatchedInstances {
    /// What to give as `index` with the next call.
    pub index: String,
    /// The list.
    #[serde(flatten)]
    pub instances: Instances,
}

/// A service, and what to give as `index` to be answered when it has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WatchedService {
    /// What to give as `index` with the next call.
    pub index: String,
    /// The service; all its counts are 0 if there is none of that name.
    #[serde(flatten)]
    pub service: Service,
}
