//! Commands that ask running servers.
//!
//! Here: flags that all share, and asking about servers. Not here: what is said of the answers (`status`, `members`,
//! `diff`), instances (`reading`), operators' actions (`acting`). What must always hold: what passes by itself within a
//! second is not called a difference.

use std::env;
use std::thread::sleep;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::acting::Acting;
use super::answer::Answer;
use super::client::{Client, Failure};
use super::reading::Reading;
use super::snapshot::Keeping;
use super::terminal::Terminal;
use super::{diff, members, status, text};
use crate::cluster::view::{Agreement, Cluster, Member};
use crate::config::show::Output;

/// How long a difference may take to pass by itself: changes reach all peers within milliseconds.
const SETTLING: Duration = Duration::from_secs(1);

/// What to ask.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Question {
    /// Show a server in ten lines; exits with 3 if it is not well
    Status(Asking),
    /// Show who is in the cluster; exits with 3 if anybody is missing or shows other instances
    Members(Asking),
    /// Name the instances that two servers show differently, and why; exits with 3 if there are any
    Diff {
        /// A server, as host:port or URL
        a: String,
        /// Another
        b: String,
        /// How to answer
        #[command(flatten)]
        form: Form,
    },
    /// Ask about instances
    #[command(flatten)]
    Reading(Box<Reading>),
    /// Change what is shown of instances
    #[command(flatten)]
    Acting(Box<Acting>),
    /// Keep what a server holds in a file, or look into such a file
    #[command(subcommand)]
    Snapshot(Keeping),
}

/// Whom to ask, and how to answer.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Asking {
    /// The server to ask, as host:port or URL; else PEERAGE_ADDR, else http://localhost:8761
    #[arg(long, value_name = "ADDR")]
    addr: Option<String>,
    /// How long an answer may take, like 500ms or 30s; else as long as a server that is well ever needs
    #[arg(long, value_name = "TIME", value_parser = text::duration)]
    timeout: Option<Duration>,
    #[command(flatten)]
    pub(super) form: Form,
}

impl Asking {
    /// A client for the server to ask.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        let variable = env::var("PEERAGE_ADDR").ok();
        let client = Client::chosen(self.addr.as_deref(), variable.as_deref())?;
        Ok(client.within(self.timeout))
    }
}

/// How to answer.
#[derive(Args, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// How to answer: table, json, or ndjson for one JSON object per line; else table on a terminal, json to a program
    #[arg(short, long, value_name = "FORM", hide_possible_values = true)]
    pub(super) output: Option<Output>,
}

/// Asks and answers.
pub fn answer(question: &Question) -> Answer {
    let mut terminal = Terminal::real();
    let form = |form: &Form| terminal.form(form.output);
    let answered = match question {
        Question::Status(asking) => of_cluster(asking, form(&asking.form), status::answer),
        Question::Members(asking) => of_cluster(asking, form(&asking.form), members::answer),
        Question::Diff { a, b, form: wanted } => difference(a, b, form(wanted)),
        Question::Reading(reading) => reading.answer(&mut terminal),
        Question::Acting(acting) => acting.answer(&mut terminal),
        Question::Snapshot(keeping) => keeping.answer(&terminal),
    };
    answered.unwrap_or_else(|failure| failure.answer())
}

fn of_cluster(
    asking: &Asking,
    output: Output,
    said: fn(&Cluster, bool, Output) -> Answer,
) -> Result<Answer, Failure> {
    let (cluster, differs) = settled(&asking.client()?)?;
    Ok(said(&cluster, differs, output))
}

/// The cluster as a server sees it, and whether it differs from others for good: still after a second.
fn settled(client: &Client) -> Result<(Cluster, bool), Failure> {
    let ask = || client.read::<Cluster>("/api/v1/cluster");
    let first = ask()?;
    if first.agreed {
        return Ok((first, false));
    }
    sleep(SETTLING);
    let second = ask()?;
    let differs = differ(&first, &second);
    Ok((second, differs))
}

/// Whether two views, one a while after the other, tell of a difference that does not pass.
fn differ(first: &Cluster, second: &Cluster) -> bool {
    !second.agreed
        && second
            .members
            .iter()
            .any(|member| stuck(first, second, member))
}

/// Whether nothing moved on either side though one has not seen what the other has, or both have seen the same and
/// show different instances.
fn stuck(first: &Cluster, second: &Cluster, now: &Member) -> bool {
    let then = first.members.iter().find(|member| member.id == now.id);
    let still =
        |agreement| now.agrees == agreement && then.is_some_and(|then| then.agrees == agreement);
    let unmoved = first.server.state.seen_hash == second.server.state.seen_hash
        && then.is_some_and(|then| then.state == now.state);
    still(Agreement::No) || (still(Agreement::NotYet) && unmoved)
}

fn difference(a: &str, b: &str, output: Output) -> Result<Answer, Failure> {
    let (a, b) = (Client::new(a)?, Client::new(b)?);
    let sides = diff::Sides {
        a: &|path| a.read(path),
        b: &|path| b.read(path),
    };
    let mut found = diff::find(&sides)?;
    if !found.differences.is_empty() {
        sleep(SETTLING);
        found = diff::settle(&sides, found)?;
    }
    Ok(diff::answer(&found, [a.base(), b.base()], output))
}

#[cfg(test)]
mod tests;
