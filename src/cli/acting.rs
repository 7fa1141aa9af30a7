//! Commands by which operators change what is shown.
//!
//! Here: their flags. Not here: who agrees (`consent`), what each does (`overrides`, `drain`, `evict`, `release`). What
//! must always hold: what will follow is said before it is done, and standard output carries nothing but the answer.

mod consent;
mod drain;
mod evict;
mod overrides;
mod release;

use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};

use self::consent::Consent;
use super::answer::{Answer, DONE};
use super::client::Failure;
use super::client::calls::path;
use super::commands::Asking;
use super::named::Named;
use super::reading::{Filter, QUERIES, protection};
use super::table::{plain, written};
use super::terminal::Terminal;
use super::text;
use crate::config::show::Output;
use crate::native::documents::Done;
use crate::registry::status::Status;

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Acting {
    /// Show an instance in another status than its own, or end that
    #[command(subcommand)]
    Override(Override),
    /// Take instances out of service, and follow until they can be stopped
    #[command(after_help = QUERIES)]
    Drain(Box<Drain>),
    /// End leases now
    Evict(Evict),
    /// Say what is not evicted though it is silent, and why; exits with 3 if anything is. Or release it
    Protection(Protection),
}

/// The statuses that can be set: nobody is helped by an instance that is said to be unknown.
const SETTABLE: [Status; 4] = [
    Status::Up,
    Status::Down,
    Status::Starting,
    Status::OutOfService,
];

/// `peerage override`.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Override {
    /// Show an instance in this status
    Set {
        /// The instance, as APPLICATION/ID
        #[arg(value_name = "APP/ID")]
        instance: Named,
        /// UP, DOWN, STARTING or OUT_OF_SERVICE
        #[arg(value_parser = PossibleValuesParser::new(SETTABLE.map(Status::name)), ignore_case = true, hide_possible_values = true)]
        status: String,
        /// For how long, like 30m or 2h; else until it is cleared
        #[arg(long, value_name = "TIME", value_parser = text::duration)]
        ttl: Option<Duration>,
        #[command(flatten)]
        consent: Consent,
        #[command(flatten)]
        asking: Asking,
    },
    /// Show an instance in its own status again
    Clear {
        /// The instance, as APPLICATION/ID
        #[arg(value_name = "APP/ID")]
        instance: Named,
        #[command(flatten)]
        consent: Consent,
        #[command(flatten)]
        asking: Asking,
    },
    /// List all overrides in force
    List {
        #[command(flatten)]
        asking: Asking,
    },
}

/// `peerage drain`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Drain {
    #[command(subcommand)]
    command: Option<DrainCommand>,
    #[command(flatten)]
    which: Which,
    /// After how long the instances serve again by themselves, like 5m; else never
    #[arg(long, value_name = "TIME", value_parser = text::duration)]
    deadline: Option<Duration>,
    /// It is meant that a service is left with nobody in service in a zone
    #[arg(long)]
    confirm_empties_zone: bool,
    /// Follow until the instances can be stopped; to interrupt that does not undo it
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    asking: Asking,
}

/// Which instances to drain.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[group(multiple = false)]
struct Which {
    /// The instance, as APPLICATION/ID
    #[arg(value_name = "APP/ID")]
    instance: Option<Named>,
    /// All that match
    #[arg(short, long, value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<String>,
    /// All of a zone
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
    /// All of a host, by its name or its address
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
}

/// What to do about drains.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(super) enum DrainCommand {
    /// List drains, newest first
    List {
        #[command(flatten)]
        asking: Asking,
    },
    /// Follow a drain until its instances can be stopped
    Follow {
        /// Its number
        #[arg(value_name = "NUMBER")]
        number: u64,
        #[command(flatten)]
        asking: Asking,
    },
    /// Let the instances of a drain serve again
    Undo {
        /// Its number; need not be said if there is but one
        #[arg(value_name = "NUMBER")]
        number: Option<u64>,
        #[command(flatten)]
        consent: Consent,
        #[command(flatten)]
        asking: Asking,
    },
}

/// `peerage evict`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
pub struct Evict {
    /// The instance, as APPLICATION/ID
    #[arg(value_name = "APP/ID", required_unless_present = "expired")]
    instance: Option<Named>,
    /// All leases that are over, whatever holds them
    #[arg(long, conflicts_with = "instance")]
    expired: bool,
    /// With --expired: only those that match
    #[arg(
        short = 'f',
        long = "filter",
        value_name = "QUERY",
        requires = "expired",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    query: String,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    asking: Asking,
}

/// `peerage protection`.
#[derive(Args, Clone, Debug, PartialEq, Eq)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Protection {
    #[command(subcommand)]
    command: Option<ProtectionCommand>,
    #[command(flatten)]
    asking: Asking,
}

/// What to do about protection.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(super) enum ProtectionCommand {
    /// Let go what a guard holds: what is over is evicted then, as fast as the quota allows
    Release {
        /// Whose hold
        guard: Guard,
        /// Which zone's, if it is a zone's
        #[arg(value_name = "ZONE", required_if_eq("guard", "zone"))]
        zone: Option<String>,
        #[command(flatten)]
        consent: Consent,
        #[command(flatten)]
        asking: Asking,
    },
}

/// Who holds leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Guard {
    /// The guard over all leases of the server
    Server,
    /// The guard of a zone
    Zone,
    /// The server's being cut off from the others
    Isolation,
}

impl Acting {
    /// Acts and answers.
    pub(super) fn answer(&self, terminal: &mut Terminal<'_>) -> Result<Answer, Failure> {
        match self {
            Self::Override(overriding) => overrides::act(overriding, terminal),
            Self::Drain(drain) => drain::act(drain, terminal),
            Self::Evict(evict) => evict::act(evict, terminal),
            Self::Protection(Protection { command, asking }) => match command {
                Some(ProtectionCommand::Release {
                    guard,
                    zone,
                    consent,
                    asking,
                }) => release::act(*guard, zone.as_deref(), consent, asking, terminal),
                None => {
                    let form = terminal.form(asking.form.output);
                    let read = asking.client()?.read(&path(["protection"]))?;
                    Ok(protection(&read, form))
                }
            },
        }
    }
}

/// What is said when something is done.
fn done(done: &Done, output: Output) -> Answer {
    let Done { revision, effect } = done;
    let people = || format!("{}\nDone at revision {}.\n", plain(effect), plain(revision));
    Answer {
        text: written(output, people, done, &[done]),
        code: DONE,
    }
}

/// Sentences of one paragraph each, fit for a terminal.
fn paragraphs(sentences: &[String]) -> String {
    let told: Vec<_> = sentences
        .iter()
        .map(|sentence| text::plain_lines(sentence))
        .collect();
    told.join("\n")
}

/// Which instances an `evict` or the like is about.
impl Evict {
    fn filter(&self) -> Filter {
        Filter {
            query: self.query.clone(),
        }
    }
}
