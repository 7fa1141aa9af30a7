//! Row 1: how long it takes until a change at one server shows at the others.

use crate::cluster::{CALM, Cluster, MILLI, SECOND, median};

/// From the start of each of 60 clients at A until B lists it, in seconds.
fn lags(mut cluster: Cluster) -> Vec<f64> {
    for server in 0..3 {
        cluster.clients(40, server);
    }
    for number in 0..60 {
        let at = CALM + SECOND * number * 3 + MILLI * (number * 137 % 1000);
        cluster.clients_from(1, 0, at..at + MILLI);
    }
    cluster.plan.every = MILLI * 20;
    let seen = cluster.run(SECOND * 240);
    let starts: Vec<f64> = cluster.plan.clients[120..]
        .iter()
        .map(|manner| (manner.starts_at - CALM).as_secs_f64())
        .collect();
    let shown = (0..60).map(|number| seen.shows_from(3 + number, 1, 1).expect("listed at last"));
    shown
        .zip(starts)
        .map(|(shown, start)| shown - start)
        .collect()
}

/// Measured: p50 0.32 to 0.53 by operation, warm. A task waits until the *first* in the queue is 500 ms old, so behind
/// heartbeats it waits less; nothing here ever waits for a CPU.
#[test]
fn without_a_cache_a_registration_shows_at_the_others_within_half_a_second() {
    let lags = lags(Cluster::fast(1));
    let most = lags.iter().copied().fold(0.0, f64::max);
    let middle = median(lags);
    assert!((0.15..0.53).contains(&middle), "{middle}");
    assert!((0.4..0.6).contains(&most), "{most}");
}

/// Measured: p50 13.0 to 18.1, p99 27.5 to 29.9, by operation.
#[test]
fn with_the_cache_it_shows_after_a_quarter_of_a_minute_and_at_worst_half_of_one() {
    let lags = lags(Cluster::default(2));
    let most = lags.iter().copied().fold(0.0, f64::max);
    let middle = median(lags);
    assert!((10.0..20.0).contains(&middle), "{middle}");
    assert!((25.0..31.0).contains(&most), "{most}");
}
