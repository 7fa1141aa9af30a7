//! Measures what the papers on membership claim.
//!
//! Here: flags, threads and the progress of `swim` and `lifeguard`. Not here: what is measured
//! ([`simulations::papers`]).

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use simulations::papers::lifeguard::{self, grid::Grid};
use simulations::papers::report::Report;
use simulations::papers::swim::{self, Experiment};

use super::{Refused, Told, write};

#[derive(Debug, Args)]
pub(super) struct Swim {
    /// Crashes per size and variant, in groups of up to 50; fewer in larger ones.
    #[arg(long, default_value_t = 400)]
    crashes: u64,
    /// Sizes of groups.
    #[arg(long, value_delimiter = ',', default_value = "3,5,10,20,50,100,200", value_parser = size)]
    sizes: Vec<usize>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
pub(super) struct Lifeguard {
    /// All lengths of stalls and pauses; takes hours.
    #[arg(long)]
    full: bool,
    /// Runs per kind of stalls and variant.
    #[arg(long, default_value_t = lifeguard::grid::SEEDS)]
    seeds: u64,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, Args)]
struct How {
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Threads that share the runs; as many as there are cores, if this is not said. The figures do not hang on it.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// Write the figures as one page with plots that opens from disk.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the figures as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Swim {
    /// Measures. Always sound: figures are not judged here.
    pub(super) fn tell(&self) -> Result<Told, Refused> {
        let experiment = Experiment {
            sizes: self.sizes.clone(),
            crashes: self.crashes,
            seed: self.how.seed,
            ..Experiment::default()
        };
        let bar = bar(experiment.runs());
        let cells = experiment.run(self.how.threads(), |done| bar.set_position(done as u64));
        bar.finish_and_clear();
        self.how.give(&swim::report::report(&cells))
    }
}

impl Lifeguard {
    /// Counts. Always sound: figures are not judged here.
    pub(super) fn tell(&self) -> Result<Told, Refused> {
        let grid = Grid {
            seeds: self.seeds,
            seed: self.how.seed,
            ..if self.full {
                Grid::full()
            } else {
                Grid::brief()
            }
        };
        let bar = bar(grid.runs());
        let cells = grid.run(self.how.threads(), |done| bar.set_position(done as u64));
        bar.finish_and_clear();
        self.how.give(&lifeguard::report::report(&cells))
    }
}

impl How {
    fn threads(&self) -> NonZeroUsize {
        let all = || thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        self.threads.unwrap_or_else(all)
    }

    fn give(&self, report: &Report) -> Result<Told, Refused> {
        let mut text = report.to_string();
        if let Some(path) = &self.html {
            let page = report
                .html()
                .map_err(|cause| Refused(format!("{cause}\n")))?;
            text.push_str(&write(path, &page)?);
        }
        if let Some(path) = &self.json {
            text.push_str(&write(path, &format!("{:#}\n", report.json()))?);
        }
        Ok(Told { text, sound: true })
    }
}

/// A group has at least two members, or nobody is there to notice; and the false network has room for so many.
fn size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size) if (2..=SIZE_MAX).contains(&size) => Ok(size),
        _ => Err(format!("not a number from 2 to {SIZE_MAX}")),
    }
}

const SIZE_MAX: usize = 1000;

fn bar(runs: usize) -> ProgressBar {
    let bar = ProgressBar::new(runs as u64);
    match ProgressStyle::with_template("{wide_bar} {pos}/{len} runs, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
