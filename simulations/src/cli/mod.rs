//! What can be asked, and by which words.
//!
//! Here: commands and their flags, and giving what they told. Not here: what they do, each in a file of its own.

mod list;
mod ownership;
mod papers;
mod seed;
mod story;
mod sweep;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Simulations of a Peerage cluster: what happens to a registry like yours, before it happens.
///
/// Without a command, lists the stories there are.
#[derive(Debug, Parser)]
#[command(name = "cargo sim --", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays a story: one that comes with Peerage, or your own file.
    Story(story::Story),
    /// Plays the random misfortunes of one seed, and asks every invariant.
    Seed(seed::Seed),
    /// Plays many seeds on all cores.
    Sweep(sweep::Sweep),
    /// Measures the claims of the SWIM paper, on groups of 3 to 200.
    Swim(papers::Swim),
    /// Stalls the readers of some members and counts who is taken for dead, after the Lifeguard paper.
    Lifeguard(papers::Lifeguard),
    /// Tries the rules of ownership in every order of events, up to a bound.
    Ownership(ownership::Ownership),
}

/// What a command tells, and whether all held.
struct Told {
    text: String,
    sound: bool,
}

/// Why a command told nothing: what was asked is not understood, or a file cannot be read or written.
struct Refused(String);

/// Does what the command line says.
pub(crate) fn run() -> ExitCode {
    let told = match Cli::parse().command {
        None => Ok(list::tell()),
        Some(Command::Story(story)) => story.tell(),
        Some(Command::Seed(seed)) => seed.tell(),
        Some(Command::Sweep(sweep)) => sweep.tell(),
        Some(Command::Swim(swim)) => swim.tell(),
        Some(Command::Lifeguard(lifeguard)) => lifeguard.tell(),
        Some(Command::Ownership(ownership)) => ownership.tell(),
    };
    match told {
        Ok(told) if told.sound => give(io::stdout(), &told.text, ExitCode::SUCCESS),
        Ok(told) => give(io::stdout(), &told.text, ExitCode::FAILURE),
        Err(Refused(text)) => give(io::stderr(), &text, ExitCode::from(2)),
    }
}

/// A reader that went away is no failure.
fn give(mut to: impl Write, text: &str, code: ExitCode) -> ExitCode {
    match to.write_all(text.as_bytes()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => code,
    }
}

/// Files to write besides what is printed.
#[derive(Debug, clap::Args)]
struct Files {
    /// Write a report to look at, as one HTML file that opens from disk.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write everything that happened, as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

impl Files {
    /// Writes what was asked for. Answers a line for each.
    fn write(&self, account: &simulations::report::Account) -> Result<String, Refused> {
        let mut told = String::new();
        if let Some(path) = &self.html {
            let page = simulations::report::page::page(account).map_err(Refused)?;
            told.push_str(&write(path, &page)?);
        }
        if let Some(path) = &self.json {
            let document = simulations::report::json::document(account, true);
            let document = document.map_err(|cause| Refused(format!("{cause}\n")))?;
            told.push_str(&write(path, &document)?);
        }
        Ok(told)
    }
}

fn write(path: &PathBuf, text: &str) -> Result<String, Refused> {
    match std::fs::write(path, text) {
        Ok(()) => Ok(format!("wrote {}\n", path.display())),
        Err(cause) => Err(Refused(format!(
            "failed to write {}: {cause}\n",
            path.display()
        ))),
    }
}
