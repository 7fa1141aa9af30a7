//! What must hold of a world, whatever goes wrong in it.
//!
//! Here: one invariant per file, each a pure function of what an observer above all hosts sees and of what clients
//! were told. Not here: how worlds come about; which is asked when (`world::run`). What must always hold: to ask an
//! invariant changes nothing, and each was seen to bite, on a breach made by hand and on the mistake it is for, put
//! back.
//!
//! | promise | kept by | asked |
//! |---|---|---|
//! | P1 always answers | [`answers`] | always |
//! | P3 converges | [`equal`], [`same`], [`covered`], [`memory`], [`apps`], [`small`] | [`same`] and [`covered`] always, else at rest |
//! | P4 loses nothing acknowledged | [`shown`], [`gone`], [`kept`], [`written`], [`steady`], [`storm`] | always, [`kept`] at rest |
//! | P5 leases are honest | [`honest`], [`overdue`], [`unowned`] | always |
//! | P6 never panics about silence | [`quota`], [`guarded`], [`ends`] | always |
//! | P7 never a partial registry | [`partial`], [`cold`] | always |
//! | bounds | [`bounds`], [`forgets`] | always |
//!
//! Not among them: P2 and P8, which are about what is said over HTTP, and are held by the contract tests; and that it
//! does not matter how often and in which order a frame comes, which the property tests of `peers` hold.

use std::fmt;
use std::time::Duration;

pub mod answers;
pub mod apps;
pub mod bounds;
pub mod cold;
pub mod covered;
pub mod ends;
pub mod equal;
pub mod forgets;
pub mod gone;
pub mod guarded;
pub mod honest;
pub mod kept;
pub mod memory;
pub mod overdue;
pub mod partial;
pub mod quota;
pub mod same;
pub mod shown;
pub mod small;
pub mod steady;
pub mod storm;
#[cfg(test)]
mod testing;
pub mod unowned;
pub mod written;

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
