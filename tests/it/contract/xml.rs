//! XML as a tree, read strictly.

use std::collections::BTreeMap;
use std::fmt;

use quick_xml::XmlVersion;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::memory::Placeholder;

/// An element: its text counts only where it has no children.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Element {
    /// Its name as written.
    pub name: String,
    /// Its attributes by name.
    pub attributes: BTreeMap<String, String>,
    /// What is in it, in order.
    pub children: Vec<Self>,
    /// The text directly in it.
    pub text: String,
}

/// Why a text is not XML.
type Fault = Box<dyn std::error::Error>;

impl Element {
    /// Reads a document.
    pub(crate) fn parse(document: &str) -> Result<Self, Fault> {
        let mut reader = Reader::from_str(document);
        let mut open = vec![Self::default()];
        loop {
            match reader.read_event()? {
                Event::Start(start) => open.push(Self::opened(&start)?),
                Event::Empty(start) => put(&mut open, Self::opened(&start)?)?,
                Event::End(_) => {
                    let closed = open.pop().ok_or("an end without a start")?;
                    put(&mut open, closed)?;
                }
                Event::Text(text) => top(&mut open)?.text += &text.xml10_content(),
                Event::CData(text) => top(&mut open)?.text += &text.xml10_content(),
                Event::GeneralRef(reference) => top(&mut open)?.text += &resolve(&reference)?,
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => return Err("a document type".into()),
                Event::Eof => return root(open),
            }
        }
    }

    /// Reads the lines of an expectation. Its placeholders look like tags, and become text first.
    pub(crate) fn parse_expected(lines: &[String]) -> Result<Self, Fault> {
        let mut escaped = String::new();
        for piece in lines.join("\n").split_inclusive('>') {
            let at = piece.rfind('<').unwrap_or(piece.len());
            let (before, tag) = piece.split_at(at);
            escaped += before;
            match Placeholder::parse(tag) {
                Some(_) => escaped += &escape(tag),
                None => escaped += tag,
            }
        }
        Self::parse(&escaped)
    }

    /// An element with nothing in it yet.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// The same with this text in it.
    #[must_use]
    pub(crate) fn with_text(mut self, text: &str) -> Self {
        self.text = text.into();
        self
    }

    /// The same with this attribute.
    #[must_use]
    pub(crate) fn with_attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    fn opened(start: &BytesStart<'_>) -> Result<Self, Fault> {
        let mut element = Self::named(start.name().as_ref());
        for attribute in start.attributes() {
            let attribute = attribute?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0)?;
            element
                .attributes
                .insert(attribute.key.as_ref().into(), value.into());
        }
        Ok(element)
    }
}

fn top(open: &mut [Element]) -> Result<&mut Element, Fault> {
    open.last_mut()
        .ok_or_else(|| "more ends than starts".into())
}

fn put(open: &mut [Element], closed: Element) -> Result<(), Fault> {
    top(open)?.children.push(closed);
    Ok(())
}

/// The one element of a document that was read to its end.
fn root(mut open: Vec<Element>) -> Result<Element, Fault> {
    let document = open.pop().ok_or("nothing at all")?;
    match <[Element; 1]>::try_from(document.children) {
        Ok([root]) if open.is_empty() && document.text.trim().is_empty() => Ok(root),
        _ => Err("not exactly one element, closed and with nothing beside it".into()),
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, Fault> {
    match reference.resolve_char_ref()? {
        Some(character) => Ok(character.into()),
        None => match resolve_predefined_entity(reference) {
            Some(text) => Ok(text.into()),
            None => Err("an unknown entity".into()),
        },
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{}\"", escape(value.as_str()))?;
        }
        f.write_str(">")?;
        if self.children.is_empty() {
            f.write_str(&escape(self.text.as_str()))?;
        }
        self.children.iter().try_for_each(|child| child.fmt(f))?;
        write!(f, "</{}>", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        let document = "<a b=\"&amp;&lt;\"><c>x &amp; y</c><d></d></a>";
        let read = Element::parse(document).expect("well-formed");
        assert_eq!(read.to_string(), document);
        assert_eq!(read.child("c").map(|c| c.text.as_str()), Some("x & y"));
    }

    #[test]
    fn what_is_not_one_closed_element_is_refused() {
        for document in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>text",
            "<a>&b;</a>",
            "</a>",
        ] {
            assert!(Element::parse(document).is_err(), "{document}");
        }
    }

    #[test]
    fn placeholders_in_an_expectation_are_text() {
        let lines = ["<a>".into(), "<b><ms></b><c><text ms+5></c></a>".into()];
        let read = Element::parse_expected(&lines).expect("well-formed");
        let texts: Vec<_> = read
            .children
            .iter()
            .map(|child| child.text.as_str())
            .collect();
        assert_eq!(texts, ["<ms>", "<text ms+5>"]);
    }
}
