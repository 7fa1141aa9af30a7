//! Many seeds, each a few minutes of random faults.
//!
//! `PEERAGE_SEEDS=1000..5000 cargo test -p simulations --test world sweep` runs others.

use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, panic, thread};

use simulations::world::run;

/// How many seeds every `cargo test` runs.
const SEEDS: u64 = 256;
/// Seeds that once broke something.
const REGRESSIONS: &[u64] = &[4900, 5625, 6344, 7040];

#[test]
fn no_seed_breaks_an_invariant() {
    let (from, to) = seeds();
    let next = AtomicU64::new(from);
    let workers = thread::available_parallelism().map_or(1, Into::into);
    let broken: Vec<String> = thread::scope(|scope| {
        let work = || scope.spawn(|| work(&next, to));
        let workers: Vec<_> = (0..workers).map(|_| work()).collect();
        let found = workers.into_iter().flat_map(|worker| worker.join());
        found.flatten().collect()
    });
    assert!(
        broken.is_empty(),
        "{} seeds:\n{}",
        broken.len(),
        broken.join("\n")
    );
}

#[test]
fn seeds_that_once_broke_something_do_not() {
    let broken: Vec<String> = REGRESSIONS
        .iter()
        .filter_map(|seed| breach(*seed))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn equal_seeds_are_equal_runs() {
    for seed in [3, 4, 5] {
        let (one, other) = (run::seed(seed), run::seed(seed));
        assert_eq!(one.told, other.told, "seed {seed}");
        assert_eq!(one.trace, other.trace, "seed {seed}");
    }
}

fn seeds() -> (u64, u64) {
    let given = env::var("PEERAGE_SEEDS").ok();
    let range = given.as_deref().and_then(|text| text.split_once(".."));
    range.map_or((0, SEEDS), |(from, to)| {
        (from.parse().expect("a seed"), to.parse().expect("a seed"))
    })
}

/// Runs seeds until there are no more. Answers what broke.
fn work(next: &AtomicU64, to: u64) -> Vec<String> {
    let mut broken = Vec::new();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= to {
            return broken;
        }
        broken.extend(breach(seed));
    }
}

/// What a seed breaks, and the command that shows how.
fn breach(seed: u64) -> Option<String> {
    let what = match panic::catch_unwind(|| run::seed(seed).broken) {
        Ok(broken) => broken.first()?.to_string(),
        Err(_) => "panicked".to_owned(),
    };
    let repeat = format!("cargo run -p simulations -- world --seed {seed}");
    Some(format!("{what}\n    {repeat}"))
}
