//! What is told of snapshots of the registry.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::page::Sheet;
use crate::clock::Timestamp;
use crate::server::Size;

/// Counts snapshots. Zero stands for none so far.
#[derive(Debug, Default)]
pub(crate) struct Snapshots {
    failures: AtomicU64,
    at: AtomicU64,
    records: AtomicU64,
    bytes: AtomicU64,
    micros: AtomicU64,
}

impl Snapshots {
    /// One was written, or could not be, in so much time.
    pub(crate) fn written(
        &self,
        now: Timestamp,
        took: Duration,
        outcome: Result<&Size, &io::Error>,
    ) {
        let Ok(size) = outcome else {
            self.failures.fetch_add(1, Relaxed);
            return;
        };
        self.at.store(now.as_millis(), Relaxed);
        self.records.store(size.records as u64, Relaxed);
        self.bytes.store(size.bytes as u64, Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.store(micros, Relaxed);
    }

    /// Prints them.
    pub(super) fn encode(&self, sheet: &mut Sheet<'_>) -> fmt::Result {
        let help = "Snapshots of the registry that could not be written";
        let failures = self.failures.load(Relaxed);
        sheet.counter("peerage_snapshot_failures", help, failures)?;
        let last = |name, help, number: &AtomicU64, unit: f64| {
            (name, help, number.load(Relaxed) as f64 / unit)
        };
        let all = [
            last(
                "peerage_snapshot_time_seconds",
                "When the last snapshot was written, in seconds since the epoch; 0 if none was",
                &self.at,
                1e3,
            ),
            last(
                "peerage_snapshot_records",
                "Records in the last snapshot",
                &self.records,
                1.0,
            ),
            last(
                "peerage_snapshot_bytes",
                "Bytes of the last snapshot",
                &self.bytes,
                1.0,
            ),
            last(
                "peerage_snapshot_duration_seconds",
                "How long writing the last snapshot took",
                &self.micros,
                1e6,
            ),
        ];
        all.into_iter()
            .try_for_each(|(name, help, value)| sheet.gauge(name, help, value))
    }
}
