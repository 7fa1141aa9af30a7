//! One host: the real registry, bridge and node, and what a server's shell does for them.
//!
//! Here: handing in what comes, and collecting what goes out. Not here: where it goes (`World`). What must always
//! hold: a host that stands still takes nothing in; what came meanwhile it takes in before it does what is due, as a
//! process does that runs again.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use peerage::clock::Timestamp;
use peerage::registry::Registry;
use peerage::registry::change::Change;
use peerage::replication::Replication;
use peers::node::{LinkId, Node, Output};
use peers::version::{Epoch, Origin};
use rand::rngs::ChaCha8Rng;

use super::calls::{Answer, Call};
use super::chance::Purpose;
use super::flaw::Flawed;
use super::start::{Start, ephemeral_port, peer, settings, wall};
use super::streams::{End, Told};

/// Datagrams that a socket holds for a process that does not read.
const DATAGRAMS_WAITING_MAX: usize = 256;

/// What comes to a host.
#[derive(Clone, Debug)]
pub enum Input {
    /// A datagram.
    Datagram(Vec<u8>),
    /// News of a stream.
    Stream(End, Told),
    /// What the seeds resolve to.
    Seeds(Vec<SocketAddr>),
    /// A second has passed.
    Sweep,
    /// A call, whose caller waits no longer.
    Call(Call),
}

/// A host that runs, or stands still.
pub struct Host {
    /// Which of all starts this is.
    pub start: u64,
    /// Until when it stands still.
    pub frozen_until: Duration,
    /// When it next wants to be woken.
    pub wake: Option<Duration>,
    /// Whether it is about to leave.
    pub leaving: bool,
    /// Its instances.
    pub registry: Arc<Registry>,
    /// What peers changed here since that was last asked.
    changes: Changes,
    /// Whom sweeps ended here since that was last asked.
    evicted: Vec<String>,
    /// Whether the registry was written to and the node does not know it yet.
    written: Arc<AtomicBool>,
    node: Node<Flawed>,
    born_at: Duration,
    wall_at_start: Timestamp,
    links: BTreeMap<End, LinkId>,
    ends: BTreeMap<LinkId, End>,
    waiting: VecDeque<Input>,
    sweeps: ChaCha8Rng,
}

impl Host {
    /// Starts a host.
    pub fn new(now: Duration, start: &Start) -> Self {
        let wall_at_start = wall(now, start.clock_off_millis);
        let epoch = Epoch(wall_at_start.as_millis());
        let peer = peer(start.host);
        let origin = Origin {
            node: peer.node,
            epoch,
        };
        let registry = Arc::new(Registry::new(start.registry.clone(), origin));
        let settings = settings(start, peer, epoch);
        let (changes, written) = (Changes::default(), Arc::new(AtomicBool::new(false)));
        let noted = written.clone();
        registry.on_write(move || noted.store(true, Ordering::Relaxed));
        let bridge = Replication::new(registry.clone(), wall_at_start, changes.teller());
        let replica = Flawed::new(bridge, start.flaw);
        let chance = Purpose::Node(start.number).chance(start.seed);
        Self {
            start: start.number,
            frozen_until: Duration::ZERO,
            wake: None,
            leaving: false,
            changes,
            evicted: Vec::new(),
            written,
            node: Node::new(Duration::ZERO, settings, replica, chance),
            registry,
            born_at: now,
            wall_at_start,
            links: BTreeMap::new(),
            ends: BTreeMap::new(),
            waiting: VecDeque::new(),
            sweeps: Purpose::Sweep(start.number).chance(start.seed),
        }
    }

    /// Its node.
    pub const fn node(&self) -> &Node<Flawed> {
        &self.node
    }

