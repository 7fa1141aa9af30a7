//! What happened, the newest first: by kind, by query, one for itself.

use askama::Template;

use crate::frame::Frame;
use crate::parts::{EventLine, Link, Search, When};

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "events.html")]
pub struct EventsPage {
    /// What stands around it.
    pub frame: Frame,
    /// The field for a query.
    pub search: Search,
    /// What else of what was asked makes no sense; empty if nothing.
    pub wrong: String,
    /// Kinds that belong together; one is chosen.
    pub kinds: Vec<(Link, bool)>,
    /// The events.
    pub lines: Vec<FullLine>,
    /// Whether one event is asked for, and no list.
    pub single: bool,
    /// Since when events are remembered.
    pub oldest: When,
    /// The newest; empty if they are shown.
    pub first: String,
    /// Where it goes on; empty on the last page.
    pub next: String,
    /// The same as a file.
    pub exports: Vec<Link>,
}

/// An event with its address.
#[derive(Clone, Debug, Default)]
pub struct FullLine {
    /// It.
    pub line: EventLine,
    /// The address of this event alone.
    pub href: String,
}
