//! What must hold after every event.
//!
//! Here: the five properties by name, one file each. Not here: how worlds are found. What must always hold: a property
//! is a pure function of what was, what happened and what is, and knows no rule.

mod acknowledged;
mod gone;
mod honest;
mod shown;
#[cfg(test)]
mod testing;
mod unowned;

use std::fmt;

use super::event::Event;
use super::world::World;

/// One event, and the worlds before and after it.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// What was.
    pub before: &'a World,
    /// What happened.
    pub event: Event,
    /// What is.
    pub after: &'a World,
}

/// Something that must hold after every event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Property {
    /// A beating client is shown by every peer that its server reaches.
    Shown,
    /// A cancelled instance does not come back, but for one lease where an adoption crossed the cancel.
    Gone,
    /// A lease whose owner is up ends when it says.
    Honest,
    /// What nobody owns does not live for ever.
    Unowned,
    /// What was acknowledged is not below what is stored.
    Acknowledged,
}

impl Property {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Shown,
        Self::Gone,
        Self::Honest,
        Self::Unowned,
        Self::Acknowledged,
    ];

    /// Whether it holds.
    pub fn holds(self, step: Step<'_>) -> bool {
        match self {
            Self::Shown => shown::holds(step),
            Self::Gone => gone::holds(step),
            Self::Honest => honest::holds(step),
            Self::Unowned => unowned::holds(step),
            Self::Acknowledged => acknowledged::holds(step),
        }
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shown => "a beating client is shown by every peer its server reaches",
            Self::Gone => "a cancelled instance does not come back",
            Self::Honest => "a lease whose owner is up ends when it says",
            Self::Unowned => "nothing unowned lives for ever",
            Self::Acknowledged => "no acknowledged write is below what is stored",
        })
    }
}
