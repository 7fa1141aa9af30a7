//! What happened.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What happened lately, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Events {
    /// The revision of the newest event there is, matching or not.
    pub revision: String,
    /// The revision of the oldest event that is still remembered.
    pub oldest: String,
    /// What to give as `before` for the next page. `null`: there is none.
    pub next: Option<String>,
    /// The events.
    pub events: Vec<Event>,
}

/// Something that happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Event {
    /// Names it: `epoch-sequence`. Of another epoch it is another server's, or of an earlier start.
    pub revision: String,
    /// When it happened.
    pub at: String,
    /// What kind of thing: see [`EventKind`]. Later releases may have more.
    pub kind: String,
    /// Whose application it is about. `null`: no instance in particular.
    pub app: Option<String>,
    /// Which instance it is about. `null`: none in particular.
    pub id: Option<String>,
    /// Which zone it is about. `null`: none.
    pub zone: Option<String>,
    /// The status the instance is shown in since then, or was last. `null`: it is about no instance.
    pub status: Option<String>,
    /// What brought it about.
    pub cause: Cause,
    /// The operator who asked for it, by name. `null`: nobody, or one without a name.
    pub actor: Option<String>,
    /// The peer that wrote it, or that it is about, by name. `null`: none.
    pub from: Option<String>,
    /// Why, as whoever did it said. `null`: nobody said.
    pub reason: Option<String>,
    /// It in one sentence.
    pub text: String,
    /// The status before, where the status changed.
    pub before: Option<String>,
    /// The status after, where the status changed.
    pub after: Option<String>,
}

/// What brought an event about.
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
pub enum Cause {
    /// A client called.
    Client,
    /// A peer of this cluster told.
    Replication,
    /// A lease ran out.
    Eviction,
    /// A person, or a program for one, acted.
    Operator,
    /// A server that speaks Eureka's own replication called.
    EurekaPeer,
    /// This server did it by itself.
    #[default]
    Server,
}

/// The kinds of events of this release.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// An instance registered that was not listed.
    Registered,
    /// An instance registered again.
    RegisteredAgain,
    /// A status was set from outside.
    Overridden,
    /// An override was taken away.
    OverrideRemoved,
    /// An override ended by itself.
    OverrideExpired,
    /// Metadata changed.
    MetadataChanged,
    /// An instance left.
    Cancelled,
    /// A lease was ended.
    Evicted,
    /// This server took a lease over.
    Adopted,
    /// This server gainsaid the end of a lease.
    Refuted,
    /// This server said anew that it keeps a lease.
    Restated,
    /// The peers had deleted an instance, which this server had missed.
    Dropped,
    /// Another server keeps a lease now.
    Moved,
    /// A guard began to hold evictions back.
    ProtectionBegan,
    /// A guard ceased to.
    ProtectionEnded,
    /// An operator released what a guard held.
    ProtectionReleased,
    /// An operator began to drain instances.
    DrainBegan,
    /// A drain was undone.
    DrainUndone,
    /// What was drained can be stopped.
    DrainDone,
    /// This server did not run for a while, and moved all leases by that.
    Stalled,
    /// This server is about to stop.
    Stopping,
    /// A peer is up.
    PeerUp,
    /// A peer is down.
    PeerDown,
    /// A peer left in order.
    PeerLeft,
    /// A peer is reached by TCP only.
    PeerUdpBlocked,
    /// A peer is reached by UDP only.
    PeerTcpBlocked,
    /// A peer is reached by others only.
    PeerCut,
    /// A peer of which something was blocked is reached by UDP and TCP again.
    PeerUnblocked,
    /// A peer's writes do not come through.
    PeerBehind,
    /// A peer reads too slowly.
    PeerSlow,
    /// A peer has seen the same and shows other instances.
    PeerDiffers,
    /// A peer's clock is off.
    PeerClockOff,
    /// All records were compared with a peer's.
    Compared,
    /// A server of another cluster called.
    ForeignCluster,
    /// A server of another protocol called.
    ForeignProtocol,
    /// A stream with a stranger was closed.
    SenselessStream,
    /// Another server goes by this one's name.
    DuplicateName,
    /// This server came further in starting, or is leaving.
    Stage,
    /// This start counts as later than its clock says.
    EpochTaken,
    /// This server has lost the others.
    Isolated,
    /// This server has found the others again.
    IsolationEnded,
}
