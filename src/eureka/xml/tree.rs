//! The elements of an XML document.
//!
//! What must always hold: no document types, no entities but the five and numbers, and neither depth nor number of
//! elements without bound.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use super::text;
use crate::eureka::limits::Limits;
use crate::eureka::refusal::Refusal;

/// An element: its name, the only attribute that means anything to us, its text, and the elements in it.
#[derive(Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) enabled: Option<String>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The last element of a name: of a field given twice the later counts.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().rfind(|child| child.name == name)
    }

    fn opened_by(tag: &BytesStart<'_>) -> Result<Self, Refusal> {
        let mut enabled = None;
        for attribute in tag.attributes() {
            let attribute = attribute.map_err(Refusal::unparsable)?;
            if attribute.value.contains('<') || !attribute.value.chars().all(text::allows) {
                return Err(Refusal::unparsable("an attribute that XML forbids"));
            }
            if attribute.key.into_inner() == "enabled" {
                enabled = Some(attribute.value.into_owned());
            }
        }
        Ok(Self {
            name: tag.name().into_inner().to_owned(),
            enabled,
            ..Self::default()
        })
    }
}

/// The root element with all that is in it.
pub(super) fn read(document: &str, limits: &Limits) -> Result<Element, Refusal> {
    let mut reader = Reader::from_str(document);
    let mut tree = Tree::new(limits);
    loop {
        match reader.read_event().map_err(Refusal::unparsable)? {
            Event::Start(tag) => tree.open(&tag)?,
            Event::Empty(tag) => {
                tree.open(&tag)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.append(&text.xml10_content())?,
            Event::CData(text) => tree.append(&text.xml10_content())?,
            Event::GeneralRef(reference) => tree.append(&resolved(&reference)?)?,
            Event::DocType(_) => return Err(Refusal::unparsable("a document type")),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return tree.root(),
        }
    }
}

/// A document that is being read.
struct Tree<'l> {
    limits: &'l Limits,
    /// How many elements there were so far.
    elements: usize,
    /// The open elements, the innermost last. Around the root stands one more, for the document.
    open: Vec<Element>,
}

impl<'l> Tree<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            elements: 0,
            open: vec![Element::default()],
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Refusal> {
        self.elements += 1;
        if self.open.len() > self.limits.depth_max || self.elements > self.limits.elements_max {
            return Err(Refusal::too_large("too deep, or too many elements"));
        }
        self.open.push(Element::opened_by(tag)?);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Refusal> {
        let (Some(closed), Some(around)) = (self.open.pop(), self.open.last_mut()) else {
            return Err(Refusal::unparsable("end of an element that is not open"));
        };
        around.children.push(closed);
        Ok(())
    }

    fn append(&mut self, text: &str) -> Result<(), Refusal> {
        if !text.chars().all(text::allows) {
            return Err(Refusal::unparsable("a character that XML forbids"));
        }
        if let Some(innermost) = self.open.last_mut() {
            innermost.text.push_str(text);
        }
        Ok(())
    }

    fn root(mut self) -> Result<Element, Refusal> {
        let document = match (self.open.pop(), self.open.is_empty()) {
            (Some(document), true) if document.text.trim().is_empty() => document,
            _ => {
                return Err(Refusal::unparsable(
                    "open elements, or text outside of them",
                ));
            }
        };
        let mut roots = document.children.into_iter();
        match (roots.next(), roots.next()) {
            (Some(root), None) => Ok(root),
            _ => Err(Refusal::unparsable("not one root element")),
        }
    }
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, Refusal> {
    if let Some(c) = reference.resolve_char_ref().map_err(Refusal::unparsable)? {
        return Ok(c.into());
    }
    match resolve_predefined_entity(reference) {
        Some(text) => Ok(text.to_owned()),
        None => Err(Refusal::unparsable("unknown entity")),
    }
}
