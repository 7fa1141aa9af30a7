//! How a body differs from the one expected.
//!
//! Here: [`Comparison`], which collects the differences, and how values are shown in them. JSON and XML are compared
//! in files of their own. Order means nothing in either, types and numbers of elements do.

mod json;
mod xml;

use super::memory::Memory;

/// One comparison under way.
pub(crate) struct Comparison<'a> {
    /// Numbers remembered so far; those met in placeholders join them.
    pub memory: &'a mut Memory,
    /// Whether what the expectation does not name must not be there.
    pub exact: bool,
    /// The differences found, as lines for people.
    pub found: Vec<String>,
}

impl<'a> Comparison<'a> {
    /// A comparison that has found nothing yet.
    pub(crate) fn new(memory: &'a mut Memory, exact: bool) -> Self {
        Self {
            memory,
            exact,
            found: Vec::new(),
        }
    }

    fn differs(&mut self, at: &str, what: &str) {
        self.found.push(format!("{at}: {what}"));
    }
}

/// A value as shown in a difference, cut short.
pub(crate) fn show(value: &impl ToString) -> String {
    let mut text = value.to_string();
    if let Some((cut, _)) = text.char_indices().nth(200) {
        text.truncate(cut);
        text.push('…');
    }
    text
}
