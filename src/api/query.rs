//! The query of a request, as Eureka's clients write it.

use std::borrow::Cow;

use super::error::Refusal;
use crate::registry::instance::Metadata;
use crate::registry::status::Status;

/// A query. Of a repeated name the first value counts; `+` is a space.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    pub(crate) const fn new(query: &'a str) -> Self {
        Self(query)
    }

    fn pairs(self) -> form_urlencoded::Parse<'a> {
        form_urlencoded::parse(self.0.as_bytes())
    }

    fn value(self, name: &str) -> Option<Cow<'a, str>> {
        self.pairs()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// `lastDirtyTimestamp`, in milliseconds.
    pub(crate) fn last_dirty(self) -> Result<Option<i64>, Refusal> {
        let parse = |value: Cow<'_, str>| {
            value
                .parse()
                .map_err(|_bad| Refusal::BadQuery("lastDirtyTimestamp is not a number".to_owned()))
        };
        self.value("lastDirtyTimestamp").map(parse).transpose()
    }

    /// A status by its exact name.
    pub(crate) fn status(self, name: &str) -> Result<Option<Status>, Refusal> {
        let parse = |value: Cow<'_, str>| {
            let names = Status::ALL.map(Status::name).join(", ");
            value
                .parse()
                .map_err(|_bad| Refusal::BadQuery(format!("{name} is none of {names}")))
        };
        self.value(name).map(parse).transpose()
    }

    /// All of it as metadata.
    pub(crate) fn metadata(self) -> Metadata {
        let pairs: Vec<_> = self.pairs().collect();
        // Of a repeated name the last one put in stays, so the first comes last.
        let mut first_of_each = std::collections::HashSet::new();
        let kept = pairs
            .iter()
            .filter(|(name, _)| first_of_each.insert(name.clone()));
        kept.map(|(name, value)| (&**name, &**value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_repeated_name_the_first_value_counts() {
        let query = Query::new(
            "lastDirtyTimestamp=-5&lastDirtyTimestamp=x&value=UP&value=DOWN&a=1&b=&a=2&c=x+y%2B",
        );
        assert_eq!(query.last_dirty().unwrap(), Some(-5));
        assert_eq!(query.status("value").unwrap(), Some(Status::Up));
        let metadata = query.metadata();
        assert_eq!(
            (
                metadata.value("a"),
                metadata.value("b"),
                metadata.value("c")
            ),
            (Some("1"), Some(""), Some("x y+"))
        );
    }

    #[test]
    fn what_is_no_number_or_status_is_refused() {
        for query in [
            "lastDirtyTimestamp=",
            "lastDirtyTimestamp=soon",
            "lastDirtyTimestamp=99999999999999999999",
        ] {
            assert!(Query::new(query).last_dirty().is_err(), "{query}");
        }
        for query in ["value=", "value=down", "value=UP%20"] {
            assert!(Query::new(query).status("value").is_err(), "{query}");
        }
        assert_eq!(Query::new("").status("value").unwrap(), None);
    }
}
