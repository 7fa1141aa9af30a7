//! One host: the real registry, bridge and node, and what a server's shell does for them.
//!
//! Here: handing in what comes, and collecting what goes out. Not here: where it goes (`World`). What must always
//! hold: a host that stands still takes nothing in; what came meanwhile it takes in before it does what is due, as a
//! process does that runs again.

mod inbox;
mod sweep;

pub use inbox::{Inbox, Input};
pub use sweep::{Counted, End, Ender};

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use peerage::clock::Timestamp;
use peerage::registry::Registry;
use peerage::registry::change::Change;
use peerage::registry::snapshot::Snapshot;
use peerage::replication::Replication;
use peers::node::{LinkId, Node, Output, Stage};
use peers::version::Origin;
use rand::rngs::ChaCha8Rng;

use self::sweep::Windows;
use super::calls::{Answer, Call};
use super::chance::Purpose;
use super::clock::OwnTime;
use super::fault::{Keys, Release, Stalled};
use super::flaw::{Flaw, Flawed};
use super::moment::Shown;
use super::start::{Start, ephemeral_port, settings};
use super::streams::{self, Told};

/// Whoever stood still for so long notices it.
const STALL_MIN: Duration = Duration::from_secs(2);
/// And refuses calls for so long after it, as the server does.
const REFUSING: Duration = Duration::from_secs(1);

/// A host that runs, or stands still.
pub struct Host {
    /// Which of all starts this is.
    pub start: u64,
    /// Which release it runs.
    pub release: Release,
    /// Until when all of it stands still.
    pub frozen_until: Duration,
    /// Until when it refuses calls, since they may have waited for as long as it stood still.
    pub refusing_until: Duration,
    /// Until when it reads nothing from its peers.
    pub deaf_until: Duration,
    /// Until when nothing is done by the clock.
    pub idle_until: Duration,
    /// When it next wants to be woken.
    pub wake: Option<Duration>,
    /// Whether it is about to leave.
    pub leaving: bool,
    /// Whether it has been ready.
    pub was_ready: bool,
    /// Its instances.
    pub registry: Arc<Registry>,
    /// What it does wrong.
    pub flaw: Option<Flaw>,
    /// What peers changed here since that was last asked.
    changes: Changes,
    /// Whom sweeps ended here since that was last asked.
    ends: Vec<End>,
    windows: Windows,
    /// Whether the registry was written to and the node does not know it yet.
    written: Arc<AtomicBool>,
    node: Node<Flawed>,
    clock: OwnTime,
    wall_at_start: Timestamp,
    links: BTreeMap<streams::End, LinkId>,
    streams: BTreeMap<LinkId, streams::End>,
    inbox: Inbox,
    sweeps: ChaCha8Rng,
    calls: u32,
    /// What was last looked at, so that it need not be put together anew.
    seen: RefCell<Option<(Arc<Snapshot>, Arc<Shown>)>>,
}

impl Host {
    /// Starts a host.
    pub fn new(now: Duration, start: &Start) -> Self {
        let wall_at_start = start.wall(now);
        let settings = settings(start, wall_at_start);
        let origin = Origin {
            node: settings.peer.node,
            epoch: settings.epoch,
        };
        let numbers = start.flaw.map_or_else(
            || start.registry.clone(),
            |flaw| flaw.numbers(&start.registry),
        );
        let registry = Arc::new(Registry::new(numbers, origin));
        let (changes, written) = (Changes::default(), Arc::new(AtomicBool::new(false)));
        let noted = written.clone();
        registry.on_write(move || noted.store(true, Ordering::Relaxed));
        let bridge = Replication::new(registry.clone(), wall_at_start, changes.teller());
        let replica = Flawed::new(bridge, start.flaw, start.release, origin);
        let chance = Purpose::Node(start.number).chance(start.seed);
        Self {
            start: start.number,
            release: start.release,
            frozen_until: Duration::ZERO,
            refusing_until: Duration::ZERO,
            deaf_until: Duration::ZERO,
            idle_until: Duration::ZERO,
            wake: None,
            leaving: false,
            was_ready: false,
            flaw: start.flaw,
            changes,
            ends: Vec::new(),
            windows: Windows::new(&start.registry),
            written,
            node: Node::new(Duration::ZERO, settings, replica, chance),
            registry,
            clock: OwnTime::starting(now, start.drift_ppm),
            wall_at_start,
            links: BTreeMap::new(),
            streams: BTreeMap::new(),
            inbox: Inbox::default(),
            sweeps: Purpose::Sweep(start.number).chance(start.seed),
            calls: 0,
            seen: RefCell::default(),
        }
    }

    /// Its node.
    pub const fn node(&self) -> &Node<Flawed> {
        &self.node
    }

    /// How long it has run, by its own clock.
    pub fn age(&self, now: Duration) -> Duration {
        self.clock.at(now)
    }

    /// When it will have run so long.
    pub fn when(&self, age: Duration) -> Duration {
        self.clock.when(age)
    }

    /// What its wall clock says.
    pub fn wall(&self, now: Duration) -> Timestamp {
        self.wall_at_start + self.age(now)
    }

    /// Its clock drifts so much from now on.
    pub fn drift(&mut self, now: Duration, drift_ppm: i32) {
        self.clock.drift(now, drift_ppm);
        self.wake = None;
    }

    /// It has other keys from now on.
    pub fn rekey(&mut self, now: Duration, keys: Keys) {
        if let Some(ring) = keys.ring() {
            self.node.rekey(self.age(now), ring);
        }
    }

