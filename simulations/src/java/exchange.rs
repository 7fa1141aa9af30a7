//! Batches on their way from one Java server to another.
//!
//! Here: connections, time-outs, retries, bytes. Not here: what is in a batch (`pipeline`, `server`). What must always
//! hold: a batch is answered or given up, never both.
//!
//! Java's servers talk by HTTP over TCP. A cut drops packets silently: a connection that was open ends in a read
//! time-out, a new one in a connect time-out. What was lost is not sent again by TCP within the 200 ms that the servers
//! wait, so loss of single packets is not modelled.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;

use super::model::{Due, Happening, Model, Unread};
use super::pipeline::Task;
use super::server::Reply;
use crate::world::network::Protocol;

/// A connection that was not used for so long is closed.
const IDLE: Duration = Duration::from_secs(30);
/// The thread that makes batches looks this often whether one is due.
const QUANTUM: Duration = Duration::from_millis(10);
/// Bytes of a request and of an answer beside the items, HTTP, TCP and IP together.
const REQUEST_BYTES: usize = 520;
const ANSWER_BYTES: usize = 260;
/// Bytes of the answer to one item.
const REPLY_BYTES: usize = 18;

/// What is on its way.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    batches: BTreeMap<u64, Batch>,
    count: u64,
    /// When a connection was last used, and which start of the other it leads to.
    connections: BTreeMap<(usize, usize), (Duration, u64)>,
}

#[derive(Clone, Debug)]
struct Batch {
    from: usize,
    /// Which start of the sender it is of.
    start: u64,
    to: usize,
    tasks: Arc<Vec<Task>>,
    /// Whether somebody waits for the answer.
    awaited: bool,
    /// Whether giving up means that the other is slow, rather than not there.
    slow: bool,
    arrival: Arrival,
}

/// Where a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrival {
    /// It will not arrive.
    Never,
    /// It is on its way, or lies unread.
    Coming,
    /// It was read.
    Over,
}

impl Model {
    /// Sees to it that the pipelines of a host are looked at when a batch is due.
    pub(super) fn look_after(&mut self, host: usize) {
        for to in 0..self.hosts.len() {
            let here = &self.hosts[host];
            let Some(server) = &here.server else { return };
            let Some(due) = server.pipelines[to].due() else {
                continue;
            };
            let due = due.max(self.now);
            if here.pumped_at[to].is_some_and(|at| at <= due + QUANTUM) {
                continue;
            }
            let at = due + self.wire.random_range(Duration::ZERO..QUANTUM);
            self.hosts[host].pumped_at[to] = Some(at);
            self.set(host, at - self.now, Due::Pump(to));
        }
    }

    pub(super) fn pump(&mut self, host: usize, to: usize) {
        let here = &mut self.hosts[host];
        here.pumped_at[to].take_if(|at| *at <= self.now);
        while let Some(server) = &mut self.hosts[host].server {
            let Some(tasks) = server.pipelines[to].batch(self.now) else {
                break;
            };
            if !tasks.is_empty() {
                let start = server.start;
                self.send(host, start, to, tasks);
            }
        }
        self.look_after(host);
    }

    fn send(&mut self, from: usize, start: u64, to: usize, tasks: Vec<Task>) {
        let bytes = REQUEST_BYTES + tasks.iter().map(Task::bytes).sum::<usize>();
        let open = self.connection(from, to);
        let number = self.exchange.count;
        self.exchange.count += 1;
        let mut batch = Batch {
            from,
            start,
            to,
            tasks: Arc::new(tasks),
            awaited: true,
            slow: true,
            arrival: Arrival::Never,
        };
        let arrives = match open {
            true => self.network.carries(from, to, Protocol::Streams),
            false => self.network.streams(from, to) && self.listens(to),
        };
        self.hosts[from].sent += bytes as u64;
        let mut wait = self.settings.peer_timeout;
        if arrives {
            let hops = if open { 1 } else { 3 };
            let way: Duration = (0..hops)
                .map(|_| self.network.delay(from, to, &mut self.wire))
                .sum();
            let at = self.now + way + self.network.busy(from, to, bytes);
            self.hosts[to].received += bytes as u64;
            self.queue.set(at, Happening::Arrive(number));
            batch.arrival = Arrival::Coming;
        } else if !open {
            batch.slow = false;
            if self.hosts[to].powered && self.network.streams(from, to) {
                wait = self.network.delay(from, to, &mut self.wire) * 2;
            }
        }
        self.exchange.batches.insert(number, batch);
        self.queue.set(self.now + wait, Happening::GiveUp(number));
    }

    /// Whether a connection is open. One is being opened if not, should the other be there.
    fn connection(&mut self, from: usize, to: usize) -> bool {
        let there = self.hosts[to].server.as_ref().map(|server| server.start);
        let (now, connections) = (self.now, &mut self.exchange.connections);
        let open = connections
            .get(&(from, to))
            .is_some_and(|(used, start)| now - *used < IDLE && there == Some(*start));
        match there {
            Some(start) if open || self.network.streams(from, to) => {
                connections.insert((from, to), (now, start));
            }
            _ => {
                connections.remove(&(from, to));
            }
        }
        open
    }

