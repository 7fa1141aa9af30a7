//! Which leases run out, who is protected, and which dead are forgotten.
//!
//! Here: the books of the leases this server owns and those that others do, and who is to be ended. Not here: what a
//! lease is (`entry`), the guards' arithmetic (`preservation`, `quota`), the sweep itself (`sweep`). What must always
//! hold: of the own leases nobody is evicted whose lease is not over, whom a guard holds, or who is above the quota;
//! the longest one overstays in peace is the time between two sweeps; and every live lease is either watched here or
//! counted among those that others keep.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use peers::version::Origin;
use rand::seq::SliceRandom;

use super::census::{Census, KeptElsewhere};
use super::entry::{Entry, Key};
use super::instance::Text;
use super::orphans::{Kept, Orphans, STEWARD_STEP};
use super::oversight::{Dealt, Overseen};
use super::preservation::{Guards, Protection, Scope, Seen, SilentByZone};
use super::quota::{self, Quota};
use super::settings::RegistrySettings;
use super::store::{Store, Written};
use super::surroundings::Surroundings;
use super::wheel::Wheel;
use super::zones::ZoneRules;
use crate::clock::Timestamp;

/// A server that was not running for longer than this could not hear its clients meanwhile.
const STALL_MIN: Duration = Duration::from_secs(2);
/// A server that is no steward ends an override so much later than its time.
const NO_STEWARD: Duration = Duration::from_secs(5 * 60);
/// So many dead records are kept at any rate, above that 1 in [`DEAD_PER_LIVE`].
const DEAD_MAX: usize = 100_000;
const DEAD_PER_LIVE: usize = 20;

#[derive(Debug, Default)]
pub(super) struct Leases {
    wheel: Wheel,
    silent: SilentByZone,
    guards: Guards,
    quota: Quota,
    /// The leases this server owns: those in the wheel and the silent ones.
    owned: Census,
    elsewhere: KeptElsewhere,
    orphans: Orphans,
    dead: BTreeSet<(Timestamp, Arc<Key>)>,
    swept_at: Option<Timestamp>,
    zones: Arc<ZoneRules>,
    /// The overrides that end by themselves, by when they do.
    expiries: BTreeSet<(Timestamp, Arc<Key>)>,
}

impl Leases {
    /// No leases yet, in zones by these rules.
    pub(super) fn by(zones: Arc<ZoneRules>) -> Self {
        Self {
            owned: Census::by(zones.clone()),
            zones,
            ..Self::default()
        }
    }

    fn zone(&self, entry: &Entry) -> Option<Text> {
        self.zones.name(entry.instance()).map(Text::from)
    }

    /// Takes note of what was written, by whomever, while this server writes as `own`.
    pub(super) fn note(&mut self, written: &Written, own: Origin, settings: &RegistrySettings) {
        if let Some(before) = &written.before {
            self.leave(before, settings);
        }
        let (key, after) = (written.after.key(), &written.after);
        if let Some(until) = after.record().overridden_until() {
            self.expiries.insert((until, key.clone()));
        }
        if let Some(due) = forgotten_at(after, settings) {
            self.dead.insert((due, key.clone()));
        } else if after.owned_by(own) {
            self.owned.enter(after);
            self.wheel.arm(key, after.silent_at());
        } else {
            self.elsewhere.enter(after);
        }
    }

    /// Takes an instance out of all books.
    pub(super) fn leave(&mut self, before: &Entry, settings: &RegistrySettings) {
        let key = before.key();
        self.forget_expiry(before);
        if let Some(due) = forgotten_at(before, settings) {
            self.dead.remove(&(due, key.clone()));
        } else if self.unwatch(before) {
            self.owned.leave(before);
        } else {
            self.elsewhere.leave(before);
        }
    }

    /// The override of this entry need not be ended any more.
    pub(super) fn forget_expiry(&mut self, before: &Entry) {
        if let Some(until) = before.record().overridden_until() {
            self.expiries.remove(&(until, before.key().clone()));
        }
    }

    /// Whose overrides are to be ended now, by the server of this place among the stewards. Each next one waits longer,
    /// and one that is none waits longest: somebody must end them even where nobody is a steward.
    pub(super) fn take_overridden(
        &mut self,
        surroundings: &Surroundings,
        now: Timestamp,
    ) -> Vec<Arc<Key>> {
        let delay = match surroundings.steward {
            _ if !surroundings.met => Duration::ZERO,
            Some(place) => STEWARD_STEP.saturating_mul(place).min(NO_STEWARD),
            None => NO_STEWARD,
        };
        let mut taken = Vec::new();
        while self
            .expiries
            .first()
            .is_some_and(|(until, _)| *until + delay <= now)
        {
            taken.extend(self.expiries.pop_first().map(|(_, key)| key));
        }
        taken
    }

