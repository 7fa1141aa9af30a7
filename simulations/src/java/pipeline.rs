//! What waits to be told to one other server, and when it is.
//!
//! Here: Netflix's queue of tasks: coalescing, batches, expiry, retries, back-off. Not here: the network (`model`). What
//! must always hold: at most [`QUEUE_MAX`] tasks wait, and one of each kind per instance.
//!
//! A task that comes anew takes the place of the one that waits *and starts its clock again*. A batch is made when the
//! first in the queue has waited long enough. So a client that beats faster than that, once it is first, is never old
//! enough, and nothing behind it is ever sent.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use peerage::registry::status::Status;

use super::leases::Held;

/// Tasks are sent once the first has waited this long.
pub(super) const BATCH_AFTER: Duration = Duration::from_millis(500);
/// How many are sent at once.
const BATCH_MAX: usize = 250;
/// How many wait at most.
pub(super) const QUEUE_MAX: usize = 10_000;
/// How many batches are on their way at once at most.
const WORKERS: usize = 20;
/// No batch for so long after an answer was too long in coming, or said that the server is busy.
const CONGESTED: Duration = Duration::from_millis(1000);
/// No batch for so long after another failure of the network.
const FAILED: Duration = Duration::from_millis(100);
/// Other tasks than registrations and heartbeats are dropped after this long.
const KEPT: Duration = Duration::from_secs(30);

/// Something another server is told about an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// It registered; with everything it said.
    Register(Held),
    /// It beat.
    Heartbeat {
        /// When the client last changed.
        last_dirty: i64,
        /// The override that holds.
        overridden: Option<Status>,
        /// How often it beats.
        interval_secs: u32,
    },
    /// It went.
    Cancel,
    /// It is to be shown in this status.
    Status(Status),
    /// It is no longer to be, but in this one, if it is known.
    RemoveOverride(Option<Status>),
}

/// Something to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Task {
    /// About whom.
    pub(super) client: usize,
    /// What.
    pub(super) action: Action,
    submitted: Duration,
    expires: Duration,
}

/// Of each kind one task per instance waits.
type Key = (u8, usize);

/// What waits for one other server.
#[derive(Clone, Debug, Default)]
pub(super) struct Pipeline {
    waiting: BTreeMap<Key, Task>,
    order: VecDeque<Key>,
    not_before: Duration,
    under_way: usize,
    /// Tasks that were never told.
    pub(super) dropped: u64,
}

impl Task {
    /// Something to be told from now on.
    pub(super) fn new(client: usize, action: Action, now: Duration) -> Self {
        let secs = |secs: u32| Duration::from_secs(u64::from(secs));
        let kept = match &action {
            Action::Register(held) => secs(held.interval_secs),
            Action::Heartbeat { interval_secs, .. } => secs(*interval_secs),
            _ => KEPT,
        };
        Self {
            client,
            action,
            submitted: now,
            expires: now + kept,
        }
    }

    const fn key(&self) -> Key {
        let kind = match self.action {
            Action::Register(_) => 0,
            Action::Heartbeat { .. } => 1,
            Action::Cancel => 2,
            Action::Status(_) => 3,
            Action::RemoveOverride(_) => 4,
        };
        (kind, self.client)
    }

    /// How long it is in a batch, in bytes, about.
    pub(super) const fn bytes(&self) -> usize {
        match self.action {
            Action::Register(_) => REGISTER_BYTES,
            _ => ITEM_BYTES,
        }
    }
}

/// An item that names an instance and what it did, in JSON.
const ITEM_BYTES: usize = 105;
/// An item with everything an instance said.
const REGISTER_BYTES: usize = 1000;

impl Pipeline {
    /// Takes something that is to be told.
    pub(super) fn submit(&mut self, task: Task) {
        let key = task.key();
        if self.waiting.insert(key, task).is_none() {
            self.order.push_back(key);
            if self.order.len() > QUEUE_MAX {
                self.drop_first();
            }
        }
    }

    fn drop_first(&mut self) {
        if let Some(key) = self.order.pop_front() {
            self.waiting.remove(&key);
            self.dropped += 1;
        }
    }

    /// When the next batch may be sent, as far as is known now.
    pub(super) fn due(&self) -> Option<Duration> {
        let first = self.waiting.get(self.order.front()?)?;
        let full = self.waiting.len() >= QUEUE_MAX;
        let ripe = if full {
            Duration::ZERO
        } else {
            first.submitted + BATCH_AFTER
        };
        (self.under_way < WORKERS).then(|| ripe.max(self.not_before))
    }

