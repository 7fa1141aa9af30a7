//! Members under false time.
//!
//! Here: a group that has just formed, what it says to each other, and readers that stop. Not here: what is measured
//! (`swim`, `lifeguard`). What must always hold: one seed, one run.
//!
//! Two stalls are told apart in the literature. Here a member's *reader* stops: its timers go on, so it probes, and
//! does not see the answers. That is the case in which it accuses the healthy. A member that stands still as a whole
//! and reads before it looks at its timers, as ours do, accuses nobody.

use std::net::SocketAddr;
use std::ops::Range;
use std::time::Duration;

use peers::heads::Report;
use peers::identity::{Identity, Peer};
use peers::membership::{Datagram, Event, Membership, Standing, State};
use peers::timers::Timers;
use peers::version::{Epoch, NodeId, Origin};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::variant::Variant;

/// How long a datagram takes one way.
const LATENCY: Range<Duration> = Duration::from_micros(200)..Duration::from_micros(600);
/// How often a member looks for those it misses, if it does.
const RECONNECT: Duration = Duration::from_secs(1);
const FIRST_PORT: u16 = 10_000;

/// How a group is made.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// How its members are set.
    pub variant: Variant,
    /// How many there are.
    pub size: usize,
    /// Whether they tell each other how they are, as servers do.
    pub talking: bool,
    /// Where chance comes from.
    pub seed: u64,
}

enum Happening {
    Arrival(Vec<u8>),
    Wake,
    Reconnect,
}

/// What was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// How many datagrams.
    pub datagrams: u64,
    /// How many bytes in them.
    pub bytes: u64,
}

/// Members under false time.
pub struct Group {
    /// The time since the beginning.
    pub now: Duration,
    /// What all of them sent so far.
    pub sent: Sent,
    made: Made,
    members: Vec<Member>,
    told: Vec<(usize, Event)>,
    chance: ChaCha8Rng,
    queue: Timers<(usize, Happening)>,
}

struct Member {
    membership: Membership,
    alive: bool,
    deaf_until: Duration,
    unread: Vec<Vec<u8>>,
    wake: Option<Duration>,
    spoken: u64,
}

/// Who the member with this number is.
pub fn peer(number: usize) -> Peer {
    let port = u16::try_from(number).expect("a few hundred members");
    Peer {
        node: NodeId(u64::from(port) + 1),
        address: SocketAddr::from(([127, 0, 0, 1], FIRST_PORT + port)),
    }
}

/// Which member lives at an address.
pub fn number_of(address: SocketAddr) -> usize {
    usize::from(address.port().saturating_sub(FIRST_PORT))
}

impl Group {
    /// A group in which everybody knows everybody. They begin to probe spread over one period.
    pub fn formed(made: Made) -> Self {
        let mut group = Self {
            now: Duration::ZERO,
            sent: Sent::default(),
            made,
            members: Vec::new(),
            told: Vec::new(),
            chance: ChaCha8Rng::seed_from_u64(made.seed),
            queue: Timers::default(),
        };
        let period = made.variant.period(made.size);
        let mut starts: Vec<(Duration, usize)> = (0..made.size)
            .map(|number| (group.chance.random_range(Duration::ZERO..period), number))
            .collect();
        for number in 0..made.size {
            let chance = ChaCha8Rng::from_rng(&mut group.chance);
            group.members.push(Member::new(made, number, chance));
        }
        starts.sort_unstable();
        for (at, number) in starts {
            group.run_until(at, |_, _| false);
            group.introduce(number);
        }
        group.told.clear();
        group
    }

    /// Nobody hears anything before, or the first to speak would set the pace of all.
    fn introduce(&mut self, number: usize) {
        self.members[number].alive = true;
        let all = (0..self.made.size).filter(|other| *other != number);
        let bump = |number: usize| self.members[number].membership.identity().bump();
        let known = all.map(|other| Standing::alive(Identity::new(peer(other), bump(other))));
        let known: Vec<_> = known.collect();
        self.members[number].membership.apply(self.now, known);
        if self.made.variant.reconnects() {
            let soon = self.chance.random_range(Duration::ZERO..RECONNECT);
            self.queue
                .set(self.now + soon, (number, Happening::Reconnect));
        }
        self.tend(number);
    }

    /// Lets so much time pass.
    pub fn run(&mut self, time: Duration) {
        self.run_until(self.now + time, |_, _| false);
    }

    /// Lets time pass until something holds after a member was up to something, or until `end`.
    pub fn run_until(&mut self, end: Duration, mut done: impl FnMut(&mut Self, usize) -> bool) {
        while let Some((at, (number, happening))) = self.queue.pop_due(end) {
            self.now = at;
            self.happen(number, happening);
            self.tend(number);
            if done(self, number) {
                return;
            }
        }
        self.now = end;
    }

