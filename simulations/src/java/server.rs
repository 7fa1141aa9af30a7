//! One Java server: its registry, what it tells each other server, and what readers get.
//!
//! Here: calls of clients, batches of other servers, and answers to batches. Not here: when anything comes due
//! (`model`). What must always hold: what came from another server is never told to a third.

use std::sync::Arc;
use std::time::Duration;

use peerage::registry::status::Status;

use super::guard::Guard;
use super::leases::{Held, Leases, Renewed};
use super::pipeline::{Action, Pipeline, Task};
use super::settings::JavaSettings;
use crate::world::calls::{Answer, Ask, Call};

/// What readers get: for each client by number, in which status it is listed.
pub(super) type Listing = Arc<Vec<Option<Status>>>;

/// What an item of a batch is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// 200.
    Done,
    /// 404.
    NotFound,
    /// 409: the other holds a newer registration, and here it is.
    Newer(Held),
}

/// A moment, by both clocks a server has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// The time since the world began.
    pub(super) now: Duration,
    /// What the wall clock of the machine says, in milliseconds.
    pub(super) wall: i64,
}

/// One Java server.
#[derive(Debug)]
pub(super) struct Server {
    /// Which of all starts this is.
    pub(super) start: u64,
    /// Its registry.
    pub(super) leases: Leases,
    /// What waits for each host; nothing ever for itself.
    pub(super) pipelines: Vec<Pipeline>,
    settings: JavaSettings,
    listing: Listing,
    changed: bool,
}

impl Server {
    /// A server that knows nobody's instances.
    pub(super) fn new(settings: JavaSettings, start: u64, hosts: usize) -> Self {
        Self {
            start,
            leases: Leases::new(Guard::closed(settings)),
            pipelines: vec![Pipeline::default(); hosts],
            settings,
            listing: Listing::default(),
            changed: false,
        }
    }

    /// From now on expired leases end, once the heartbeats of a minute are enough.
    pub(super) fn open(&mut self) {
        self.leases.guard = Guard::opened(self.settings, self.leases.len());
    }

    /// What a client or an operator asks. Whatever it changes is to be told to all others.
    pub(super) fn call(&mut self, me: usize, call: &Call, at: Moment) -> Answer {
        self.changed |= !matches!(call.what, Ask::Beat(_));
        let client = call.client;
        match &call.what {
            Ask::Register(instance) => {
                let held = Held {
                    status: instance.status,
                    overridden: None,
                    last_dirty: instance.last_dirty,
                    note: None,
                    interval_secs: instance.lease.interval_secs,
                    duration_secs: instance.lease.duration_secs,
                };
                self.leases.register(client, held.clone(), false, at.wall);
                self.tell_all(me, client, &Action::Register(held), at);
                Answer::Done
            }
            Ask::Beat(last_dirty) => self.beat(me, client, *last_dirty, at),
            Ask::Cancel => {
                let known = self.leases.cancel(client);
                self.done(me, client, known, &Action::Cancel, at)
            }
            Ask::Override(Some(status)) => {
                let known = self.leases.set_status(client, *status, at.wall);
                self.done(me, client, known, &Action::Status(*status), at)
            }
            Ask::Override(None) => {
                let known = self.leases.remove_override(client, None, at.wall);
                self.done(me, client, known, &Action::RemoveOverride(None), at)
            }
            Ask::Note(note) => match self.leases.note(client, note.clone(), at.wall) {
                Some(held) => self.done(me, client, true, &Action::Register(held), at),
                None => Answer::NotFound,
            },
        }
    }

    fn done(
        &mut self,
        me: usize,
        client: usize,
        known: bool,
        action: &Action,
        at: Moment,
    ) -> Answer {
        if !known {
            return Answer::NotFound;
        }
        self.tell_all(me, client, action, at);
        Answer::Done
    }

    fn beat(&mut self, me: usize, client: usize, last_dirty: i64, at: Moment) -> Answer {
        let renewed = self.renew(client, last_dirty, false, at);
        if renewed == Renewed::Unknown {
            return Answer::NotFound;
        }
        if let Some(action) = self.heartbeat(client, at) {
            self.tell_all(me, client, &action, at);
        }
        match renewed {
            Renewed::Outdated => Answer::Outdated,
            _ => Answer::Done,
        }
    }

    fn renew(&mut self, client: usize, last_dirty: i64, replicated: bool, at: Moment) -> Renewed {
        let before = self.leases.held(client).map(|held| held.status);
        let renewed = self.leases.renew(client, last_dirty, replicated, at.wall);
        self.changed |= self.leases.held(client).map(|held| held.status) != before;
        renewed
    }

    fn heartbeat(&mut self, client: usize, at: Moment) -> Option<Action> {
        let overridden = self.leases.overriding(client, at.wall);
        let held = self.leases.held(client)?;
        Some(Action::Heartbeat {
            last_dirty: held.last_dirty,
            overridden,
            interval_secs: held.interval_secs,
        })
    }

