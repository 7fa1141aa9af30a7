//! Reads registrations.

use super::dialect::Format;
use super::limits::Limits;
use super::refusal::Refusal;
use super::{json, xml};
use crate::clock::Timestamp;
use crate::registry::instance::{AppName, Registration};

/// Reads a registration for the application of the path.
///
/// What the body leaves open gets Eureka's defaults; in particular an instance that does not say when it last changed
/// did so `now`.
pub fn registration(
    format: Format,
    body: &[u8],
    path_app: &AppName,
    limits: &Limits,
    now: Timestamp,
) -> Result<Registration, Refusal> {
    let text = str::from_utf8(body).map_err(Refusal::unparsable)?;
    let draft = match format {
        Format::Json => json::document(text, limits)?,
        Format::Xml => xml::document(text, limits)?,
    };
    draft.registration(path_app, limits, now)
}
