//! Waiting for conditions, never for time alone.
//!
//! Here: a bounded look again and again. Not here: any condition. What must always hold: whoever waits says for what,
//! and fails with it.

use std::time::{Duration, Instant};

/// How long anything may take before a test takes it for never. Generous: machines that test are busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(45);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// Real time.
#[expect(
    clippy::disallowed_methods,
    reason = "real processes live in real time, and this is the one place that reads it for them"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Looks until the condition holds, and tells how long that took.
pub(crate) fn until(what: &str, condition: impl FnMut() -> bool) -> Duration {
    let began = now();
    assert!(
        within(PATIENCE, condition),
        "not within {PATIENCE:?}: {what}"
    );
    began.elapsed()
}

/// Whether the condition holds within this time.
pub(crate) fn within(time: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let began = now();
    loop {
        if condition() {
            return true;
        }
        let left = time.saturating_sub(began.elapsed());
        if left.is_zero() {
            return false;
        }
        std::thread::park_timeout(left.min(LOOK));
    }
}

/// Lets time pass that is itself what is tested, such as that of a lease.
pub(crate) fn pass(time: Duration) {
    within(time, || false);
}
