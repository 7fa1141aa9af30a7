//! A point in time.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::times;

/// A point in time: how far from now in words, and exactly for whoever points at it. The module keeps the words true.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = "{% if exact.is_empty() %}–{% else %}<time datetime=\"{{ exact }}\" title=\"{{ exact }}\"{% if past %} data-ago{% else %} data-in{% endif %}>{{ words }}</time>{% endif %}"
)]
pub struct When {
    exact: String,
    words: String,
    past: bool,
}

impl HtmlSafe for When {}

impl When {
    /// A time as the API tells it, and how many milliseconds of this clock lie between it and the page.
    pub fn new(exact: impl Into<String>, at_ms: u64, now_ms: u64) -> Self {
        let past = at_ms <= now_ms;
        Self {
            exact: exact.into(),
            words: times::words(at_ms, now_ms),
            past,
        }
    }

    /// Exactly, as the API tells it; empty if nobody knows.
    pub fn exact(&self) -> &str {
        &self.exact
    }

    /// Whether nobody knows.
    pub const fn is_empty(&self) -> bool {
        self.exact.is_empty()
    }
}
