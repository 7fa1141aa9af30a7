//! A plan, played: every second the invariants are asked, and at the end all must be equal.
//!
//! Here: what one run comes to, and how a plan that breaks something is shortened. Not here: what is asked. What must
//! always hold: to ask changes nothing.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use super::moment::Moment;
use super::plan::Plan;
use super::{SECOND, World};
use crate::invariants::{self, Broken};

/// Hosts must be equal within this, once nothing goes wrong any more.
const HEALED_WITHIN: Duration = Duration::from_secs(10);
/// How many moments are remembered, half a second each.
const EARLIER: usize = 8;
/// How long a run goes on after that: brisk leases end, and cancelled instances stay gone.
const AFTERWARDS: Duration = Duration::from_secs(40);

/// What a run came to.
pub struct Outcome {
    /// What was to be.
    pub plan: Plan,
    /// A number that is equal for equal runs.
    pub trace: u64,
    /// What did not hold; the first of each kind.
    pub broken: Vec<Broken>,
    /// What happened, for people.
    pub told: String,
}

/// Plays the plan of a seed.
pub fn seed(seed: u64) -> Outcome {
    play(Plan::of(seed))
}

/// Plays a plan.
pub fn play(plan: Plan) -> Outcome {
    let mut run = Run {
        calm_at: plan.calm_at,
        world: World::new(plan),
        broken: Vec::new(),
        before: Moment::default(),
        earlier: VecDeque::new(),
        equal_at: None,
    };
    run.play();
    let Run { world, broken, .. } = run;
    Outcome {
        trace: world.timeline.trace(),
        told: world.timeline.to_string(),
        plan: world.plan,
        broken,
    }
}

struct Run {
    world: World,
    calm_at: Duration,
    broken: Vec<Broken>,
    before: Moment,
    /// What was seen before that, oldest first.
    earlier: VecDeque<Moment>,
    /// When all were last seen equal.
    equal_at: Option<Duration>,
}

impl Run {
    fn play(&mut self) {
        let end = self.calm_at + HEALED_WITHIN + AFTERWARDS;
        while self.world.now < end {
            self.world.run(SECOND / 2);
            self.ask();
            if self.world.now == self.calm_at + HEALED_WITHIN {
                self.ask_healed("healing");
            }
        }
        self.ask_healed("the end");
        if self.world.plan.clocks_agree() {
            let lost = invariants::kept::lost(&self.before, &self.world.oracle);
            lost.into_iter().for_each(|broken| self.note(broken));
        }
    }

    fn ask(&mut self) {
        let moment = self.world.moment().after(&self.before);
        let found = [
            invariants::shown::missing(&moment, &self.world.oracle),
            invariants::honest::early(self.before.at, &moment, &self.world.oracle),
            invariants::gone::returned(&moment, &self.world.oracle),
            invariants::equal::same_vectors_differ(self.settled(), &moment),
        ];
        for broken in found.into_iter().flatten() {
            self.note(broken);
        }
        if invariants::equal::apart(&moment).is_none() {
            self.equal_at = Some(moment.at);
        }
        self.earlier
            .push_back(std::mem::replace(&mut self.before, moment));
        if self.earlier.len() > EARLIER {
            self.earlier.pop_front();
        }
    }

    /// What was seen some seconds ago: what still is as it was then has come to rest, and digests were compared.
    fn settled(&self) -> &Moment {
        self.earlier.front().unwrap_or(&self.before)
    }

    /// All were equal at some moment of the last few seconds; writes may be under way at any single one.
    fn ask_healed(&mut self, since: &str) {
        let lately = self.world.now.saturating_sub(3 * SECOND);
        if self.equal_at.is_none_or(|at| at < lately) {
            let found = invariants::equal::apart(&self.before);
            let broken = found.unwrap_or_else(|| {
                Broken::new(
                    "equal after healing",
                    self.world.now,
                    "not lately".to_owned(),
                )
            });
            self.note(Broken {
                text: format!("after {since}: {}", broken.text),
                ..broken
            });
        }
    }

    fn note(&mut self, broken: Broken) {
        let known = self
            .broken
            .iter()
            .any(|known| known.invariant == broken.invariant);
        if !known {
            self.world.tell(None, format!("BROKEN {broken}"));
            self.broken.push(broken);
        }
    }
}

impl Outcome {
    /// The same breach with as few faults and clients as will do.
    pub fn shortened(self) -> Self {
        let mut shortest = self;
        let mut at = 0;
        while at < shortest.plan.faults.len() {
            let mut plan = shortest.plan.clone();
            plan.faults.remove(at);
            let tried = play(plan);
            if tried.breaks_as(&shortest) {
                shortest = tried;
            } else {
                at += 1;
            }
        }
        shortest
    }

    fn breaks_as(&self, other: &Self) -> bool {
        let kind = |outcome: &Self| outcome.broken.first().map(|broken| broken.invariant);
        kind(self) == kind(other)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.plan, self.told)?;
        for broken in &self.broken {
            writeln!(f, "{broken}")?;
        }
        writeln!(f, "trace {:016x}", self.trace)
    }
}
