//! When to tell of datagrams that no peer sends.
//!
//! Here: a count a minute. Not here: which datagrams those are, and that they are dropped (`membership`).

use std::time::Duration;

/// So many in a minute are worth a line: fewer may be a bit that fell over, or a peer that starts.
pub(super) const NOISE: u64 = 10;
const WINDOW: Duration = Duration::from_secs(60);

/// What was dropped up to the present minute.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Noise {
    began: Duration,
    before: u64,
}

impl Noise {
    /// How many of those that were dropped so far came in the minute that has just ended, if they are worth telling.
    pub(super) fn news(&mut self, now: Duration, dropped: u64) -> Option<u64> {
        if now < self.began + WINDOW {
            return None;
        }
        self.began = now;
        let count = dropped - std::mem::replace(&mut self.before, dropped);
        Some(count).filter(|count| *count >= NOISE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_of_once_a_minute_and_a_drop_now_and_then_never() {
        let mut noise = Noise::default();
        let dropped = |second: u64| match second {
            0..100 => second / 20,
            100..200 => 5 + (second - 100) * 1000,
            _ => 100_005,
        };
        let told = (0..400).filter_map(|second| {
            let count = noise.news(Duration::from_secs(second), dropped(second))?;
            Some((second, count))
        });
        let told: Vec<_> = told.collect();
        assert_eq!(told, [(120, 20_002), (180, 60_000), (240, 20_000)]);
    }
}
