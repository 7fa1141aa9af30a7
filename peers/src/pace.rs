//! How often a peer speaks of itself.
//!
//! Here: when the next head is due. Not here: what it says. What must always hold: two heads are at least
//! [`SPACING`] apart, however many writes there are, and at most [`REFRESH`] if there are none.

use std::time::Duration;

/// A server writes more often than it speaks: this long at least from one head to the next.
pub const SPACING: Duration = Duration::from_millis(20);

/// A head is repeated this often, so that what a datagram lost, or a joiner missed, comes round again.
pub const REFRESH: Duration = Duration::from_secs(10);

/// When this server last spoke of itself, and whether it has something to add.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    spoke: Option<Duration>,
    asked: bool,
}

impl Pace {
    /// There is something new to say. Tells when to say it, unless that has been told already.
    pub fn ask(&mut self, now: Duration) -> Option<Duration> {
        let first = !std::mem::replace(&mut self.asked, true);
        first.then(|| now.max(self.after(SPACING)))
    }

    /// Whether it is time to speak.
    pub fn due(&self, now: Duration) -> bool {
        let spacing = if self.asked { SPACING } else { REFRESH };
        now >= self.after(spacing)
    }

    /// It is being said.
    pub fn speak(&mut self, now: Duration) {
        *self = Self {
            spoke: Some(now),
            asked: false,
        };
    }

    /// When to speak if there is nothing new.
    pub fn refresh_at(&self) -> Duration {
        self.after(REFRESH)
    }

    fn after(&self, pause: Duration) -> Duration {
        self.spoke.map_or(Duration::ZERO, |spoke| spoke + pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn heads_are_never_closer_than_the_spacing_and_none_is_forgotten(
            gaps in prop::collection::vec(0..50u64, 1..50),
        ) {
            let mut pace = Pace::default();
            let (mut now, mut spoke, mut deadline) = (Duration::ZERO, None, None);
            for gap in gaps {
                now += Duration::from_millis(gap);
                if let Some(due) = deadline.take_if(|due| *due <= now) {
                    prop_assert!(pace.due(due));
                    prop_assert!(spoke.is_none_or(|spoke| due >= spoke + SPACING));
                    pace.speak(due);
                    spoke = Some(due);
                }
                deadline = pace.ask(now).or(deadline);
                prop_assert!(deadline.is_some_and(|due| due <= now + SPACING));
            }
        }
    }

    #[test]
    fn a_silent_server_speaks_when_it_is_time_to_refresh() {
        let mut pace = Pace::default();
        pace.speak(Duration::from_secs(5));
        assert_eq!(pace.refresh_at(), Duration::from_secs(15));
        assert!(!pace.due(Duration::from_secs(14)));
        assert!(pace.due(Duration::from_secs(15)));
    }
}
