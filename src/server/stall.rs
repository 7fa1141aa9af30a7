//! Notices that this process did not run for a while, as when it was stopped, or its machine suspended.
//!
//! Here: [`Stalls`], and the thread that shows it that the process runs. Not here: what becomes of leases meanwhile
//! (`registry`). What must always hold: what clients said while the process stood still is not taken for what they say
//! now.
//!
//! Calls that came meanwhile wait in the system's buffers, and nothing there tells their age. Whoever sent them has long
//! gone elsewhere, and may have said the opposite there; handled now, they would be the later word. So for a moment
//! after a stall every call by which clients tell something is refused, and who is still there says it again.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use actix_web::web::Data;
use tracing::warn;

use super::State;

/// A process that did not run for longer than this has missed something; leases are moved from the same time on.
const GAP_MIN: Duration = Duration::from_secs(2);
/// Within this all that waited has been answered: the queues of the system hold some ten thousand calls at most.
const WARY: Duration = Duration::from_secs(1);
/// How often the process shows that it runs.
const BEAT: Duration = Duration::from_millis(250);
/// Nobody has shown anything yet.
const NEVER: u64 = u64::MAX;

/// When this process ran, in milliseconds of its clock.
#[derive(Debug)]
pub(crate) struct Stalls {
    ran_at: AtomicU64,
    wary_until: AtomicU64,
}

impl Default for Stalls {
    fn default() -> Self {
        Self {
            ran_at: AtomicU64::new(NEVER),
            wary_until: AtomicU64::new(0),
        }
    }
}

impl Stalls {
    /// The process runs. Answers for how long it had not, if that was for long.
    fn runs(&self, now: Duration) -> Option<Duration> {
        let gap = self.gap(now);
        if gap.is_some() {
            // Before anybody can see that it runs.
            self.wary_until
                .fetch_max(millis(now + WARY), Ordering::AcqRel);
        }
        self.ran_at.store(millis(now), Ordering::Release);
        gap
    }

    /// Whether what is read now may have come during a stall.
    pub(crate) fn may_be_old(&self, now: Duration) -> bool {
        self.gap(now).is_some() || millis(now) < self.wary_until.load(Ordering::Acquire)
    }

    fn gap(&self, now: Duration) -> Option<Duration> {
        let ran_at = self.ran_at.load(Ordering::Acquire);
        let gap = Duration::from_millis(millis(now).saturating_sub(ran_at));
        (gap > GAP_MIN).then_some(gap)
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Shows that the process runs, for as long as its state is used. On a thread of its own: a task that waits for others
/// would call every load a stall.
pub(super) fn watch(state: &Data<State>) {
    let state = Arc::downgrade(&state.clone().into_inner());
    let started = thread::Builder::new()
        .name("runs".to_owned())
        .spawn(move || beat(&state));
    if let Err(error) = started {
        warn!(
            event = "stalls_unwatched",
            "stalls of this server will not be noticed: {error}"
        );
    }
}

fn beat(state: &Weak<State>) {
    while let Some(state) = state.upgrade() {
        if let Some(gap) = state.stalls.runs(state.clock.ticks()) {
            state.metrics.stalled();
            let (gap, wary) = (gap.as_secs_f64(), WARY.as_secs_f64());
            warn!(
                event = "calls_refused",
                "calls that may have waited while this server did not run for {gap:.1} s are refused for {wary:.0} s"
            );
        }
        drop(state);
        thread::sleep(BEAT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn after_a_stall_calls_are_old_for_a_moment_whoever_notices_first() {
        let stalls = Stalls::default();
        assert_eq!(stalls.runs(at(1000)), None);
        assert!(!stalls.may_be_old(at(1200)));
        assert!(stalls.may_be_old(at(21_000)), "a call came before the beat");
        assert_eq!(stalls.runs(at(21_001)), Some(at(20_001)));
        assert!(stalls.may_be_old(at(22_000)));
        assert_eq!(stalls.runs(at(21_251)), None);
        assert!(!stalls.may_be_old(at(22_001)));
    }

    #[test]
    fn a_hiccup_is_no_stall() {
        let stalls = Stalls::default();
        stalls.runs(at(0));
        assert!(!stalls.may_be_old(at(2000)));
        assert_eq!(stalls.runs(at(2000)), None);
    }

    #[test]
    fn without_anybody_who_shows_it_nothing_is_a_stall() {
        assert!(!Stalls::default().may_be_old(at(1_000_000)));
    }
}
