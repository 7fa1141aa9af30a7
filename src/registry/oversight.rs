//! What is to become of leases: what the next sweeps will decide by, for whoever asks before they do.
//!
//! Here: everything of one moment that a sweep looks at, and what it means for one lease. Not here: the decisions
//! (`leases`, `preservation`, `orphans`), words for people. What must always hold: what is said here of a lease is what
//! a sweep would do with it now.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use peers::version::Origin;

use super::entry::Entry;
use super::orphans::Orphan;
use super::preservation::{Protection, Watching};
use super::surroundings::Surroundings;
use super::zones::{Zone, ZoneRules};
use super::{Registry, lock};
use crate::clock::Timestamp;

/// What the leases' books say.
#[derive(Clone, Debug)]
pub(super) struct Overseen {
    pub(super) watching: Vec<Watching>,
    pub(super) isolated: bool,
    pub(super) elsewhere: BTreeMap<Origin, usize>,
    pub(super) next_sweep: Option<Timestamp>,
    pub(super) quota: Dealt,
}

/// How many leases may be evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dealt {
    /// How many may still go in this window.
    pub left: usize,
    /// How many could go in it when it began.
    pub of: usize,
    /// How many may go in one that begins now.
    pub next: usize,
    /// How long a window is.
    pub window: Duration,
    /// When the next one begins, at the earliest. `None`: nothing was swept so far.
    pub renewed_at: Option<Timestamp>,
}

/// What decides what becomes of leases, as of one moment.
#[derive(Clone, Debug)]
pub struct Oversight {
    /// That moment.
    pub now: Timestamp,
    /// Who keeps leases here.
    pub origin: Origin,
    /// What is known of the other servers.
    pub surroundings: Arc<Surroundings>,
    overseen: Overseen,
    zones: Arc<ZoneRules>,
    lease_doubled: bool,
}

/// What is to become of a live lease.
#[derive(Clone, Debug)]
pub enum Outlook<'a> {
    /// It is kept here, and runs.
    Running,
    /// It is kept here and over. The guards that hold it, if any.
    Over(Vec<&'a Protection>),
    /// Another server keeps it, which is there.
    Elsewhere,
    /// Its owner is gone.
    Orphaned(Orphan),
}

impl Registry {
    /// What decides what becomes of leases now.
    pub fn oversee(&self, now: Timestamp) -> Oversight {
        Oversight {
            now,
            origin: self.origin(),
            surroundings: self.standing.surroundings(),
            overseen: lock(&self.leases).overseen(&self.settings),
            zones: self.zones.clone(),
            lease_doubled: self.settings.lease_doubled,
        }
    }

    /// The instances of which this server keeps the leases, and these are over.
    pub fn over(&self, now: Timestamp) -> Vec<Arc<Entry>> {
        lock(&self.leases).over(&self.store, now)
    }
}

impl Oversight {
    /// The zone of an instance.
    pub fn zone<'a>(&'a self, entry: &'a Entry) -> Zone<'a> {
        self.zones.zone(entry.instance())
    }

    /// What is to become of a live lease.
    pub fn outlook(&self, entry: &Entry) -> Outlook<'_> {
        let owner = entry.record().owner();
        if owner == self.origin {
            return match entry.expired(self.now) {
                true => Outlook::Over(self.holders(entry).collect()),
                false => Outlook::Running,
            };
        }
        if self.surroundings.up.contains(&owner) {
            return Outlook::Elsewhere;
        }
        // An owner that went a moment ago is not among the gone yet.
        let Some(gone) = self.surroundings.gone.get(&owner) else {
            return Outlook::Elsewhere;
        };
        let left = self
            .overseen
            .elsewhere
            .get(&owner)
            .copied()
            .unwrap_or_default();
        Outlook::Orphaned(Orphan::of(
            entry,
            *gone,
            left,
            self.overseen.isolated,
            self.lease_doubled,
        ))
    }

    /// The guards that would keep this lease from being evicted, were it over now.
    pub fn holders<'a>(&'a self, entry: &Entry) -> impl Iterator<Item = &'a Protection> {
        let zone = self.zones.name(entry.instance());
        let holding: Vec<_> = self
            .overseen
            .watching
            .iter()
            .filter(|guard| guard.holds(entry.key(), zone))
            .collect();
        holding.into_iter().map(|guard| &guard.protection)
    }

    /// Whether its lease is over, kept here, and held by a guard.
    pub fn protected(&self, entry: &Entry) -> bool {
        entry.owned_by(self.origin)
            && entry.expired(self.now)
            && self.holders(entry).next().is_some()
    }

    /// What is protected.
    pub fn protections(&self) -> impl Iterator<Item = &Protection> {
        self.overseen.watching.iter().map(|guard| &guard.protection)
    }

    /// When leases are looked at next, at the earliest. `None`: they never were so far.
    pub const fn next_sweep(&self) -> Option<Timestamp> {
        self.overseen.next_sweep
    }

    /// How many leases may be evicted.
    pub const fn quota(&self) -> Dealt {
        self.overseen.quota
    }
}
