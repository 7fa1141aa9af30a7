//! A world of real registries, bridges and nodes under false time and on a false network.
//!
//! Here: [`World`], one queue of happenings, and everything a happening can be. Not here: what ought to hold
//! ([`invariants`](crate::invariants)). What must always hold: one seed, one run; nothing is read from a clock, drawn
//! but from the seed, or iterated in an order that could differ.
//!
//! ```text
//!  plan ── faults ──► World ── inputs ──► Host: Registry ◄─ Replication ─► Node ── outputs ──► network, streams
//!  clients, operators ── calls ──┘                                                                    │
//!      └── oracle: who was told what                 ▲───────────── datagrams, bytes ─────────────────┘
//! ```
//!
//! A call takes no time; all else that hosts say to each other does. What is left out: TLS and HTTP, the caches in
//! front of the lists, and disks, but for the epoch that a server writes down.

pub mod bonds;
pub mod calls;
mod carry;
pub mod chance;
pub mod client;
pub mod clock;
pub mod fault;
pub mod film;
pub mod flaw;
pub mod host;
pub mod moment;
pub mod network;
pub mod oracle;
mod picture;
pub mod plan;
mod reading;
pub mod run;
mod shapes;
pub mod start;
pub mod streams;
pub mod sweep;
pub mod tally;
pub mod timeline;
mod trouble;
mod turns;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use peers::timers::Timers;
use rand::rngs::ChaCha8Rng;

use self::bonds::Bonds;
use self::chance::Purpose;
use self::client::Client;
use self::fault::{Crowd, Memory};
use self::host::{Host, Input};
use self::network::{Group, Network};
use self::oracle::Oracle;
use self::plan::Plan;
use self::start::Machine;
use self::streams::{Power, Step, Streams};
use self::tally::Tally;
use self::timeline::Timeline;

const SECOND: Duration = Duration::from_secs(1);
/// How often what seeds resolve to is handed in.
const RESOLVE: Duration = Duration::from_secs(10);

/// Something that is to happen.
#[derive(Debug)]
enum Happening {
    /// A datagram arrives at a host.
    Datagram(usize, Vec<u8>),
    /// Something is done with a stream.
    Step(Step),
    /// A host wants to be woken.
    Wake(usize),
    /// A host, or a part of it, runs again that stood still.
    Thaw(usize),
    /// A host starts for the first time.
    Start(usize),
    /// A host says goodbye that is about to leave since this start.
    Goodbye(usize, u64),
    /// It is gone.
    Gone(usize, u64),
    /// A second has passed at a host since this start.
    Sweep(usize, u64),
    /// Seeds are resolved at a host since this start.
    Resolve(usize, u64),
    /// A client does what it planned at this turn.
    Turn(usize, u64),
    /// A client reads the list in this life.
    Fetch(usize, u64),
    /// A fault of the plan begins, or ends.
    Fault(usize, bool),
}

/// Hosts and clients under false time.
pub struct World {
    /// The time since the world began.
    pub now: Duration,
    /// The hosts; `None` for one that is down.
    pub hosts: Vec<Option<Host>>,
    /// What stands between hosts.
    pub network: Network,
    /// The clients.
    pub clients: Vec<Client>,
    /// Who was told what.
    pub oracle: Oracle,
    /// What happened.
    pub timeline: Timeline,
    /// How often things of a kind happened.
    pub tally: Tally,
    /// What it was told to be.
    pub plan: Arc<Plan>,
    zones: Vec<usize>,
    machines: Vec<Machine>,
    powers: Vec<Power>,
    reading: Vec<bool>,
    streams: Streams,
    bonds: Bonds,
    unreachable: BTreeMap<usize, (Crowd, Group)>,
    traffic: Vec<Traffic>,
    starts: u64,
    datagrams: ChaCha8Rng,
    queue: Timers<Happening>,
}

/// What a host sent to its peers and got from them, in bytes, over all its starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// What it sent.
    pub sent: u64,
    /// What it got.
    pub received: u64,
    /// The longest datagram it sent.
    pub datagram_max: usize,
}

