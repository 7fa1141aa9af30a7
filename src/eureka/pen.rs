//! Writes the parts of a document, in either format.
//!
//! Here: how objects, fields and lists are spelt, JSON beside XML. Not here: which fields there are, and in what order
//! (`instance`, `document`). What must always hold: whatever the texts contain, what is written is well-formed.

use serde::Serialize;

use super::dialect::{Dialect, Form, Format};
use super::xml::{name, text};
use crate::registry::instance::Port;

/// Stands for a map without entries, as Java's serialisation has it.
const EMPTY_MAP: &str = "java.util.Collections$EmptyMap";

/// Appends to a document.
pub(super) struct Pen<'a> {
    out: &'a mut Vec<u8>,
    dialect: Dialect,
    /// How many elements are open; indents XML.
    depth: usize,
}

impl<'a> Pen<'a> {
    /// At the beginning of a document.
    pub(super) fn new(out: &'a mut Vec<u8>, dialect: Dialect) -> Self {
        Self::inside(out, dialect, 0)
    }

    /// Inside so many elements that were opened elsewhere.
    pub(super) fn inside(out: &'a mut Vec<u8>, dialect: Dialect, depth: usize) -> Self {
        Self {
            out,
            dialect,
            depth,
        }
    }

    /// How much is to be said.
    pub(super) fn form(&self) -> Form {
        self.dialect.form
    }

    /// In this format, the first, else the second.
    pub(super) fn either<T>(&self, json: T, xml: T) -> T {
        match self.dialect.format {
            Format::Json => json,
            Format::Xml => xml,
        }
    }

    /// Opens a whole document: in JSON an object that holds nothing but the one of this name.
    pub(super) fn open_root(&mut self, name: &str) {
        self.open_item(name);
        if self.dialect.format == Format::Json {
            self.open_field(name);
        }
    }

    /// Closes it.
    pub(super) fn close_root(&mut self, name: &str) {
        if self.dialect.format == Format::Json {
            self.close_field(name);
        }
        self.close_item(name);
    }

    /// Opens a list. In XML its items stand beside the other fields.
    pub(super) fn open_list(&mut self, name: &str) {
        if self.dialect.format == Format::Json {
            self.key(name);
            self.out.push(b'[');
        }
    }

    /// Closes it.
    pub(super) fn close_list(&mut self) {
        if self.dialect.format == Format::Json {
            self.out.push(b']');
        }
    }

    /// Separates items of a list. Left to the caller, who may have rendered them apart.
    pub(super) fn separate(&mut self) {
        if self.dialect.format == Format::Json {
            self.out.push(b',');
        }
    }

    /// Opens an item of a list. In JSON it has no name.
    pub(super) fn open_item(&mut self, name: &str) {
        match self.dialect.format {
            Format::Json => self.out.push(b'{'),
            Format::Xml => self.start(name, None),
        }
    }

    /// Closes it.
    pub(super) fn close_item(&mut self, name: &str) {
        match self.dialect.format {
            Format::Json => self.out.push(b'}'),
            Format::Xml => self.end(name),
        }
    }

    /// Opens a field that holds fields.
    pub(super) fn open_field(&mut self, name: &str) {
        match self.dialect.format {
            Format::Json => {
                self.key(name);
                self.out.push(b'{');
            }
            Format::Xml => self.start(name, None),
        }
    }

    /// Opens a field that holds fields, and says which Java class reads them.
    pub(super) fn open_field_of_class(&mut self, name: &str, class: &str) {
        match self.dialect.format {
            Format::Json => {
                self.open_field(name);
                self.text("@class", class);
            }
            Format::Xml => self.start(name, Some(("class", class))),
        }
    }

    /// Closes it.
    pub(super) fn close_field(&mut self, name: &str) {
        self.close_item(name);
    }

