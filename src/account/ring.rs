//! The latest events, in order and bounded.
//!
//! Here: keeping, and reading onwards from a place or backwards from one. Not here: who reads (`turns`), what is made of
//! it (`step`). What must always hold: sequences follow each other without a gap; whoever reads onwards gets every
//! event after the place it has, or is told that some are gone.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::event::Event;
use crate::clock::Timestamp;
use crate::registry::instance::AppName;

/// So many are kept however old they are: what happened last is of interest after a quiet week, too.
pub const KEPT_ALWAYS: usize = 1000;

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many events at most.
    pub events: usize,
    /// For how long, but for the last [`KEPT_ALWAYS`].
    pub age: Duration,
}

/// Some of the events wanted are not kept any more, or have not happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrun;

/// The latest events.
#[derive(Debug)]
pub(super) struct Ring {
    bounds: Bounds,
    events: VecDeque<Arc<Event>>,
    last: u64,
    /// The latest event of every application that has one among those kept.
    applications: HashMap<AppName, u64>,
}

impl Ring {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            events: VecDeque::new(),
            last: 0,
            applications: HashMap::new(),
        }
    }

    /// The sequence of the last event there was.
    pub(super) const fn last(&self) -> u64 {
        self.last
    }

    /// The place from which on everything is kept.
    pub(super) fn floor(&self) -> u64 {
        self.events
            .front()
            .map_or(self.last, |event| event.sequence - 1)
    }

    /// Enters an event, which must be the next.
    pub(super) fn push(&mut self, event: Event) -> Arc<Event> {
        debug_assert_eq!(event.sequence, self.last + 1, "events follow each other");
        self.last = event.sequence;
        let now = event.at;
        if let Some(key) = &event.key {
            self.applications.insert(key.app.clone(), event.sequence);
        }
        let event = Arc::new(event);
        self.events.push_back(event.clone());
        self.prune(now);
        event
    }

    fn prune(&mut self, now: Timestamp) {
        let always = KEPT_ALWAYS.min(self.bounds.events);
        while self.events.len() > always {
            let full = self.events.len() > self.bounds.events;
            let old = |event: &mut Arc<Event>| full || now.since(event.at) > self.bounds.age;
            let Some(gone) = self.events.pop_front_if(old) else {
                break;
            };
            self.forget(&gone);
        }
    }

    fn forget(&mut self, gone: &Event) {
        let Some(key) = &gone.key else {
            return;
        };
        if self.applications.get(&key.app) == Some(&gone.sequence) {
            self.applications.remove(&key.app);
        }
    }

    /// The latest event of an application, 0 if none is kept.
    pub(super) fn latest_of(&self, app: &AppName) -> u64 {
        self.applications.get(app).copied().unwrap_or_default()
    }

    /// The events after `place` up to `end`, at most `max`, oldest first.
    pub(super) fn after(
        &self,
        place: u64,
        end: u64,
        max: usize,
    ) -> Result<Vec<Arc<Event>>, Overrun> {
        if place < self.floor() || place > self.last {
            return Err(Overrun);
        }
        let skipped = usize::try_from(place - self.floor()).unwrap_or(usize::MAX);
        let events = self.events.range(skipped.min(self.events.len())..);
        let wanted = events.take_while(|event| event.sequence <= end);
        Ok(wanted.take(max).cloned().collect())
    }

    /// Those before `place`, newest first.
    pub(super) fn before(&self, place: u64) -> impl Iterator<Item = &Arc<Event>> {
        let kept = place.saturating_sub(1).saturating_sub(self.floor());
        let kept = usize::try_from(kept).unwrap_or(usize::MAX);
        self.events.range(..kept.min(self.events.len())).rev()
    }

    #[cfg(test)]
    pub(super) fn applications(&self) -> usize {
        self.applications.len()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.events.len()
    }
}
