//! A lease as a line in time: when its client was heard, when the next beats were due, when it is over, and now.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::times::long;

/// A lease as a line in time.
#[derive(Clone, Debug, Default, PartialEq, Template)]
#[template(path = "parts/lease.html")]
pub struct LeaseLine {
    heard: u64,
    now: u64,
    deadline: u64,
    /// When beats were or are due.
    beats: Vec<u64>,
    /// Where the drawing ends.
    end: u64,
}

impl HtmlSafe for LeaseLine {}

/// So many beats are marked.
const BEATS_MAX: u64 = 40;

impl LeaseLine {
    /// A lease whose client was last heard then, beats so often, and which is over then: all in milliseconds of one
    /// clock.
    pub fn new(heard: u64, interval: u64, deadline: u64, now: u64) -> Self {
        let until = deadline.max(now);
        let room = until.saturating_sub(heard) / 20;
        let due = (1..=BEATS_MAX).map(|beat| heard.saturating_add(interval.saturating_mul(beat)));
        Self {
            heard,
            now: now.max(heard),
            deadline: deadline.max(heard),
            beats: due
                .take_while(|due| interval > 0 && *due < deadline)
                .collect(),
            end: until.saturating_add(room).max(heard + 1),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a drawing is not that precise")]
    fn place(&self, at: u64) -> String {
        let (at, all) = (at.saturating_sub(self.heard), self.end - self.heard);
        format!("{:.2}%", at as f64 * 100.0 / all as f64)
    }

    /// Where it is over.
    fn ends(&self) -> String {
        self.place(self.deadline)
    }

    /// Where now is.
    fn present(&self) -> String {
        self.place(self.now)
    }

    /// Where beats are due.
    fn marks(&self) -> Vec<String> {
        self.beats.iter().map(|beat| self.place(*beat)).collect()
    }

    fn over(&self) -> bool {
        self.now >= self.deadline
    }

    fn words(&self) -> String {
        let heard = long(self.now - self.heard);
        let left = match self.over() {
            true => format!("over for {}", long(self.now - self.deadline)),
            false => format!("over in {}", long(self.deadline - self.now)),
        };
        format!("Heard {heard} ago, {left}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_lease_has_the_beats_that_are_due_before_its_end() {
        let line = LeaseLine::new(1000, 30_000, 91_000, 11_000);
        assert_eq!(line.beats, [31_000, 61_000]);
        assert_eq!(line.words(), "Heard 10 s ago, over in 80 s");
        assert_eq!(line.place(1000), "0.00%");
    }

    #[test]
    fn a_lease_that_is_over_reaches_until_now() {
        let line = LeaseLine::new(0, 30_000, 90_000, 180_000);
        assert_eq!(line.words(), "Heard 3 min ago, over for 90 s");
        assert!(line.end > 180_000 && line.over());
    }

    #[test]
    fn odd_times_are_drawn_too() {
        for (heard, interval, deadline, now) in [
            (5, 0, 5, 5),
            (9, 1, 3, 4),
            (0, u64::MAX, u64::MAX, 0),
            (0, 0, u64::MAX, u64::MAX),
        ] {
            let line = LeaseLine::new(heard, interval, deadline, now);
            assert!(!line.render().unwrap().contains("NaN"));
        }
    }
}