    /// A text.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        match self.dialect.format {
            Format::Json => {
                self.key(name);
                self.json(value);
            }
            Format::Xml => self.leaf(name, None, |out| text::write(out, value)),
        }
    }

    /// A text, if there is one.
    pub(super) fn optional(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// A number.
    pub(super) fn number(&mut self, name: &str, value: i64) {
        match self.dialect.format {
            Format::Json => {
                self.key(name);
                self.json(value);
            }
            Format::Xml => self.leaf(name, None, |out| write_json(out, value)),
        }
    }

    /// A number that JSON knows as a text.
    pub(super) fn digits(&mut self, name: &str, value: i64) {
        match self.dialect.format {
            Format::Json => {
                self.key(name);
                self.out.push(b'"');
                self.json(value);
                self.out.push(b'"');
            }
            Format::Xml => self.number(name, value),
        }
    }

    /// Whether something is so. JSON knows it as a truth value.
    pub(super) fn flag(&mut self, name: &str, value: bool) {
        match self.dialect.format {
            Format::Json => {
                self.key(name);
                self.json(value);
            }
            Format::Xml => self.text(name, truth(value)),
        }
    }

    /// A port.
    pub(super) fn port(&mut self, name: &str, port: Port) {
        let enabled = truth(port.enabled);
        match self.dialect.format {
            Format::Json => {
                self.open_field(name);
                self.number("$", port.number.into());
                self.text("@enabled", enabled);
                self.close_field(name);
            }
            Format::Xml => self.leaf(name, Some(("enabled", enabled)), |out| {
                write_json(out, port.number);
            }),
        }
    }

    /// Keys and values of a client's own choice.
    pub(super) fn map<'m>(
        &mut self,
        name: &str,
        entries: impl IntoIterator<Item = (&'m str, &'m str)>,
    ) {
        let mut entries = entries.into_iter().peekable();
        if entries.peek().is_none() {
            return self.empty_map(name);
        }
        self.open_field(name);
        for (key, value) in entries {
            self.entry(key, value);
        }
        self.close_field(name);
    }

    fn empty_map(&mut self, name: &str) {
        match self.dialect.format {
            Format::Json => {
                self.open_field_of_class(name, EMPTY_MAP);
                self.close_field(name);
            }
            Format::Xml => {
                self.new_line();
                self.tag(name, Some(("class", EMPTY_MAP)), b"/>");
            }
        }
    }

    fn entry(&mut self, key: &str, value: &str) {
        match self.dialect.format {
            Format::Json => {
                self.comma();
                self.json(key);
                self.out.push(b':');
                self.json(value);
            }
            Format::Xml => {
                self.new_line();
                self.out.push(b'<');
                name::write(self.out, key);
                self.out.push(b'>');
                text::write(self.out, value);
                self.out.extend_from_slice(b"</");
                name::write(self.out, key);
                self.out.push(b'>');
            }
        }
    }
}

/// JSON.
impl Pen<'_> {
    /// Our own names, which need no escapes.
    fn key(&mut self, name: &str) {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    /// A comma, unless the object has only just begun. A field can only follow an opened object or another value, and
    /// no value ends in a brace that opens.
    fn comma(&mut self) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
    }

    fn json(&mut self, value: impl Serialize) {
        write_json(self.out, value);
    }
}

/// XML.
impl Pen<'_> {
    fn start(&mut self, name: &str, attribute: Option<(&str, &str)>) {
        self.new_line();
        self.tag(name, attribute, b">");
        self.depth += 1;
    }

    fn end(&mut self, name: &str) {
        self.depth -= 1;
        self.indent();
        self.end_tag(name);
    }

    fn leaf(
        &mut self,
        name: &str,
        attribute: Option<(&str, &str)>,
        content: impl FnOnce(&mut Vec<u8>),
    ) {
        self.new_line();
        self.tag(name, attribute, b">");
        content(self.out);
        self.end_tag(name);
    }

    /// Begins the line of an element. The first one stands at the very beginning.
    fn new_line(&mut self) {
        if self.depth > 0 {
            self.indent();
        }
    }

    fn indent(&mut self) {
        if self.dialect.form == Form::Full {
            self.out.push(b'\n');
            for _ in 0..self.depth {
                self.out.extend_from_slice(b"  ");
            }
        }
    }

    fn tag(&mut self, name: &str, attribute: Option<(&str, &str)>, end: &[u8]) {
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        if let Some((attribute, value)) = attribute {
            self.out.push(b' ');
            self.out.extend_from_slice(attribute.as_bytes());
            self.out.extend_from_slice(b"=\"");
            self.out.extend_from_slice(value.as_bytes());
            self.out.push(b'"');
        }
        self.out.extend_from_slice(end);
    }

    fn end_tag(&mut self, name: &str) {
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
    }
}

const fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// A text or a number. What JSON makes of a number is fine for XML, too.
fn write_json(out: &mut Vec<u8>, value: impl Serialize) {
    serde_json::to_writer(out, &value)
        .expect("a Vec takes every byte, and texts and numbers are JSON");
}
