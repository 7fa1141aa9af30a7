//! Figures: of samples, of processes, of servers.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use crate::http::ask;
use crate::patience::{PATIENCE, within};
use crate::stage::Cluster;

/// What many samples come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) max: Duration,
    samples: usize,
}

impl Spread {
    pub(crate) fn of(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        // The least that so many percent do not exceed; of few samples the greatest.
        let at = |percent: usize| samples[(samples.len() * percent).div_ceil(100) - 1];
        Self {
            p50: at(50),
            p99: at(99),
            max: at(100),
            samples: samples.len(),
        }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [p50, p99, max] = [self.p50, self.p99, self.max].map(short);
        write!(f, "p50 {p50} p99 {p99} max {max} (of {})", self.samples)
    }
}

/// A time in three digits.
pub(crate) fn short(time: Duration) -> String {
    match time.as_micros() {
        0..100_000 => format!("{:.1} ms", time.as_secs_f64() * 1000.0),
        100_000..1_000_000 => format!("{} ms", time.as_millis()),
        _ => format!("{:.2} s", time.as_secs_f64()),
    }
}

/// The time all threads of a process have run, to the nanosecond.
pub(crate) fn cpu(process: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("the process is there");
    let ran = threads.flatten().filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(ran.sum())
}

/// How much memory a process has now, in MiB.
pub(crate) fn resident(process: u32) -> f64 {
    let status =
        fs::read_to_string(format!("/proc/{process}/status")).expect("the process is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line
        .and_then(|line| line.trim().split(' ').next())
        .and_then(|kib| kib.parse().ok());
    kib.map_or(0.0, |kib: f64| kib / 1024.0)
}

/// How many instances a server shows.
pub(crate) fn instances(server: SocketAddr) -> usize {
    let page = ask(server, "GET", "/metrics", "")
        .map(|answer| answer.body)
        .unwrap_or_default();
    let page = String::from_utf8_lossy(&page);
    let rows = page.lines().filter(|line| {
        line.starts_with("peerage_instances{") || line.starts_with("peerage_instances ")
    });
    // A gauge may be written as a fraction.
    let whole = |row: &str| {
        row.rsplit(' ')
            .next()?
            .split('.')
            .next()?
            .parse::<usize>()
            .ok()
    };
    rows.filter_map(whole).sum()
}

/// Waits until every server shows so many instances.
pub(crate) fn await_all(cluster: &Cluster, count: usize) {
    let shown = || -> Vec<_> {
        let servers = cluster.all().into_iter();
        servers
            .map(|server| instances(cluster.http(server)))
            .collect()
    };
    let all = within(PATIENCE, || shown().iter().all(|shown| *shown == count));
    assert!(all, "of {count} instances the servers show {:?}", shown());
}
