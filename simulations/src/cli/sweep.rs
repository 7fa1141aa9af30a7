//! Plays many seeds.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::ops::Range;
use std::thread;
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use simulations::world::run;
use simulations::world::sweep::{self, Swept};

use super::{Refused, Told};

#[derive(Debug, Args)]
pub(super) struct Sweep {
    /// How many seeds.
    #[arg(long)]
    seeds: u64,
    /// The first of them, or "random".
    #[arg(long, default_value = "0", value_parser = first)]
    from: u64,
    /// How many at a time; as many as there are cores, if this is not said.
    #[arg(long)]
    workers: Option<usize>,
}

/// A first seed. A random one is told, as every seed is that breaks something.
fn first(text: &str) -> Result<u64, String> {
    match text {
        "random" => Ok(RandomState::new().build_hasher().finish() % RANDOM_BELOW),
        _ => text
            .parse()
            .map_err(|cause| format!("{cause}; give a number, or \"random\"")),
    }
}

/// Random seeds are short enough to be read out.
const RANDOM_BELOW: u64 = 1_000_000_000;

impl Sweep {
    /// Plays them. Not sound is a sweep in which something broke, or that was to exercise everything and did not.
    pub(super) fn tell(&self) -> Result<Told, Refused> {
        let cores = thread::available_parallelism().map_or(1, Into::into);
        let seeds = self.from..self.from.saturating_add(self.seeds);
        let bar = bar(self.seeds);
        let swept = sweep::run(seeds.clone(), self.workers.unwrap_or(cores), &|progress| {
            bar.set_position(progress.done);
            if progress.broken > 0 {
                bar.set_message(format!("{} broken", progress.broken));
            }
        });
        let elapsed = bar.elapsed();
        bar.finish_and_clear();
        let missing = match self.seeds >= ENOUGH {
            true => swept.tally.missing(),
            false => Vec::new(),
        };
        Ok(Told {
            sound: swept.broken.is_empty() && missing.is_empty(),
            text: told(&seeds, &swept, elapsed, &missing),
        })
    }
}

/// A sweep of so many seeds is to exercise every kind of fault and every rule.
const ENOUGH: u64 = 256;

fn bar(seeds: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} seeds, {per_sec}, {eta} left {msg}");
    let bar = ProgressBar::new(seeds);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn told(seeds: &Range<u64>, swept: &Swept, elapsed: Duration, missing: &[&str]) -> String {
    let seconds = elapsed.as_secs_f64().max(f64::MIN_POSITIVE);
    let per_second = f64::from(u32::try_from(swept.seeds).unwrap_or(u32::MAX)) / seconds;
    let mut told = swept.tally.to_string();
    if !missing.is_empty() {
        told.push_str(&format!("\nnever exercised: {}\n", missing.join(", ")));
    }
    told.push_str(&format!(
        "\nseeds {} to {}: {} broken; {seconds:.1} s, {per_second:.1} seeds/s\n",
        seeds.start,
        seeds.end.saturating_sub(1),
        swept.broken.len()
    ));
    for (seed, what) in &swept.broken {
        let repeat = run::repeat(*seed);
        told.push_str(&format!("\n{what}\n    {repeat} --shorten\n"));
    }
    told
}
