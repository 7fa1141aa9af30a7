//! Following a drain until its instances can be stopped.
//!
//! What must always hold: a server that is away for a while is waited for; that it forgot the drain is not taken for its
//! end.

use std::thread::sleep;
use std::time::Duration;

use super::super::super::answer::{Answer, DONE, FAILED};
use super::super::super::client::{Client, Failure};
use super::super::super::table::written;
use super::super::super::terminal::Terminal;
use super::place;
use super::told::text;
use crate::config::show::Output;
use crate::native::documents::{Drain, DrainState};

/// How often to ask.
const PERIOD: Duration = Duration::from_millis(500);
/// So often in a row a server may fail to answer: about half a minute.
const FAILURES_MAX: u32 = 60;

/// Tells how a drain goes on, until it has come to an end.
pub(super) fn follow(
    client: &Client,
    mut drain: Drain,
    form: Output,
    terminal: &mut Terminal<'_>,
) -> Result<Answer, Failure> {
    let mut told = String::new();
    loop {
        tell(&drain, form, &mut told, terminal);
        if drain.state != DrainState::Draining {
            return Ok(last(&drain, form));
        }
        sleep(PERIOD);
        drain = patiently(client, drain.id, terminal)?;
    }
}

/// Says how it stands, if that is news.
fn tell(drain: &Drain, form: Output, told: &mut String, terminal: &mut Terminal<'_>) {
    let news = text(drain, false);
    if *told == news {
        return;
    }
    let line = match form {
        Output::Table => text(drain, terminal.colours),
        Output::Ndjson => written(form, String::new, drain, &[drain]),
        // One document at the end.
        Output::Json => String::new(),
    };
    *told = news;
    // That nobody reads does not change what is waited for.
    drop(terminal.print(&line));
}

/// How it stands now, though the server may be away for a while.
fn patiently(client: &Client, number: u64, terminal: &mut Terminal<'_>) -> Result<Drain, Failure> {
    let mut failures = 0;
    loop {
        match client.read(&place(number)) {
            Err(failure) if failure.passes() && failures < FAILURES_MAX => {
                if failures == 0 {
                    let said = failure.answer().text;
                    terminal.note(&format!(
                        "{}; the drain goes on, trying again",
                        said.trim_end()
                    ));
                }
                failures += 1;
                sleep(PERIOD);
            }
            Err(failure) => return Err(forgotten(failure, number)),
            Ok(drain) => return Ok(drain),
        }
    }
}

/// A drain of which this server has not heard, or that was over before it was started.
fn forgotten(failure: Failure, number: u64) -> Failure {
    match failure {
        Failure::Refused {
            base,
            mut problem,
            query,
        } if problem.status == 404 => {
            problem.detail = format!(
                "it does not know drain {number}: it may have been over before this server was started; what is still \
                 drained stays out of service: see peerage override list"
            );
            Failure::Refused {
                base,
                problem,
                query,
            }
        }
        other => other,
    }
}

/// How it came to an end.
fn last(drain: &Drain, form: Output) -> Answer {
    let ended = drain.state == DrainState::Ended;
    let people = || match drain.state {
        DrainState::Ended => format!(
            "drain {} ended before its instances could be stopped\n",
            drain.id
        ),
        DrainState::Stopped => format!("drain {}: all its instances are gone\n", drain.id),
        _ => format!("drain {}: its instances can be stopped\n", drain.id),
    };
    Answer {
        text: match form {
            // Every line was printed as it came.
            Output::Ndjson => String::new(),
            _ => written(form, people, drain, &[drain]),
        },
        code: if ended { FAILED } else { DONE },
    }
}
