//! `peerage watch`: changes as they happen, over connections that may break off.
//!
//! Here: connecting, trying again, printing. Not here: what is told once and only once (`resume`). What must always
//! hold: once the stream was there, nothing but a refusal ends the watch: neither a server that restarts nor a network
//! that fails.

use std::thread::sleep;
use std::time::Duration;

use super::super::answer::Answer;
use super::super::client::calls::lost;
use super::super::client::{Client, Failure};
use super::super::interruption::Interruption;
use super::super::terminal::Terminal;
use super::super::text::quoted;
use super::Watch as Asked;
use super::events::line;
use super::resume::{Reader, Turn};
use crate::config::show::Output;

/// The server says something every fifteen seconds; after this long it is gone.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// How long to wait before connecting again: at first, and at most.
const PAUSE_MIN: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Asks, and answers for as long as somebody reads.
pub(super) fn follow(asked: &Asked, terminal: &mut Terminal<'_>) -> Result<Answer, Failure> {
    let client = asked.asking.client()?;
    let form = terminal.form(asked.asking.form.output);
    let reader = Reader::since(asked.since.clone());
    go_on(&client, &asked.filter.query, reader, form, terminal)
}

/// Tells what happens from where the reader is, until nobody reads any more.
pub(super) fn go_on(
    client: &Client,
    query: &str,
    reader: Reader,
    form: Output,
    terminal: &mut Terminal<'_>,
) -> Result<Answer, Failure> {
    let mut watch = Watch {
        client,
        query,
        reader,
        form,
        terminal,
        interruption: Interruption::expected(super::super::answer::DONE),
    };
    let mut tries = Tries::default();
    loop {
        let pause = match watch.connected() {
            Ok(End::NobodyReads) => return Ok(Answer::done()),
            Ok(End::Again(pause)) => {
                tries.succeeded();
                pause
            }
            Err(failure) if tries.fatal(&failure) => return Err(failure.of_query(query)),
            Err(failure) => {
                if tries.first() {
                    let said = failure.answer().text;
                    watch
                        .terminal
                        .note(&format!("{}; trying again", said.trim_end()));
                }
                tries.pause()
            }
        };
        sleep(pause);
    }
}

/// How often connecting failed since it last succeeded.
#[derive(Default)]
struct Tries {
    ever: bool,
    failed: u32,
}

impl Tries {
    const fn succeeded(&mut self) {
        self.ever = true;
        self.failed = 0;
    }

    /// Whether to give up: at a refusal, or if nothing was ever heard.
    fn fatal(&self, failure: &Failure) -> bool {
        !self.ever || !(failure.passes() || matches!(failure, Failure::Strange { .. }))
    }

    const fn first(&self) -> bool {
        self.failed == 0
    }

    fn pause(&mut self) -> Duration {
        let pause = PAUSE_MIN.saturating_mul(1 << self.failed.min(8));
        self.failed = self.failed.saturating_add(1);
        pause.min(PAUSE_MAX)
    }
}

/// How a connection ended.
enum End {
    NobodyReads,
    /// Connect again after this pause.
    Again(Duration),
}

struct Watch<'a, 'b> {
    client: &'a Client,
    query: &'a str,
    reader: Reader,
    form: Output,
    terminal: &'a mut Terminal<'b>,
    interruption: Interruption,
}

impl Watch<'_, '_> {
    /// One connection, from its beginning to its end.
    fn connected(&mut self) -> Result<End, Failure> {
        let path = self.reader.path(self.query);
        let mut lines = self.client.open(&path, SILENCE_MAX)?;
        loop {
            let line = match lines.next() {
                Ok(Some(line)) => line,
                Ok(None) => return Ok(self.broken_off("the stream ended")),
                Err(cause) => return Ok(self.broken_off(&lost(&cause))),
            };
            let Ok((events, turn)) = self.reader.take(line) else {
                return Ok(self.broken_off("what came makes no sense"));
            };
            let told = events
                .iter()
                .map(|event| line_of(event, self.form, self.terminal.colours));
            let told: String = told.collect();
            if !told.is_empty() && self.terminal.print(&told).is_err() {
                return Ok(End::NobodyReads);
            }
            self.remember();
            match turn {
                Turn::GoOn => {}
                Turn::ListAgain => return Ok(End::Again(Duration::ZERO)),
                Turn::Later(millis) => {
                    self.terminal
                        .note("the server stops; watching goes on when it is back");
                    return Ok(End::Again(Duration::from_millis(millis).min(PAUSE_MAX)));
                }
            }
        }
    }

    fn broken_off(&mut self, why: &str) -> End {
        let place = self.reader.place().unwrap_or("the beginning").to_owned();
        self.terminal
            .note(&format!("{why}; going on after {place}"));
        End::Again(PAUSE_MIN)
    }

    /// Says at an interruption where to go on.
    fn remember(&self) {
        let Some(place) = self.reader.place() else {
            return;
        };
        let filter = match self.query {
            "" => String::new(),
            query => format!(" -f {}", quoted(query)),
        };
        self.interruption.says(&format!(
            "watched up to {place}; to go on there: peerage watch{filter} --since {place}"
        ));
    }
}

use line as line_of;