impl World {
    /// A world as planned, at its beginning: all hosts start, and clients when they mean to.
    pub fn new(plan: Plan) -> Self {
        let (hosts, seed, zones) = (plan.hosts.len(), plan.seed, plan.zones_of_hosts());
        let mut world = Self {
            now: Duration::ZERO,
            hosts: (0..hosts).map(|_| None).collect(),
            network: Network::new(&plan.links, &zones),
            clients: Vec::new(),
            oracle: Oracle::default(),
            timeline: Timeline::default(),
            tally: Tally::default(),
            zones,
            machines: (plan.hosts.iter())
                .map(|host| Machine::of(host, plan.keys))
                .collect(),
            powers: vec![Power::Off; hosts],
            reading: vec![true; hosts],
            streams: Streams::new(Purpose::Streams.chance(seed)),
            bonds: Bonds::new(hosts),
            unreachable: BTreeMap::new(),
            traffic: vec![Traffic::default(); hosts],
            starts: 0,
            datagrams: Purpose::Datagrams.chance(seed),
            queue: Timers::default(),
            plan: Arc::new(plan),
        };
        world.begin_all();
        world
    }

    fn begin_all(&mut self) {
        let plan = self.plan.clone();
        for (host, planned) in plan.hosts.iter().enumerate() {
            if planned.starts_at.is_zero() {
                self.start_host(host, planned.seeded, Memory::Empty, planned.release);
            } else {
                self.queue.set(planned.starts_at, Happening::Start(host));
            }
        }
        for manner in &plan.clients {
            self.add_client(*manner);
        }
        for (number, planned) in plan.faults.iter().enumerate() {
            self.queue.set(planned.at, Happening::Fault(number, true));
            if let Some(until) = planned.until {
                self.queue.set(until, Happening::Fault(number, false));
            }
        }
    }

    /// What a host sent and got.
    pub fn traffic(&self, host: usize) -> Traffic {
        self.traffic.get(host).copied().unwrap_or_default()
    }

    /// Lets so much time pass.
    pub fn run(&mut self, time: Duration) {
        self.run_until(time, |_| false);
    }

    /// Lets time pass until something holds, or at most so much. Answers whether it holds.
    pub fn run_until(&mut self, most: Duration, done: impl Fn(&Self) -> bool) -> bool {
        let end = self.now + most;
        while !done(self) {
            let Some((at, happening)) = self.queue.pop_due(end) else {
                self.now = end;
                return done(self);
            };
            // Two that are due at one moment come in the order they went in, even if one of them is late.
            self.now = self.now.max(at);
            self.happen(happening);
        }
        true
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Datagram(host, bytes) => {
                self.timeline.arrived(self.now, host, &bytes);
                self.traffic[host].received += bytes.len() as u64;
                self.give(host, Input::Datagram(bytes));
            }
            Happening::Step(step) => {
                self.on_streams(|streams, ground| streams.take(ground, step));
            }
            Happening::Wake(host) => self.wake(host),
            Happening::Thaw(host) => self.thaw(host),
            Happening::Start(host) => self.start_first(host),
            Happening::Turn(client, turn) => self.turn(client, turn),
            Happening::Fetch(client, life) => self.fetch(client, life),
            Happening::Fault(number, true) => self.begin(number),
            Happening::Fault(number, false) => self.end(number),
            Happening::Goodbye(host, start)
            | Happening::Gone(host, start)
            | Happening::Sweep(host, start)
            | Happening::Resolve(host, start)
                if !self.runs(host, start) => {}
            Happening::Goodbye(host, _) => self.goodbye(host),
            Happening::Gone(host, _) => self.run_out(host),
            Happening::Sweep(host, start) => self.tick(host, start),
            Happening::Resolve(host, start) => {
                self.resolve(host);
                let again = Happening::Resolve(host, start);
                self.queue.set(self.now + RESOLVE, again);
            }
        }
    }

    fn runs(&self, host: usize, start: u64) -> bool {
        self.powers[host] == Power::On(start)
    }

    /// A host's own second has passed.
    fn tick(&mut self, host: usize, start: u64) {
        if let Some(up) = &mut self.hosts[host] {
            up.tick(self.now);
            let next = up.when(up.age(self.now) + SECOND);
            self.queue.set(next, Happening::Sweep(host, start));
            self.tend(host);
        }
    }

    fn resolve(&mut self, host: usize) {
        let all = (0..self.hosts.len()).map(|host| start::peer(host).address);
        let seeds = Input::Seeds(all.collect());
        let first = self.machines[host].starts() <= 1;
        if self.plan.hosts[host].seeded || !first {
            self.give(host, seeds);
        }
    }

    fn wake(&mut self, host: usize) {
        if let Some(up) = &mut self.hosts[host] {
            up.wake.take_if(|wake| *wake <= self.now);
            up.wake_up(self.now);
            self.tend(host);
        }
    }

    fn thaw(&mut self, host: usize) {
        self.wake(host);
        self.look();
        if self.reading[host] {
            self.on_streams(|streams, ground| streams.read_on(ground, host));
        }
    }
}
