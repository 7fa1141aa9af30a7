//! How many go in one window, and in which order.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::super::instance::Instance;
use super::super::quota::allowance;
use super::super::settings::RegistrySettings;
use super::super::testing::{Stage, instance, lasting};

const UNPROTECTED: RegistrySettings = RegistrySettings {
    preservation: false,
    ..RegistrySettings::DEFAULT
};
const WINDOW: u64 = 60;

/// So many leases, five to an application, that end within the first window. Answers who was evicted, by window.
fn windows(leases: usize, secs: u32, seed: u64, windows: usize) -> Vec<Vec<String>> {
    let mut stage = Stage::seeded(UNPROTECTED, seed);
    for number in 0..leases {
        let app = format!("APP{}", number / 5);
        stage.register(Instance {
            app: instance(&app, "").app,
            ..lasting(&number.to_string(), secs)
        });
    }
    let window = |_| stage.run(WINDOW).iter().map(ToString::to_string).collect();
    (0..windows).map(window).collect()
}

#[test]
fn a_window_allows_what_this_table_says() {
    for (owned, allowed) in [
        (0, 0),
        (1, 1),
        (2, 1),
        (3, 1),
        (5, 1),
        (6, 1),
        (7, 2),
        (9, 2),
        (10, 2),
        (13, 2),
        (14, 3),
        (20, 3),
        (100, 15),
        (1_000_000, 150_000),
    ] {
        assert_eq!(allowance(owned, 85), allowed, "of {owned}");
    }
    assert_eq!(allowance(10, 0), 10);
    assert_eq!(allowance(10, 100), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_window_takes_more_than_its_share_and_all_go_in_the_end(
        leases in 1..60usize, secs in 0..59u32, seed: u64,
    ) {
        let mut left = leases;
        for evicted in windows(leases, secs, seed, 6) {
            // 15 % of what was left, rounded up.
            prop_assert_eq!(evicted.len(), (left * 15).div_ceil(100));
            left -= evicted.len();
        }
    }
}

#[test]
fn the_order_is_that_of_the_seed() {
    assert_eq!(windows(40, 10, 1, 4), windows(40, 10, 1, 4));
    assert_ne!(windows(40, 10, 1, 4), windows(40, 10, 2, 4));
}

#[test]
fn no_application_goes_first() {
    const SEEDS: u64 = 400;
    let mut first: BTreeMap<String, u64> = BTreeMap::new();
    for seed in 0..SEEDS {
        let evicted = windows(20, 10, seed, 1).remove(0);
        let app = evicted[0].split('/').next().unwrap_or_default();
        *first.entry(app.to_owned()).or_default() += 1;
    }
    // A hundred each would be even; this far off a fair draw comes in less than one of a thousand runs.
    assert_eq!(first.len(), 4);
    assert!(
        first.values().all(|times| (65..=135).contains(times)),
        "{first:?}"
    );
}

#[test]
fn a_window_that_began_with_nobody_lets_one_go() {
    let mut stage = Stage::new(RegistrySettings::DEFAULT);
    stage.run(5);
    stage.register(lasting("i", 10));
    stage.register(lasting("j", 300));
    assert_eq!(stage.run(11).len(), 1);
}

#[test]
fn a_window_is_counted_in_sweeps() {
    const EUREKA: RegistrySettings = RegistrySettings {
        sweep_interval: Duration::from_secs(60),
        ..UNPROTECTED
    };
    let mut stage = Stage::new(EUREKA);
    for number in 0..20 {
        stage.register(lasting(&number.to_string(), 30));
    }
    let mut minute = || {
        stage.pass(EUREKA.sweep_interval);
        stage.sweep().evicted.len()
    };
    // Of 20, of 17, of 14.
    assert_eq!([minute(), minute(), minute()], [3, 3, 3]);
}
