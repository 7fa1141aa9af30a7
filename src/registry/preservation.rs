//! When silence is more likely the network's fault than the clients', and nobody is evicted for it.
//!
//! Here: a guard over one set of leases, the server's and the zones' guards together. Not here: what is silent
//! (`entry`), how many may go at once (`quota`). What must always hold: protection ends, a minute after its cause
//! or at its limit, and each guard ends by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::census::Census;
use super::entry::Key;
use super::instance::Text;
use super::settings::RegistrySettings;
use super::surroundings::{LeaseSums, Surroundings};
use crate::clock::Timestamp;

/// A single silent lease is a dead instance, not a sign.
const SILENT_MIN: usize = 2;
/// A guard that sees fewer silent ones than this does not believe in a large fault.
const SILENT_MANY: usize = 10;
/// What a server with fewer leases than this sees is chance, and it judges by the leases of all servers.
const OWNED_FEW: usize = 10;

/// What a guard watches over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// All leases of this server.
    Server,
    /// Those of one zone; those without a zone are one, too.
    Zone(Option<Text>),
    /// All leases of this server, while it is cut off from the others.
    Isolation,
}

impl Scope {
    /// Whether these are a cause to protect: more silent ones than the server may lose by its threshold, or more
    /// than half of a zone. So a lost zone is kept though it be small, and scattered deaths in a healthy zone are
    /// not. A server that is cut off hears no client for a reason of its own.
    const fn alarmed(&self, counted: Counted, isolated: bool, share_kept_percent: usize) -> bool {
        let Counted { owned, silent } = counted;
        match self {
            Self::Server => {
                silent >= SILENT_MIN && silent * 100 > owned * (100 - share_kept_percent)
            }
            Self::Zone(_) => silent >= SILENT_MIN && silent * 2 > owned,
            Self::Isolation => isolated,
        }
    }
}

/// From how many silent leases on the server's guard protects all it owns.
pub const fn silent_max(owned: usize, share_kept_percent: u8) -> usize {
    let least = owned * (100 - share_kept_percent as usize) / 100 + 1;
    if least < SILENT_MIN {
        SILENT_MIN
    } else {
        least
    }
}

/// Leases that a guard counts.
#[derive(Clone, Copy, Debug, Default)]
struct Counted {
    owned: usize,
    silent: usize,
}

impl Counted {
    /// Those of all servers, for one that has few. One that has no silent lease has nothing to protect, whatever
    /// the others have.
    fn with_others(self, others: LeaseSums) -> Self {
        let more = |own: usize, others: u64| {
            own.saturating_add(usize::try_from(others).unwrap_or(usize::MAX / 200))
        };
        if self.owned >= OWNED_FEW || self.silent == 0 {
            return self;
        }
        Self {
            owned: more(self.owned, others.owned),
            silent: more(self.silent, others.silent),
        }
    }
}

/// What the guards are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    /// The leases this server owns.
    pub(super) owned: &'a Census,
    /// Those of them that are silent.
    pub(super) silent: &'a SilentByZone,
    /// What it knows of the other servers.
    pub(super) surroundings: &'a Surroundings,
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
            Self::Isolation => f.write_str("all instances, being cut off"),
        }
    }
}

#[derive(Debug, Default)]
struct Guard {
    active: Option<Active>,
    /// Silent leases that a limit has given up: not counted until they beat.
    given_up: BTreeSet<Arc<Key>>,
    /// It has protected for as long as it may, and its cause has been there ever since. Only isolation can go on
    /// being a cause without a lease that is counted: of a cluster that shrank for good the rest must go on.
    spent: bool,
}

#[derive(Clone, Copy, Debug)]
struct Active {
    since: Timestamp,
    caused_at: Timestamp,
    counted: Counted,
}

impl Guard {
    /// Takes in which of its leases are silent now.
    fn ask(
        &mut self,
        scope: &Scope,
        owned: usize,
        silent: &BTreeSet<Arc<Key>>,
        surroundings: &Surroundings,
        now: Timestamp,
        settings: &RegistrySettings,
    ) {
        self.given_up.retain(|key| silent.contains(key));
        let counted = self.count(scope, owned, silent, surroundings.others);
        let caused = scope.alarmed(
            counted,
            surroundings.isolated,
            settings.share_kept_percent.into(),
        );
        self.spent &= caused;
        let alarmed = caused && !self.spent;
        let begins = Active {
            since: now,
            caused_at: now,
            counted,
        };
        let Some(held) = self.active else {
            self.active = alarmed.then_some(begins);
            return;
        };
        let caused_at = if alarmed { now } else { held.caused_at };
        let active = Active {
            caused_at,
            counted,
            ..held
        };
        if now >= active.ends_at_the_latest(settings) {
            self.give_up(scope, silent);
        } else {
            self.active = (now.since(caused_at) < settings.protection_hold).then_some(active);
        }
    }

    /// The leases that count: not those given up.
    fn count(
        &self,
        scope: &Scope,
        owned: usize,
        silent: &BTreeSet<Arc<Key>>,
        others: LeaseSums,
    ) -> Counted {
        let counted = Counted {
            owned: owned - self.given_up.len().min(owned),
            silent: silent.len() - self.given_up.len(),
        };
        if *scope == Scope::Server {
            counted.with_others(others)
        } else {
            counted
        }
    }

