//! How many heartbeats came in the last minute.

use std::collections::VecDeque;
use std::time::Duration;

/// How far apart counts are kept.
const STEP: Duration = Duration::from_secs(10);
/// How many of these are a minute.
const STEPS: usize = 6;

/// A sum that grows, looked at now and then.
#[derive(Clone, Debug, Default)]
pub(super) struct Pulse {
    /// When the last count was kept.
    kept: Duration,
    /// Counts of the last minute, the newest last.
    counts: VecDeque<u64>,
    now: u64,
}

impl Pulse {
    /// So many heartbeats were taken since the start.
    pub(super) fn feel(&mut self, now: Duration, sum: u64) {
        self.now = sum;
        if self.counts.is_empty() || now.saturating_sub(self.kept) >= STEP {
            self.kept = now;
            self.counts.push_back(sum);
            if self.counts.len() > STEPS {
                self.counts.pop_front();
            }
        }
    }

    /// How many of them came in the last minute, or since the start if that is not so long ago.
    pub(super) fn per_minute(&self) -> u32 {
        let before = self.counts.front().copied().unwrap_or(self.now);
        u32::try_from(self.now.saturating_sub(before)).unwrap_or(u32::MAX)
    }
}
