//! One instance in the registry: its record and what only this server knows of its lease.
//!
//! Here: keys, the lease's times as atomics, and what a reader is shown. Not here: the map (`store`). What must
//! always hold: the record of an entry never changes; a write puts a new entry in its place, under the lock that
//! heartbeats share, so that no heartbeat is lost between the two.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::instance::{AppName, Instance, Text};
use super::record::{Ended, Record};
use super::view::{LeaseTimes, Shown};
use crate::clock::Timestamp;

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
    heard_at: AtomicU64,
    deadline: AtomicU64,
}

impl Entry {
    /// An entry whose lease starts now.
    pub(super) fn starting(key: Arc<Key>, record: Record, now: Timestamp) -> Self {
        let deadline = now + record.lease.value.duration;
        Self {
            key,
            record,
            heard_at: AtomicU64::new(now.as_millis()),
            deadline: AtomicU64::new(deadline.as_millis()),
        }
    }

    /// The same instance with another record, its lease running on. To be called under the store's write lock.
    pub(super) fn with(&self, record: Record) -> Self {
        Self {
            key: self.key.clone(),
            record,
            heard_at: AtomicU64::new(self.heard_at.load(Ordering::Relaxed)),
            deadline: AtomicU64::new(self.deadline.load(Ordering::Relaxed)),
        }
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

    /// The client was heard: its lease starts again.
    pub(super) fn hear(&self, now: Timestamp, doubled: bool) {
        self.heard_at.store(now.as_millis(), Ordering::Relaxed);
        self.extend(now, doubled);
    }

    /// Starts the lease again without having heard the client, as calls about its status and metadata do.
    pub(super) fn extend(&self, now: Timestamp, doubled: bool) {
        let duration = self.record.lease.value.duration;
        let lasting = if doubled {
            duration.saturating_mul(2)
        } else {
            duration
        };
        self.deadline
            .store((now + lasting).as_millis(), Ordering::Relaxed);
    }

    /// Moves the lease by a time in which this server could not have heard the client, if it was last heard by the
    /// moment when that had begun.
    pub(super) fn excuse(&self, stalled_by: Timestamp, gap: Duration) {
        if self.heard_at() <= stalled_by {
            self.heard_at
                .store((self.heard_at() + gap).as_millis(), Ordering::Relaxed);
            self.deadline
                .store((self.deadline() + gap).as_millis(), Ordering::Relaxed);
        }
    }

    /// When the client was last heard: a heartbeat or a registration.
    pub fn heard_at(&self) -> Timestamp {
        Timestamp::from_millis(self.heard_at.load(Ordering::Relaxed))
    }

    /// When the lease is over.
    pub fn deadline(&self) -> Timestamp {
        Timestamp::from_millis(self.deadline.load(Ordering::Relaxed))
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

    /// Whether the client has been silent for longer than that.
    pub fn silent(&self, now: Timestamp) -> bool {
        now > self.silent_at()
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
