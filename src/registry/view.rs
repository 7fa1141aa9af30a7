//! An instance as it is shown to readers.
//!
//! Here: [`Shown`], everything a reader may see of an instance. Not here: how it comes about (`record`) or is
//! written (`eureka`).

use super::instance::Instance;
use super::status::Status;
use crate::clock::Timestamp;

/// What happened to an instance last. Clients merge deltas by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It registered, for the first time or again.
    Added,
    /// Its status was changed by somebody else.
    Modified,
    /// It left or was evicted.
    Deleted,
}

/// The times of a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseTimes {
    /// When the instance registered.
    pub registered_at: Timestamp,
    /// When it was last renewed; when it registered, if never.
    pub renewed_at: Timestamp,
    /// When it was cancelled or evicted.
    pub ended_at: Option<Timestamp>,
    /// When it was first shown as up.
    pub up_since: Option<Timestamp>,
}

/// Everything a reader may see of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What its client registered.
    pub instance: &'a Instance,
    /// The status after overrides. `instance.status` is what the client says.
    pub status: Status,
    /// The override, if there is one.
    pub overridden: Option<Status>,
    /// When it began, and so on.
    pub times: LeaseTimes,
    /// When anything about it last changed.
    pub updated_at: Timestamp,
    /// What that was.
    pub action: Action,
}
