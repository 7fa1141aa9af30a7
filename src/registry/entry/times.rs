//! What only this server knows of a lease, as atomics that heartbeats touch under a shared lock.
//!
//! Here: when the client was heard, until when the lease lasts, and what became of beats that another server is to
//! hear of. Not here: what follows from it (`relays`, `evidence`). What must always hold: a heartbeat of an own lease
//! stores numbers and nothing else.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Timestamp;

/// 0 stands for never: no client is heard in 1970.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// From when silence is counted: the last beat here or one relayed, moved by the times this server slept.
    heard_at: AtomicU64,
    /// When the client itself was last heard here, to the moment: what is said against its end rests on it.
    witnessed_at: AtomicU64,
    deadline: AtomicU64,
    /// Beats in a row that came here while another server owns the lease.
    row: AtomicU8,
    /// Whether a relay of these was sent and not acknowledged so far.
    unanswered: AtomicBool,
    /// Signs that another process speaks for the instance, none of them long after the one before.
    odd: AtomicU8,
    odd_at: AtomicU64,
}

impl Times {
    pub(super) fn starting(now: Timestamp, deadline: Timestamp) -> Self {
        let times = Self::until(deadline);
        times.hear(now, deadline);
        times
    }

    /// Of a lease that nothing was heard of.
    pub(super) fn until(deadline: Timestamp) -> Self {
        let times = Self::default();
        times.extend(deadline);
        times
    }

    /// With the odd signs of the times before.
    pub(super) fn after(self, before: &Self) -> Self {
        self.odd
            .store(before.odd.load(Ordering::Relaxed), Ordering::Relaxed);
        self.odd_at
            .store(before.odd_at.load(Ordering::Relaxed), Ordering::Relaxed);
        self
    }

    /// There was a sign that another process speaks for the instance.
    pub(super) fn count_odd(&self, now: Timestamp, gap_max: Duration) {
        let before = self.odd(now, gap_max);
        self.odd.store(before.saturating_add(1), Ordering::Relaxed);
        self.odd_at.store(now.as_millis(), Ordering::Relaxed);
    }

    /// How many such signs there were, none of them longer than that after the one before.
    pub(super) fn odd(&self, now: Timestamp, gap_max: Duration) -> u8 {
        let last = Timestamp::from_millis(self.odd_at.load(Ordering::Relaxed));
        let recent = now.since(last) <= gap_max;
        if recent {
            self.odd.load(Ordering::Relaxed)
        } else {
            0
        }
    }

    /// The same times of a lease of another owner: whatever beats were counted for the former one.
    pub(super) fn of_next_owner(&self) -> Self {
        Self {
            row: AtomicU8::default(),
            unanswered: AtomicBool::default(),
            ..self.clone()
        }
    }

    pub(super) fn hear(&self, now: Timestamp, deadline: Timestamp) {
        self.heard_at.store(now.as_millis(), Ordering::Relaxed);
        self.witnessed_at.store(now.as_millis(), Ordering::Relaxed);
        self.extend(deadline);
    }

    pub(super) fn extend(&self, deadline: Timestamp) {
        self.deadline.store(deadline.as_millis(), Ordering::Relaxed);
    }

    /// The client was heard elsewhere at this time, which may be before it was last heard here.
    pub(super) fn hear_relayed(&self, at: Timestamp, deadline: Timestamp) {
        self.heard_at.fetch_max(at.as_millis(), Ordering::Relaxed);
        self.deadline
            .fetch_max(deadline.as_millis(), Ordering::Relaxed);
    }

    /// Moves the lease by a time in which this server could not have heard the client. What it did hear stays as
    /// old as it is.
    pub(super) fn excuse(&self, gap: Duration) {
        self.heard_at
            .store((self.heard_at() + gap).as_millis(), Ordering::Relaxed);
        self.extend(self.deadline() + gap);
    }

    /// Counts a beat of another server's lease, before it is heard: one in a row, unless the last was too long ago.
    pub(super) fn count_in_row(&self, now: Timestamp, gap_max: Duration) -> u8 {
        let follows = self
            .witnessed_at()
            .is_some_and(|last| now.since(last) <= gap_max);
        let before = if follows {
            self.row.load(Ordering::Relaxed)
        } else {
            0
        };
        let row = before.saturating_add(1);
        self.row.store(row, Ordering::Relaxed);
        row
    }

    pub(super) fn count_relay(&self) {
        self.unanswered.store(true, Ordering::Relaxed);
    }

    pub(super) fn acknowledge(&self) {
        self.unanswered.store(false, Ordering::Relaxed);
    }

    pub(super) fn unanswered(&self) -> bool {
        self.unanswered.load(Ordering::Relaxed)
    }

    /// What was heard of the client counts for nothing from now on.
    pub(super) fn forget_witness(&self) {
        self.witnessed_at.store(0, Ordering::Relaxed);
    }

    pub(super) fn heard_at(&self) -> Timestamp {
        Timestamp::from_millis(self.heard_at.load(Ordering::Relaxed))
    }

    pub(super) fn witnessed_at(&self) -> Option<Timestamp> {
        let at = self.witnessed_at.load(Ordering::Relaxed);
        (at != 0).then_some(Timestamp::from_millis(at))
    }

    pub(super) fn deadline(&self) -> Timestamp {
        Timestamp::from_millis(self.deadline.load(Ordering::Relaxed))
    }
}

impl Clone for Times {
    fn clone(&self) -> Self {
        let copy = |number: &AtomicU64| AtomicU64::new(number.load(Ordering::Relaxed));
        Self {
            heard_at: copy(&self.heard_at),
            witnessed_at: copy(&self.witnessed_at),
            deadline: copy(&self.deadline),
            row: AtomicU8::new(self.row.load(Ordering::Relaxed)),
            unanswered: AtomicBool::new(self.unanswered()),
            odd: AtomicU8::new(self.odd.load(Ordering::Relaxed)),
            odd_at: copy(&self.odd_at),
        }
    }
}
