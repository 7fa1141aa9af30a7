//! Figures: of samples, of processes.

use std::fmt;
use std::fs;
use std::time::{Duration, Instant};

/// Real time.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Lets time pass.
pub(crate) fn pass(time: Duration) {
    let until = now() + time;
    while now() < until {
        std::thread::park_timeout(until - now());
    }
}

/// What many samples come to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    p50: Duration,
    p99: Duration,
    max: Duration,
    samples: usize,
}

impl Spread {
    pub(crate) fn of(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        let at = |percent: usize| {
            let place = (samples.len() * percent).div_ceil(100).saturating_sub(1);
            samples.get(place).copied().unwrap_or_default()
        };
        Self {
            p50: at(50),
            p99: at(99),
            max: at(100),
            samples: samples.len(),
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, max] =
            [self.p50, self.p99, self.max].map(|time| time.as_secs_f64() * 1000.0);
        write!(
            f,
            "p50 {p50:.1} ms, p99 {p99:.1} ms, max {max:.1} ms (of {})",
            self.samples
        )
    }
}

/// What a process has used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    resident_kib: f64,
    cpu: Duration,
}

impl Usage {
    pub(crate) fn of(process: u32) -> Self {
        Self {
            resident_kib: resident_kib(process),
            cpu: cpu(process),
        }
    }

    pub(crate) fn kibibytes_more(&self, before: &Self) -> f64 {
        self.resident_kib - before.resident_kib
    }

    /// The share of one core that it took since then.
    pub(crate) fn since(&self, before: &Self, seconds: usize) -> String {
        let cores = (self.cpu - before.cpu).as_secs_f64() / seconds as f64;
        format!("server's CPU {:.0} % of a core", cores * 100.0)
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} MiB", self.resident_kib / 1024.0)
    }
}

fn resident_kib(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().split(' ').next());
    kib.and_then(|kib| kib.parse().ok()).unwrap_or_default()
}

fn cpu(process: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{process}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let ran = threads.filter_map(|thread| {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(ran.sum())
}
