//! A record: what is stored of one instance, as three registers that are merged each on its own.
//!
//! Here: the registers, their merge, and what a reader is shown of them. Not here: which write makes which change
//! (`mod`), local knowledge such as the last heartbeat (`entry`). What must always hold: merge is commutative,
//! associative and idempotent, and what is shown depends on nothing but the record and the lease's local times.

use std::sync::Arc;
use std::time::Duration;

use peers::version::{Origin, Rank, Version};

use super::instance::{Instance, Text};
use super::status::{self, Status};
use super::view::Action;
use crate::clock::Timestamp;

/// A value and the version that wrote it. The greater version wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register<T> {
    /// Who wrote it, and when.
    pub version: Version,
    /// What was written.
    pub value: T,
}

impl<T> Register<T> {
    fn merge(&mut self, other: Self) {
        if other.version > self.version {
            *self = other;
        }
    }
}

impl Register<Lease> {
    /// Of two ends of the very same lease the earlier counts. Two servers may each end a third one's lease, and their
    /// evictions carry one version.
    fn take_end(&mut self, other: &Self) {
        let (Some(held), Some(theirs)) = (self.value.ended.as_mut(), other.value.ended) else {
            return;
        };
        if self.version == other.version {
            held.at = held.at.min(theirs.at);
        }
    }
}

/// What a later release of this server appended to a register: kept and passed on unread. Usually nothing.
pub type Further = Box<[u8]>;

/// The instance as registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// What the client says of itself.
    pub instance: Instance,
    /// Whether the status in it was said before a status call that speaks for the instance: see [`status::shown`].
    pub status_predates_override: bool,
    /// When this was registered, or its metadata changed.
    pub registered_at: Timestamp,
    /// When the instance was first shown as up.
    pub up_since: Option<Timestamp>,
    /// What this release does not know of it.
    pub further: Further,
}

/// Why a lease is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The client, or somebody for it, cancelled it.
    Cancel,
    /// It ran out.
    Eviction,
}

/// The end of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why it is over.
    pub by: EndedBy,
    /// Since when.
    pub at: Timestamp,
}

/// The lease: its owner is the origin in the register's version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// When the instance registered.
    pub registered_at: Timestamp,
    /// How long it lasts without a heartbeat: what the last registration asked for, even where its other data
    /// were discarded for being older.
    pub duration: Duration,
    /// How it ended, if it did.
    pub ended: Option<Ended>,
    /// What this release does not know of it.
    pub further: Further,
}

/// A status set from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The status.
    pub status: Status,
    /// Who set it, by name. Eureka's own call does not tell.
    pub by: Option<Text>,
    /// Why, in their words.
    pub why: Option<Text>,
    /// Until when it holds. It counts until somebody has written that it is over, so that all servers show the same.
    pub until: Option<Timestamp>,
    /// The number of the drain it belongs to, if it is a part of one.
    pub drain: Option<u64>,
}

impl Override {
    /// An override of which nothing but the status is known.
    pub fn of(status: Status) -> Self {
        Self {
            status,
            by: None,
            why: None,
            until: None,
            drain: None,
        }
    }
}

/// The last word from outside on the status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overriding {
    /// What was set; none since it was taken away.
    pub set: Option<Override>,
    /// What this release does not know of it, be it set or taken away.
    pub further: Further,
}

impl From<Option<Override>> for Overriding {
    fn from(set: Option<Override>) -> Self {
        Self {
            set,
            further: Further::default(),
        }
    }
}

/// What is stored of one instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The instance as registered.
    pub body: Register<Arc<Body>>,
    /// Its lease.
    pub lease: Register<Lease>,
    /// The override, if any was ever set.
    pub overriding: Option<Register<Overriding>>,
}

impl Record {
    /// Takes the greater of each register.
    pub fn merge(&mut self, other: Self) {
        self.body.merge(other.body);
        self.lease.take_end(&other.lease);
        self.lease.merge(other.lease);
        match (&mut self.overriding, other.overriding) {
            (Some(held), Some(other)) => held.merge(other),
            (held @ None, other) => *held = other,
            (Some(_), None) => {}
        }
    }

    /// Whether the instance is listed.
    pub const fn live(&self) -> bool {
        self.lease.value.ended.is_none()
    }

    /// Who keeps its lease, or did.
    pub const fn owner(&self) -> Origin {
        self.lease.version.origin
    }

    /// The override in force, with who set it and why.
    pub fn overriding(&self) -> Option<&Override> {
        self.overriding.as_ref()?.value.set.as_ref()
    }

    /// The status that the override in force shows.
    pub fn overridden(&self) -> Option<Status> {
        self.overriding().map(|set| set.status)
    }

    /// The drain that the override in force belongs to, by its number.
    pub fn drain(&self) -> Option<u64> {
        self.overriding()?.drain
    }

    /// Whether there was an override last, and its time was over.
    pub fn override_expired(&self) -> bool {
        let ended = |register: &Register<_>| register.version.rank == Rank::Dead;
        self.overriding.as_ref().is_some_and(ended)
    }

    /// When the override in force ends by itself.
    pub fn overridden_until(&self) -> Option<Timestamp> {
        self.overriding()?.until
    }

    /// The status to show.
    pub fn status(&self) -> Status {
        let body = &self.body.value;
        status::shown(
            body.instance.status,
            body.status_predates_override,
            self.overridden(),
        )
    }

    /// What happened last, told by which register was written last.
    pub fn action(&self) -> Action {
        let written = self.body.version.max(self.lease.version);
        match &self.overriding {
            _ if !self.live() => Action::Deleted,
            Some(overriding) if overriding.version > written => Action::Modified,
            _ => Action::Added,
        }
    }

    /// When anything last changed: the clock of the newest register, or the moment the lease ended.
    pub fn updated_at(&self) -> Timestamp {
        let written = self.newest().clock.millis();
        self.lease
            .value
            .ended
            .map_or(Timestamp::from_millis(written), |ended| ended.at)
    }

    /// The greatest version of any register.
    pub fn newest(&self) -> Version {
        let written = self.body.version.max(self.lease.version);
        self.overriding
            .as_ref()
            .map_or(written, |overriding| written.max(overriding.version))
    }

    /// When the instance registered, or its metadata were last changed.
    pub fn registered_at(&self) -> Timestamp {
        self.lease
            .value
            .registered_at
            .max(self.body.value.registered_at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn merging_two_records_does_not_depend_on_their_order(a in record(), b in record()) {
            let (mut ab, mut ba) = (a.clone(), b.clone());
            ab.merge(b);
            ba.merge(a);
            prop_assert_eq!(ab, ba);
        }

        #[test]
        fn merging_three_records_does_not_depend_on_grouping(a in record(), b in record(), c in record()) {
            let (mut left, mut right) = (a.clone(), b.clone());
            left.merge(b);
            left.merge(c.clone());
            right.merge(c);
            let mut grouped = a;
            grouped.merge(right);
            prop_assert_eq!(left, grouped);
        }

        #[test]
        fn merging_a_record_with_itself_changes_nothing(a in record()) {
            let mut twice = a.clone();
            twice.merge(a.clone());
            prop_assert_eq!(twice, a);
        }
    }
}
