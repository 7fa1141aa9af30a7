//! Reads XML, as leniently as Eureka's own converters.

pub(super) mod name;
pub(super) mod text;
mod tree;

#[cfg(test)]
mod tests;

use self::tree::Element;
use super::draft::{self, Center, Draft};
use super::limits::Limits;
use super::refusal::Refusal;
use crate::registry::instance::{LeaseTerms, Metadata, Port};
use crate::registry::status::Status;

/// Reads a document that is an instance.
pub(super) fn document(text: &str, limits: &Limits) -> Result<Draft, Refusal> {
    let root = tree::read(text, limits)?;
    match root.name.as_str() {
        "instance" | "com.netflix.appinfo.InstanceInfo" => instance(&root, limits),
        _ => Err(Refusal::unparsable("root is not an instance")),
    }
}

fn instance(element: &Element, limits: &Limits) -> Result<Draft, Refusal> {
    let mut draft = Draft::new();
    for child in &element.children {
        if let Some(place) = draft.text(&child.name) {
            *place = Some(child.text.as_str().into());
            continue;
        }
        match child.name.as_str() {
            "status" => draft.status = Some(status(child)),
            "overriddenStatus" | "overriddenstatus" => draft.overridden = Some(status(child)),
            "port" => draft.port = port(child, child.enabled.as_deref() != Some("false"))?,
            "securePort" => {
                draft.secure_port = port(child, child.enabled.as_deref() == Some("true"))?;
            }
            "countryId" => draft.country_id = number(child).unwrap_or(Draft::COUNTRY_ID),
            "dataCenterInfo" => draft.data_center = center(child, limits)?,
            "leaseInfo" => draft.lease = lease(child),
            "metadata" => draft.metadata = metadata(child, limits)?,
            "lastDirtyTimestamp" => draft.last_dirty = number(child),
            _ => {}
        }
    }
    Ok(draft)
}

/// A status in any case.
fn status(element: &Element) -> Status {
    draft::status(&element.text.to_ascii_uppercase())
}

fn port(element: &Element, enabled: bool) -> Result<Port, Refusal> {
    let Ok(number) = element.text.parse() else {
        return Err(Refusal::unparsable("port is not a number"));
    };
    Ok(Port { number, enabled })
}

/// A number; a text that is none says nothing.
fn number<T: TryFrom<i128>>(element: &Element) -> Option<T> {
    T::try_from(draft::whole(&element.text)?).ok()
}

/// A data centre goes by its name. One without is as good as none.
fn center(element: &Element, limits: &Limits) -> Result<Option<Center>, Refusal> {
    let Some(name) = element.child("name").map(|name| name.text.as_str()) else {
        return Ok(None);
    };
    let (name, amazon) = if name.eq_ignore_ascii_case("amazon") {
        let said = element
            .child("metadata")
            .map(|child| metadata(child, limits));
        ("Amazon", said.transpose()?.unwrap_or_default())
    } else {
        (name, Metadata::default())
    };
    draft::data_center(name, amazon).map(|known| Some(Center::Known(known)))
}

fn lease(element: &Element) -> LeaseTerms {
    let default = LeaseTerms::default();
    let secs = |name, default| {
        let number = element.child(name).and_then(number);
        draft::seconds(number, default)
    };
    LeaseTerms {
        interval_secs: secs("renewalIntervalInSecs", default.interval_secs),
        duration_secs: secs("durationInSecs", default.duration_secs),
    }
}

fn metadata(element: &Element, limits: &Limits) -> Result<Metadata, Refusal> {
    let entries: Vec<_> = element
        .children
        .iter()
        .map(|child| (name::read(&child.name), &child.text))
        .collect();
    draft::metadata(&entries, limits)
}
