//! Who was told what: the memory that outlives every host.
//!
//! Here: what hosts heard of clients, and whether they acknowledged it. Not here: what ought to follow from it
//! (`invariants`). What must always hold: everything a host's registry was asked to change is here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use peerage::registry::status::Status;
use peers::version::Origin;

use super::bonds::Bond;
use super::calls::Ask;
use super::host::Ender;

/// What hosts heard, client by client.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    heard: Vec<Vec<Heard>>,
    /// What hosts held against clients; oldest first.
    pub verdicts: Vec<Verdict>,
    unlisted: BTreeMap<(usize, usize), Duration>,
    /// When starts of hosts ended.
    pub ended: BTreeMap<Origin, Duration>,
}

/// A host held something against a client.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// When.
    pub at: Duration,
    /// Where.
    pub host: usize,
    /// At which start of that host.
    pub start: u64,
    /// Of whom.
    pub client: usize,
    /// What it was.
    pub held: Held,
    /// With whom that host was connected then, and since when.
    pub bonds: Arc<[Bond]>,
}

/// What a host held against a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It told it that it is unknown.
    Unknown,
    /// It ended its lease.
    Evicted(Ender),
    /// It has been ready, is not about to leave, and refused its call.
    Refused,
}

/// Something a host heard of a client.
#[derive(Clone, Debug)]
pub struct Heard {
    /// When.
    pub at: Duration,
    /// Where.
    pub host: usize,
    /// At which start of that host.
    pub start: u64,
    /// What it was.
    pub deed: Deed,
    /// Whether somebody was told that it was done.
    pub acknowledged: bool,
    /// Whether it is in that host's registry, above what was there before.
    pub took: bool,
    /// With whom that host was connected then, and since when.
    pub bonds: Arc<[Bond]>,
}

/// What a host heard of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A sign of life: a registration.
    Registration,
    /// A sign of life: a heartbeat.
    Beat,
    /// That it goes.
    Cancel,
    /// That it is to be shown in this status, or in its own again.
    Override(Option<Status>),
    /// Something else about it.
    Other,
}

impl Deed {
    /// What a call comes to.
    pub const fn of(ask: &Ask) -> Self {
        match ask {
            Ask::Register(_) => Self::Registration,
            Ask::Beat(_) => Self::Beat,
            Ask::Cancel => Self::Cancel,
            Ask::Override(status) => Self::Override(*status),
            Ask::Note(_) => Self::Other,
        }
    }

    /// Whether it is a sign of life.
    pub const fn life(self) -> bool {
        matches!(self, Self::Registration | Self::Beat)
    }
}

impl Oracle {
    /// Remembers something about a client.
    pub fn remember(&mut self, client: usize, heard: Heard) {
        if self.heard.len() <= client {
            self.heard.resize_with(client + 1, Vec::new);
        }
        self.heard[client].push(heard);
    }

    /// Remembers that a host takes a client off its list.
    pub fn unlist(&mut self, host: usize, client: usize, at: Duration) {
        self.unlisted.insert((host, client), at);
    }

    /// When a host last took a client off its list.
    pub fn unlisted(&self, host: usize, client: usize) -> Option<Duration> {
        self.unlisted.get(&(host, client)).copied()
    }

    /// Whether anybody ever ended a lease of a client.
    pub fn was_ended(&self, client: usize) -> bool {
        let cancelled = |heard: &Heard| heard.deed == Deed::Cancel;
        self.of(client).iter().any(cancelled) || self.evicted().any(|evicted| evicted == client)
    }

    /// Who was evicted, oldest first.
    pub fn evicted(&self) -> impl Iterator<Item = usize> {
        let evicted = |verdict: &&Verdict| matches!(verdict.held, Held::Evicted(_));
        self.verdicts
            .iter()
            .filter(evicted)
            .map(|verdict| verdict.client)
    }

    /// What hosts held against clients since then.
    pub fn since(&self, then: Duration) -> &[Verdict] {
        let first = self.verdicts.partition_point(|verdict| verdict.at <= then);
        &self.verdicts[first..]
    }

    /// What was heard of a client, oldest first.
    pub fn of(&self, client: usize) -> &[Heard] {
        self.heard.get(client).map_or(&[], Vec::as_slice)
    }
}