    /// It stands still, or a part of it.
    pub fn stall(&mut self, now: Duration, until: Duration, what: Stalled) {
        if what == Stalled::All && until.saturating_sub(now) >= STALL_MIN {
            self.refusing_until = self.refusing_until.max(until + REFUSING);
        }
        let ends = match what {
            Stalled::All => &mut self.frozen_until,
            Stalled::Reader => &mut self.deaf_until,
            Stalled::Timers => &mut self.idle_until,
        };
        *ends = until.max(*ends);
    }

    /// Whether all of it stands still.
    pub fn frozen(&self, now: Duration) -> bool {
        now < self.frozen_until
    }

    /// Whether it takes in what its peers say.
    pub fn reads(&self, now: Duration) -> bool {
        now >= self.frozen_until.max(self.deaf_until)
    }

    /// Whether it does what is due.
    fn acts(&self, now: Duration) -> bool {
        now >= self.frozen_until.max(self.idle_until)
    }

    /// Whether it is a member of the cluster like any other: nothing of it stands still.
    pub fn whole(&self, now: Duration) -> bool {
        self.reads(now) && self.acts(now)
    }

    /// Whether it serves lists.
    pub fn lists(&self) -> bool {
        let opens = match self.flaw {
            Some(Flaw::OpensAtOnce) => true,
            Some(Flaw::OpensCold) => self.node.stage() == Stage::Collecting,
            _ => false,
        };
        opens || self.node.doors().lists
    }

    /// Takes something in, or keeps it until it runs again.
    pub fn take(&mut self, now: Duration, input: Input) {
        if self.reads(now) && self.inbox.is_empty() {
            self.read(now, input);
            self.wake_node(now);
        } else {
            self.inbox.keep(input);
        }
    }

    /// Does what is due, after it took in what waited.
    pub fn wake_up(&mut self, now: Duration) {
        if !self.frozen(now) {
            for call in self.inbox.take_calls() {
                self.call(now, &call);
            }
        }
        if self.reads(now) {
            for input in self.inbox.take() {
                self.read(now, input);
            }
        }
        if self.acts(now) {
            self.node.handle_due(self.age(now));
        }
        if !self.frozen(now) {
            self.wake_node(now);
        }
    }

    /// A second has passed by its own clock.
    pub fn tick(&mut self, now: Duration) {
        if self.acts(now) {
            self.sweep(now);
            self.wake_node(now);
        }
    }

    /// Answers a call.
    pub fn call(&mut self, now: Duration, call: &Call) -> Answer {
        self.calls += 1;
        let flawed = self.flaw.and_then(|flaw| flaw.answer(self, call));
        let answer = flawed
            .unwrap_or_else(|| call.answer(&self.registry, self.node.doors(), self.wall(now)));
        self.wake_node(now);
        answer
    }

    /// How many calls came since the start.
    pub const fn calls(&self) -> u32 {
        self.calls
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

    /// What changed here without a call since this was last asked.
    pub fn changes(&mut self) -> Vec<Change> {
        self.changes.take()
    }

    /// Whom sweeps ended here since this was last asked.
    pub fn ends(&mut self) -> Vec<End> {
        std::mem::take(&mut self.ends)
    }

    /// Which end of a stream one of its links is.
    pub fn end(&self, link: LinkId) -> Option<streams::End> {
        self.streams.get(&link).copied()
    }

    /// From now on a link is the end of a stream.
    pub fn bind(&mut self, link: LinkId, end: streams::End) {
        self.links.insert(end, link);
        self.streams.insert(link, end);
    }

    /// Forgets the end of a stream.
    pub fn unbind(&mut self, end: streams::End) -> Option<LinkId> {
        let link = self.links.remove(&end)?;
        self.streams.remove(&link);
        Some(link)
    }

    /// When it wants to be woken, if that is sooner than was arranged.
    pub fn next_wake(&mut self) -> Option<Duration> {
        let wanted = self.when(self.node.next_deadline()?);
        let wanted = wanted.max(self.frozen_until).max(self.idle_until);
        let sooner = self.wake.is_none_or(|wake| wanted < wake);
        sooner.then(|| *self.wake.insert(wanted))
    }

    /// What it lists.
    pub fn shown(&self) -> Arc<Shown> {
        let snapshot = self.registry.refresh();
        let mut seen = self.seen.borrow_mut();
        if let Some((_, shown)) = seen
            .as_ref()
            .filter(|(known, _)| Arc::ptr_eq(known, &snapshot))
        {
            return shown.clone();
        }
        let shown = Arc::new(Shown::of(&snapshot));
        *seen = Some((snapshot, shown.clone()));
        shown
    }

    fn read(&mut self, now: Duration, input: Input) {
        let age = self.age(now);
        match input {
            Input::Datagram(bytes) => self.node.handle_datagram(age, &bytes),
            Input::Stream(end, told) => self.hear(age, end, &told),
            Input::Seeds(addresses) => self.node.seeds(age, addresses),
            Input::Call(call) => {
                self.call(now, &call);
            }
        }
    }

    fn hear(&mut self, age: Duration, end: streams::End, told: &Told) {
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

    /// The registry wakes the node when it was written to.
    fn wake_node(&mut self, now: Duration) {
        if self.written.swap(false, Ordering::Relaxed) {
            self.node.wrote(self.age(now));
        }
    }
}

/// Changes that no call here brought about.
#[derive(Debug, Default)]
struct Changes(Arc<Mutex<Vec<Change>>>);

impl Changes {
    fn take(&self) -> Vec<Change> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the bridge tells of changes that peers brought about.
    fn teller(&self) -> Arc<dyn Fn(&Change) + Send + Sync> {
        let changes = self.0.clone();
        Arc::new(move |change| {
            let mut changes = changes.lock().unwrap_or_else(PoisonError::into_inner);
            changes.push(change.clone());
        })
    }
}
