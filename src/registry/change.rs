//! What happened to an instance: the only thing that leaves a write.

use std::fmt;
use std::sync::Arc;

use super::entry::Key;
use super::status::Status;
use crate::clock::Timestamp;

/// Who asked for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A client, for itself or for another.
    Client,
    /// Another server that speaks Eureka's own replication.
    Peer,
    /// A peer of this server's own cluster, with which it agrees on records.
    Cluster,
}

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// It registered and was not listed before.
    Registered,
    /// It registered again.
    RegisteredAgain,
    /// An override was set.
    Overridden,
    /// The override was taken away.
    OverrideRemoved,
    /// Its metadata were changed.
    MetadataChanged,
    /// It left.
    Cancelled,
    /// Its lease ran out.
    Evicted,
    /// This server heard its client and took its lease over.
    Adopted,
    /// This server heard its client and gainsaid the end of its lease.
    Refuted,
    /// This server goes by another origin, and said anew that it keeps this lease.
    Restated,
    /// The peers had deleted it, which this server had missed.
    Dropped,
}

/// A change, with its cause and time.
#[derive(Clone, Debug)]
pub struct Change {
    /// The revision in which readers can tell it; the one before where they cannot, see [`What::keeps_lease`].
    pub revision: u64,
    /// When it happened.
    pub at: Timestamp,
    /// To which instance.
    pub key: Arc<Key>,
    /// What it was.
    pub what: What,
    /// Who asked for it; nobody asks for an eviction.
    pub by: Option<Sender>,
    /// The status it is shown in since then, or was last.
    pub status: Status,
}

impl What {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Registered,
        Self::RegisteredAgain,
        Self::Overridden,
        Self::OverrideRemoved,
        Self::MetadataChanged,
        Self::Cancelled,
        Self::Evicted,
        Self::Adopted,
        Self::Refuted,
        Self::Restated,
        Self::Dropped,
    ];

    /// Whether it says who keeps a lease, and by itself shows readers nothing new.
    pub const fn keeps_lease(self) -> bool {
        matches!(self, Self::Adopted | Self::Refuted | Self::Restated)
    }

    /// A stable name for logs and programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::RegisteredAgain => "registered_again",
            Self::Overridden => "overridden",
            Self::OverrideRemoved => "override_removed",
            Self::MetadataChanged => "metadata_changed",
            Self::Cancelled => "cancelled",
            Self::Evicted => "evicted",
            Self::Adopted => "adopted",
            Self::Refuted => "refuted",
            Self::Restated => "restated",
            Self::Dropped => "dropped",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, status, .. } = self;
        match self.what {
            What::Registered => write!(f, "registered {key} as {status}"),
            What::RegisteredAgain => write!(f, "registered {key} again, as {status}"),
            What::Overridden => write!(f, "overrode the status of {key}, now {status}"),
            What::OverrideRemoved => write!(f, "removed the override of {key}, now {status}"),
            What::MetadataChanged => write!(f, "changed the metadata of {key}"),
            What::Cancelled => write!(f, "cancelled {key}"),
            What::Evicted => write!(f, "evicted {key}, whose lease was over"),
            What::Adopted => write!(f, "adopted {key}, whose client beats here"),
            What::Refuted => write!(f, "refuted the end of {key}, whose client was heard here"),
            What::Restated => write!(f, "restated {key} under this server's new epoch"),
            What::Dropped => write!(f, "dropped {key}, which the peers had deleted"),
        }
    }
}
