//! How often something is said that strangers can bring about: a flood of it must not fill the log.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;

const WINDOW: Duration = Duration::from_secs(60);
const SAID_MAX: u64 = 10;

/// Lets ten through in a minute and counts the rest.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    began: Timestamp,
    asked: u64,
}

impl Pace {
    /// Whether to say it now, and if so, how often it was left unsaid in the minute before.
    pub(crate) fn ask(&self, now: Timestamp) -> Option<u64> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut unsaid = 0;
        if now.since(window.began) >= WINDOW {
            unsaid = window.asked.saturating_sub(SAID_MAX);
            *window = Window {
                began: now,
                asked: 0,
            };
        }
        window.asked += 1;
        (window.asked <= SAID_MAX).then_some(unsaid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_are_said_in_a_minute_and_the_next_minute_tells_of_the_rest() {
        let pace = Pace::default();
        let now = Timestamp::from_millis(1_700_000_000_000);
        let said = (0..25).filter_map(|_| pace.ask(now)).collect::<Vec<_>>();
        assert_eq!(said, [0; 10]);
        assert_eq!(pace.ask(now + WINDOW), Some(15));
        assert_eq!(pace.ask(now + WINDOW), Some(0));
    }
}
