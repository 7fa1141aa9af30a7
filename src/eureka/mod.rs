//! Eureka's wire: its JSON and XML, to and from the registry's types.
//!
//! Here: what a body means and how an answer is spelt. Not here: HTTP, and any decision about what is registered or
//! shown; a [`Refusal`] says what is wrong with a body, and the caller answers. Pure: the time comes
//! in as an argument. What must always hold: no body makes a reader panic, hang or recurse, and whatever the registry
//! holds, a written document is well-formed and every Eureka client can read it.
//!
//! # Dialects
//!
//! A document is written in one of four [dialects](Dialect): JSON or XML, full or compact. Lists come in all
//! four; a single instance is always full; answers to peers are always JSON. Bodies are read in full JSON and XML.
//!
//! # Quirks honoured
//!
//! Clients in the field read documents with code written against the Java server, so these stay as they are:
//!
//! | quirk | why |
//! |---|---|
//! | `versions__delta`, `apps__hashcode`: two underscores | XStream doubles underscores in names, and JSON followed XML |
//! | `overriddenStatus` in JSON, `overriddenstatus` in XML; both are read in both | two codecs by two hands |
//! | `@enabled` is a text, `$` a number; instance timestamps are texts, those of a lease numbers | the JSON codec writes what it finds by reflection as text; strictly typed clients insist |
//! | `@class` leads every `dataCenterInfo`, with the legacy class name | Java clients choose the type to read by it |
//! | empty metadata are `{"@class":"java.util.Collections$EmptyMap"}`; a key `@class` is never metadata | the marker comes from Java's serialisation, and Spring's clients send it |
//! | `application` and `instance` are always arrays, no field is ever added | Spring's readers reject the whole registry otherwise |
//! | `sid` is hidden when `na` or `unknown` | these are XStream's ways to say nothing |
//! | compact documents carry version and hash at the end, and `lastUpdatedTimestamp` as a number | another codec |
//! | no status counts as UP, an unknown one as UNKNOWN; XML reads statuses in any case | as the Java codecs do |
//! | an instance without id takes it from `metadata.instanceId`, in JSON | a rule of Spring's codec |
//!
//! # Where we are kinder than Java
//!
//! A missing or unknown `@class` does not matter, the name of the data centre decides. A port may be a plain number.
//! Unknown fields of any shape are ignored wherever they stand. Durations that overflow Java's integers are capped.
//! The name `Amazon` with another class is Amazon without metadata, where Java ends up with a registry that nobody can
//! read. Colons in metadata keys are escaped in XML, and characters that XML forbids do not spoil the document.
//!
//! # Where we are stricter
//!
//! Whatever keeps a thread of the Java server busy for ever or mangles what follows is refused: an array in place of an
//! instance, its metadata, lease, port or data centre, and an object or array as a metadata value. Documents nested
//! too deep, and metadata and names beyond their [limits](Limits), are refused as well.

pub mod batch;
pub mod dialect;
pub mod document;
pub mod limits;
pub mod refusal;
pub mod registration;
pub mod status_page;

mod draft;
mod instance;
mod json;
mod pen;
mod xml;

#[cfg(test)]
mod laws;

pub use dialect::{Dialect, Form, Format};
pub use limits::Limits;
pub use refusal::Refusal;
pub use registration::registration;
