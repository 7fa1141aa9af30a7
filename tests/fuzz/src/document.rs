//! Documents as their readers see them.

use std::collections::BTreeSet;

use peerage::eureka::{Dialect, Form, Format};
use serde_json::Value;

use crate::contract::shape;
use crate::contract::xml::Element;

/// The four ways to spell a list.
pub(crate) const DIALECTS: [Dialect; 4] = [
    Dialect::full(Format::Json),
    Dialect::compact(Format::Json),
    Dialect::full(Format::Xml),
    Dialect::compact(Format::Xml),
];

/// A document is one that every client can read.
#[track_caller]
pub(crate) fn check(dialect: Dialect, body: &[u8]) {
    let text = str::from_utf8(body).expect("a document is UTF-8");
    match dialect.format {
        Format::Json => check_json(text, dialect.form),
        Format::Xml => check_xml(text),
    }
}

#[track_caller]
fn check_json(text: &str, form: Form) {
    let document: Value = serde_json::from_str(text).expect("a document is JSON");
    let fits = shape::is_well_formed(&document, form == Form::Compact);
    assert!(fits, "no document of Eureka's: {text}");
}

#[track_caller]
fn check_xml(text: &str) {
    assert!(
        text.chars().all(is_xml_character),
        "a character that XML forbids: {text:?}"
    );
    let root = Element::parse(text).expect("a document is well-formed XML");
    check_names(&root);
}

/// Names are plain: quick-xml takes names that a strict reader would stumble over.
#[track_caller]
fn check_names(element: &Element) {
    let mut names = BTreeSet::new();
    let mut waiting = vec![element];
    while let Some(element) = waiting.pop() {
        names.insert(element.name.as_str());
        waiting.extend(&element.children);
    }
    for name in names {
        assert!(is_xml_name(name), "no name of an element: {name:?}");
    }
}

/// The production `Char` of XML 1.0; surrogates are no `char`s.
pub(crate) const fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// The production `NCName` of XML 1.0, without what is beyond U+FFFF: Java's writers and readers meet such a character
/// as two units that are no characters.
fn is_xml_name(name: &str) -> bool {
    let begins = |c: char| {
        matches!(c, 'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{2ff}'
            | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}' | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}'
            | '\u{2c00}'..='\u{2fef}' | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}')
    };
    let goes_on = |c: char| matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}');
    name.starts_with(begins) && name.chars().all(|c| begins(c) || goes_on(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(dialect: Dialect, body: &str) -> bool {
        std::panic::catch_unwind(|| check(dialect, body.as_bytes())).is_err()
    }

    #[test]
    fn what_some_client_could_not_read_is_found() {
        for body in [
            "",
            "{",
            r#"{"instance": {}}"#,
            r#"{"applications": {"application": {}}}"#,
        ] {
            assert!(refused(Dialect::full(Format::Json), body), "{body}");
        }
        for body in [
            "",
            "<a>",
            "<a/><b/>",
            "<a>&b;</a>",
            "<a>\u{1}</a>",
            "<a:b/>",
            "<1/>",
            "<a><b c/></a>",
        ] {
            assert!(refused(Dialect::full(Format::Xml), body), "{body}");
        }
        assert!(!refused(
            Dialect::full(Format::Xml),
            "<a><b_.0020>\u{e4}&amp;</b_.0020></a>"
        ));
    }
}
