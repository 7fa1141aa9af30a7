//! What must hold of a world, whatever goes wrong in it.
//!
//! Here: one invariant per file, each a pure function of what an observer above all hosts sees and of what clients
//! were told. Not here: how worlds come about. What must always hold: to ask an invariant changes nothing, and each
//! was seen to bite, on a breach made by hand.

use std::fmt;
use std::time::Duration;

pub mod equal;
pub mod gone;
pub mod honest;
pub mod kept;
pub mod shown;
#[cfg(test)]
mod testing;

/// How long hosts may take to tell each other: what they were told before that, all who are connected know.
pub const SETTLED: Duration = Duration::from_secs(2);
/// How long hosts may take to find each other after a way between them was mended: a dial into a cut waits two
/// seconds for its end, and is tried again a second later.
pub const MENDED: Duration = Duration::from_secs(5);

/// Something that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// What should have held.
    pub invariant: &'static str,
    /// When it did not.
    pub at: Duration,
    /// In what way.
    pub text: String,
}

impl Broken {
    /// Something did not hold.
    pub const fn new(invariant: &'static str, at: Duration, text: String) -> Self {
        Self {
            invariant,
            at,
            text,
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.as_secs_f64();
        write!(f, "{} at {at:.3} s: {}", self.invariant, self.text)
    }
}