    fn tell_all(&mut self, me: usize, client: usize, action: &Action, at: Moment) {
        let others = self.pipelines.iter_mut().enumerate();
        for (_, pipeline) in others.filter(|(host, _)| *host != me) {
            pipeline.submit(Task::new(client, action.clone(), at.now));
        }
    }

    /// What another server tells, item by item.
    pub(super) fn take(&mut self, tasks: &[Task], at: Moment) -> Vec<Reply> {
        tasks.iter().map(|task| self.take_one(task, at)).collect()
    }

    fn take_one(&mut self, task: &Task, at: Moment) -> Reply {
        self.changed |= !matches!(task.action, Action::Heartbeat { .. });
        let known = match &task.action {
            Action::Register(held) => {
                self.leases
                    .register(task.client, held.clone(), true, at.wall);
                true
            }
            Action::Heartbeat {
                last_dirty,
                overridden,
                ..
            } => return self.take_beat(task.client, *last_dirty, *overridden, at),
            Action::Cancel => self.leases.cancel(task.client),
            Action::Status(status) => self.leases.set_status(task.client, *status, at.wall),
            Action::RemoveOverride(status) => {
                self.leases.remove_override(task.client, *status, at.wall)
            }
        };
        if known { Reply::Done } else { Reply::NotFound }
    }

    fn take_beat(
        &mut self,
        client: usize,
        last_dirty: i64,
        overridden: Option<Status>,
        at: Moment,
    ) -> Reply {
        match self.renew(client, last_dirty, true, at) {
            Renewed::Done => Reply::Done,
            Renewed::Unknown => Reply::NotFound,
            Renewed::Outdated => {
                if let Some(status) = overridden {
                    self.leases.store_override(client, status, at.wall);
                }
                Reply::NotFound
            }
            Renewed::Ahead => self
                .leases
                .held(client)
                .cloned()
                .map_or(Reply::NotFound, Reply::Newer),
        }
    }

    /// What another server answered to a batch: whom it does not know is registered there, and of whom it knows more
    /// is learnt here.
    pub(super) fn answered(&mut self, by: usize, tasks: &[Task], replies: &[Reply], at: Moment) {
        self.pipelines[by].answered();
        for (task, reply) in tasks.iter().zip(replies) {
            let beat = matches!(task.action, Action::Heartbeat { .. });
            match (reply, self.leases.held(task.client)) {
                (Reply::NotFound, Some(held)) if beat => {
                    let register = Task::new(task.client, Action::Register(held.clone()), at.now);
                    self.pipelines[by].submit(register);
                }
                (Reply::Newer(held), _) if beat => self.learn(task.client, held.clone(), at),
                _ => {}
            }
        }
    }

    fn learn(&mut self, client: usize, held: Held, at: Moment) {
        if let Some(status) = held.overridden {
            self.leases.store_override(client, status, at.wall);
        }
        self.leases.register(client, held, true, at.wall);
        self.changed = true;
    }

    /// What was read from another server at the start, as if that had told it.
    pub(super) fn copy(&mut self, all: Vec<(usize, Held)>, at: Moment) {
        for (client, held) in all {
            self.leases.register(client, held, true, at.wall);
        }
        self.changed = true;
    }

    /// Those whose leases end.
    pub(super) fn evicted(&mut self) {
        self.changed = true;
    }

    /// Readers get what is there now.
    pub(super) fn refresh(&mut self) {
        if std::mem::take(&mut self.changed) {
            let mut listing = Vec::new();
            for (client, lease) in self.leases.iter() {
                listing.resize(client, None);
                listing.push(Some(lease.held.status));
            }
            self.listing = Arc::new(listing);
        }
    }

    /// What readers get: what is there, or what was when the cache was last made anew.
    pub(super) fn listing(&mut self) -> Listing {
        if self.settings.cache_every.is_none() {
            self.refresh();
        }
        Arc::clone(&self.listing)
    }

    /// The instances that are listed as up, as another server reads them when it starts, or counts them.
    pub(super) fn read_by_servers(&mut self) -> Vec<(usize, Held)> {
        let listing = self.listing();
        let up = listing.iter().enumerate();
        let up = up.filter(|(_, status)| **status == Some(Status::Up));
        up.filter_map(|(client, _)| Some((client, self.leases.held(client)?.clone())))
            .collect()
    }

    /// Equal where registries are.
    pub(super) fn digest(&self) -> u64 {
        let mut digest = 0u64;
        for (client, lease) in self.leases.iter() {
            let held = &lease.held;
            let status = Status::ALL.iter().position(|status| *status == held.status);
            let note = held.note.as_deref().unwrap_or_default();
            let words = [
                client as u64,
                status.unwrap_or_default() as u64,
                held.last_dirty.cast_unsigned(),
            ];
            let mixed = words
                .into_iter()
                .chain(note.bytes().map(u64::from))
                .fold(0, mix);
            digest = digest.wrapping_add(mixed);
        }
        digest
    }
}

/// Folds a number into others.
pub(super) fn mix(all: u64, word: u64) -> u64 {
    (all ^ word)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .rotate_left(29)
}
