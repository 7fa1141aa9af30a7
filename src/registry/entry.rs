//! One instance in the registry: its record and what only this server knows of its lease.
//!
//! Here: keys, entries and how one follows another, and what a reader is shown. Not here: the map (`store`), the
//! lease's local times (`entry::times`). What must always hold: the record of an entry never changes; a write puts a
//! new entry in its place, under the lock that heartbeats share, so that no heartbeat is lost between the two.

mod times;

use std::sync::Arc;
use std::time::Duration;

use peers::version::Origin;

use self::times::Times;
use super::Heartbeat;
use super::change::Sender;
use super::instance::{AppName, Instance, Text};
use super::record::{Ended, Lease, Record};
use super::view::{LeaseTimes, Shown};
use crate::clock::Timestamp;

/// Signs that two processes speak for one instance belong together if they are no further apart.
const ODD_GAP_MAX: Duration = Duration::from_secs(10 * 60);
/// So many of them are no accident.
const ODD_MIN: u8 = 3;

/// Names an instance: its application and its id there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The application.
    pub app: AppName,
    /// The id, see [`Instance::key_id`].
    pub id: Text,
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.app, self.id)
    }
}

/// One instance: its key, its record, and the times of its lease.
#[derive(Debug)]
pub struct Entry {
    key: Arc<Key>,
    record: Record,
    /// Since when it is dead, by this server's clock; no matter while it lives.
    died_at: Timestamp,
    times: Times,
}

/// A beat of a lease that another server owns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// How many came here in a row, this one included.
    pub(super) row: u8,
    /// Whether the owner was told of an earlier one and has not acknowledged it.
    pub(super) unanswered: bool,
}

impl Entry {
    /// An entry whose lease starts now.
    pub(super) fn starting(key: Arc<Key>, record: Record, now: Timestamp) -> Self {
        let times = Times::starting(now, now + record.lease.value.duration);
        Self {
            key,
            record,
            died_at: now,
            times,
        }
    }

    /// The same, once more doubted if it registered from elsewhere while the one before was live: a process that moves
    /// does so once, two that share an id do so again and again.
    pub(super) fn doubting(self, held: Option<&Self>, now: Timestamp) -> Self {
        let Some(held) = held else {
            return self;
        };
        let place = |entry: &Self| {
            let Instance {
                host_name,
                ip_addr,
                port,
                ..
            } = entry.instance();
            (host_name.clone(), ip_addr.clone(), *port)
        };
        let moved = held.record.live() && place(held) != place(&self);
        let times = self.times.after(&held.times);
        if moved {
            times.count_odd(now, ODD_GAP_MAX);
        }
        Self { times, ..self }
    }

    /// Takes note if a client beats that registered earlier than the one whose data are held: another than that.
    pub(super) fn doubt(&self, beat: &Heartbeat, now: Timestamp) {
        let older = beat
            .last_dirty
            .is_some_and(|dirty| dirty < self.instance().last_dirty);
        if older && beat.by == Sender::Client {
            self.times.count_odd(now, ODD_GAP_MAX);
        }
    }

    /// Whether two processes seem to speak for the instance: one alone gives such a sign once, and seldom twice.
    pub fn doubtful(&self, now: Timestamp) -> bool {
        self.times.odd(now, ODD_GAP_MAX) >= ODD_MIN
    }

    /// An entry of whose client nothing was heard. Its lease is another server's, and the deadline a guess.
    pub(super) fn received(key: Arc<Key>, record: Record, died_at: Timestamp) -> Self {
        let times = Times::until(unheard_deadline(&record.lease.value));
        Self {
            key,
            record,
            died_at,
            times,
        }
    }

    /// The same instance with another record, its lease running on. To be called under the store's write lock.
    pub(super) fn with(&self, record: Record) -> Self {
        let same_lease = record.lease.version == self.record.lease.version;
        let ended = record.lease.value.ended.filter(|_| !same_lease);
        Self {
            key: self.key.clone(),
            died_at: ended.map_or(self.died_at, |ended| ended.at),
            times: if same_lease {
                self.times.clone()
            } else {
                self.times.of_next_owner()
            },
            record,
        }
    }

    /// The same, dead since then by this server's clock, whatever other clocks say.
    pub(super) fn dead_since(self, died_at: Timestamp) -> Self {
        Self { died_at, ..self }
    }

    /// The same with the deadline that another server's lease has here: as of what was heard of it, if anything was.
    pub(super) fn kept_elsewhere(self, doubled: bool) -> Self {
        let lease = &self.record.lease.value;
        let heard = self.heard_at() > Timestamp::default();
        let deadline = if heard {
            self.heard_at() + lasting(lease.duration, doubled)
        } else {
            unheard_deadline(lease)
        };
        self.times.extend(deadline);
        self
    }

    /// Which instance this is.
    pub const fn key(&self) -> &Arc<Key> {
        &self.key
    }

