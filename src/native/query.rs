//! The query language of API, command line and pages: `zone:a status:down meta.version:1.* "text" -app:test*`.
//!
//! Here: from text to a [`Query`] or a [`Mistake`] with its place, and whether an instance matches. Not here: finding the
//! instances. What must always hold: no text makes parsing panic or take long, and matching takes no more steps than
//! the product of the lengths of pattern and text.
//!
//! Terms stand side by side and must all hold. A term is `key:value`, or text alone, which is looked for within
//! application, id, host, address and the values of metadata. `-` or `not:` before a term negates it; commas between
//! values mean any of them; `*` and `?` stand for any text and any character; upper and lower case are the same.
//! Quotes take everything in them as it is, and so does a backslash with the next character.

mod matching;
mod parse;
mod pattern;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

pub use self::matching::Subject;
use self::pattern::Pattern;
use super::documents::{Code, LeaseState};
use crate::registry::status::Status;

/// A query that makes sense. The empty one matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, Mistake> {
        parse::query(text)
    }

    /// Whether it asks for nothing in particular.
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The query that names exactly one instance.
    pub fn naming(app: &str, id: &str) -> String {
        format!("app:{} id:{}", quoted(app), quoted(id))
    }

    /// The query for those of which this key has exactly this value.
    pub fn of(key: &str, value: &str) -> String {
        format!("{key}:{}", quoted(value))
    }
}

/// Text in quotes, as the language reads it back.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// Somewhere in what people know it by.
    Text(Pattern),
    /// All of the value of a key.
    Word(WordKey, Vec<Pattern>),
    /// The value of a key of the metadata.
    Metadata(String, Vec<Pattern>),
    Status(StatusKey, Vec<Status>),
    /// Whether there is an override, or one of these.
    Overridden(Vec<Overridden>),
    Protected(bool),
    Lease(Vec<LeaseState>),
    Code(Vec<Code>),
    Time(TimeKey, Comparison, Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WordKey {
    App,
    Id,
    Host,
    Ip,
    Zone,
    Owner,
    Port,
    Vip,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StatusKey {
    Shown,
    Own,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overridden {
    Any,
    No,
    By(Status),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimeKey {
    /// Since it registered.
    Age,
    /// Since it was heard.
    Renewed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// What is wrong with a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistake {
    /// Where it begins, in characters from 0.
    pub position: usize,
    /// How many characters it is about; 0: something is missing there.
    pub length: usize,
    /// What is wrong.
    pub message: String,
    /// What would be right there.
    pub expected: Vec<String>,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at character {}", self.message, self.position + 1)?;
        if let Some(suggestion) = &self.suggestion {
            write!(f, "; did you mean {suggestion}?")?;
        }
        Ok(())
    }
}
