//! The account of what happened: every change of an instance, and what became of the servers.
//!
//! Here: [`Account`], which gives every event its place, keeps the latest, and wakes who waits for the next. It is pure:
//! no IO, no clock. Not here: telling subscribers over HTTP (`api::v1::stream`), the log. What must always hold:
//!
//! - Changes are entered in the order of the writes, each once: the registry calls [`Account::enter`] before it lets
//!   go of the books, so whoever reads a list after a [`Revision`] finds every change up to it in the list.
//! - Renewals are no events: there are hundreds a second, and nothing changes.
//! - It is bounded, whatever happens and whoever asks.

pub mod event;
mod ring;
pub mod step;
#[cfg(test)]
mod tests;
pub mod turns;
mod waiting;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use peers::version::NodeId;
use tokio::sync::Notify;

pub use self::event::{Cause, Event, Notice, Revision, Topic};
use self::ring::Ring;
pub use self::ring::{Bounds, KEPT_ALWAYS, Overrun};
use self::waiting::Waiting;
use crate::clock::Timestamp;
use crate::registry::change::Change;
use crate::registry::entry::Key;
use crate::registry::instance::{AppName, Text};

/// So many events are looked at with the account locked.
const SEEN_AT_ONCE: usize = 1024;
/// The names of so many peers are remembered: several clusters' worth.
const NAMES_MAX: usize = 1024;

/// What happened since this server started.
#[derive(Debug)]
pub struct Account {
    epoch: u64,
    inner: Mutex<Inner>,
    /// Told after every event.
    news: Notify,
}

#[derive(Debug)]
struct Inner {
    ring: Ring,
    waiting: Waiting,
    names: BTreeMap<NodeId, Text>,
}

impl Account {
    /// An empty account of a server that started then.
    pub fn new(started_at: Timestamp, bounds: Bounds) -> Self {
        Self {
            epoch: started_at.as_millis(),
            inner: Mutex::new(Inner {
                ring: Ring::new(bounds),
                waiting: Waiting::default(),
                names: BTreeMap::new(),
            }),
            news: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // What is behind the lock is whole after every step of every method.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters a change. Answers its sequence. To be called in the order of the writes.
    pub fn enter(&self, change: &Change) -> u64 {
        let mut inner = self.lock();
        let peer = change.from.map(|origin| inner.name(origin.node));
        let sequence = inner.ring.last() + 1;
        inner.enter(Event::of_change(sequence, change, peer));
        self.news.notify_one();
        sequence
    }

    /// Notes something that is no change of an instance. Answers its revision.
    pub fn note(&self, notice: Notice, now: Timestamp) -> Revision {
        let mut inner = self.lock();
        let sequence = inner.ring.last() + 1;
        inner.enter(Event::of_notice(sequence, notice, now));
        self.news.notify_one();
        self.at(sequence)
    }

    /// Remembers what a peer is called, for events that come from it.
    pub fn call(&self, node: NodeId, name: &str) {
        let mut inner = self.lock();
        if inner.names.len() < NAMES_MAX || inner.names.contains_key(&node) {
            inner.names.insert(node, name.into());
        }
    }

    /// What a peer is called; its id until it has told.
    pub fn name(&self, node: NodeId) -> Text {
        self.lock().name(node)
    }

    /// The place after the last event. A list that is read from now on has every change up to it.
    pub fn revision(&self) -> Revision {
        self.at(self.lock().ring.last())
    }

    /// The revision of a sequence.
    pub const fn at(&self, sequence: u64) -> Revision {
        Revision {
            epoch: self.epoch,
            sequence,
        }
    }

    /// The place from which on everything is kept.
    pub fn floor(&self) -> Revision {
        self.at(self.lock().ring.floor())
    }

    /// Where to go on for somebody who has everything up to a revision.
    ///
    /// # Errors
    ///
    /// If something after it is not kept any more, or it is of another start or another server.
    pub fn resume(&self, since: Revision) -> Result<u64, Overrun> {
        let inner = self.lock();
        let known = inner.ring.floor()..=inner.ring.last();
        let here = since.epoch == self.epoch && known.contains(&since.sequence);
        here.then_some(since.sequence).ok_or(Overrun)
    }

    /// The events after a place up to another, at most `max`, oldest first.
    ///
    /// # Errors
    ///
    /// If something after that place is not kept any more.
    pub fn after(&self, place: u64, end: u64, max: usize) -> Result<Vec<Arc<Event>>, Overrun> {
        self.lock().ring.after(place, end, max)
    }

    /// The events before a place, or the last ones, that are wanted, at most `max`, newest first; and where to go on
    /// before, if there are more to look at.
    pub fn newest(
        &self,
        before: Option<u64>,
        max: usize,
        wanted: impl Fn(&Event) -> bool,
    ) -> (Vec<Arc<Event>>, Option<u64>) {
        let (mut place, mut page) = (before.unwrap_or(u64::MAX), Vec::new());
        loop {
            let seen = self.seen_before(place);
            let Some(oldest) = seen.last().map(|event| event.sequence) else {
                return (page, None);
            };
            for event in seen.into_iter().filter(|event| wanted(event)) {
                if page.len() == max {
                    let last = page.last().map(|event: &Arc<Event>| event.sequence);
                    return (page, last.or(before));
                }
                page.push(event);
            }
            place = oldest;
        }
    }

    /// Some of the events before a place, newest first. What is wanted of them may take long to find out, and writes must
    /// not wait for it.
    fn seen_before(&self, place: u64) -> Vec<Arc<Event>> {
        let inner = self.lock();
        inner
            .ring
            .before(place)
            .take(SEEN_AT_ONCE)
            .cloned()
            .collect()
    }

    /// The last events of one instance, newest first.
    pub fn of(&self, key: &Key, max: usize) -> Vec<Arc<Event>> {
        self.newest(None, max, |event| event.key.as_deref() == Some(key))
            .0
    }

    /// Waits until there is an event that this was not told of. For one listener.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    /// The sequence of the latest event of an application that is kept, else 0.
    pub fn latest_of(&self, app: &AppName) -> u64 {
        self.lock().ring.latest_of(app)
    }

    /// Begins to wait for events of an application, or of any.
    pub fn wait(self: &Arc<Self>, app: Option<AppName>) -> Wait {
        let notify = self.lock().waiting.at(app.as_ref());
        Wait {
            account: self.clone(),
            app,
            notify,
        }
    }

    /// Wakes everybody who waits, though nothing happened.
    pub fn wake_all(&self) {
        self.lock().waiting.wake_all();
    }
}

impl Inner {
    fn enter(&mut self, event: Event) {
        let event = self.ring.push(event);
        if let Some(key) = &event.key {
            self.waiting.wake(&key.app);
        }
    }

    /// What a peer is called; its id until it has told.
    fn name(&self, node: NodeId) -> Text {
        let name = self.names.get(&node).cloned();
        name.unwrap_or_else(|| format!("{:016x}", node.0).into())
    }
}

/// Somebody who waits for events.
#[derive(Debug)]
pub struct Wait {
    account: Arc<Account>,
    app: Option<AppName>,
    notify: Arc<Notify>,
}

impl Wait {
    /// Done at the next event from the call on.
    pub fn next(&self) -> tokio::sync::futures::Notified<'_> {
        self.notify.notified()
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(app) = &self.app {
            self.account.lock().waiting.leave(app, &self.notify);
        }
    }
}
