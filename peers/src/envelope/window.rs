//! Which numbers a sender has used.
//!
//! Here: a sliding window over counters, as in RFC 4303. What must always hold: no number is taken twice, and of those
//! too old to be remembered none is taken.

/// So far may a datagram be overtaken by others and still be taken.
const WINDOW: u64 = 1024;
const WORDS: usize = 16;
const _: () = assert!(WINDOW == 64 * WORDS as u64);

/// The counters of one sender that were taken.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// One more than the greatest.
    next: u64,
    /// One bit for each of the last ones, by their remainder.
    taken: [u64; WORDS],
}

impl Window {
    /// From this counter on; none before it.
    pub(super) const fn after(first: u64) -> Self {
        Self {
            next: first,
            taken: [u64::MAX; WORDS],
        }
    }

    /// Whether a counter was not taken yet, and is not too old to tell.
    pub(super) fn is_fresh(&self, counter: u64) -> bool {
        counter >= self.next
            || (self.next - counter <= WINDOW && self.word(counter) & bit(counter) == 0)
    }

    /// Takes a counter that is fresh.
    pub(super) fn take(&mut self, counter: u64) {
        if counter >= self.next {
            for passed in (self.next..=counter).rev().take(64 * WORDS) {
                *self.word_mut(passed) &= !bit(passed);
            }
            self.next = counter + 1;
        }
        *self.word_mut(counter) |= bit(counter);
    }

    fn word(&self, counter: u64) -> u64 {
        self.taken.get(place(counter)).copied().unwrap_or_default()
    }

    fn word_mut(&mut self, counter: u64) -> &mut u64 {
        self.taken
            .get_mut(place(counter))
            .expect("a remainder is less than the window")
    }
}

const fn place(counter: u64) -> usize {
    (counter % WINDOW / 64) as usize
}

const fn bit(counter: u64) -> u64 {
    1 << (counter % 64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_counter_is_taken_twice_and_recent_ones_in_any_order(
            steps in prop::collection::vec((0..3000u64, any::<bool>()), 1..400),
        ) {
            let (mut window, mut taken, mut top) = (Window::after(0), BTreeSet::new(), 0u64);
            for (step, ahead) in steps {
                let counter = if ahead { top + step } else { top.saturating_sub(step) };
                let expected = !taken.contains(&counter) && counter + WINDOW >= top;
                prop_assert_eq!(window.is_fresh(counter), expected, "{} of {}", counter, top);
                if expected {
                    window.take(counter);
                    taken.insert(counter);
                    top = top.max(counter + 1);
                }
            }
        }
    }
}
