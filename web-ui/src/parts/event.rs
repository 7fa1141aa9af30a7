//! What happened, line by line.

use askama::Template;
use askama::filters::HtmlSafe;

use super::{Level, Link, Status, When};

/// Something that happened.
#[derive(Clone, Debug, Default)]
pub struct EventLine {
    /// Names it.
    pub revision: String,
    /// When.
    pub at: When,
    /// What kind of thing, in words.
    pub kind: String,
    /// How bad it is.
    pub level: Level,
    /// A sign for its kind.
    pub sign: &'static str,
    /// What it is about: an instance, or nothing.
    pub subject: Option<Link>,
    /// Its zone; empty if it is about none.
    pub zone: String,
    /// It in one sentence.
    pub text: String,
    /// The status before and after, where that changed.
    pub change: Option<(Status, Status)>,
    /// What brought it about, and who.
    pub cause: String,
}

/// What happened, the newest first.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/events.html")]
pub struct Events {
    /// The lines.
    pub lines: Vec<EventLine>,
}

impl HtmlSafe for Events {}
