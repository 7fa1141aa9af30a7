//! What an observer above all hosts sees at one moment.
//!
//! Here: values for invariants. Not here: what ought to hold of them.

use std::collections::BTreeMap;
use std::time::Duration;

use peerage::registry::status::Status;

use super::bonds::Bond;

/// All hosts and clients at one moment.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// When.
    pub at: Duration,
    /// The hosts, in their order; `None` for those that are not up, or stand still.
    pub hosts: Vec<Option<Seen>>,
    /// The clients, in their order.
    pub clients: Vec<Known>,
    /// When any host was last seen to hold back evictions.
    pub protected_at: Option<Duration>,
}

/// A host that is up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Which of all starts this is.
    pub start: u64,
    /// Whether it serves lists.
    pub ready: bool,
    /// A hash of what it has seen.
    pub vector: u64,
    /// A digest of what it holds.
    pub digest: u64,
    /// What it lists, and in which status.
    pub shown: BTreeMap<String, Status>,
    /// The hash code of its list.
    pub hash_code: String,
    /// Whether it holds back evictions.
    pub protecting: bool,
    /// With whom it is connected, and since when.
    pub bonds: Vec<Bond>,
}

/// A client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its name in lists.
    pub name: String,
    /// How long its lease lasts.
    pub lease: Duration,
}

impl Moment {
    /// The same, knowing what was seen before.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        let protecting = self.up().any(|(_, seen)| seen.protecting);
        self.protected_at = if protecting {
            Some(self.at)
        } else {
            before.protected_at
        };
        self
    }

    /// The hosts that are up, with their numbers.
    pub fn up(&self) -> impl Iterator<Item = (usize, &Seen)> {
        let hosts = self.hosts.iter().enumerate();
        hosts.filter_map(|(number, host)| Some((number, host.as_ref()?)))
    }
}
