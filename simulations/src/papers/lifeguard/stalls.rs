//! One run: some members stop reading, read again, and stop again.
//!
//! Here: what is counted while they do. What must always hold: those who stall are the same for a whole run, and all
//! others are healthy.

use std::ops::AddAssign;
use std::time::Duration;

use peers::membership::Event;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use crate::papers::group::{Group, Made, Sent, number_of};
use crate::papers::variant::Variant;

/// A group is left alone this long before the first stall.
const SETTLED: Duration = Duration::from_secs(10);

/// Who stalls, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stalls {
    /// How many members there are: N.
    pub size: usize,
    /// How many of them stall, all at once: C.
    pub victims: usize,
    /// For how long each time: D.
    pub stall: Duration,
    /// How long they read in between: I.
    pub pause: Duration,
    /// How long all this goes on.
    pub span: Duration,
}

/// What one run came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// How often a healthy member was declared dead, by anyone: FP.
    pub false_deaths: u64,
    /// The same by healthy members alone: FP−.
    pub false_deaths_by_healthy: u64,
    /// From the beginning of a stall until a healthy member declared the stalled one dead, for those that were.
    pub first: Vec<Duration>,
    /// The same until all healthy members had.
    pub full: Vec<Duration>,
    /// How many stalls there were, one per victim and time.
    pub stalls: u64,
    /// What all members sent meanwhile.
    pub sent: Sent,
}

impl AddAssign for Counted {
    fn add_assign(&mut self, other: Self) {
        self.false_deaths += other.false_deaths;
        self.false_deaths_by_healthy += other.false_deaths_by_healthy;
        self.first.extend(other.first);
        self.full.extend(other.full);
        self.stalls += other.stalls;
        self.sent.datagrams += other.sent.datagrams;
        self.sent.bytes += other.sent.bytes;
    }
}

/// Lets some members of a group stall.
pub fn run(variant: Variant, stalls: &Stalls, seed: u64) -> Counted {
    let made = Made {
        variant,
        size: stalls.size,
        talking: false,
        seed,
    };
    let mut group = Group::formed(made);
    group.run(SETTLED);
    group.take_told();
    let (before, end) = (group.sent, group.now + stalls.span);
    let mut watch = Watch::new(stalls, seed);
    while group.now < end {
        watch.begin(&mut group, stalls.stall);
        let again = end.min(group.now + stalls.stall + stalls.pause);
        group.run_until(again, |group, _| watch.look(group));
    }
    watch.finish();
    watch.counted.sent = Sent {
        datagrams: group.sent.datagrams - before.datagrams,
        bytes: group.sent.bytes - before.bytes,
    };
    watch.counted
}

/// Who holds whom for dead.
struct Watch {
    victim: Vec<bool>,
    /// By member, and by whom it is about.
    dead: Vec<Vec<bool>>,
    /// For each victim that all healthy members held alive when this stall began: when each of them changed its mind.
    verdicts: Vec<(usize, Vec<Duration>)>,
    since: Duration,
    counted: Counted,
}

impl Watch {
    fn new(stalls: &Stalls, seed: u64) -> Self {
        let mut order: Vec<usize> = (0..stalls.size).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(!seed));
        let mut victim = vec![false; stalls.size];
        order
            .iter()
            .take(stalls.victims)
            .for_each(|member| victim[*member] = true);
        Self {
            victim,
            dead: vec![vec![false; stalls.size]; stalls.size],
            verdicts: Vec::new(),
            since: Duration::ZERO,
            counted: Counted::default(),
        }
    }

    /// All victims stop reading.
    fn begin(&mut self, group: &mut Group, stall: Duration) {
        self.finish();
        self.since = group.now;
        for member in 0..self.victim.len() {
            if self.victim[member] {
                group.deafen(member, stall);
                self.counted.stalls += 1;
                if self.healthy().all(|healthy| !self.dead[healthy][member]) {
                    self.verdicts.push((member, Vec::new()));
                }
            }
        }
    }

    /// Takes down what came of the stall before.
    fn finish(&mut self) {
        let healthy = self.healthy().count();
        for (_, verdicts) in std::mem::take(&mut self.verdicts) {
            self.counted.first.extend(verdicts.first());
            self.counted.full.extend(verdicts.get(healthy - 1));
        }
    }

    fn healthy(&self) -> impl Iterator<Item = usize> {
        let all = self.victim.iter().enumerate();
        all.filter(|(_, victim)| !**victim)
            .map(|(member, _)| member)
    }

    /// Never ends a run early.
    fn look(&mut self, group: &mut Group) -> bool {
        for (member, event) in group.take_told() {
            match event {
                Event::Up(peer) => self.dead[member][number_of(peer.address)] = false,
                Event::Down(peer) => self.died(member, number_of(peer.address), group.now),
                _ => {}
            }
        }
        false
    }

    fn died(&mut self, member: usize, whom: usize, now: Duration) {
        let news = !std::mem::replace(&mut self.dead[member][whom], true);
        match (self.victim[member], self.victim[whom]) {
            (true, false) => self.counted.false_deaths += 1,
            (false, false) => {
                self.counted.false_deaths += 1;
                self.counted.false_deaths_by_healthy += 1;
            }
            (false, true) if news => {
                let of = self.verdicts.iter_mut().find(|(victim, _)| *victim == whom);
                of.into_iter()
                    .for_each(|(_, verdicts)| verdicts.push(now - self.since));
            }
            _ => {}
        }
    }
}