    /// Whether somebody takes new connections at a host. A process that stands still does; its kernel sees to that.
    fn listens(&self, host: usize) -> bool {
        let here = &self.hosts[host];
        here.server.is_some() && here.serving && !here.leaving
    }

    pub(super) fn arrive(&mut self, number: u64) {
        let Some(batch) = self.exchange.batches.get_mut(&number) else {
            return;
        };
        let here = &mut self.hosts[batch.to];
        if here.server.is_none() || !here.serving {
            batch.arrival = Arrival::Never;
            return;
        }
        if self.now < here.frozen_until.max(here.deaf_until) {
            here.unread.push(Unread::Batch(number));
        } else {
            self.take_in(number);
        }
    }

    /// A server takes in a batch, whether its answer is still awaited or not.
    pub(super) fn take_in(&mut self, number: u64) {
        let Some(batch) = self.exchange.batches.get_mut(&number) else {
            return;
        };
        batch.arrival = Arrival::Over;
        let Batch {
            from,
            to,
            tasks,
            awaited,
            ..
        } = batch.clone();
        if !awaited {
            self.exchange.batches.remove(&number);
        }
        let at = self.moment(to);
        let Some(server) = &mut self.hosts[to].server else {
            return;
        };
        let replies = server.take(&tasks, at);
        self.look_after(to);
        let bytes = ANSWER_BYTES + replies.len() * REPLY_BYTES;
        self.hosts[to].sent += bytes as u64;
        if awaited && self.network.carries(to, from, Protocol::Streams) {
            let way =
                self.network.delay(to, from, &mut self.wire) + self.network.busy(to, from, bytes);
            self.hosts[from].received += bytes as u64;
            self.queue
                .set(self.now + way, Happening::Answer(number, replies));
        }
    }

    pub(super) fn answer(&mut self, number: u64, replies: Vec<Reply>) {
        let Some(batch) = self.exchange.batches.get(&number) else {
            return;
        };
        let (from, start, to) = (batch.from, batch.start, batch.to);
        if self.deferred(from, Happening::Answer(number, replies.clone()))
            || !batch_awaited(&self.exchange, number)
        {
            return;
        }
        let Some(batch) = self.exchange.batches.remove(&number) else {
            return;
        };
        let at = self.moment(from);
        if let Some(connection) = self.exchange.connections.get_mut(&(from, to)) {
            connection.0 = self.now;
        }
        let here = &mut self.hosts[from];
        let same = |server: &&mut super::server::Server| server.start == start;
        if let Some(server) = here.server.as_mut().filter(same) {
            server.answered(to, &batch.tasks, &replies, at);
            here.reached[to] = true;
            self.look_after(from);
        }
    }

    /// Nobody waits any longer. What was sent may still arrive.
    pub(super) fn give_up(&mut self, number: u64) {
        let Some(batch) = self.exchange.batches.get(&number) else {
            return;
        };
        if self.deferred(batch.from, Happening::GiveUp(number)) {
            return;
        }
        let Some(batch) = self.exchange.batches.get_mut(&number) else {
            return;
        };
        if !std::mem::replace(&mut batch.awaited, false) {
            return;
        }
        let Batch {
            from,
            start,
            to,
            tasks,
            slow,
            arrival,
            ..
        } = batch.clone();
        self.exchange.connections.remove(&(from, to));
        if arrival != Arrival::Coming {
            self.exchange.batches.remove(&number);
        }
        let here = &mut self.hosts[from];
        let same = |server: &&mut super::server::Server| server.start == start;
        if let Some(server) = here.server.as_mut().filter(same) {
            let tasks = Arc::unwrap_or_clone(tasks);
            server.pipelines[to].failed(tasks, slow, self.now);
            here.reached[to] = false;
            self.look_after(from);
        }
    }

    /// All connections between two hosts break, once.
    pub(super) fn disconnect(&mut self, one: usize, other: usize) {
        let between = |from, to| (from, to) == (one, other) || (to, from) == (one, other);
        let exchange = &mut self.exchange;
        exchange
            .connections
            .retain(|(from, to), _| !between(*from, *to));
        let batches = exchange.batches.iter_mut();
        let broken = batches.filter(|(_, batch)| between(batch.from, batch.to));
        let broken = broken.map(|(number, batch)| {
            batch.slow = false;
            *number
        });
        for number in broken.collect::<Vec<_>>() {
            self.give_up(number);
        }
    }

    /// A host that stands still notices things when it runs again.
    fn deferred(&mut self, host: usize, what: Happening) -> bool {
        let until = self.hosts[host].frozen_until;
        let later = self.now < until;
        if later {
            self.queue.set(until, what);
        }
        later
    }
}

fn batch_awaited(exchange: &Exchange, number: u64) -> bool {
    exchange
        .batches
        .get(&number)
        .is_some_and(|batch| batch.awaited)
}