    /// The next batch, if it is due.
    pub(super) fn batch(&mut self, now: Duration) -> Option<Vec<Task>> {
        self.due().filter(|due| *due <= now)?;
        let count = BATCH_MAX.min(self.order.len());
        let keys: Vec<Key> = self.order.drain(..count).collect();
        let tasks = keys.iter().filter_map(|key| self.waiting.remove(key));
        let (batch, expired): (Vec<Task>, Vec<Task>) = tasks.partition(|task| task.expires > now);
        self.dropped += expired.len() as u64;
        self.under_way += usize::from(!batch.is_empty());
        Some(batch)
    }

    /// A batch was answered.
    pub(super) const fn answered(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// A batch failed: nobody answered in time, or nobody was there. What was in it goes first again, unless there is
    /// something newer of its kind.
    pub(super) fn failed(&mut self, batch: Vec<Task>, slow: bool, now: Duration) {
        self.answered();
        self.not_before = self
            .not_before
            .max(now + if slow { CONGESTED } else { FAILED });
        for task in batch.into_iter().rev() {
            self.put_back(task, now);
        }
    }

    fn put_back(&mut self, task: Task, now: Duration) {
        let key = task.key();
        if task.expires <= now || self.order.len() >= QUEUE_MAX {
            self.dropped += 1;
        } else if let Entry::Vacant(place) = self.waiting.entry(key) {
            place.insert(task);
            self.order.push_front(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    fn beat(client: usize, at: u32) -> Task {
        let action = Action::Heartbeat {
            last_dirty: 1,
            overridden: None,
            interval_secs: 10,
        };
        Task::new(client, action, at * MILLI)
    }

    fn clients(batch: Option<Vec<Task>>) -> Option<Vec<usize>> {
        Some(batch?.into_iter().map(|task| task.client).collect())
    }

    #[test]
    fn tasks_go_when_the_first_has_waited_half_a_second() {
        let mut pipeline = Pipeline::default();
        pipeline.submit(beat(1, 0));
        pipeline.submit(beat(2, 400));
        assert_eq!(pipeline.batch(499 * MILLI), None);
        assert_eq!(clients(pipeline.batch(500 * MILLI)), Some(vec![1, 2]));
        assert!(pipeline.order.is_empty());
    }

    #[test]
    fn one_that_beats_too_often_holds_up_all_behind_it() {
        let mut pipeline = Pipeline::default();
        pipeline.submit(beat(1, 0));
        pipeline.submit(beat(2, 1));
        for at in (50..40_000).step_by(50) {
            pipeline.submit(beat(1, at));
            assert_eq!(pipeline.batch(at * MILLI), None);
        }
        assert_eq!(
            clients(pipeline.batch(40_500 * MILLI)),
            Some(vec![1]),
            "the other is too old by then"
        );
        assert_eq!(pipeline.dropped, 1);
    }

    #[test]
    fn what_failed_goes_first_again_after_a_pause_unless_it_is_outdated() {
        let mut pipeline = Pipeline::default();
        pipeline.submit(beat(1, 0));
        pipeline.submit(beat(2, 0));
        let batch = pipeline.batch(500 * MILLI).unwrap();
        pipeline.submit(beat(3, 510));
        pipeline.submit(beat(2, 520));
        pipeline.failed(batch, true, 700 * MILLI);
        assert_eq!(pipeline.batch(1699 * MILLI), None);
        assert_eq!(clients(pipeline.batch(1700 * MILLI)), Some(vec![1, 3, 2]));
    }

    #[test]
    fn no_more_wait_than_there_is_room_for_and_the_oldest_make_way() {
        let mut pipeline = Pipeline::default();
        (0..QUEUE_MAX + 5).for_each(|client| pipeline.submit(beat(client, 0)));
        assert_eq!((pipeline.order.len(), pipeline.dropped), (QUEUE_MAX, 5));
        assert_eq!(
            clients(pipeline.batch(MILLI)).map(|batch| batch[0]),
            Some(5),
            "a full queue waits for nothing"
        );
    }

    #[test]
    fn so_many_batches_are_under_way_at_most() {
        let mut pipeline = Pipeline::default();
        (0..QUEUE_MAX).for_each(|client| pipeline.submit(beat(client, 0)));
        let sent = std::iter::from_fn(|| pipeline.batch(500 * MILLI)).count();
        assert_eq!(sent, WORKERS);
        pipeline.answered();
        assert!(pipeline.batch(500 * MILLI).is_some());
    }
}