    /// The time since its start.
    pub const fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.born_at)
    }

    /// What its wall clock says.
    pub fn wall(&self, now: Duration) -> Timestamp {
        self.wall_at_start + self.age(now)
    }

    /// Whether it stands still.
    pub fn frozen(&self, now: Duration) -> bool {
        now < self.frozen_until
    }

    /// Takes something in, or keeps it until it runs again.
    pub fn take(&mut self, now: Duration, input: Input) {
        if self.frozen(now) || !self.waiting.is_empty() {
            self.keep(input);
        } else {
            self.read(now, input);
            self.wake_node(now);
        }
    }

    /// Does what is due, after it took in what waited.
    pub fn wake_up(&mut self, now: Duration) {
        if !self.frozen(now) {
            for input in std::mem::take(&mut self.waiting) {
                self.read(now, input);
            }
            self.node.handle_due(self.age(now));
            self.wake_node(now);
        }
    }

    /// Answers a call.
    pub fn call(&mut self, now: Duration, call: &Call) -> Answer {
        let answer = call.answer(&self.registry, self.node.doors(), self.wall(now));
        self.wake_node(now);
        answer
    }

    /// Says that it is about to leave.
    pub fn drain(&mut self, now: Duration) {
        self.leaving = true;
        self.node.drain(self.age(now));
    }

    /// Says goodbye.
    pub fn leave(&mut self, now: Duration) {
        self.node.leave(self.age(now));
    }

    /// The next thing it wants done.
    pub fn output(&mut self) -> Option<Output> {
        self.node.poll_output()
    }

    /// What peers changed here since this was last asked, told for people.
    pub fn changes(&mut self) -> Vec<String> {
        std::mem::take(&mut *self.changes.lock())
    }

    /// Whom sweeps ended here since this was last asked.
    pub fn evicted(&mut self) -> Vec<String> {
        std::mem::take(&mut self.evicted)
    }

    /// Which end of a stream one of its links is.
    pub fn end(&self, link: LinkId) -> Option<End> {
        self.ends.get(&link).copied()
    }

    /// From now on a link is the end of a stream.
    pub fn bind(&mut self, link: LinkId, end: End) {
        self.links.insert(end, link);
        self.ends.insert(link, end);
    }

    /// Forgets the end of a stream.
    pub fn unbind(&mut self, end: End) -> Option<LinkId> {
        let link = self.links.remove(&end)?;
        self.ends.remove(&link);
        Some(link)
    }

    /// When it wants to be woken, if that is sooner than was arranged.
    pub fn next_wake(&mut self) -> Option<Duration> {
        let wanted = (self.node.next_deadline()? + self.born_at).max(self.frozen_until);
        let sooner = self.wake.is_none_or(|wake| wanted < wake);
        sooner.then(|| *self.wake.insert(wanted))
    }

    fn keep(&mut self, input: Input) {
        let datagrams = self.waiting.iter();
        let datagrams = datagrams.filter(|input| matches!(input, Input::Datagram(_)));
        let full = datagrams.count() >= DATAGRAMS_WAITING_MAX;
        let kept = match input {
            Input::Datagram(_) => !full,
            Input::Sweep | Input::Seeds(_) => false,
            Input::Stream(..) | Input::Call(_) => true,
        };
        if kept {
            self.waiting.push_back(input);
        }
    }

    fn read(&mut self, now: Duration, input: Input) {
        let age = self.age(now);
        match input {
            Input::Datagram(bytes) => self.node.handle_datagram(age, &bytes),
            Input::Stream(end, told) => self.hear(age, end, &told),
            Input::Seeds(addresses) => self.node.seeds(age, addresses),
            Input::Sweep => self.sweep(now),
            Input::Call(call) => {
                self.call(now, &call);
            }
        }
    }

    fn hear(&mut self, age: Duration, end: End, told: &Told) {
        if matches!(told, Told::Opened) {
            let from = SocketAddr::from(([127, 0, 0, 1], ephemeral_port(end)));
            let link = self.node.accepted(age, from);
            self.bind(link, end);
        }
        let Some(&link) = self.links.get(&end) else {
            return;
        };
        match told {
            Told::Opened => {}
            Told::Connected => self.node.connected(age, link),
            Told::Bytes(bytes) => self.node.handle_bytes(age, link, bytes),
            Told::Sent(bytes) => self.node.sent(age, link, *bytes),
            Told::Closed => {
                self.unbind(end);
                self.node.closed(age, link);
            }
        }
    }

    /// What the server's background loops do.
    fn sweep(&mut self, now: Duration) {
        let wall = self.wall(now);
        let swept = self.registry.sweep(wall, &mut self.sweeps);
        let evicted = swept.evicted.iter().map(|change| change.key.to_string());
        self.evicted.extend(evicted);
        self.registry.prune_delta(wall);
        self.registry.refresh();
    }

    /// The registry wakes the node when it was written to.
    fn wake_node(&mut self, now: Duration) {
        if self.written.swap(false, Ordering::Relaxed) {
            self.node.wrote(self.age(now));
        }
    }
}

/// Lines about changes that no call here brought about.
#[derive(Debug, Default)]
struct Changes(Arc<Mutex<Vec<String>>>);

impl Changes {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the bridge tells of changes that peers brought about.
    fn teller(&self) -> Arc<dyn Fn(&Change) + Send + Sync> {
        let changes = Self(self.0.clone());
        Arc::new(move |change| changes.lock().push(format!("{change}, by {:?}", change.by)))
    }
}
