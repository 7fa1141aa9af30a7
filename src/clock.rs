//! Time as the rest of the house sees it.
//!
//! Here: [`Timestamp`], the [`Clock`] trait and the one implementation that reads real time. Not here: timers.
//! What must always hold: within one process time never goes back, and it goes on while the machine is suspended.

use std::fmt;
use std::ops::Add;
use std::time::Duration;

/// Milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The moment so many milliseconds after the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// How long ago `earlier` was; nothing if it was not earlier.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    /// A later moment; one that no number can hold is the last one.
    fn add(self, later: Duration) -> Self {
        Self(
            self.0
                .saturating_add(u64::try_from(later.as_millis()).unwrap_or(u64::MAX)),
        )
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC, with milliseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = i64::try_from(self.0).unwrap_or(i64::MAX);
        match chrono::DateTime::from_timestamp_millis(millis) {
            Some(time) => write!(f, "{}", time.format("%Y-%m-%dT%H:%M:%S%.3fZ")),
            None => write!(f, "{} ms", self.0),
        }
    }
}

/// Tells the time. The server's is [`SystemClock`]; tests and simulations bring their own.
pub trait Clock: Send + Sync {
    /// The time now. Never less than what it said before.
    fn now(&self) -> Timestamp;

    /// How long this clock has run, for measuring how long something takes.
    fn ticks(&self) -> Duration;
}

/// Real time: the wall clock as it was at the start, and how long the machine has run since, suspended or not.
#[derive(Debug)]
pub struct SystemClock {
    wall_at_start: u64,
    boot_at_start: Duration,
}

impl SystemClock {
    /// Reads the wall clock, for the only time.
    pub fn start() -> Self {
        let wall = chrono::DateTime::<chrono::Utc>::from(wall_clock()).timestamp_millis();
        Self {
            wall_at_start: u64::try_from(wall).unwrap_or(0),
            boot_at_start: since_boot(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.wall_at_start) + self.ticks()
    }

    fn ticks(&self) -> Duration {
        since_boot().saturating_sub(self.boot_at_start)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the only place that reads the wall clock"
)]
fn wall_clock() -> std::time::SystemTime {
    std::time::SystemTime::now()
}

/// How long the machine has been up. Unlike Rust's `Instant` on Linux this counts time spent suspended: a laptop
/// that wakes after an hour must not believe that its clients were heard a moment ago.
fn since_boot() -> Duration {
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    let time = rustix::time::clock_gettime(clock);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_time_does_not_go_back() {
        let clock = SystemClock::start();
        let first = clock.now();
        assert!(clock.now() >= first);
    }

    #[test]
    fn adding_what_no_number_holds_gives_the_last_moment() {
        assert_eq!(
            Timestamp::from_millis(5) + Duration::MAX,
            Timestamp::from_millis(u64::MAX)
        );
    }

    #[test]
    fn times_are_shown_as_people_write_them() {
        assert_eq!(
            Timestamp::from_millis(1_700_000_000_123).to_string(),
            "2023-11-14T22:13:20.123Z"
        );
    }
}