    fn give_up(&mut self, scope: &Scope, silent: &BTreeSet<Arc<Key>>) {
        self.given_up.clone_from(silent);
        self.spent = *scope == Scope::Isolation;
        self.active = None;
    }

    /// Whether there is anything to remember of it.
    fn idle(&self) -> bool {
        self.active.is_none() && self.given_up.is_empty() && !self.spent
    }

    fn holds(&self, key: &Arc<Key>) -> bool {
        self.active.is_some() && !self.given_up.contains(key)
    }
}

impl Active {
    /// When little is silent the dead are the likelier explanation, and the limit is short.
    fn ends_at_the_latest(&self, settings: &RegistrySettings) -> Timestamp {
        let Counted { owned, silent } = self.counted;
        let little = silent * 2 < owned || silent < SILENT_MANY;
        let limit: Duration = if little {
            settings.protection_limit_short
        } else {
            settings.protection_limit_long
        };
        self.since + limit
    }
}

/// A guard that protects, and whom it has given up.
#[derive(Clone, Debug)]
pub(super) struct Watching {
    pub(super) protection: Protection,
    given_up: BTreeSet<Arc<Key>>,
}

impl Watching {
    /// Whether it holds a lease of this zone.
    pub(super) fn holds(&self, key: &Arc<Key>, zone: Option<&str>) -> bool {
        let watched = match &self.protection.scope {
            Scope::Server | Scope::Isolation => true,
            Scope::Zone(own) => own.as_deref() == zone,
        };
        watched && !self.given_up.contains(key)
    }
}

/// All guards of a server.
#[derive(Debug, Default)]
pub(super) struct Guards(BTreeMap<Scope, Guard>);

/// The silent leases by zone.
pub(super) type SilentByZone = BTreeMap<Option<Text>, BTreeSet<Arc<Key>>>;

impl Guards {
    /// Asks every guard. To be done before each sweep.
    pub(super) fn ask(&mut self, seen: &Seen<'_>, now: Timestamp, settings: &RegistrySettings) {
        self.0.entry(Scope::Isolation).or_default();
        if settings.preservation {
            self.0.entry(Scope::Server).or_default();
            for zone in seen.silent.keys() {
                self.0.entry(Scope::Zone(zone.clone())).or_default();
            }
        }
        let all: BTreeSet<_> = seen.silent.values().flatten().cloned().collect();
        let nobody = BTreeSet::new();
        for (scope, guard) in &mut self.0 {
            let (owned, silent) = match scope {
                Scope::Server | Scope::Isolation => (seen.owned.live, &all),
                Scope::Zone(zone) => (
                    seen.owned.zones.get(zone).copied().unwrap_or_default(),
                    seen.silent.get(zone).unwrap_or(&nobody),
                ),
            };
            guard.ask(scope, owned, silent, seen.surroundings, now, settings);
        }
        self.0.retain(|_, guard| !guard.idle());
    }

    /// Ends a guard's protection as its limit would: what is silent now is not counted until it beats. Answers how many
    /// leases that are; `None`: it protects nothing.
    pub(super) fn release(&mut self, scope: &Scope, silent: &SilentByZone) -> Option<usize> {
        let guard = self
            .0
            .get_mut(scope)
            .filter(|guard| guard.active.is_some())?;
        let all = silent.iter().filter(|(zone, _)| match scope {
            Scope::Server | Scope::Isolation => true,
            Scope::Zone(own) => *zone == own,
        });
        let silent: BTreeSet<_> = all.flat_map(|(_, keys)| keys).cloned().collect();
        guard.give_up(scope, &silent);
        Some(silent.len())
    }

    /// Which guards hold leases now, each with the silent ones it has given up.
    pub(super) fn watching(&self, settings: &RegistrySettings) -> Vec<Watching> {
        let protections = self.protections(settings).into_iter();
        let given_up = |scope: &Scope| self.0.get(scope).map(|guard| guard.given_up.clone());
        protections
            .map(|protection| Watching {
                given_up: given_up(&protection.scope).unwrap_or_default(),
                protection,
            })
            .collect()
    }

    /// Whether any guard holds a lease of this zone. Where nothing is to be preserved, isolation keeps only orphans,
    /// whose clients may beat on the other side.
    pub(super) fn hold(
        &self,
        key: &Arc<Key>,
        zone: Option<&str>,
        settings: &RegistrySettings,
    ) -> bool {
        let holds = |scope| self.0.get(&scope).is_some_and(|guard| guard.holds(key));
        settings.preservation
            && (holds(Scope::Server)
                || holds(Scope::Isolation)
                || holds(Scope::Zone(zone.map(Text::from))))
    }

    /// Whether this server is cut off, for less long than it may protect for that.
    pub(super) fn isolated(&self) -> bool {
        let guard = self.0.get(&Scope::Isolation);
        guard.is_some_and(|guard| guard.active.is_some())
    }

    /// What is protected now.
    pub(super) fn protections(&self, settings: &RegistrySettings) -> Vec<Protection> {
        let active = self
            .0
            .iter()
            .filter_map(|(scope, guard)| Some((scope.clone(), guard.active?)))
            .filter(|_| settings.preservation);
        let until = |active: &Active| active.ends_at_the_latest(settings);
        active
            .map(|(scope, active)| Protection {
                scope,
                since: active.since,
                until: until(&active),
                owned: active.counted.owned,
                silent: active.counted.silent,
            })
            .collect()
    }
}
