//! Many runs of stalls.
//!
//! Here: which of them, and what they come to together.

use std::num::NonZeroUsize;
use std::time::Duration;

use super::stalls::{self, Counted, Stalls};
use crate::papers::crew::share;
use crate::papers::sample::Sample;
use crate::papers::variant::Variant;

/// How long a run lasts.
pub const SPAN: Duration = Duration::from_secs(5 * 60);
/// How many runs there are of each kind.
pub const SEEDS: u64 = 10;

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The stalls.
    pub stalls: Vec<Stalls>,
    /// The variants that are compared; the first is what the others are held against.
    pub variants: Vec<Variant>,
    /// Runs per stall and variant.
    pub seeds: u64,
    /// The first seed.
    pub seed: u64,
}

/// One kind of stalls and one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The stalls.
    pub stalls: Stalls,
    /// How the members are set.
    pub variant: Variant,
    /// How many runs.
    pub runs: u64,
    /// What was counted in all of them.
    pub counted: Counted,
}

impl Grid {
    /// A part that takes about five minutes on two cores: short, long and very long stalls, of one member, of some, of a
    /// quarter.
    pub fn brief() -> Self {
        let mut stalls = product(20, &[1, 5], &[2.0, 8.0, 32.0], &[1.0, 4.0]);
        stalls.extend(product(128, &[32], &[8.0, 32.0], &[4.0]));
        stalls.extend(product(128, &[8], &[32.0], &[4.0]));
        Self::of(stalls)
    }

    /// All lengths of stalls and pauses. Hours.
    pub fn full() -> Self {
        let (long, short) = (
            [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0],
            [0.25, 1.0, 4.0, 16.0],
        );
        let mut stalls = product(20, &[1, 2, 5], &long, &short);
        stalls.extend(product(128, &[1, 4, 8, 16, 32], &long, &short));
        Self::of(stalls)
    }

    /// These stalls, for all variants.
    pub fn of(stalls: Vec<Stalls>) -> Self {
        Self {
            stalls,
            variants: vec![
                Variant::Stock,
                Variant::Health,
                Variant::Spread,
                Variant::Ours,
            ],
            seeds: SEEDS,
            seed: 1,
        }
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.jobs().len()
    }

    /// Runs everything on so many threads, and tells how many runs are done whenever one is.
    pub fn run(&self, threads: NonZeroUsize, done: impl Fn(usize) + Sync) -> Vec<Cell> {
        let mut jobs = self.jobs();
        jobs.sort_by_key(|(stalls, variant, _)| std::cmp::Reverse((stalls.size, *variant)));
        let work =
            |(stalls, variant, seed): &(Stalls, Variant, u64)| stalls::run(*variant, stalls, *seed);
        let counted = share(&jobs, threads, work, done);
        let mut cells = self.cells();
        for ((stalls, variant, _), counted) in jobs.into_iter().zip(counted) {
            let mut same = cells.iter_mut();
            if let Some(cell) = same.find(|cell| cell.stalls == stalls && cell.variant == variant) {
                cell.counted += counted;
            }
        }
        cells
    }

    fn cells(&self) -> Vec<Cell> {
        let all = self.stalls.iter();
        let cells =
            all.flat_map(|stalls| self.variants.iter().map(move |variant| (*stalls, *variant)));
        let cell = |(stalls, variant)| Cell {
            stalls,
            variant,
            runs: self.seeds,
            counted: Counted::default(),
        };
        cells.map(cell).collect()
    }

    fn jobs(&self) -> Vec<(Stalls, Variant, u64)> {
        let seeds = self.seed..self.seed + self.seeds;
        let with_seeds = |cell: Cell| {
            seeds
                .clone()
                .map(move |seed| (cell.stalls, cell.variant, seed))
        };
        self.cells().into_iter().flat_map(with_seeds).collect()
    }
}

impl Cell {
    /// From the beginning of a stall until a healthy member declared the stalled one dead, in seconds.
    pub fn first(&self) -> Sample {
        self.counted.first.iter().copied().collect()
    }

    /// The same until all healthy members had.
    pub fn full(&self) -> Sample {
        self.counted.full.iter().copied().collect()
    }

    /// What a member sent: datagrams and bytes a second.
    pub fn sent(&self) -> (f64, f64) {
        let seconds = self.stalls.span.as_secs_f64() * self.stalls.size as f64 * self.runs as f64;
        let sent = self.counted.sent;
        (sent.datagrams as f64 / seconds, sent.bytes as f64 / seconds)
    }
}

/// All combinations; times in seconds.
pub fn product(size: usize, victims: &[usize], stalls: &[f64], pauses: &[f64]) -> Vec<Stalls> {
    let mut all = Vec::new();
    for victims in victims {
        for stall in stalls {
            for pause in pauses {
                all.push(Stalls {
                    size,
                    victims: *victims,
                    stall: Duration::from_secs_f64(*stall),
                    pause: Duration::from_secs_f64(*pause),
                    span: SPAN,
                });
            }
        }
    }
    all
}
