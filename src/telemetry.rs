//! The log: lines on standard error.
//!
//! Here: which lines are written and how they look. Not here: who writes them. What must always hold: a line of JSON
//! or logfmt begins with `ts` and `level`, and its other names are those of the event's fields.

mod lines;

use std::io::{self, IsTerminal};
use std::sync::Arc;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::clock::{Clock, SystemClock};
use crate::config::{LogFormat, LogSettings};
use lines::{Lines, Style};

/// What the HTTP machinery says of itself, and of every request that is none, is only for who asks for it by name: then
/// the later directive wins.
const QUIET: &str = "actix_server=warn,actix_http=off";

/// Starts the log, once per process.
pub fn start(settings: &LogSettings) -> Result<(), TryInitError> {
    let terminal = io::stderr().is_terminal();
    let time = Time(Arc::new(SystemClock::start()));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(format!(
            "{QUIET},{}",
            settings.filter.text()
        )))
        .with_writer(io::stderr)
        .with_ansi(terminal && colour_wanted());
    match settings.format.resolved(terminal) {
        LogFormat::Json => builder
            .event_format(Lines::new(Style::Json, time))
            .finish()
            .try_init(),
        LogFormat::Logfmt => builder
            .event_format(Lines::new(Style::Logfmt, time))
            .finish()
            .try_init(),
        LogFormat::Auto | LogFormat::Text => builder
            .with_timer(time)
            .with_target(false)
            .finish()
            .try_init(),
    }
}

/// See <https://no-color.org>.
fn colour_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Writes the time as RFC 3339 in UTC, with milliseconds.
#[derive(Clone)]
struct Time(Arc<dyn Clock>);

impl FormatTime for Time {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        write!(writer, "{}", self.0.now())
    }
}