    /// Gives up what a guard holds, as its limit would. Answers how many leases it held that were silent; `None`: it
    /// holds nothing.
    pub(super) fn release(&mut self, scope: &Scope) -> Option<usize> {
        self.guards.release(scope, &self.silent)
    }

    /// Looks after a lease no more. Answers whether it did.
    fn unwatch(&mut self, before: &Entry) -> bool {
        let (key, zone) = (before.key(), self.zone(before));
        let silent = self.silent.get_mut(&zone);
        self.wheel.disarm(key) || silent.is_some_and(|silent| silent.remove(key))
    }

    /// For how long this server was not running since the last sweep, if it was for long, and the moment by which
    /// that had begun: the next sweep's time, which it missed.
    pub(super) fn stall(
        &mut self,
        now: Timestamp,
        settings: &RegistrySettings,
    ) -> Option<(Timestamp, Duration)> {
        let last = self.swept_at.replace(now)?;
        let missed = last + settings.sweep_interval;
        let gap = now.since(missed);
        (gap > STALL_MIN).then_some((missed, gap))
    }

    /// Finds out who is silent and asks the guards.
    pub(super) fn look(
        &mut self,
        store: &Store,
        surroundings: &Surroundings,
        now: Timestamp,
        settings: &RegistrySettings,
    ) {
        let silent = std::mem::take(&mut self.silent);
        let suspects = silent
            .into_values()
            .flatten()
            .chain(self.wheel.take_due(now));
        for key in suspects.collect::<BTreeSet<_>>() {
            if let Some(entry) = find_live(store, &key) {
                self.sort(key, &entry, now);
            }
        }
        let seen = Seen {
            owned: &self.owned,
            silent: &self.silent,
            surroundings,
        };
        self.guards.ask(&seen, now, settings);
        let sweeps = settings.quota_window.as_millis() / settings.sweep_interval.as_millis().max(1);
        let sweeps = u32::try_from(sweeps).unwrap_or(u32::MAX);
        self.quota
            .begin_sweep(sweeps, self.owned.live, settings.share_kept_percent);
    }

    fn sort(&mut self, key: Arc<Key>, entry: &Entry, now: Timestamp) {
        if entry.silent(now) {
            let zone = self.zone(entry);
            self.silent.entry(zone).or_default().insert(key);
        } else {
            self.wheel.arm(&key, entry.silent_at());
        }
    }

    /// Who is to be evicted now: of those whose lease is over and whom no guard holds, as many as the quota allows,
    /// in random order, so that no application goes first. And how many the guards hold.
    pub(super) fn draw(
        &self,
        store: &Store,
        now: Timestamp,
        settings: &RegistrySettings,
        chance: &mut impl rand::Rng,
    ) -> (Vec<Arc<Key>>, usize) {
        let over = |key: &Key| find_live(store, key).is_some_and(|entry| entry.expired(now));
        let zones = self.silent.iter();
        let silent =
            zones.flat_map(|(zone, keys)| keys.iter().map(move |key| (zone.as_deref(), key)));
        let over = silent.filter(|(_, key)| over(key));
        let (held, free): (Vec<_>, Vec<_>) =
            over.partition(|(zone, key)| self.guards.hold(key, *zone, settings));
        let mut free: Vec<_> = free.into_iter().map(|(_, key)| key.clone()).collect();
        free.sort_unstable();
        let (drawn, _) = free.partial_shuffle(chance, self.quota.left());
        (drawn.to_vec(), held.len())
    }

    /// Counts an eviction against the quota.
    pub(super) const fn spend(&mut self) {
        self.quota.spend();
    }

    /// Whether a lease that is over is shown all the same, because a guard holds it.
    pub(super) fn hold(&self, entry: &Entry, settings: &RegistrySettings) -> bool {
        let zone = self.zones.name(entry.instance());
        self.guards.hold(entry.key(), zone, settings)
    }

