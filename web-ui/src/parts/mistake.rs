//! A query that makes no sense.

use askama::Template;
use askama::filters::HtmlSafe;

/// What is wrong with a query, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "parts/mistake.html")]
pub struct Mistake {
    before: String,
    wrong: String,
    after: String,
    message: String,
    suggestion: String,
}

impl HtmlSafe for Mistake {}

impl Mistake {
    /// What is wrong with `query` from `position` on, for `length` characters; 0: something is missing there.
    pub fn new(
        query: &str,
        position: usize,
        length: usize,
        message: String,
        suggestion: String,
    ) -> Self {
        let part = |from: usize, count: usize| query.chars().skip(from).take(count).collect();
        Self {
            before: part(0, position),
            wrong: part(position, length),
            after: part(position.saturating_add(length), usize::MAX),
            message,
            suggestion,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_counted_in_characters() {
        let mistake = Mistake::new("zöne:ä b", 0, 4, "m".to_owned(), "zone:".to_owned());
        assert_eq!(
            (
                mistake.before.as_str(),
                mistake.wrong.as_str(),
                mistake.after.as_str()
            ),
            ("", "zöne", ":ä b")
        );
        let beyond = Mistake::new("a", 9, usize::MAX, String::new(), String::new());
        assert_eq!(
            (
                beyond.before.as_str(),
                beyond.wrong.as_str(),
                beyond.after.as_str()
            ),
            ("a", "", "")
        );
    }
}