    /// Ends a member without a word.
    pub fn crash(&mut self, number: usize) {
        self.members[number].alive = false;
    }

    /// Lets a member's datagrams lie unread for so long, while its timers go on.
    pub fn deafen(&mut self, number: usize, time: Duration) {
        let until = self.now + time;
        self.members[number].deaf_until = until;
        self.queue.set(until, (number, Happening::Wake));
    }

    /// Whether a member's datagrams lie unread now.
    pub fn deaf(&self, number: usize) -> bool {
        self.now < self.members[number].deaf_until
    }

    /// Whether a member takes another for suspect or dead.
    pub fn accuses(&self, member: usize, whom: usize) -> bool {
        let node = peer(whom).node;
        let mut standings = self.members[member].membership.standings();
        standings.any(|standing| {
            let it = standing.id().peer().is_some_and(|peer| peer.node == node);
            it && standing.state() != State::Alive
        })
    }

    /// What members told since this was last asked: who, and what.
    pub fn take_told(&mut self) -> Vec<(usize, Event)> {
        std::mem::take(&mut self.told)
    }

    fn happen(&mut self, number: usize, happening: Happening) {
        let (now, member) = (self.now, &mut self.members[number]);
        if !member.alive {
            return;
        }
        match happening {
            Happening::Arrival(bytes) => {
                member.unread.push(bytes);
                member.read(now);
            }
            Happening::Wake => member.wake_up(now),
            Happening::Reconnect => {
                member.reconnect(now);
                self.queue
                    .set(now + RECONNECT, (number, Happening::Reconnect));
            }
        }
    }

    /// Sends what a member wants sent, and has it woken when it wants to be.
    fn tend(&mut self, number: usize) {
        let talking = self.made.talking;
        let member = &mut self.members[number];
        if !member.alive {
            return;
        }
        while let Some(event) = member.membership.poll_event() {
            match event {
                Event::HeadDue if talking => member.publish(self.now, number),
                Event::Up(_) | Event::Down(_) | Event::Rejoined => self.told.push((number, event)),
                _ => {}
            }
        }
        while let Some(Datagram { to, bytes }) = member.membership.poll_datagram() {
            self.sent.datagrams += 1;
            self.sent.bytes += bytes.len() as u64;
            let arrival = self.now + self.chance.random_range(LATENCY);
            self.queue
                .set(arrival, (number_of(to), Happening::Arrival(bytes)));
        }
        if let Some(deadline) = member.next_wake() {
            self.queue.set(deadline, (number, Happening::Wake));
        }
    }
}

impl Member {
    fn new(made: Made, number: usize, chance: ChaCha8Rng) -> Self {
        let settings = made.variant.settings(peer(number), made.size);
        Self {
            membership: Membership::new(Duration::ZERO, &settings, chance),
            alive: false,
            deaf_until: Duration::ZERO,
            unread: Vec::new(),
            wake: None,
            spoken: 0,
        }
    }

    /// Something may be due: the socket first, then the deadlines.
    fn wake_up(&mut self, now: Duration) {
        self.wake.take_if(|wake| *wake <= now);
        self.read(now);
        self.membership.handle_due(now);
    }

    fn read(&mut self, now: Duration) {
        if now >= self.deaf_until {
            for bytes in std::mem::take(&mut self.unread) {
                self.membership.handle_datagram(now, &bytes);
            }
        }
    }

    /// When it wants to be woken, if that is sooner than was arranged.
    fn next_wake(&mut self) -> Option<Duration> {
        let wanted = self.membership.next_deadline()?;
        let sooner = self.wake.is_none_or(|wake| wanted < wake);
        sooner.then(|| *self.wake.insert(wanted))
    }

    fn reconnect(&mut self, now: Duration) {
        let present = self.membership.peers();
        let known = self
            .membership
            .standings()
            .filter_map(|standing| standing.id().peer());
        let missing: Vec<Peer> = known
            .filter(|peer| present.binary_search(peer).is_err())
            .collect();
        for peer in missing {
            self.membership.announce(now, peer.address);
        }
    }

    fn publish(&mut self, now: Duration, number: usize) {
        let origin = Origin {
            node: peer(number).node,
            epoch: Epoch(1),
        };
        let report = Report {
            sequence: self.spoken,
            ..Report::default()
        };
        self.spoken += 1;
        let told = self.membership.publish(now, origin, report);
        debug_assert!(told.is_ok(), "a report that fits");
    }
}
