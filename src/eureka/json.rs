//! Reads JSON, as leniently as Eureka's own codec, and where that stumbles more soundly.
//!
//! What must always hold: no part of a body is looked at more often than it is deep in what we know, and nothing here
//! recurses.

pub(super) mod value;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::value::RawValue;

use self::value::{Value, fields, misplaced, number, optional_fields, text, truth};
use super::draft::{self, Center, Draft};
use super::limits::Limits;
use super::refusal::Refusal;
use crate::registry::instance::{LeaseTerms, Metadata, Port, Text};

/// Reads a document that wraps an instance in its name.
pub(super) fn document(text: &str, limits: &Limits) -> Result<Draft, Refusal> {
    let root = value::document(text, limits)?;
    match fields(root)?.as_slice() {
        [(name, instance)] if name == "instance" => self::instance(instance, limits),
        _ => Err(Refusal::unparsable("root is not an instance alone")),
    }
}

/// Reads an instance that is not wrapped.
pub(super) fn instance(object: &RawValue, limits: &Limits) -> Result<Draft, Refusal> {
    let mut draft = Draft::new();
    for (name, value) in fields(object)? {
        if let Some(place) = draft.text(&name) {
            *place = text(value)?.map(Text::from);
            continue;
        }
        match &*name {
            "status" => draft.status = text(value)?.as_deref().map(draft::status),
            "overriddenStatus" | "overriddenstatus" => {
                draft.overridden = text(value)?.as_deref().map(draft::status);
            }
            "port" => draft.port = port(value, Port::PLAIN)?,
            "securePort" => draft.secure_port = port(value, Port::SECURE)?,
            "countryId" => draft.country_id = number(value)?.unwrap_or(Draft::COUNTRY_ID),
            "dataCenterInfo" => draft.data_center = center(value, limits)?,
            "leaseInfo" => draft.lease = lease(value)?,
            "metadata" => draft.metadata = metadata(value, limits)?,
            "lastDirtyTimestamp" => draft.last_dirty = number(value)?,
            _ => {}
        }
    }
    name_by_metadata(&mut draft);
    Ok(draft)
}

/// Spring's rule: an instance that does not say its id may say it in its metadata, where it is unique on one host.
fn name_by_metadata(draft: &mut Draft) {
    let (None, Some(host)) = (&draft.id, draft.host_name.as_deref()) else {
        return;
    };
    let named = draft.metadata.value("instanceId");
    let id = match named.filter(|id| !id.trim().is_empty()) {
        Some(id) if id.starts_with(host) => id.into(),
        Some(id) => format!("{host}:{id}").into(),
        None => return,
    };
    draft.id = Some(id);
}

/// A port: an object, or just its number, as servers before Eureka 1.2 had it.
fn port(value: &RawValue, default: Port) -> Result<Port, Refusal> {
    let mut port = default;
    match Value::of(value)? {
        Value::Null => {}
        Value::Object => {
            for (name, value) in fields(value)? {
                match &*name {
                    "$" => port.number = number(value)?.unwrap_or(0),
                    "@enabled" => port.enabled = truth(value)?,
                    _ => {}
                }
            }
        }
        Value::Text(_) | Value::Literal(_) => port.number = number(value)?.unwrap_or(0),
        Value::Array => return Err(misplaced(value)),
    }
    Ok(port)
}

/// A data centre goes by its name: some clients send no class, or one of their own.
fn center(value: &RawValue, limits: &Limits) -> Result<Option<Center>, Refusal> {
    let Some(fields) = optional_fields(value)? else {
        return Ok(None);
    };
    let last = |name: &str| {
        fields
            .iter()
            .rfind(|(known, _)| known == name)
            .map(|(_, value)| *value)
    };
    let Some(name) = last("name").map(text).transpose()?.flatten() else {
        return Ok(Some(Center::Nameless));
    };
    let amazon = match last("metadata") {
        Some(value) if name == "Amazon" => metadata(value, limits)?,
        _ => Metadata::default(),
    };
    draft::data_center(&name, amazon).map(|known| Some(Center::Known(known)))
}

fn lease(value: &RawValue) -> Result<LeaseTerms, Refusal> {
    let default = LeaseTerms::default();
    let mut terms = default;
    for (name, value) in optional_fields(value)?.unwrap_or_default() {
        match &*name {
            "renewalIntervalInSecs" => terms.interval_secs = seconds(value, default.interval_secs)?,
            "durationInSecs" => terms.duration_secs = seconds(value, default.duration_secs)?,
            _ => {}
        }
    }
    Ok(terms)
}

fn seconds(value: &RawValue, default: u32) -> Result<u32, Refusal> {
    let number = text(value)?.as_deref().and_then(draft::whole);
    Ok(draft::seconds(number, default))
}

/// Metadata: every plain value counts as the text it is written with.
fn metadata(value: &RawValue, limits: &Limits) -> Result<Metadata, Refusal> {
    let mut entries = Vec::new();
    for (name, value) in optional_fields(value)?.unwrap_or_default() {
        entries.push((name, text(value)?.unwrap_or(Cow::Borrowed("null"))));
    }
    draft::metadata(&entries, limits)
}