    /// What is stored of it.
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// What its client registered.
    pub fn instance(&self) -> &Instance {
        &self.record.body.value.instance
    }

    /// Whether the lease is live and kept by this origin.
    pub fn owned_by(&self, origin: Origin) -> bool {
        self.record.live() && self.record.owner() == origin
    }

    /// The client was heard: its lease starts again.
    pub(super) fn hear(&self, now: Timestamp, doubled: bool) {
        self.times.hear(now, self.deadline_from(now, doubled));
    }

    /// The client was heard here, though another server keeps its lease.
    pub(super) fn hear_for_owner(&self, now: Timestamp, doubled: bool) -> Visit {
        let gap_max = self.instance().lease.interval() * 3 / 2;
        let row = self.times.count_in_row(now, gap_max);
        self.hear(now, doubled);
        Visit {
            row,
            unanswered: self.times.unanswered(),
        }
    }

    /// The client was heard elsewhere, then.
    pub(super) fn hear_relayed(&self, at: Timestamp, doubled: bool) {
        self.times.hear_relayed(at, self.deadline_from(at, doubled));
    }

    /// A beat is on its way to the owner, who has not answered yet.
    pub(super) fn count_relay(&self) {
        self.times.count_relay();
    }

    /// The owner has the beats that were on their way.
    pub(super) fn acknowledge(&self) {
        self.times.acknowledge();
    }

    /// What was heard of the client so far is no evidence any more: it was cancelled since.
    pub(super) fn forget_witness(&self) {
        self.times.forget_witness();
    }

    /// Starts the lease again without having heard the client, as calls about its status and metadata do.
    pub(super) fn extend(&self, now: Timestamp, doubled: bool) {
        self.times.extend(self.deadline_from(now, doubled));
    }

    fn deadline_from(&self, now: Timestamp, doubled: bool) -> Timestamp {
        now + lasting(self.record.lease.value.duration, doubled)
    }

    /// Moves the lease by a time in which this server could not have heard the client, if it was last heard by the
    /// moment when that had begun.
    pub(super) fn excuse(&self, stalled_by: Timestamp, gap: Duration) {
        if self.heard_at() <= stalled_by {
            self.times.excuse(gap);
        }
    }

    /// When the client was last heard, here or by way of another server: a heartbeat or a registration. The beginning
    /// of time where another server keeps the lease and nothing was heard of it here.
    pub fn heard_at(&self) -> Timestamp {
        self.times.heard_at()
    }

    /// When the client itself was last heard here, unless it was cancelled since.
    pub fn witnessed_at(&self) -> Option<Timestamp> {
        self.times.witnessed_at()
    }

    /// When the lease is over. Where another server keeps it, that is a guess.
    pub fn deadline(&self) -> Timestamp {
        self.times.deadline()
    }

    /// Whether the lease is over.
    pub fn expired(&self, now: Timestamp) -> bool {
        now > self.deadline()
    }

    /// When the client will have been silent for two of its own intervals, or its lease will be over, should it
    /// not be heard before. One late beat is not silence.
    pub fn silent_at(&self) -> Timestamp {
        (self.heard_at() + self.instance().lease.interval() * 2).min(self.deadline())
    }

    /// From when on a beat is overdue: one that comes half an interval late is not late by accident.
    pub fn late_at(&self) -> Timestamp {
        (self.heard_at() + self.instance().lease.interval() * 3 / 2).min(self.deadline())
    }

    /// Whether the client has been silent for longer than that.
    pub fn silent(&self, now: Timestamp) -> bool {
        now > self.silent_at()
    }

    /// Since when it is dead, by this server's clock.
    pub(super) fn died_at(&self) -> Option<Timestamp> {
        (!self.record.live()).then_some(self.died_at)
    }

    /// For how long its lease has been over, if it is: to be handed on with the record, since clocks differ and ages
    /// do not.
    pub fn ended_for(&self, now: Timestamp) -> Option<Duration> {
        self.died_at().map(|died_at| now.since(died_at))
    }

    /// What a reader is shown.
    pub fn shown(&self) -> Shown<'_> {
        let record = &self.record;
        let registered_at = record.registered_at();
        let duration = record.lease.value.duration;
        let renewed = self.deadline().since(Timestamp::default() + duration);
        Shown {
            instance: self.instance(),
            status: record.status(),
            overridden: record.overridden(),
            times: LeaseTimes {
                registered_at,
                renewed_at: registered_at.max(Timestamp::default() + renewed),
                ended_at: record.lease.value.ended.map(|Ended { at, .. }| at),
                up_since: record.body.value.up_since,
            },
            updated_at: record.updated_at(),
            action: record.action(),
        }
    }
}

/// How long a renewed lease lasts.
pub(super) const fn lasting(duration: Duration, doubled: bool) -> Duration {
    if doubled {
        duration.saturating_mul(2)
    } else {
        duration
    }
}

fn unheard_deadline(lease: &Lease) -> Timestamp {
    lease.registered_at + lease.duration
}
