//! Something that needs attention.

use askama::Template;
use askama::filters::HtmlSafe;

use super::{Level, Link, When};

/// Something that needs attention: one sentence, since when, by which numbers, and the one thing to do about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "parts/need.html")]
pub struct Need {
    /// How bad it is.
    pub level: Level,
    /// It in one sentence.
    pub sentence: String,
    /// Since when.
    pub since: When,
    /// When it ends at the latest.
    pub until: When,
    /// By which numbers.
    pub evidence: String,
    /// What to do about it, or where to look.
    pub link: Link,
    /// The gauge that says the same to a monitor; empty if there is none.
    pub gauge: &'static str,
}

impl HtmlSafe for Need {}
