//! How far a server may trust its own senses.
//!
//! Here: a small score that rises when this server misses what it should have heard, and falls with every answer, as
//! in Lifeguard (Dadgar et al., DSN 2018). Not here: the health of others. What must always hold: the score is
//! between 0 and [`Health::WORST`], and a doubt delays a verdict, it never prevents one.
//!
//! A server that reads its packets late finds everybody else silent. Without this it would declare one healthy peer
//! after another dead, and they would have to insist on being alive before they are heard again.

use std::time::Duration;

/// A timer that fires later than this was held up by something on this machine.
pub const LAG: Duration = Duration::from_millis(200);

/// How many suspicion periods a verdict waits at most for a server in doubt of itself.
pub const HOLDS_MAX: u8 = 5;

/// How much reason a server has to doubt what it notices; 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    score: u8,
}

impl Health {
    /// The score does not rise beyond this, so that a server is back in its senses a few answers after it was out
    /// of them for long.
    pub const WORST: u8 = 8;

    /// Something went amiss that is as likely our own fault as another's.
    pub fn worsen(&mut self) {
        self.score = Self::WORST.min(self.score + 1);
    }

    /// Somebody answered.
    pub fn improve(&mut self) {
        self.score = self.score.saturating_sub(1);
    }

    /// Whether what this server notices may be its own fault.
    pub const fn doubtful(self) -> bool {
        self.score > 0
    }

    /// The score itself, for those who show it.
    pub const fn score(self) -> u8 {
        self.score
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_few_answers_end_the_longest_doubt(misses in 0..100u8) {
            let mut health = Health::default();
            (0..misses).for_each(|_| health.worsen());
            prop_assert_eq!(health.score(), misses.min(Health::WORST));
            (0..Health::WORST).for_each(|_| health.improve());
            prop_assert!(!health.doubtful());
        }
    }
}