    /// Which orphans are to be evicted now.
    pub(super) fn draw_orphans(
        &mut self,
        store: &Store,
        surroundings: &Surroundings,
        now: Timestamp,
        settings: &RegistrySettings,
        chance: &mut impl rand::Rng,
    ) -> Vec<Arc<Key>> {
        let mut drawn = Vec::new();
        self.orphans.retain(surroundings);
        if let Some(steward) = surroundings.steward.filter(|_| !self.guards.isolated()) {
            for (owner, gone) in &surroundings.gone {
                let mut ripe = self.orphans.of(*owner, *gone, steward, now);
                drawn.extend(ripe.draw(&self.elsewhere, store, settings, chance));
            }
        }
        drawn
    }

    /// Which orphans are kept, though nobody keeps their leases.
    pub(super) fn kept_orphans(&self, surroundings: &Surroundings) -> Vec<Kept> {
        let counts = self.elsewhere.counts();
        let left = |owner| counts.get(owner).copied().unwrap_or_default();
        let gone = surroundings.gone.iter();
        gone.filter_map(|(owner, gone)| {
            Kept::of(*owner, *gone, left(owner), self.guards.isolated())
        })
        .collect()
    }

    /// How many leases this server owns, and how many of these are silent.
    pub(super) fn owned(&self) -> (usize, usize) {
        (
            self.owned.live,
            self.silent.values().map(BTreeSet::len).sum(),
        )
    }

    /// Which other servers live leases name, and how many each.
    pub(super) fn owners(&self) -> BTreeMap<Origin, usize> {
        self.elsewhere.counts()
    }

    /// Which dead are to be forgotten: those whose time has come, and the oldest above the cap. With the time each
    /// was noted for, see [`forgotten_at`].
    pub(super) fn take_forgotten(
        &mut self,
        live: usize,
        now: Timestamp,
    ) -> Vec<(Timestamp, Arc<Key>)> {
        let cap = DEAD_MAX.max(live / DEAD_PER_LIVE);
        let mut forgotten = Vec::new();
        while let Some((due, _)) = self.dead.first() {
            if *due > now && self.dead.len() <= cap {
                break;
            }
            forgotten.extend(self.dead.pop_first());
        }
        forgotten
    }

    /// What decides what becomes of leases now.
    pub(super) fn overseen(&self, settings: &RegistrySettings) -> Overseen {
        let (sweeps, kept) = (self.quota.sweeps_left(), settings.share_kept_percent);
        let sweep = |number: u32| {
            self.swept_at
                .map(|at| at + settings.sweep_interval * number)
        };
        Overseen {
            watching: self.guards.watching(settings),
            isolated: self.guards.isolated(),
            elsewhere: self.elsewhere.counts(),
            next_sweep: sweep(1),
            quota: Dealt {
                left: if sweeps == 0 { 0 } else { self.quota.left() },
                of: self.quota.of(),
                next: quota::allowance(self.owned.live.max(1), kept),
                window: settings.quota_window,
                renewed_at: sweep(sweeps.saturating_add(1)),
            },
        }
    }

    /// Whose leases are over, of those this server keeps.
    pub(super) fn over(&self, store: &Store, now: Timestamp) -> Vec<Arc<Entry>> {
        let silent = self.silent.values().flatten();
        let entries = silent.filter_map(|key| find_live(store, key));
        entries.filter(|entry| entry.expired(now)).collect()
    }

    /// How many leases are silent, by zone.
    pub(super) fn silent(&self) -> impl Iterator<Item = (Option<&str>, usize)> {
        self.silent
            .iter()
            .map(|(zone, keys)| (zone.as_deref(), keys.len()))
    }

    /// How many leases are looked after.
    #[cfg(test)]
    pub(super) fn watched(&self) -> usize {
        self.wheel.len() + self.silent.values().flatten().count()
    }

    /// How many dead are remembered.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.dead.len()
    }

    /// How many overrides are to be ended.
    #[cfg(test)]
    pub(super) fn expiries(&self) -> usize {
        self.expiries.len()
    }

    /// What is protected now.
    pub(super) fn protections(&self, settings: &RegistrySettings) -> Vec<Protection> {
        self.guards.protections(settings)
    }
}

/// When a dead record is to be forgotten: longer after its end while an override waits for its return.
pub(super) fn forgotten_at(entry: &Entry, settings: &RegistrySettings) -> Option<Timestamp> {
    let died_at = entry.died_at()?;
    let overridden = entry.record().overridden().is_some();
    let kept = if overridden {
        settings.remember_overridden
    } else {
        settings.remember_dead
    };
    Some(died_at + kept)
}

pub(super) fn find_live(store: &Store, key: &Key) -> Option<Arc<Entry>> {
    store
        .find(key.app.as_str(), &key.id)
        .filter(|entry| entry.record().live())
}
