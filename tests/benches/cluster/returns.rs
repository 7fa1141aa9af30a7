//! What it takes to come back after all have died.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use crate::Scale;
use crate::http::ask;
use crate::kills::Kills;
use crate::load::{lasting, register};
use crate::measure::{Spread, await_all, instances, short};
use crate::patience::{now, until};
use crate::places::Places;
use crate::stage::Cluster;
use crate::table::Row;

/// What the servers of a benchmark wait for one that is ready: the setting of the stage.
const JOIN_WAIT: Duration = Duration::from_secs(2);

/// Kills three servers at once, at any moment, under writes. A row that is not there was not whole.
pub(crate) fn kills(scale: Scale) -> Vec<Row> {
    let seed = u64::from(std::process::id());
    let Some(mut kills) = Kills::begin("bench-kills", seed) else {
        return Vec::new();
    };
    let rounds: Vec<_> = (0..scale.of(10, 100)).map(|_| kills.round()).collect();
    let last = rounds.last().expect("there was one at least");
    let ready = Spread::of(rounds.iter().map(|round| round.ready).collect());
    vec![Row {
        what: format!(
            "three killed under writes, {} times (seed {seed})",
            rounds.len()
        ),
        target: "all that was written down, always",
        java: "nothing",
        ours: format!(
            "always; at last {} instances, {} overrides; ready {ready}",
            last.back, last.overridden
        ),
        met: Some(true),
    }]
}

/// How long it takes until all that was registered is shown again.
pub(crate) fn returns(scale: Scale) -> Vec<Row> {
    let counts = [1000, 10_000, 100_000].into_iter().take(scale.of(2, 3));
    counts
        .flat_map(|count| [back(1, count), back(3, count)])
        .flatten()
        .collect()
}

fn back(size: usize, count: usize) -> Option<Row> {
    let mut cluster = Cluster::of(size)?;
    let places = Places::new("bench-returns");
    places.furnish(&mut cluster, "2s");
    cluster.form();
    register(&lasting("BACK", count), &cluster.addresses());
    await_all(&cluster, count);
    until("all is written down", || {
        cluster.addresses().into_iter().all(|server| {
            figure(server, "peerage_snapshot_records")
                .is_some_and(|records| records >= float(count))
        })
    });
    let took = figure(cluster.http(0), "peerage_snapshot_duration_seconds")?;
    let bytes = fs::metadata(places.of(0).join("registry.snapshot"))
        .ok()?
        .len();
    for server in cluster.all() {
        cluster.kill(server);
    }
    let began = now();
    for server in cluster.all() {
        cluster.start(server);
    }
    cluster.await_ready(&cluster.all());
    let ready = began.elapsed();
    for server in cluster.all() {
        assert_eq!(
            instances(cluster.http(server)),
            count,
            "who is ready has all"
        );
    }
    let waited = if size == 1 { Duration::ZERO } else { JOIN_WAIT };
    Some(Row {
        what: format!(
            "{size} killed with {} k instances: ready with all after",
            count / 1000
        ),
        target: "join-wait (30 s; alone 0) and little more",
        java: "never by itself",
        ours: format!(
            "join-wait + {}; snapshot of {:.1} MB written in {}",
            short(ready.saturating_sub(waited)),
            bytes as f64 / 1e6,
            short(Duration::from_secs_f64(took))
        ),
        met: None,
    })
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("it is small"))
}

/// A figure of a server's metrics.
fn figure(server: SocketAddr, name: &str) -> Option<f64> {
    let page = ask(server, "GET", "/metrics", "").ok()?.body;
    let page = String::from_utf8_lossy(&page);
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line?.trim().parse().ok()
}
