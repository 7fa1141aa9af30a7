//! What happened to an instance: the only thing that leaves a write.

use std::fmt;
use std::sync::Arc;

use peers::version::Origin;

use super::entry::Key;
use super::instance::Text;
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
    /// An operator, see [`Change::actor`].
    Operator,
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
    /// The override ended by itself.
    OverrideExpired,
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
    /// Another server keeps its lease since then, as the peers told.
    Moved,
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
    /// The status it was shown in before; `None` if it was not listed.
    pub before: Option<Status>,
    /// The zone it runs in, by its own word.
    pub zone: Option<Text>,
    /// Who wrote it, where a peer told it. An end by expiry carries the version of the lease it ends, so there it is
    /// the keeper of that lease.
    pub from: Option<Origin>,
    /// The operator who asked for it, by name.
    pub actor: Option<Text>,
    /// Why, in the operator's own words.
    pub reason: Option<Text>,
    /// Its number in the account of whoever listens, see [`Registry::on_change`](super::Registry::on_change); 0 where
    /// nobody does.
    pub event: u64,
}

impl Change {
    /// Whether the instance is listed after it.
    pub const fn listed(&self) -> bool {
        !matches!(self.what, What::Cancelled | What::Evicted | What::Dropped)
    }
}

impl What {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Registered,
        Self::RegisteredAgain,
        Self::Overridden,
        Self::OverrideRemoved,
        Self::OverrideExpired,
        Self::MetadataChanged,
        Self::Cancelled,
        Self::Evicted,
        Self::Adopted,
        Self::Refuted,
        Self::Restated,
        Self::Dropped,
        Self::Moved,
    ];

    /// Whether it says who keeps a lease, and by itself shows readers nothing new.
    pub const fn keeps_lease(self) -> bool {
        matches!(
            self,
            Self::Adopted | Self::Refuted | Self::Restated | Self::Moved
        )
    }

    /// A stable name for logs and programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::RegisteredAgain => "registered_again",
            Self::Overridden => "overridden",
            Self::OverrideRemoved => "override_removed",
            Self::OverrideExpired => "override_expired",
            Self::MetadataChanged => "metadata_changed",
            Self::Cancelled => "cancelled",
            Self::Evicted => "evicted",
            Self::Adopted => "adopted",
            Self::Refuted => "refuted",
            Self::Restated => "restated",
            Self::Dropped => "dropped",
            Self::Moved => "moved",
        }
    }
}

/// A change in words.
#[derive(Clone, Copy, Debug)]
pub struct Sentence<'a> {
    /// What happened.
    pub what: What,
    /// To which instance.
    pub key: &'a Key,
    /// The status it is shown in since then.
    pub status: Status,
    /// Whether somebody asked for it by name, rather than a client for itself.
    pub by_operator: bool,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = Sentence {
            what: self.what,
            key: &self.key,
            status: self.status,
            by_operator: self.actor.is_some(),
        };
        sentence.fmt(f)
    }
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, status, .. } = self;
        match self.what {
            What::Registered => write!(f, "registered {key} as {status}"),
            What::RegisteredAgain => write!(f, "registered {key} again, as {status}"),
            What::Overridden => write!(f, "overrode the status of {key}, now {status}"),
            What::OverrideRemoved => write!(f, "removed the override of {key}, now {status}"),
            What::OverrideExpired => write!(
                f,
                "ended the override of {key}, whose time was over, now {status}"
            ),
            What::MetadataChanged => write!(f, "changed the metadata of {key}"),
            What::Cancelled => write!(f, "cancelled {key}"),
            What::Evicted if self.by_operator => write!(f, "evicted {key}"),
            What::Evicted => write!(f, "evicted {key}, whose lease was over"),
            What::Adopted => write!(f, "adopted {key}, whose client beats here"),
            What::Refuted => write!(f, "refuted the end of {key}, whose client was heard here"),
            What::Restated => write!(f, "restated {key} under this server's new epoch"),
            What::Dropped => write!(f, "dropped {key}, which the peers had deleted"),
            What::Moved => write!(f, "moved {key}, which another server keeps now"),
        }
    }
}
