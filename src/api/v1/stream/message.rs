//! Messages as bytes.

use bytes::{BufMut as _, BytesMut};
use serde::Serialize;

use super::wanted::Format;
use crate::account::Revision;

/// Writes one message. With an id whoever got it may go on after that.
pub(super) fn write(
    out: &mut BytesMut,
    format: Format,
    event: &str,
    id: Option<Revision>,
    data: &impl Serialize,
) {
    let started = out.len();
    let written = match format {
        Format::Events => event_lines(out, event, id, data),
        Format::Lines => line(out, event, id, data),
    };
    if written.is_err() {
        // Documents are made of texts, numbers and lists of them, of which none fails to be written.
        debug_assert!(false, "a document can be written");
        out.truncate(started);
    }
}

fn event_lines(
    out: &mut BytesMut,
    event: &str,
    id: Option<Revision>,
    data: &impl Serialize,
) -> serde_json::Result<()> {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(event.as_bytes());
    if let Some(id) = id {
        out.extend_from_slice(format!("\nid: {id}").as_bytes());
    }
    out.extend_from_slice(b"\ndata: ");
    // JSON has no line breaks but those it is laid out with, and this has none.
    serde_json::to_writer(out.writer(), data)?;
    out.extend_from_slice(b"\n\n");
    Ok(())
}

#[derive(Serialize)]
struct Line<'a, Data> {
    event: &'a str,
    id: Option<String>,
    data: &'a Data,
}

fn line(
    out: &mut BytesMut,
    event: &str,
    id: Option<Revision>,
    data: &impl Serialize,
) -> serde_json::Result<()> {
    let id = id.map(|id| id.to_string());
    serde_json::to_writer(out.writer(), &Line { event, id, data })?;
    out.extend_from_slice(b"\n");
    Ok(())
}

/// After how long a client should connect again by itself.
pub(super) fn retry(out: &mut BytesMut, format: Format, millis: u64) {
    if format == Format::Events {
        out.extend_from_slice(format!("retry: {millis}\n\n").as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn written(format: Format, id: Option<Revision>) -> String {
        let mut out = BytesMut::new();
        write(&mut out, format, "delta", id, &json!({"text": "a\nb"}));
        String::from_utf8(out.to_vec()).unwrap()
    }

    #[test]
    fn a_message_is_an_event_or_a_line() {
        let id = Some(Revision {
            epoch: 1,
            sequence: 2,
        });
        let event = "event: delta\nid: 1-2\ndata: {\"text\":\"a\\nb\"}\n\n";
        assert_eq!(written(Format::Events, id), event);
        let line = "{\"event\":\"delta\",\"id\":\"1-2\",\"data\":{\"text\":\"a\\nb\"}}\n";
        assert_eq!(written(Format::Lines, id), line);
        assert!(!written(Format::Events, None).contains("id:"));
    }
}
