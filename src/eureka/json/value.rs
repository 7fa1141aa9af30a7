//! The values of a JSON document, read without building a tree.
//!
//! A [`RawValue`] is a piece of the document, known to be JSON. An object is opened one level at a time, so what nobody
//! asks for is never looked into.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::eureka::draft;
use crate::eureka::limits::Limits;
use crate::eureka::refusal::Refusal;

/// The value a document consists of, once it is known to be JSON and not too deep.
pub(in crate::eureka) fn document<'a>(
    text: &'a str,
    limits: &Limits,
) -> Result<&'a RawValue, Refusal> {
    if depth(text) > limits.depth_max {
        let limit = limits.depth_max;
        return Err(Refusal::too_large(format_args!(
            "nested deeper than {limit}"
        )));
    }
    serde_json::from_str(text).map_err(Refusal::unparsable)
}

/// How deep objects and arrays nest.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut quoted, mut escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// The elements of an array, if there are not more than this.
pub(in crate::eureka) fn items(array: &RawValue, max: usize) -> Result<Vec<&RawValue>, Refusal> {
    let mut deserializer = serde_json::Deserializer::from_str(array.get());
    let items = deserializer.deserialize_seq(Items { max });
    items
        .map_err(Refusal::unparsable)?
        .ok_or_else(|| Refusal::too_large(format_args!("over {max} elements")))
}

struct Items {
    max: usize,
}

impl<'de> Visitor<'de> for Items {
    /// Nothing if there are too many; the rest is read over without being kept.
    type Value = Option<Vec<&'de RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        let mut count = 0;
        while let Some(item) = sequence.next_element()? {
            count += 1;
            if count <= self.max {
                items.push(item);
            }
        }
        Ok((count <= self.max).then_some(items))
    }
}

/// A text, or what a number or truth value is written as; `null` is none.
pub(in crate::eureka) fn text(value: &RawValue) -> Result<Option<Cow<'_, str>>, Refusal> {
    match Value::of(value)? {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(text)),
        Value::Literal(literal) => Ok(Some(Cow::Borrowed(literal))),
        Value::Object | Value::Array => Err(misplaced(value)),
    }
}

/// A number, or a text of one. A text that is none, or of one out of range, counts as 0, as Java's lenient getters
/// have it; a plain number out of range is refused. `null` is none.
pub(super) fn number<T: TryFrom<i128> + Default>(value: &RawValue) -> Result<Option<T>, Refusal> {
    let in_range = |text: &str| draft::whole(text).and_then(|number| T::try_from(number).ok());
    match Value::of(value)? {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(in_range(&text).unwrap_or_default())),
        Value::Literal("true" | "false") => Ok(Some(T::default())),
        Value::Literal(literal) => match in_range(literal) {
            Some(number) => Ok(Some(number)),
            None => Err(Refusal::unparsable("number out of range")),
        },
        Value::Object | Value::Array => Err(misplaced(value)),
    }
}

/// Whether something is said to be so: `true`, the text `true` with or without blanks around it, or any number but 0.
pub(super) fn truth(value: &RawValue) -> Result<bool, Refusal> {
    match Value::of(value)? {
        Value::Null => Ok(false),
        Value::Text(text) => Ok(text.trim() == "true"),
        Value::Literal("true") => Ok(true),
        Value::Literal(literal) => Ok(draft::whole(literal).is_some_and(|number| number != 0)),
        Value::Object | Value::Array => Err(misplaced(value)),
    }
}

pub(super) fn misplaced(value: &RawValue) -> Refusal {
    let kind = if value.get().starts_with('{') {
        "object"
    } else {
        "array"
    };
    Refusal::unparsable(format_args!("{kind} in a place of something else"))
}

/// What stands in a place.
pub(super) enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    /// A number or a truth value, as written.
    Literal(&'a str),
    Object,
    Array,
}

impl<'a> Value<'a> {
    pub(super) fn of(value: &'a RawValue) -> Result<Self, Refusal> {
        let written = value.get();
        match written.bytes().next() {
            Some(b'n') => Ok(Self::Null),
            Some(b'{') => Ok(Self::Object),
            Some(b'[') => Ok(Self::Array),
            Some(b'"') => unquoted(written).map(Self::Text),
            _ => Ok(Self::Literal(written)),
        }
    }
}

fn unquoted(written: &str) -> Result<Cow<'_, str>, Refusal> {
    let Name(text) = serde_json::from_str(written).map_err(Refusal::unparsable)?;
    Ok(text)
}

/// Fields of an object, as they stand there. A name may occur twice; the later counts.
pub(in crate::eureka) type Fields<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// The fields of an object. Anything else is refused.
pub(in crate::eureka) fn fields(object: &RawValue) -> Result<Fields<'_>, Refusal> {
    let Object(fields) = serde_json::from_str(object.get()).map_err(Refusal::unparsable)?;
    Ok(fields)
}

/// The fields of an object, unless it is `null`.
pub(super) fn optional_fields(object: &RawValue) -> Result<Option<Fields<'_>>, Refusal> {
    match Value::of(object)? {
        Value::Null => Ok(None),
        _ => fields(object).map(Some),
    }
}

/// A text without its quotes, borrowed if it holds no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Object<'a>(Fields<'a>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Collector)
    }
}

struct Collector;

impl<'de> Visitor<'de> for Collector {
    type Value = Object<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some((Name(name), value)) = map.next_entry()? {
            fields.push((name, value));
        }
        Ok(Object(fields))
    }
}
