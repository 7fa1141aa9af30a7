//! What is counted.
//!
//! Here: counters that requests bump. Not here: when to bump, and what the page of all metrics looks like (`page`).
//! What must always hold: a heartbeat bumps plain numbers only, without a lock or a lookup.

mod ownership;
mod page;
mod peers;
mod snapshots;
mod streams;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::StatusCode;

pub(crate) use self::page::print;
use self::snapshots::Snapshots;
use crate::api::Operation;
use crate::cluster::tell::CODES as EVENTS;
use crate::registry::change::What;

/// Status codes this server answers with. Others are counted under the last.
const CODES: [u16; 16] = [
    200, 204, 304, 400, 403, 404, 405, 408, 409, 413, 414, 415, 431, 501, 503, 500,
];
/// Upper bounds of the times that answers take.
const TIMES: [Duration; 8] = [
    Duration::from_micros(10),
    Duration::from_micros(50),
    Duration::from_micros(200),
    Duration::from_millis(1),
    Duration::from_millis(5),
    Duration::from_millis(25),
    Duration::from_millis(100),
    Duration::from_secs(1),
];

/// Counts what requests do.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    answers: [Answers; Operation::ALL.len()],
    changes: [AtomicU64; What::ALL.len()],
    renewals_of_nobody: AtomicU64,
    fetched_bytes: AtomicU64,
    held: AtomicU64,
    suppressed: AtomicU64,
    events: [AtomicU64; EVENTS.len()],
    stalls: AtomicU64,
    memory_failures: AtomicU64,
    memory_behind: AtomicBool,
    pub(crate) snapshots: Snapshots,
    minute: Mutex<Minute>,
}

/// The answers to one operation.
#[derive(Debug, Default)]
struct Answers {
    by_code: [AtomicU64; CODES.len()],
    /// By the bucket of [`TIMES`] they fall into, the last for those that took longer.
    by_time: [AtomicU64; TIMES.len() + 1],
    nanos: AtomicU64,
}

/// Heartbeats by full minutes, as Java counts them.
#[derive(Debug, Default)]
struct Minute {
    before: u64,
    last: u64,
}

impl Metrics {
    /// Counts an answer and how long it took.
    pub(crate) fn answered(&self, operation: Operation, status: StatusCode, took: Duration) {
        let Some(answers) = self.answers.get(operation as usize) else {
            return;
        };
        let code = CODES
            .iter()
            .position(|code| *code == status.as_u16())
            .unwrap_or(CODES.len() - 1);
        let time = TIMES.partition_point(|bound| *bound < took);
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        answers.nanos.fetch_add(nanos, Ordering::Relaxed);
        for count in [answers.by_code.get(code), answers.by_time.get(time)]
            .into_iter()
            .flatten()
        {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a change.
    pub(crate) fn changed(&self, what: What) {
        if let Some(count) = self.changes.get(what as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts an event of the cluster, by its code.
    pub(crate) fn told(&self, code: &str) {
        let place = EVENTS.iter().position(|known| *known == code);
        if let Some(count) = place.and_then(|place| self.events.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a time that this process did not run.
    pub(crate) fn stalled(&self) {
        self.stalls.fetch_add(1, Ordering::Relaxed);
    }

    /// What is to be remembered was written, or could not be.
    pub(crate) fn remembered(&self, written: bool) {
        self.memory_failures
            .fetch_add(u64::from(!written), Ordering::Relaxed);
        self.memory_behind.store(!written, Ordering::Relaxed);
    }

    /// Counts a heartbeat that was answered "register again".
    pub(crate) fn renewal_of_nobody(&self) {
        self.renewals_of_nobody.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts the bytes of a list.
    pub(crate) fn fetched(&self, bytes: u64) {
        self.fetched_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A sweep found so many leases over that a guard holds.
    pub(crate) fn held(&self, held: usize) {
        let held = held as u64;
        let before = self.held.swap(held, Ordering::Relaxed);
        self.suppressed
            .fetch_add(held.saturating_sub(before), Ordering::Relaxed);
    }

    /// A minute is over, and so many heartbeats were taken since the start.
    pub(crate) fn minute_passed(&self, renewals: u64) {
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        minute.last = renewals.saturating_sub(minute.before);
        minute.before = renewals;
    }

    /// How many heartbeats were taken in the last full minute.
    pub(crate) fn renewals_last_minute(&self) -> u64 {
        self.minute
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .last
    }

    /// How many changes of this kind there were.
    pub(crate) fn changes(&self, what: What) -> u64 {
        self.changes
            .get(what as usize)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }
}
