//! What the instances of a service say of themselves, key by key.

use web_ui::frame::Frame;
use web_ui::links;
use web_ui::service::{MetadataLine, Part, ValueLine};

use crate::native::documents::{MetadataKey, MetadataValue, Service};

/// So many instances are named with a value.
const NAMED_MAX: usize = 3;
/// Longer values are no good as a query.
const QUERY_MAX: usize = 256;
/// What stands for values that look secret.
const MASK: &str = "•••";

pub(super) fn of(service: &Service, frame: &Frame) -> Part {
    let app = links::term("app", &service.row.name);
    let lines = service.metadata.iter().map(|key| line(key, &app, frame));
    Part::Metadata(lines.collect())
}

fn line(key: &MetadataKey, app: &str, frame: &Frame) -> MetadataLine {
    MetadataLine {
        key: key.key.clone(),
        differs: key.differs,
        values: key
            .values
            .iter()
            .map(|value| value_line(&key.key, value, app, frame))
            .collect(),
    }
}

fn value_line(key: &str, value: &MetadataValue, app: &str, frame: &Frame) -> ValueLine {
    let shown = value.value.as_deref();
    let asked = shown.filter(|value| value.len() <= QUERY_MAX && *value != MASK);
    // A key is a word of the query as well, and may be anything.
    let key = links::term("meta.", key).replacen("meta.:", "meta.", 1);
    let href = asked.map(|value| frame.instances(&format!("{app} {}", links::term(&key, value))));
    ValueLine {
        value: value.value.clone(),
        count: value.instances,
        href: href.unwrap_or_default(),
        ids: ids(value),
    }
}

fn ids(value: &MetadataValue) -> String {
    let named: Vec<_> = value
        .ids
        .iter()
        .take(NAMED_MAX)
        .map(String::as_str)
        .collect();
    match value.instances.saturating_sub(named.len() as u64) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
