//! The claims of SWIM, measured.
//!
//! Here: what one crash and one quiet minute are like ([`crash`], [`quiet`]), and many of them, by size and variant.
//! Not here: false positives (`lifeguard`). What must always hold: what the paper predicts is computed here from its
//! formulas and shown as the paper's; everything else was measured.
//!
//! The paper (Das, Gupta, Motivala: SWIM: Scalable Weakly-consistent Infection-style Process Group Membership
//! Protocol, DSN 2002) has three claims that can be counted. From a crash to the first probe of the dead it takes
//! e/(e−1) ≈ 1.58 protocol periods on average, whatever the size. The load of a member does not grow with the size.
//! News reaches all in a number of periods that grows with the logarithm of the size.

pub mod crash;
pub mod quiet;
pub mod report;

use std::num::NonZeroUsize;

use self::crash::Crash;
use self::quiet::Quiet;
use super::crew::share;
use super::sample::Sample;
use super::variant::Variant;

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct Experiment {
    /// Sizes of groups.
    pub sizes: Vec<usize>,
    /// The variants that are compared.
    pub variants: Vec<Variant>,
    /// Crashes per size and variant, each in a group of its own; fewer in groups above 50.
    pub crashes: u64,
    /// The first seed.
    pub seed: u64,
}

impl Default for Experiment {
    fn default() -> Self {
        Self {
            sizes: vec![3, 5, 10, 20, 50, 100, 200],
            variants: vec![Variant::Plain, Variant::Stock, Variant::Ours],
            crashes: 400,
            seed: 1,
        }
    }
}

/// One size and one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// How many members.
    pub size: usize,
    /// How they are set.
    pub variant: Variant,
    /// From the crash to the first probe of the dead, in periods, the one of that probe included: what the paper
    /// counts.
    pub periods: Sample,
    /// From the crash until somebody suspects, in seconds.
    pub suspected: Sample,
    /// From then until all know, in seconds.
    pub spread: Sample,
    /// From the crash until somebody takes it for dead, in seconds.
    pub dead_first: Sample,
    /// From the crash until all do, in seconds.
    pub dead_all: Sample,
    /// What a member sends while nothing happens.
    pub quiet: Quiet,
    /// The same where members also tell each other how they are, as servers do.
    pub quiet_talking: Quiet,
}

impl Experiment {
    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.jobs().len()
    }

    /// Measures everything on so many threads, and tells how many runs are done whenever one is.
    pub fn run(&self, threads: NonZeroUsize, done: impl Fn(usize) + Sync) -> Vec<Cell> {
        let mut jobs = self.jobs();
        // The longest first, so that no thread is left with one at the end.
        jobs.sort_by_key(|job| std::cmp::Reverse(job.size));
        let found = share(&jobs, threads, Job::run, done);
        let found: Vec<(Job, Found)> = jobs.into_iter().zip(found).collect();
        let sizes = self.sizes.iter();
        let cells =
            sizes.flat_map(|size| self.variants.iter().map(move |variant| (*size, *variant)));
        cells
            .map(|(size, variant)| Cell::of(size, variant, &found))
            .collect()
    }

    /// Figures of large groups scatter less, and cost more.
    fn crashes(&self, size: usize) -> u64 {
        let fewer = self.crashes * 50 / size.max(1) as u64;
        self.crashes.min(fewer).max(1)
    }

    fn jobs(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        for size in &self.sizes {
            for variant in &self.variants {
                let job = |what, seed| Job {
                    size: *size,
                    variant: *variant,
                    seed,
                    what,
                };
                let seeds = self.seed..self.seed + self.crashes(*size);
                jobs.extend(seeds.map(|seed| job(What::Crash, seed)));
                jobs.extend([false, true].map(|talking| job(What::Quiet { talking }, self.seed)));
            }
        }
        jobs
    }
}

#[derive(Clone, Copy, Debug)]
struct Job {
    size: usize,
    variant: Variant,
    seed: u64,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Crash,
    Quiet { talking: bool },
}

#[derive(Clone, Copy, Debug)]
enum Found {
    Crash(Crash),
    Quiet(Quiet),
}

impl Job {
    fn run(&self) -> Found {
        match self.what {
            What::Crash => Found::Crash(crash::run(self.variant, self.size, self.seed)),
            What::Quiet { talking } => {
                Found::Quiet(quiet::run(self.variant, self.size, self.seed, talking))
            }
        }
    }
}

impl Cell {
    fn of(size: usize, variant: Variant, found: &[(Job, Found)]) -> Self {
        let here = found
            .iter()
            .filter(|(job, _)| (job.size, job.variant) == (size, variant));
        let crashes: Vec<&Crash> = here
            .clone()
            .filter_map(|(_, found)| match found {
                Found::Crash(crash) => Some(crash),
                Found::Quiet(_) => None,
            })
            .collect();
        let quiet = |talking| {
            let mut quiet = here.clone().filter_map(|(job, found)| match found {
                Found::Quiet(quiet) if job.what == What::Quiet { talking } => Some(*quiet),
                _ => None,
            });
            quiet.next().unwrap_or_default()
        };
        Self {
            size,
            variant,
            periods: crashes
                .iter()
                .map(|crash| f64::from(crash.periods))
                .collect(),
            suspected: crashes.iter().map(|crash| crash.suspected).collect(),
            spread: crashes
                .iter()
                .map(|crash| crash.known - crash.suspected)
                .collect(),
            dead_first: crashes.iter().map(|crash| crash.dead_first).collect(),
            dead_all: crashes.iter().map(|crash| crash.dead_all).collect(),
            quiet: quiet(false),
            quiet_talking: quiet(true),
        }
    }
}

/// What the paper expects of the periods from a crash to the first probe of the dead, in a group of this size:
/// 1 / (1 − (1 − 1/(N−1))^(N−1)), which goes to e/(e−1).
pub fn periods_expected(size: usize) -> f64 {
    let others = size.saturating_sub(1).max(1) as f64;
    let missed = (1.0 - 1.0 / others).powf(others);
    1.0 / (1.0 - missed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expectation_goes_to_e_over_e_minus_one() {
        let limit = std::f64::consts::E / (std::f64::consts::E - 1.0);
        assert!((periods_expected(1_000_000) - limit).abs() < 1e-5);
        assert!((periods_expected(3) - 4.0 / 3.0).abs() < 1e-9);
    }
}
