//! Live leases whose owner is gone: how long they are kept, and when the steward ends them.
//!
//! Here: the test by which silence is told from a fault, and the release of those it keeps. Not here: who is gone and
//! who is the steward (`surroundings`). What must always hold: an orphan is ended only after its own lease has passed
//! since its owner went, only when few of that owner's are left or after a limit, and by the very version it has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use peers::version::Origin;
use rand::seq::SliceRandom;

use super::census::KeptElsewhere;
use super::entry::{Entry, Key, lasting};
use super::leases::find_live;
use super::quota;
use super::settings::RegistrySettings;
use super::store::Store;
use super::surroundings::{Gone, Surroundings};
use crate::clock::Timestamp;

/// How much later each next steward acts.
pub(super) const STEWARD_STEP: Duration = Duration::from_secs(30);
/// Where the clients lived at least this share of them, in percent, was adopted elsewhere; and a minute of release
/// leaves this share of those left.
const KEPT_PERCENT: u8 = 85;
/// From so many on they are kept for longer: a rack may be cut off together with its server.
const MANY: usize = 10;
const LIMIT_SHORT: Duration = Duration::from_secs(10 * 60);
const LIMIT_LONG: Duration = Duration::from_secs(60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

/// The leases of one owner that are kept although it is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Who owned them.
    pub owner: Origin,
    /// How many there are.
    pub count: usize,
    /// Since when their owner is gone.
    pub since: Timestamp,
    /// Until when they are kept. After that they are released, some a minute.
    pub until: Timestamp,
    /// Why.
    pub reason: Reason,
}

/// Why orphans are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// This server is cut off, and their clients may beat where it cannot hear of it.
    Isolated,
    /// More are left than clients that live would leave: they may be cut off together with their server.
    ManyLeft {
        /// How many leases their owner's last head told.
        told: u32,
    },
    /// Nobody knows how many leases their owner had.
    NoHead,
}

impl Kept {
    /// Those of one owner, if it has any left and they are kept rather than about to be evicted.
    pub(super) fn of(owner: Origin, gone: Gone, left: usize, isolated: bool) -> Option<Self> {
        let reason = match gone.leases_told {
            _ if isolated => Reason::Isolated,
            None => Reason::NoHead,
            Some(told) if few_left(left, told) => return None,
            Some(told) => Reason::ManyLeft { told },
        };
        (left > 0).then_some(Self {
            owner,
            count: left,
            since: gone.since,
            until: gone.since + limit(left),
            reason,
        })
    }
}

/// Whether so few are left that the owner's clients must have lived, and these did not: as many as a window's quota, so
/// at least one where there were any.
fn few_left(left: usize, told: u32) -> bool {
    let told = usize::try_from(told).unwrap_or(usize::MAX);
    left <= quota::allowance(told, KEPT_PERCENT)
}

const fn limit(left: usize) -> Duration {
    if left < MANY { LIMIT_SHORT } else { LIMIT_LONG }
}

/// What becomes of an orphan, as of one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// Since when its owner is gone.
    pub since: Timestamp,
    /// How many leases the owner's last head told. `None`: nobody knows.
    pub told: Option<u32>,
    /// How many are left.
    pub left: usize,
    /// When its own lease has passed since its owner went: before that nobody ends it.
    pub waits_until: Timestamp,
    /// Why it is kept then, if more are left than clients that live would leave.
    pub kept: Option<Kept>,
    /// How many of those left may go in a minute once the time of keeping is over.
    pub released_per_minute: usize,
}

impl Orphan {
    pub(super) fn of(
        entry: &Entry,
        gone: Gone,
        left: usize,
        isolated: bool,
        doubled: bool,
    ) -> Self {
        let lease = lasting(entry.record().lease.value.duration, doubled);
        Self {
            since: gone.since,
            told: gone.leases_told,
            left,
            waits_until: gone.since + lease,
            kept: Kept::of(entry.record().owner(), gone, left, isolated),
            released_per_minute: quota::allowance(left, KEPT_PERCENT),
        }
    }
}

