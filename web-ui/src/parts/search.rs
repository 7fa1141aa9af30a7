//! The field for a query on a page, with its terms as chips that can be taken away.

use askama::Template;
use askama::filters::HtmlSafe;

use super::{Link, Mistake};
use crate::links;

/// A field for a query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "parts/search.html")]
pub struct Search {
    action: String,
    query: String,
    example: &'static str,
    chips: Vec<Link>,
    hidden: Vec<(String, String)>,
    mistake: Option<Mistake>,
}

impl HtmlSafe for Search {}

impl Search {
    /// A field on the page `action`, whose other state is `hidden`.
    pub fn new(
        action: String,
        query: &str,
        example: &'static str,
        hidden: Vec<(String, String)>,
    ) -> Self {
        let terms = terms(query);
        let chips = (0..terms.len()).map(|place| {
            let mut rest = terms.clone();
            let term = rest.remove(place);
            let rest = rest.join(" ");
            let mut pairs = vec![("query", rest.as_str())];
            pairs.extend(
                hidden
                    .iter()
                    .map(|(key, value)| (key.as_str(), value.as_str())),
            );
            Link::new(format!("{action}{}", links::query(&pairs)), term)
        });
        Self {
            chips: chips.collect(),
            action,
            query: query.to_owned(),
            example,
            hidden,
            mistake: None,
        }
    }

    /// Whether the query makes no sense.
    pub(crate) const fn mistaken(&self) -> bool {
        self.mistake.is_some()
    }

    /// The same, with what is wrong with the query.
    #[must_use]
    pub fn with_mistake(self, mistake: Option<Mistake>) -> Self {
        Self { mistake, ..self }
    }
}

/// The terms of a query: text between blanks, but for those in quotes.
fn terms(query: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = query.split(|c: char| {
        let plain = !escaped;
        escaped = plain && c == '\\';
        quoted ^= plain && c == '"';
        c.is_whitespace() && !quoted && plain
    });
    parts.filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_divided_by_blanks_outside_of_quotes() {
        assert_eq!(
            terms(r#" a:b  "c d" e:"f \" g" h"#),
            ["a:b", r#""c d""#, r#"e:"f \" g""#, "h"]
        );
        assert_eq!(terms(r#""never closed x"#), [r#""never closed x"#]);
        assert!(terms("  ").is_empty());
    }

    #[test]
    fn a_chip_leads_to_the_query_without_it() {
        let search = Search::new(
            "services".to_owned(),
            "zone:a status:down",
            "",
            vec![("sort".to_owned(), "name".to_owned())],
        );
        assert_eq!(search.chips[0].href, "services?query=status:down&sort=name");
    }
}
