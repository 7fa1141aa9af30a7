//! A host's sweeps, and whom they end.
//!
//! Here: what an observer has to know of an end to judge it. Not here: the judgement (`invariants`).

use std::time::Duration;

use peerage::registry::change::Change;
use peerage::registry::entry::Entry;
use peerage::registry::settings::RegistrySettings;
use peerage::registry::zones::ZoneRules;

use super::Host;
use crate::world::moment::client_named;

/// Someone whose lease a sweep ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Which client.
    pub client: usize,
    /// By whom, and how things stood then.
    pub by: Ender,
}

/// By whom a lease was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ender {
    /// By its owner, who counted these.
    Owner(Counted),
    /// By a steward, since its owner is gone.
    Steward,
}

/// How things stood at the owner of a lease when it ended it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Leases it owned.
    pub owned: usize,
    /// How many of these were silent.
    pub silent: usize,
    /// Those of the same zone.
    pub zone_owned: usize,
    /// How many of these were silent.
    pub zone_silent: usize,
    /// Which window of the quota it was.
    pub window: u64,
    /// How many leases it owned when that began.
    pub owned_at_window: usize,
}

/// Counts windows as the registry does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    sweeps_each: u64,
    sweeps: u64,
    owned: usize,
}

impl Windows {
    pub(super) fn new(numbers: &RegistrySettings) -> Self {
        let sweeps = numbers.quota_window.as_millis() / numbers.sweep_interval.as_millis().max(1);
        Self {
            sweeps_each: u64::try_from(sweeps).unwrap_or(u64::MAX).max(1),
            sweeps: 0,
            owned: 0,
        }
    }
}

impl Host {
    /// What the server's background loops do.
    pub(super) fn sweep(&mut self, now: Duration) {
        let wall = self.wall(now);
        let swept = self.registry.sweep(wall, &mut self.sweeps);
        let ends: Vec<(usize, bool, &Change)> = swept
            .evicted
            .iter()
            .filter_map(|change| Some((client_named(&change.key.id)?, self.owned(change), change)))
            .collect();
        let own = ends.iter().filter(|(_, own, _)| *own).count();
        if self.windows.sweeps.is_multiple_of(self.windows.sweeps_each) {
            self.windows.owned = self.registry.owned().0 + own;
        }
        let told = ends.iter().map(|(client, owned, change)| End {
            client: *client,
            by: match owned {
                true => Ender::Owner(self.counted(change, &ends)),
                false => Ender::Steward,
            },
        });
        let told: Vec<End> = told.collect();
        self.windows.sweeps += 1;
        self.ends.extend(told);
        self.changes
            .0
            .lock()
            .expect("nobody panics while it is held")
            .extend(swept.adopted);
        self.registry.prune_delta(wall);
        self.registry.refresh();
    }

    /// Whether a lease that was just ended was this host's own: an end carries the version of what it ends.
    fn owned(&self, change: &Change) -> bool {
        let ended = self.registry.stored(&change.key);
        ended.is_some_and(|entry| entry.record().owner() == self.registry.origin())
    }

    /// How things stood before these were ended.
    fn counted(&self, change: &Change, ends: &[(usize, bool, &Change)]) -> Counted {
        let zone_of = |change: &Change| {
            let ended = self.registry.stored(&change.key)?;
            zone(&ended)
        };
        let of = zone_of(change);
        let own = ends.iter().filter(|(_, own, _)| *own);
        let same = own.clone().filter(|(_, _, other)| zone_of(other) == of);
        let (ended, ended_there) = (own.count(), same.count());
        let (owned, silent) = self.registry.owned();
        let silent_there = self.registry.silent();
        let mut silent_there = silent_there.iter().filter(|(zone, _)| *zone == of);
        let snapshot = self.registry.refresh();
        let there = |entry: &&std::sync::Arc<Entry>| {
            entry.owned_by(self.registry.origin()) && zone(entry) == of
        };
        Counted {
            owned: owned + ended,
            silent: silent + ended,
            zone_owned: snapshot.registered.iter().filter(there).count() + ended_there,
            zone_silent: silent_there.next().map_or(0, |(_, count)| *count) + ended_there,
            window: self.windows.sweeps / self.windows.sweeps_each,
            owned_at_window: self.windows.owned,
        }
    }
}

/// The zone that an instance tells, by which its guard counts it.
fn zone(entry: &Entry) -> Option<String> {
    let rules = ZoneRules::default();
    rules.name(entry.instance()).map(str::to_owned)
}