/// The releases under way, by owner.
#[derive(Debug, Default)]
pub(super) struct Orphans(BTreeMap<Origin, Window>);

/// A release, minute by minute.
#[derive(Clone, Copy, Debug)]
struct Window {
    /// How many may go until the next minute begins.
    allowed: usize,
    next: Timestamp,
    /// How many were left when last looked at.
    seen: usize,
}

impl Window {
    /// So many are left. Those that went without this steward were ended by another, who is at work then, or adopted:
    /// they count, and the next minute begins when this steward's turn would.
    fn look(&mut self, left: usize, turn: Duration, now: Timestamp) {
        let went = self.seen.saturating_sub(left);
        if went > 0 {
            self.allowed = self.allowed.saturating_sub(went);
            self.next = self.next.max(now + MINUTE + turn);
        }
        if now >= self.next {
            self.allowed = quota::allowance(left, KEPT_PERCENT);
            self.next = now + MINUTE;
        }
        self.seen = left;
    }

    const fn took(&mut self, count: usize) {
        self.allowed = self.allowed.saturating_sub(count);
        self.seen = self.seen.saturating_sub(count);
    }
}

impl Orphans {
    /// Forgets the owners that came back, or of whom nothing is left.
    pub(super) fn retain(&mut self, surroundings: &Surroundings) {
        self.0
            .retain(|owner, _| surroundings.gone.contains_key(owner));
    }

    /// Those of one owner, for the steward of this place.
    pub(super) fn of(
        &mut self,
        owner: Origin,
        gone: Gone,
        steward: u32,
        now: Timestamp,
    ) -> Ripe<'_> {
        Ripe {
            windows: &mut self.0,
            owner,
            gone,
            delay: STEWARD_STEP.saturating_mul(steward),
            now,
        }
    }
}

/// The orphans of one owner as a steward sees them.
pub(super) struct Ripe<'a> {
    windows: &'a mut BTreeMap<Origin, Window>,
    owner: Origin,
    gone: Gone,
    delay: Duration,
    now: Timestamp,
}

impl Ripe<'_> {
    /// Who is to be evicted now: all whose lease has passed, where few are left; else some, in random order, once
    /// they were kept for long enough. Where neither holds nobody is looked at.
    pub(super) fn draw(
        &mut self,
        elsewhere: &KeptElsewhere,
        store: &Store,
        settings: &RegistrySettings,
        chance: &mut impl rand::Rng,
    ) -> Vec<Arc<Key>> {
        let keys = elsewhere.of(self.owner);
        let allowed = self.allowance(keys.len());
        if allowed == 0 {
            return Vec::new();
        }
        let over =
            |key: &Key| find_live(store, key).is_some_and(|entry| self.over(&entry, settings));
        let mut over: Vec<_> = keys.filter(|key| over(key)).cloned().collect();
        let (drawn, _) = over.partial_shuffle(chance, allowed);
        let drawn = drawn.to_vec();
        if let Some(window) = self.windows.get_mut(&self.owner) {
            window.took(drawn.len());
        }
        drawn
    }

    /// How many of those left may go now.
    fn allowance(&mut self, left: usize) -> usize {
        if self
            .gone
            .leases_told
            .is_some_and(|told| few_left(left, told))
        {
            return left;
        }
        let until = self.gone.since + limit(left);
        if left == 0 || self.now < until {
            return 0;
        }
        let begins = Window {
            allowed: 0,
            next: until + self.delay,
            seen: left,
        };
        let window = self.windows.entry(self.owner).or_insert(begins);
        window.look(left, self.delay, self.now);
        window.allowed
    }

    /// Whether its own lease has passed since its owner went.
    fn over(&self, entry: &Entry, settings: &RegistrySettings) -> bool {
        let lease = lasting(entry.record().lease.value.duration, settings.lease_doubled);
        self.now > self.gone.since + lease + self.delay
    }
}
