//! One crash in a quiet group.
//!
//! Here: when it is noticed, and when all know. Not here: many of them.

use std::time::Duration;

use peers::membership::Event;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::papers::group::{Group, Made, peer};
use crate::papers::variant::Variant;

/// A group is left alone this long before somebody crashes, and up to one period more.
pub const SETTLED: Duration = Duration::from_secs(10);
/// A crash that all know of by then has been measured; one that some do not is counted as known then.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// How one crash was noticed; all times since it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crash {
    /// Periods to the first probe of the dead, that one included.
    pub periods: u32,
    /// Somebody suspects.
    pub suspected: Duration,
    /// All suspect, or take it for dead.
    pub known: Duration,
    /// Somebody takes it for dead.
    pub dead_first: Duration,
    /// All do.
    pub dead_all: Duration,
}

/// Lets one member of a group crash.
pub fn run(variant: Variant, size: usize, seed: u64) -> Crash {
    let made = Made {
        variant,
        size,
        talking: variant == Variant::Ours,
        seed,
    };
    let mut group = Group::formed(made);
    let period = variant.period(size);
    let mut chance = ChaCha8Rng::seed_from_u64(!seed);
    group.run(SETTLED + chance.random_range(Duration::ZERO..period));
    let victim = chance.random_range(0..size);
    group.crash(victim);
    group.take_told();
    let mut watch = Watch::new(&group, victim, size);
    group.run_until(watch.start + PATIENCE, |group, member| {
        watch.look(group, member)
    });
    watch.told(period)
}

/// What became known to whom.
struct Watch {
    start: Duration,
    victim: usize,
    suspects: Vec<Option<Duration>>,
    mourns: Vec<Option<Duration>>,
}

impl Watch {
    fn new(group: &Group, victim: usize, size: usize) -> Self {
        Self {
            start: group.now,
            victim,
            suspects: vec![None; size],
            mourns: vec![None; size],
        }
    }

    /// Whether all know.
    fn look(&mut self, group: &mut Group, member: usize) -> bool {
        let since = group.now - self.start;
        if self.suspects[member].is_none() && group.accuses(member, self.victim) {
            self.suspects[member] = Some(since);
        }
        let mut all = false;
        for (who, event) in group.take_told() {
            if event == Event::Down(peer(self.victim)) {
                self.mourns[who].get_or_insert(since);
                all = self.times(&self.mourns).len() + 1 == self.mourns.len();
            }
        }
        all
    }

    fn times(&self, of: &[Option<Duration>]) -> Vec<Duration> {
        let others = of.iter().enumerate().filter(|(who, _)| *who != self.victim);
        others.filter_map(|(_, at)| *at).collect()
    }

    fn told(&self, period: Duration) -> Crash {
        let first = |of: &[Option<Duration>]| self.times(of).into_iter().min().unwrap_or(PATIENCE);
        let last = |of: &[Option<Duration>]| {
            let times = self.times(of);
            let all = times.len() + 1 == of.len();
            times.into_iter().max().filter(|_| all).unwrap_or(PATIENCE)
        };
        let suspected = first(&self.suspects);
        Crash {
            periods: whole_periods(suspected, period),
            suspected,
            known: last(&self.suspects),
            dead_first: first(&self.mourns),
            dead_all: last(&self.mourns),
        }
    }
}

/// A member suspects at the end of the period in which it probed in vain. Of those that start at different moments,
/// the first to suspect has begun as many periods since the crash as have passed whole, and no other probed the dead
/// in an earlier period of its own.
fn whole_periods(suspected: Duration, period: Duration) -> u32 {
    let whole = suspected.as_micros() / period.as_micros().max(1);
    u32::try_from(whole).unwrap_or(u32::MAX).max(1)
}
