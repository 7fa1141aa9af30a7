//! What is due when, in one order.
//!
//! Here: a queue of deadlines. Not here: a clock; whoever owns the queue says what time it is. What must always
//! hold: nothing comes out early, and what is due at the same moment comes out in the order it went in, so that
//! equal runs stay equal.

use std::collections::BTreeMap;
use std::time::Duration;

/// Things that are due, in the order of their deadlines, and of their arrival where deadlines are equal.
///
/// A moment is the time since some beginning that all who use one queue agree on: a server's is its start, a
/// simulation's is zero.
#[derive(Clone, Debug)]
pub struct Timers<T> {
    queue: BTreeMap<(Duration, u64), T>,
    sequence: u64,
}

impl<T> Timers<T> {
    /// Lets `what` come due at `deadline`.
    pub fn set(&mut self, deadline: Duration, what: T) {
        self.queue.insert((deadline, self.sequence), what);
        self.sequence += 1;
    }

    /// When the first is due, if there is any.
    pub fn next_deadline(&self) -> Option<Duration> {
        let ((deadline, _), _) = self.queue.first_key_value()?;
        Some(*deadline)
    }

    /// Takes out the first of those that are due by `now`, and tells its deadline.
    pub fn pop_due(&mut self, now: Duration) -> Option<(Duration, T)> {
        let first = self.queue.first_entry()?;
        let (deadline, _) = *first.key();
        (deadline <= now).then(|| (deadline, first.remove()))
    }

    /// Everything that waits, first things first.
    pub fn waiting(&self) -> impl Iterator<Item = &T> {
        self.queue.values()
    }
}

impl<T> Default for Timers<T> {
    fn default() -> Self {
        Self {
            queue: BTreeMap::new(),
            sequence: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drained(timers: &mut Timers<usize>, now: u64) -> Vec<usize> {
        std::iter::from_fn(|| timers.pop_due(Duration::from_millis(now)))
            .map(|(_, what)| what)
            .collect()
    }

    proptest! {
        #[test]
        fn what_is_due_comes_out_by_deadline_and_then_by_arrival(
            deadlines in prop::collection::vec(0..20u64, 0..40), now in 0..20u64,
        ) {
            let mut timers = Timers::default();
            for (index, deadline) in deadlines.iter().enumerate() {
                timers.set(Duration::from_millis(*deadline), index);
            }
            let mut expected: Vec<usize> = (0..deadlines.len()).filter(|i| deadlines[*i] <= now).collect();
            expected.sort_by_key(|index| deadlines[*index]);
            prop_assert_eq!(drained(&mut timers, now), expected);
            prop_assert!(timers.next_deadline().is_none_or(|next| next > Duration::from_millis(now)));
        }
    }
}
