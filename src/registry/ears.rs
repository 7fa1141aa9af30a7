//! Who is told of every change as it is entered.
//!
//! Here: the one listener. Not here: what it makes of a change. What must always hold: it is called in the order of the
//! writes, while no other write can be entered, so it must be quick and must not call back.

use std::fmt;

use super::change::Change;
use super::entry::Entry;

/// Takes a change and what is stored since then, and answers the change's number.
type Hear = Box<dyn Fn(&Change, &Entry) -> u64 + Send>;

/// The listener, if there is one.
#[derive(Default)]
pub(super) struct Ears(Option<Hear>);

impl Ears {
    /// Listens from now on. Whoever listened before does so no longer.
    pub(super) fn open(&mut self, hear: impl Fn(&Change, &Entry) -> u64 + Send + 'static) {
        self.0 = Some(Box::new(hear));
    }

    /// Tells of a change. Answers the number the listener gives it, 0 without one.
    pub(super) fn hear(&self, change: &Change, after: &Entry) -> u64 {
        self.0.as_ref().map_or(0, |hear| hear(change, after))
    }
}

impl fmt::Debug for Ears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listening = if self.0.is_some() { "open" } else { "closed" };
        write!(f, "Ears({listening})")
    }
}
