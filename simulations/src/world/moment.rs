//! What an observer above all hosts sees at one moment.
//!
//! Here: values for invariants and pictures. Not here: what ought to hold of them.

use std::sync::Arc;
use std::time::Duration;

use peerage::registry::entry::Entry;
use peerage::registry::snapshot::Snapshot;
use peerage::registry::status::Status;
use peers::node::view::Standing;
use peers::version::{Origin, Version};

use super::bonds::Bond;

/// All hosts and clients at one moment.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// When.
    pub at: Duration,
    /// The hosts, in their order; `None` for those that are not up, or stand still in some way.
    pub hosts: Vec<Option<Seen>>,
    /// By which origin each host writes that runs, even if it stands still.
    pub running: Vec<Option<Origin>>,
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
    /// For how long it has been up.
    pub age: Duration,
    /// Whether it serves lists.
    pub ready: bool,
    /// Whether it ever did since its start.
    pub was_ready: bool,
    /// Whether it is about to leave.
    pub leaving: bool,
    /// By which origin it writes.
    pub origin: Option<Origin>,
    /// How many writes it has made.
    pub sequence: u64,
    /// How many writes of each host's present start it has seen, if that is up.
    pub followed: Vec<Option<u64>>,
    /// Which origins its vector names.
    pub origins: Vec<Origin>,
    /// A hash of what it has seen.
    pub vector: u64,
    /// A digest of what it holds.
    pub digest: u64,
    /// What it lists.
    pub shown: Arc<Shown>,
    /// The hash code of its list.
    pub hash_code: String,
    /// What it holds back from eviction.
    pub protections: Vec<Protected>,
    /// For how long it has thought that it has lost the others.
    pub isolated_for: Option<Duration>,
    /// With whom it is connected, and since when.
    pub bonds: Arc<[Bond]>,
    /// How it sees each host; `None` if it has never heard of it.
    pub sees: Vec<Option<Standing>>,
    /// The longest queue to a peer, in bytes.
    pub queued_bytes: usize,
    /// Leases it owns, and how many of these are silent.
    pub leases: (usize, usize),
    /// Leases that it keeps though their owners are gone.
    pub orphans: Vec<Orphans>,
    /// Clients whose dead records it remembers, and how long they have been over.
    pub dead: Vec<(usize, Duration)>,
}

/// Leases that are kept though their owner is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orphans {
    /// Who owned them.
    pub owner: Origin,
    /// How many there are.
    pub count: usize,
    /// For how long they have been kept.
    pub lasting: Duration,
    /// For how long they are kept before they are released one by one.
    pub limit: Duration,
}

/// What one guard holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    /// What it is, for people.
    pub scope: String,
    /// For how long it has held it.
    pub lasting: Duration,
    /// How much longer it may at most.
    pub left: Duration,
}

/// What a host lists: for each client by number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    clients: Vec<Option<Listed>>,
    /// How many there are.
    pub count: usize,
    /// Those no client goes by.
    pub strange: Vec<String>,
}

/// A client, as a host lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// In which status.
    pub status: Status,
    /// Who owns the lease.
    pub owner: Origin,
    /// The versions of body, lease and override.
    pub versions: [Option<Version>; 3],
}

/// A client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its name in lists.
    pub name: String,
    /// How often it says it beats.
    pub interval: Duration,
    /// How long its lease lasts.
    pub lease: Duration,
    /// Whether it lives, and since when it does, or does not.
    pub alive: bool,
    /// Since when.
    pub since: Duration,
}

impl Moment {
    /// The same, knowing what was seen before.
    #[must_use]
    pub fn after(mut self, before: &Self) -> Self {
        let protecting = self.up().any(|(_, seen)| !seen.protections.is_empty());
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

    /// A host, if it is up.
    pub fn seen(&self, host: usize) -> Option<&Seen> {
        self.hosts.get(host)?.as_ref()
    }

    /// The same host at this moment, if it is the same start of it.
    pub fn same(&self, host: usize, other: &Seen) -> Option<&Seen> {
        self.seen(host).filter(|seen| seen.start == other.start)
    }
}

impl Seen {
    /// Since when it is connected with a host, if it is.
    pub fn bond(&self, host: usize) -> Bond {
        self.bonds.get(host).copied().flatten()
    }
}

impl Shown {
    /// What a snapshot lists.
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut shown = Self::default();
        for entry in snapshot.registered.iter() {
            match client_of(entry) {
                Some(client) => shown.enter(client, listed(entry)),
                None => shown.strange.push(entry.key().to_string()),
            }
        }
        shown
    }

    /// Lists a client.
    pub fn enter(&mut self, client: usize, listed: Listed) {
        if self.clients.len() <= client {
            self.clients.resize(client + 1, None);
        }
        self.count += usize::from(self.clients[client].is_none());
        self.clients[client] = Some(listed);
    }

    /// A client, if it is listed.
    pub fn get(&self, client: usize) -> Option<&Listed> {
        self.clients.get(client)?.as_ref()
    }

    /// Whether a client is listed.
    pub fn has(&self, client: usize) -> bool {
        self.get(client).is_some()
    }

    /// Those that are listed, by number.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Listed)> {
        let clients = self.clients.iter().enumerate();
        clients.filter_map(|(client, listed)| Some((client, listed.as_ref()?)))
    }

    /// Whether readers can tell these from those.
    pub fn reads_as(&self, other: &Self) -> bool {
        let most = self.clients.len().max(other.clients.len());
        let status = |shown: &Self, client| shown.get(client).map(|listed| listed.status);
        let same = (0..most).all(|client| status(self, client) == status(other, client));
        same && self.strange == other.strange
    }
}

fn listed(entry: &Entry) -> Listed {
    let record = entry.record();
    Listed {
        status: record.status(),
        owner: record.owner(),
        versions: [
            Some(record.body.version),
            Some(record.lease.version),
            record.overriding.as_ref().map(|held| held.version),
        ],
    }
}

/// Which client an entry is of.
pub fn client_of(entry: &Entry) -> Option<usize> {
    client_named(&entry.key().id)
}

/// Which client goes by an id.
pub fn client_named(id: &str) -> Option<usize> {
    id.strip_prefix('i')?.parse().ok()
}
