//! When silence is more likely the network's fault than the clients', and nobody is evicted for it.
//!
//! Here: a guard over one set of leases, the server's and the zones' guards together. Not here: what is silent
//! (`entry`), how many may go at once (`quota`). What must always hold: protection ends, a minute after its cause
//! or at its limit, and each guard ends by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::entry::Key;
use super::instance::Text;
use super::journal::Census;
use super::settings::RegistrySettings;
use crate::clock::Timestamp;

/// A single silent lease is a dead instance, not a sign.
const SILENT_MIN: usize = 2;
/// A guard that sees fewer silent ones than this does not believe in a large fault.
const SILENT_MANY: usize = 10;

/// What a guard watches over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All leases of this server.
    Server,
    /// Those of one zone; those without a zone are one, too.
    Zone(Option<Text>),
}

impl Scope {
    /// Whether so many silent ones are a cause to protect: more than the server may lose by its threshold, or more
    /// than half of a zone. So a lost zone is kept though it be small, and scattered deaths in a healthy zone are
    /// not.
    const fn alarmed(&self, silent: usize, owned: usize, share_kept_percent: usize) -> bool {
        silent >= SILENT_MIN
            && match self {
                Self::Server => silent * 100 > owned * (100 - share_kept_percent),
                Self::Zone(_) => silent * 2 > owned,
            }
    }
}

/// What one guard protects, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protection {
    /// What it watches over.
    pub scope: Scope,
    /// Since when it protects.
    pub since: Timestamp,
    /// When it ends at the latest, should nothing change.
    pub until: Timestamp,
    /// How many leases it counts.
    pub owned: usize,
    /// How many of these are silent.
    pub silent: usize,
}

impl Protection {
    /// Whether it is one of these, however its numbers changed.
    pub fn is_among(&self, others: &[Self]) -> bool {
        let same = |other: &Self| other.scope == self.scope && other.since == self.since;
        others.iter().any(same)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server => f.write_str("all instances"),
            Self::Zone(Some(zone)) => write!(f, "zone {zone}"),
            Self::Zone(None) => f.write_str("instances without a zone"),
        }
    }
}

#[derive(Debug, Default)]
struct Guard {
    active: Option<Active>,
    /// Silent leases that a limit has given up: not counted until they beat.
    given_up: BTreeSet<Arc<Key>>,
}

#[derive(Clone, Copy, Debug)]
struct Active {
    since: Timestamp,
    caused_at: Timestamp,
    owned: usize,
    silent: usize,
}

impl Guard {
    /// Takes in which leases are silent now.
    fn ask(
        &mut self,
        scope: &Scope,
        owned: usize,
        silent: &BTreeSet<Arc<Key>>,
        now: Timestamp,
        settings: &RegistrySettings,
    ) {
        self.given_up.retain(|key| silent.contains(key));
        let (owned, counted) = (
            owned - self.given_up.len().min(owned),
            silent.len() - self.given_up.len(),
        );
        let alarmed = scope.alarmed(counted, owned, settings.share_kept_percent.into());
        let Some(held) = self.active else {
            let begins = Active {
                since: now,
                caused_at: now,
                owned,
                silent: counted,
            };
            self.active = alarmed.then_some(begins);
            return;
        };
        let caused_at = if alarmed { now } else { held.caused_at };
        let active = Active {
            caused_at,
            owned,
            silent: counted,
            ..held
        };
        if now >= active.ends_at_the_latest(settings) {
            self.given_up.clone_from(silent);
            self.active = None;
        } else {
            self.active = (now.since(caused_at) < settings.protection_hold).then_some(active);
        }
    }

    fn holds(&self, key: &Arc<Key>) -> bool {
        self.active.is_some() && !self.given_up.contains(key)
    }
}

impl Active {
    /// When little is silent the dead are the likelier explanation, and the limit is short.
    fn ends_at_the_latest(&self, settings: &RegistrySettings) -> Timestamp {
        let little = self.silent * 2 < self.owned || self.silent < SILENT_MANY;
        let limit: Duration = if little {
            settings.protection_limit_short
        } else {
            settings.protection_limit_long
        };
        self.since + limit
    }
}

/// All guards of a server.
#[derive(Debug, Default)]
pub(super) struct Guards(BTreeMap<Scope, Guard>);

/// The silent leases by zone.
pub(super) type SilentByZone = BTreeMap<Option<Text>, BTreeSet<Arc<Key>>>;

impl Guards {
    /// Asks every guard. To be done before each sweep.
    pub(super) fn ask(
        &mut self,
        census: &Census,
        silent: &SilentByZone,
        now: Timestamp,
        settings: &RegistrySettings,
    ) {
        let all: BTreeSet<_> = silent.values().flatten().cloned().collect();
        self.0.entry(Scope::Server).or_default().ask(
            &Scope::Server,
            census.live,
            &all,
            now,
            settings,
        );
        for zone in silent.keys() {
            self.0.entry(Scope::Zone(zone.clone())).or_default();
        }
        let nobody = BTreeSet::new();
        for (scope, guard) in &mut self.0 {
            if let Scope::Zone(zone) = scope {
                let owned = census.zones.get(zone).copied().unwrap_or_default();
                guard.ask(
                    scope,
                    owned,
                    silent.get(zone).unwrap_or(&nobody),
                    now,
                    settings,
                );
            }
        }
        self.0
            .retain(|_, guard| guard.active.is_some() || !guard.given_up.is_empty());
    }

    /// Whether any guard holds a lease of this zone.
    pub(super) fn hold(&self, key: &Arc<Key>, zone: Option<&str>) -> bool {
        let holds = |scope| self.0.get(&scope).is_some_and(|guard| guard.holds(key));
        holds(Scope::Server) || holds(Scope::Zone(zone.map(Text::from)))
    }

    /// What is protected now.
    pub(super) fn protections(&self, settings: &RegistrySettings) -> Vec<Protection> {
        let active = self
            .0
            .iter()
            .filter_map(|(scope, guard)| Some((scope.clone(), guard.active?)));
        let until = |active: &Active| active.ends_at_the_latest(settings);
        active
            .map(|(scope, active)| Protection {
                scope,
                since: active.since,
                until: until(&active),
                owned: active.owned,
                silent: active.silent,
            })
            .collect()
    }
}
