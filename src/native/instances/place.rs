//! Where an instance stands in a list, and where a page of it ended.

use std::cmp::Ordering;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::native::rows::Seen;

/// Where a page ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    group: String,
    value: String,
    app: String,
    id: String,
}

impl Cursor {
    /// Reads what a page gave as `next`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text
            .split('/')
            .map(|part| percent_decode_str(part).decode_utf8().ok());
        let mut part = || Some(parts.next()??.into_owned());
        let cursor = Self {
            group: part()?,
            value: part()?,
            app: part()?,
            id: part()?,
        };
        parts.next().is_none().then_some(cursor)
    }

    pub(super) fn write(&self) -> String {
        let parts = [&self.group, &self.value, &self.app, &self.id];
        let parts: Vec<_> = parts
            .map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string())
            .into();
        parts.join("/")
    }

    pub(super) fn place(&self) -> Place<'_> {
        (&self.group, &self.value, &self.app, &self.id)
    }
}

/// Group, what is sorted by, application and id.
pub(super) type Place<'a> = (&'a str, &'a str, &'a str, &'a str);

/// An instance with what it is sorted by.
pub(super) struct Placed<'a> {
    pub(super) group: &'a str,
    pub(super) value: String,
    pub(super) seen: Seen<'a>,
}

impl Placed<'_> {
    pub(super) fn cursor(&self) -> Cursor {
        let key = self.seen.entry().key();
        Cursor {
            group: self.group.to_owned(),
            value: self.value.clone(),
            app: key.app.as_str().to_owned(),
            id: key.id.to_string(),
        }
    }

    pub(super) fn place(&self) -> Place<'_> {
        let key = self.seen.entry().key();
        (self.group, &self.value, key.app.as_str(), &key.id)
    }
}

pub(super) fn compare(a: Place<'_>, b: Place<'_>, descending: bool) -> Ordering {
    let values = a.1.cmp(b.1);
    let values = if descending { values.reverse() } else { values };
    a.0.cmp(b.0)
        .then(values)
        .then(a.2.cmp(b.2))
        .then(a.3.cmp(b.3))
}
