//! Commands that ask about instances and what became of them.
//!
//! Here: their flags and asking. Not here: what is said of the answers (`apps`, `instances`, `explain`, `protection`,
//! `events`), reading on and on (`watch`). What must always hold: what programs get is the document of the API, whole.

mod apps;
mod events;
mod explain;
mod instances;
mod protection;
mod resume;
mod watch;

use clap::{Args, Subcommand};

pub(super) use self::instances::{Wanted, all, heard, some};
pub(super) use self::protection::{NO_ZONE, answer as protection, name as guard_name};

use super::answer::Answer;
use super::client::Failure;
use super::client::calls::{path, with};
use super::commands::Asking;
use super::named::Named;
use super::terminal::Terminal;

/// What to ask.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Reading {
    /// List applications, worst first
    Apps {
        /// Which instances count
        #[command(flatten)]
        filter: Filter,
        #[command(flatten)]
        asking: Asking,
    },
    /// List instances
    #[command(after_help = QUERIES)]
    Instances(Instances),
    /// Say why an instance is shown as it is, or is not, what happens next, and what one can do
    Explain {
        /// The instance, as APPLICATION/ID
        #[arg(value_name = "APP/ID")]
        instance: Named,
        #[command(flatten)]
        asking: Asking,
    },
    /// List what happened lately, oldest first
    #[command(after_help = QUERIES)]
    Events(Events),
    /// Print changes as they happen, each once, also after the connection was lost
    #[command(after_help = QUERIES)]
    Watch(Watch),
}

/// What a query may say, below the help of commands that take one.
pub(super) const QUERIES: &str = "\
A query is terms side by side, which must all hold:
  zone:a status:down,out_of_service   key and values; * and ? stand for any text and any character
  -app:test* not:lease:fresh          none of these
  meta.version:1.*  age:>10m          metadata, times
  host-7 \"some text\"                  anywhere in application, id, host, address and metadata
Keys: app id host ip port zone vip status own overridden protected lease owner code age renewed meta.KEY";

/// Which instances are meant.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only those that match, like 'zone:a status:down'; see `peerage instances --help`
    #[arg(
        short = 'f',
        long = "filter",
        value_name = "QUERY",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    pub(super) query: String,
}

/// `peerage instances`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Instances {
    #[command(flatten)]
    filter: Filter,
    /// Count and list by what instances have in common: zone, app, status, host, version, lease, owner, code or meta.KEY
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "",
        hide_default_value = true
    )]
    group_by: String,
    /// The order: by app, id, host, zone, status, version, worst, registered, updated, renewed or deadline; with - before
    /// it the other way round
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "",
        hide_default_value = true,
        allow_hyphen_values = true
    )]
    sort: String,
    /// How many to list at most; else all
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    #[command(flatten)]
    asking: Asking,
}

/// `peerage events`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    #[command(flatten)]
    filter: Filter,
    /// Only events of this kind, like evicted; several with commas between them
    #[arg(
        long,
        value_name = "KIND",
        default_value = "",
        hide_default_value = true
    )]
    kind: String,
    /// How many of the latest to list
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: u64,
    /// Go on with what happens from now on
    #[arg(long)]
    follow: bool,
    #[command(flatten)]
    asking: Asking,
}

/// `peerage watch`.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
pub struct Watch {
    #[command(flatten)]
    filter: Filter,
    /// Begin after this revision, which every change and every list names; else now
    #[arg(long, value_name = "REV")]
    since: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Reading {
    /// Asks and answers.
    pub(super) fn answer(&self, terminal: &mut Terminal<'_>) -> Result<Answer, Failure> {
        match self {
            Self::Apps { filter, asking } => {
                let query = [("query", filter.query.as_str())];
                let services = asking.client()?.read(&with(&path(["services"]), &query));
                let services = services.map_err(|failure| failure.of_query(&filter.query))?;
                let form = terminal.form(asking.form.output);
                Ok(apps::answer(&services, form, terminal.colours))
            }
            Self::Instances(asked) => instances::ask(asked, terminal),
            Self::Explain { instance, asking } => {
                let path = path(["explain", &instance.app, &instance.id]);
                let explanation = asking.client()?.read(&path)?;
                let form = terminal.form(asking.form.output);
                Ok(explain::answer(&explanation, form, terminal.colours))
            }
            Self::Events(asked) => events::ask(asked, terminal),
            Self::Watch(asked) => watch::follow(asked, terminal),
        }
    }
}
