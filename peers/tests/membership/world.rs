//! Members under false time, on a false network.
//!
//! One queue of happenings, one generator of chance: a seed is a run, and the same run on every machine. The world
//! also does what the reconnector does on a real server: once a second, everybody announces to whom it misses.

use crate::host::{Host, index_of, peer};
use crate::network::Network;
use peers::envelope::DATAGRAM_MAX;
use peers::identity::Peer;
use peers::membership::{Datagram, Event, Settings};
use peers::timers::Timers;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::time::Duration;

pub(crate) const SECOND: Duration = Duration::from_secs(1);

enum Happening {
    Arrival(Vec<u8>),
    Wake,
    Reconnect,
}

pub(crate) struct World {
    pub(crate) now: Duration,
    pub(crate) hosts: Vec<Host>,
    pub(crate) network: Network,
    /// Every datagram that arrived, folded into a number.
    pub(crate) trace: u64,
    chance: ChaCha8Rng,
    queue: Timers<(usize, Happening)>,
}

impl World {
    /// `size` hosts that know nothing but the address of the first.
    pub(crate) fn new(size: usize, seed: u64) -> Self {
        Self::with(size, seed, |_| {})
    }

    pub(crate) fn with(size: usize, seed: u64, adjust: impl Fn(&mut Settings)) -> Self {
        let mut world = Self {
            now: Duration::ZERO,
            hosts: Vec::new(),
            network: Network::default(),
            trace: 0,
            chance: ChaCha8Rng::seed_from_u64(seed),
            queue: Timers::default(),
        };
        for index in 0..size {
            let mut settings = Settings::new(peer(index), 1_000, "test");
            adjust(&mut settings);
            let host = world.start(&settings);
            world.hosts.push(host);
            let jitter = Duration::from_millis(world.chance.random_range(0..1_000));
            world.queue.set(jitter, (index, Happening::Reconnect));
            world.tend(index);
        }
        world
    }

    /// As [`Self::new`], a little later: everybody knows everybody.
    pub(crate) fn formed(size: usize, seed: u64) -> Self {
        Self::new(size, seed).form()
    }

    pub(crate) fn form(mut self) -> Self {
        self.run_until(self.now + 60 * SECOND, Self::whole);
        assert!(self.whole(), "no cluster after a minute");
        self
    }

    /// Ends a host without a word.
    pub(crate) fn crash(&mut self, index: usize) {
        self.hosts[index].alive = false;
    }

    /// Starts a host anew, with this bump, and no other memory.
    pub(crate) fn restart(&mut self, index: usize, bump: u64) {
        self.restart_as(index, peer(index), bump);
    }

    /// Starts a host anew, as somebody else.
    pub(crate) fn restart_as(&mut self, index: usize, peer: Peer, bump: u64) {
        self.hosts[index] = self.start(&Settings::new(peer, bump, "test"));
        self.tend(index);
    }

    /// Lets a host's packets lie unread for so long, while its timers go on.
    pub(crate) fn deafen(&mut self, index: usize, time: Duration) {
        let until = self.now + time;
        self.hosts[index].deaf_until = until;
        self.queue.set(until, (index, Happening::Wake));
    }

    /// Has a host stand still for so long, as a machine does that is suspended.
    pub(crate) fn freeze(&mut self, index: usize, time: Duration) {
        self.hosts[index].frozen_until = self.now + time;
    }

    /// Has a host do something.
    pub(crate) fn at<T>(&mut self, index: usize, act: impl FnOnce(&mut Host, Duration) -> T) -> T {
        let done = act(&mut self.hosts[index], self.now);
        self.tend(index);
        done
    }

    /// Lets so much time pass.
    pub(crate) fn run(&mut self, time: Duration) {
        self.run_until(self.now + time, |_| false);
    }

    /// Lets time pass until something holds, or until `end`.
    pub(crate) fn run_until(&mut self, end: Duration, done: impl Fn(&Self) -> bool) {
        while !done(self) {
            let Some((at, (index, happening))) = self.queue.pop_due(end) else {
                self.now = end;
                return;
            };
            self.now = at;
            self.happen(index, happening);
            self.tend(index);
        }
    }

    /// Whether all who live see all who live, and nobody else.
    pub(crate) fn whole(&self) -> bool {
        let living: Vec<&Host> = self.hosts.iter().filter(|host| host.alive).collect();
        let all: Vec<Peer> = living.iter().map(|host| host.peer).collect();
        living.iter().all(|host| {
            let mut seen = host.member.peers();
            seen.push(host.peer);
            seen.sort();
            seen == all
        })
    }

    /// Everything that happened anywhere since `start`.
    pub(crate) fn events_since(&self, start: Duration) -> impl Iterator<Item = (usize, &Event)> {
        self.hosts
            .iter()
            .enumerate()
            .flat_map(move |(index, host)| {
                let recent = host.events.iter().filter(move |(at, _)| *at >= start);
                recent.map(move |(_, event)| (index, event))
            })
    }

    fn start(&mut self, settings: &Settings) -> Host {
        Host::new(self.now, settings, ChaCha8Rng::from_rng(&mut self.chance))
    }

    fn happen(&mut self, index: usize, happening: Happening) {
        let (now, host) = (self.now, &mut self.hosts[index]);
        match happening {
            Happening::Arrival(bytes) => {
                self.trace = fold(self.trace ^ index as u64, &bytes);
                host.receive(now, bytes);
            }
            Happening::Wake => {
                host.wake.take_if(|wake| *wake <= now);
                host.wake_up(now);
            }
            Happening::Reconnect => {
                if host.alive && now >= host.frozen_until {
                    host.reconnect(now, peer(0));
                }
                self.queue.set(now + SECOND, (index, Happening::Reconnect));
            }
        }
    }

    /// Sends what a host wants sent, and has it woken when it wants to be.
    fn tend(&mut self, index: usize) {
        for Datagram { to, bytes } in self.hosts[index].outgoing(self.now) {
            assert!(bytes.len() <= DATAGRAM_MAX);
            let to = index_of(to);
            if let Some(latency) = self.network.carry(index, to, &mut self.chance) {
                self.queue
                    .set(self.now + latency, (to, Happening::Arrival(bytes)));
            }
        }
        if let Some(deadline) = self.hosts[index].next_wake() {
            self.queue.set(deadline, (index, Happening::Wake));
        }
    }
}

fn fold(trace: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(trace, |trace, byte| {
        (trace ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
