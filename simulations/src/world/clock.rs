//! The clock of a machine: runs too fast or too slowly, and its wall clock may be wrong.
//!
//! Here: how a host's own time follows from the world's, and back. Not here: who reads it. What must always hold: a
//! host's own time never goes back, and a moment that it waits for has come when the world says so.

use std::time::Duration;

const MILLION: u128 = 1_000_000;

/// A host's own time since its start.
#[derive(Clone, Copy, Debug)]
pub struct OwnTime {
    /// The world's time at which the drift was last set.
    set_at: Duration,
    /// The host's own time then.
    own_at: Duration,
    drift_ppm: i32,
}

impl OwnTime {
    /// Begins now.
    pub const fn starting(now: Duration, drift_ppm: i32) -> Self {
        Self {
            set_at: now,
            own_at: Duration::ZERO,
            drift_ppm,
        }
    }

    /// From now on it runs too fast by so many microseconds a second.
    pub fn drift(&mut self, now: Duration, drift_ppm: i32) {
        *self = Self {
            set_at: now,
            own_at: self.at(now),
            drift_ppm,
        };
    }

    /// How long the host has run, by itself.
    pub fn at(&self, now: Duration) -> Duration {
        let passed = now.saturating_sub(self.set_at);
        if self.drift_ppm == 0 {
            return self.own_at + passed;
        }
        self.own_at + nanos(passed.as_nanos() * self.rate() / MILLION)
    }

    /// When the host will have run so long.
    pub fn when(&self, own: Duration) -> Duration {
        let wanted = own.saturating_sub(self.own_at);
        if self.drift_ppm == 0 {
            return self.set_at + wanted;
        }
        self.set_at + nanos((wanted.as_nanos() * MILLION).div_ceil(self.rate()))
    }

    /// Its microseconds in a second of the world's.
    fn rate(&self) -> u128 {
        u128::try_from(i64::from(self.drift_ppm) + 1_000_000)
            .unwrap_or(1)
            .max(1)
    }
}

fn nanos(nanos: u128) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_waited_for_has_come() {
        for drift_ppm in [-5_000, -7, 0, 13, 5_000] {
            let mut clock = OwnTime::starting(Duration::from_nanos(77), drift_ppm);
            clock.drift(Duration::from_secs(3), drift_ppm / 2);
            for own in (0..5_000_000_000).step_by(1_234_567) {
                let own = Duration::from_nanos(own) + clock.at(Duration::from_secs(3));
                let when = clock.when(own);
                assert!(clock.at(when) >= own, "{drift_ppm}: {own:?}");
            }
        }
    }

    #[test]
    fn a_fast_clock_is_ahead() {
        let clock = OwnTime::starting(Duration::ZERO, 1_000);
        let thousand = Duration::from_secs(1_000);
        assert_eq!(clock.at(thousand), thousand + Duration::from_secs(1));
    }
}
