//! Lines for programs: JSON and logfmt.
//!
//! Here: one event as one line of named values. Not here: which events are written.

use std::fmt;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// How named values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `{"ts":"…","level":"info","message":"…"}`
    Json,
    /// `ts=… level=info message="…"`
    Logfmt,
}

/// Writes each event as one line that begins with `ts`, `level` and `target`. Fields follow in the event's order; the
/// sentence is called `message`.
pub(super) struct Lines<T> {
    style: Style,
    time: T,
}

impl<T> Lines<T> {
    pub(super) const fn new(style: Style, time: T) -> Self {
        Self { style, time }
    }
}

impl<S, N, T> FormatEvent<S, N> for Lines<T>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    T: FormatTime,
{
    fn format_event(
        &self,
        _context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut time = String::new();
        self.time.format_time(&mut Writer::new(&mut time))?;
        let metadata = event.metadata();
        let mut values = Values::default();
        values.add("ts", time);
        values.add("level", metadata.level().as_str().to_lowercase());
        values.add("target", metadata.target());
        event.record(&mut values);
        match self.style {
            Style::Json => writeln!(writer, "{}", json(&values)),
            Style::Logfmt => writeln!(writer, "{}", logfmt(&values)),
        }
    }
}

/// The values of an event, in their order.
#[derive(Default)]
struct Values(Vec<(&'static str, Value)>);

impl Values {
    fn add(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push((name, value.into()));
    }
}

impl Visit for Values {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field.name(), format!("{value:?}"));
    }
}

fn json(Values(values): &Values) -> String {
    let members = values
        .iter()
        .map(|(name, value)| format!("{}:{value}", Value::from(*name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn logfmt(Values(values): &Values) -> String {
    let pairs = values
        .iter()
        .map(|(name, value)| format!("{name}={}", logfmt_value(value)));
    pairs.collect::<Vec<_>>().join(" ")
}

/// Text is quoted, as in JSON, where it would not read back as one word.
fn logfmt_value(value: &Value) -> String {
    let is_word = |text: &str| {
        let breaks = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '=' | '\\');
        !text.is_empty() && !text.contains(breaks)
    };
    match value.as_str() {
        Some(text) if is_word(text) => text.to_owned(),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What was written, for whoever asks later.
    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Noon;

    impl FormatTime for Noon {
        fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
            write!(writer, "2026-01-01T12:00:00.000Z")
        }
    }

    fn written(style: Style, log: impl FnOnce()) -> String {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .event_format(Lines::new(style, Noon))
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = written.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    fn a_registration() {
        tracing::info!(target: "peerage", event = "registered", app = %"ORDERS", count = 3, "registered \"it\"\nwell");
    }

    #[test]
    fn json_is_one_object_per_line() {
        insta::assert_snapshot!(written(Style::Json, a_registration), @r#"{"ts":"2026-01-01T12:00:00.000Z","level":"info","target":"peerage","message":"registered \"it\"\nwell","event":"registered","app":"ORDERS","count":3}"#);
    }

    #[test]
    fn logfmt_quotes_what_is_no_word() {
        insta::assert_snapshot!(written(Style::Logfmt, a_registration), @r#"ts=2026-01-01T12:00:00.000Z level=info target=peerage message="registered \"it\"\nwell" event=registered app=ORDERS count=3"#);
    }
}
