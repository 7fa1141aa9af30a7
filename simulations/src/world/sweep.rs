//! Many seeds, on all cores.
//!
//! Here: handing out seeds, and putting together what they came to. Not here: showing it. What must always hold: what a
//! seed comes to does not depend on which others were run, or where.

use std::ops::Range;
use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use super::run;
use super::tally::Tally;

/// What many seeds came to.
#[derive(Clone, Debug, Default)]
pub struct Swept {
    /// How many were run.
    pub seeds: u64,
    /// Those that broke something, and what; in order.
    pub broken: Vec<(u64, String)>,
    /// How often things of each kind happened in all of them.
    pub tally: Tally,
}

/// How far a sweep has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many seeds were run.
    pub done: u64,
    /// How many of these broke something.
    pub broken: u64,
}

/// Runs these seeds on so many threads, and tells after each how far it has come.
pub fn run(seeds: Range<u64>, workers: usize, tell: &(dyn Fn(Progress) + Sync)) -> Swept {
    let (next, swept) = (AtomicU64::new(seeds.start), Mutex::new(Swept::default()));
    let work = || {
        while let Some(seed) = take(&next, seeds.end) {
            let (what, tally) = one(seed);
            let progress = {
                let mut swept = swept.lock().expect("no thread panics while it holds this");
                swept.enter(seed, what, &tally);
                swept.progress()
            };
            tell(progress);
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers.max(1) {
            scope.spawn(work);
        }
    });
    let mut swept = swept
        .into_inner()
        .expect("no thread panics while it holds this");
    swept.broken.sort();
    swept
}

fn take(next: &AtomicU64, end: u64) -> Option<u64> {
    let seed = next.fetch_add(1, Ordering::Relaxed);
    (seed < end).then_some(seed)
}

/// What a seed breaks, and what was exercised.
fn one(seed: u64) -> (Option<String>, Tally) {
    match panic::catch_unwind(|| run::seed(seed)) {
        Ok(outcome) => {
            let broken = outcome.broken.first().map(ToString::to_string);
            (broken, outcome.tally)
        }
        Err(_) => (Some("panicked".to_owned()), Tally::default()),
    }
}

impl Swept {
    fn enter(&mut self, seed: u64, what: Option<String>, tally: &Tally) {
        self.seeds += 1;
        self.tally.join(tally);
        self.broken.extend(what.map(|what| (seed, what)));
    }

    fn progress(&self) -> Progress {
        Progress {
            done: self.seeds,
            broken: self.broken.len() as u64,
        }
    }

    /// What broke, and the command that shows it once more, seed by seed.
    pub fn told(&self) -> String {
        let told = self.broken.iter().map(|(seed, what)| {
            let repeat = run::repeat(*seed);
            format!("{what}\n    {repeat}\n")
        });
        told.collect()
    }
}
