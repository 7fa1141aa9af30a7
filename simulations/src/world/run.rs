//! A plan, played: every half second the invariants are asked, and at the end all must be equal.
//!
//! Here: what one run comes to, and how a plan that breaks something is shortened. Not here: what is asked. What must
//! always hold: to ask changes nothing.

mod watch;

use std::fmt;
use std::time::Duration;

use self::watch::Watch;
use super::film::{Film, Picture};
use super::plan::{EVERY, Plan};
use super::tally::Tally;
use super::timeline::{Kind, Line};
use super::{SECOND, World};
use crate::invariants::Broken;

/// Hosts must be equal within this, once nothing goes wrong any more.
const HEALED_WITHIN: Duration = Duration::from_secs(10);

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What was to be.
    pub plan: Plan,
    /// A number that is equal for equal runs.
    pub trace: u64,
    /// What did not hold; the first of each kind.
    pub broken: Vec<Broken>,
    /// What happened.
    pub lines: Vec<Line>,
    /// How often things of each kind happened.
    pub tally: Tally,
}

/// Plays the plan of a seed.
pub fn seed(seed: u64) -> Outcome {
    play(Plan::of(seed))
}

/// The command that plays the plan of a seed once more.
pub fn repeat(seed: u64) -> String {
    format!("cargo sim -- seed {seed}")
}

/// Plays a plan.
pub fn play(plan: Plan) -> Outcome {
    let (run, _) = Run::play(plan, false);
    let Run { world, broken, .. } = run;
    Outcome {
        trace: world.timeline.trace(),
        lines: world.timeline.into_lines(),
        plan: (*world.plan).clone(),
        tally: world.tally,
        broken,
    }
}

/// Plays a plan and takes pictures.
pub fn film(plan: Plan) -> Film {
    let (run, pictures) = Run::play(plan, true);
    let Run { world, broken, .. } = run;
    Film {
        model: "peerage",
        pictures,
        trace: world.timeline.trace(),
        lines: world.timeline.into_lines(),
        plan: (*world.plan).clone(),
        tally: world.tally,
        broken,
    }
}

struct Run {
    world: World,
    watch: Watch,
    broken: Vec<Broken>,
}

impl Run {
    fn play(plan: Plan, filmed: bool) -> (Self, Vec<Picture>) {
        let mut run = Self {
            world: World::new(plan),
            watch: Watch::default(),
            broken: Vec::new(),
        };
        let mut pictures = Vec::new();
        let plan = run.world.plan.clone();
        let healed = plan.calm_at + HEALED_WITHIN;
        // A plan that goes on for days is not looked at every half second of them.
        let looks = plan.every.max(EVERY);
        while run.world.now < plan.end_at {
            let before = run.world.now;
            run.world.run(plan.every);
            if falls_on(run.world.now, looks) {
                let found = run.watch.look(&run.world);
                run.note(found);
            }
            if before < healed && run.world.now >= healed {
                let found = run.watch.healed(&run.world, "healing");
                run.note(found);
            }
            if filmed {
                let moment = run.world.moment().after(run.watch.last());
                pictures.push(run.world.picture(&moment));
            }
        }
        run.end();
        (run, pictures)
    }

    fn end(&mut self) {
        let found = self.watch.rest(&self.world);
        self.note(found);
        self.watch.count(&mut self.world.tally);
        self.world.count_traffic();
    }

    fn note(&mut self, found: Vec<Broken>) {
        for broken in found {
            let mut known = self.broken.iter();
            if !known.any(|known| known.invariant == broken.invariant) {
                let text = format!("BROKEN {broken}");
                self.world.tell(None, Kind::Broken, text);
                self.broken.push(broken);
            }
        }
    }
}

impl World {
    /// Counts what nodes have counted.
    fn count_traffic(&mut self) {
        for host in self.hosts.iter().flatten() {
            let counts = host.node().view(host.age(self.now)).counts;
            self.tally.add("relay sent", counts.relays_sent);
            self.tally.add("relay heard", counts.relays_received);
            self.tally.add("pull", counts.pulls);
            self.tally.add("digest mismatch", counts.digest_mismatches);
            self.tally.add("verdict held back", counts.verdicts_held);
        }
    }
}

impl Outcome {
    /// The same breach with as few faults as will do.
    pub fn shortened(self) -> Self {
        let mut shortest = self;
        // Halves first: most of a plan has nothing to do with a breach.
        let mut size = shortest.plan.faults.len().div_ceil(2).max(1);
        loop {
            shortest = shortest.without_faults(size);
            if size == 1 {
                return shortest;
            }
            size = size.div_ceil(2);
        }
    }

    /// Leaves out as many runs of so many faults as it can.
    fn without_faults(self, size: usize) -> Self {
        let mut shortest = self;
        let mut at = 0;
        while at < shortest.plan.faults.len() {
            let mut plan = shortest.plan.clone();
            let end = (at + size).min(plan.faults.len());
            plan.faults.drain(at..end);
            let tried = play(plan);
            if tried.breaks_as(&shortest) {
                shortest = tried;
            } else {
                at += size;
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
        write!(f, "{}", self.plan)?;
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        for broken in &self.broken {
            writeln!(f, "{broken}")?;
        }
        writeln!(f, "trace {:016x}", self.trace)
    }
}

/// What was seen this long ago counts as lately.
const LATELY: Duration = SECOND.saturating_mul(3);

/// Whether something done so often is done now.
const fn falls_on(now: Duration, every: Duration) -> bool {
    now.as_nanos().is_multiple_of(every.as_nanos())
}
