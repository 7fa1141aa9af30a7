//! The command line.
//!
//! Here: commands, flags, and the texts commands answer with. Not here: what settings mean (`config`), serving
//! (`server`), asking running servers (`commands`). What must always hold: `peerage` alone is `peerage serve`, and a flag may stand before a command or
//! after it.

mod acting;
mod answer;
mod client;
mod commands;
mod completions;
mod diff;
mod interruption;
mod members;
mod named;
mod reading;
mod snapshot;
mod status;
mod table;
mod terminal;
mod text;

use std::path::PathBuf;
use std::{env, fs};

use clap::{Arg, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use peers::keys::{ClusterKey, KEY_BYTES};
use rand::TryRng as _;
use rand::rngs::SysRng;

pub use self::answer::{Answer, DONE, FAILED, MISUSED};
pub use self::commands::{Question, answer};
pub use self::completions::Completions;
use crate::config::show::Output;
use crate::config::{self, Flags, Given, Loaded, Mistakes, Place, Sources};
use crate::demo::Demo;

/// The whole command line.
#[derive(Clone, Debug, Parser)]
#[command(name = "peerage", version, about = ABOUT, long_about = None, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    flags: ServeFlags,
}

const ABOUT: &str = "\
A service registry that speaks Netflix Eureka's protocol.
Without a command it serves Eureka and its pages on port 8761, alone and ready.";

const AFTER_HELP: &str = "\
Settings come from a file, the environment and flags; later ones win:
  peerage.toml                        [lease] sweep-interval = \"1s\"
  PEERAGE__LEASE__SWEEP_INTERVAL=1s   for any setting
  --listen 127.0.0.1:8761             for the ones above

`peerage config show` lists every setting, its value, and where it comes from.

Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 unhealthy or different, 4 nobody answers, 5 denied.";

/// The heading of flags that set settings, and the commands that have any.
const SETTINGS: &str = "Settings";
const WITH_SETTINGS: [&str; 2] = ["serve", "config"];

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve Eureka and its pages; the default
    Serve,
    /// Show or check settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Ask running servers
    #[command(flatten)]
    Question(Question),
    /// Run three servers and a few hundred clients to look at
    Demo(Demo),
    /// Make a key for the servers of a cluster
    ClusterKey,
    /// Print completions for a shell, or pages of the manual
    Completions(Completions),
    /// Print what this program is made of, and the licences of it
    Licenses,
    /// Print the version
    Version,
}

/// What to do with settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum ConfigCommand {
    /// Show every effective setting and where it comes from
    Show {
        /// How to answer: table, json, or ndjson for one JSON object per line
        #[arg(
            short,
            long,
            value_name = "FORM",
            default_value = "table",
            hide_possible_values = true
        )]
        output: Output,
    },
    /// Name every mistake at once; exits with 2 if there are any
    Check,
}

/// Flags that set settings. Values are judged with all other settings, so that every mistake is named at once.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = SETTINGS)]
struct ServeFlags {
    /// Where to listen; every address at 8761 if nothing is said, any free port if it is 0
    #[arg(long, global = true, value_name = "ADDR:PORT")]
    listen: Option<String>,

    /// What this server is called; the host name if nothing is said
    #[arg(long, global = true, value_name = "NAME")]
    name: Option<String>,

    /// The zone this server stands in
    #[arg(long, global = true, value_name = "ZONE")]
    zone: Option<String>,

    /// Where peers are heard, by UDP and TCP; 127.0.0.1:8764 if nothing is said, any free port if it is 0
    #[arg(long, global = true, value_name = "ADDR:PORT")]
    peer_listen: Option<String>,

    /// Where other peers reach this server; where it listens if nothing is said
    #[arg(long, global = true, value_name = "ADDR:PORT")]
    advertise: Option<String>,

    /// A peer to look for, HOST:PORT or dns:NAME; may be repeated, one that answers is enough
    #[arg(long, global = true, value_name = "SEED")]
    join: Vec<String>,

    /// What the cluster is called; only servers of one name share a registry
    #[arg(long, global = true, value_name = "NAME")]
    cluster_name: Option<String>,

    /// The file with the key that all servers of the cluster share; `peerage cluster-key` makes one
    #[arg(long, global = true, value_name = "FILE")]
    cluster_key_file: Option<String>,

    /// A network that peers are in, like 10.1.0.0/16; may be repeated, anywhere if nothing is said
    #[arg(long, global = true, value_name = "NETWORK")]
    peer_allow: Vec<String>,

    /// Let peers be heard beyond this machine though nothing proves who they are
    #[arg(long, global = true)]
    insecure_cluster: bool,

    /// Where to remember who this server is, whom it knew and what was registered; nowhere if nothing is said
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,

    /// The file of settings; else PEERAGE_CONFIG, ./peerage.toml, /etc/peerage/peerage.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    /// A file with Spring's keys, .properties or .yml; may be repeated, later ones win
    #[arg(long, global = true, value_name = "FILE")]
    spring_config: Vec<PathBuf>,

    /// How the log looks: auto, text, json or logfmt
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,

    /// Read styles and modules of the pages from this folder, while designing them
    #[arg(long, global = true, value_name = "DIR")]
    ui_dir: Option<String>,
}

impl ServeFlags {
    fn into_flags(self) -> Flags {
        let join = (!self.join.is_empty()).then(|| self.join.join(","));
        let allow = (!self.peer_allow.is_empty()).then(|| self.peer_allow.join(","));
        let insecure = self.insecure_cluster.then(|| true.to_string());
        let given = [
            ("--listen", "listen", self.listen),
            ("--name", "name", self.name),
            ("--zone", "zone", self.zone),
            ("--peer-listen", "cluster.peer-listen", self.peer_listen),
            ("--advertise", "cluster.advertise", self.advertise),
            ("--join", "cluster.join", join),
            ("--cluster-name", "cluster.name", self.cluster_name),
            (
                "--cluster-key-file",
                "cluster.key-file",
                self.cluster_key_file,
            ),
            ("--peer-allow", "cluster.allow", allow),
            ("--insecure-cluster", "cluster.insecure", insecure),
            ("--data-dir", "data-dir", self.data_dir),
            ("--log-format", "log.format", self.log_format),
            ("--ui-dir", "dashboard.ui-dir", self.ui_dir),
        ];
        Flags {
            config: self.config,
            spring_config: self.spring_config,
            given: given.into_iter().filter_map(given_by).collect(),
        }
    }
}

fn given_by((flag, key, text): (&'static str, &str, Option<String>)) -> Option<Given> {
    Some(Given {
        key: key.to_owned(),
        text: text?,
        place: Place::Flag(flag),
    })
}

/// A new key, for a file that all servers of a cluster get.
pub fn cluster_key() -> Answer {
    let mut secret = [0; KEY_BYTES];
    if let Err(error) = SysRng.try_fill_bytes(&mut secret) {
        return failure(&format!("the system gives no random numbers: {error}"));
    }
    Answer {
        text: format!("{}\n", *ClusterKey::new(secret).text()),
        code: DONE,
    }
}

/// Reads the command line. Prints help, or what is wrong with it, and exits where there is nothing else to do.
pub fn parse() -> Cli {
    let given = command().get_matches();
    Cli::from_arg_matches(&given).unwrap_or_else(|error| error.exit())
}

/// The declaration, with settings left out of the help of commands that have none.
fn command() -> clap::Command {
    let mut command = Cli::command();
    // Until it is built, flags of the whole are no arguments of its parts.
    command.build();
    let without = parts(&command);
    without
        .into_iter()
        .filter(|name| !WITH_SETTINGS.contains(&name.as_str()))
        .fold(command, |command, name| {
            command.mut_subcommand(name, without_settings)
        })
}

/// A command, and all below it, with settings left out of its help.
fn without_settings(command: clap::Command) -> clap::Command {
    let hide = |flag: Arg| match flag.get_help_heading() {
        Some(SETTINGS) => flag.hide(true),
        _ => flag,
    };
    parts(&command)
        .into_iter()
        .fold(command.mut_args(hide), |command, name| {
            command.mut_subcommand(name, without_settings)
        })
}

fn parts(command: &clap::Command) -> Vec<String> {
    let parts = command.get_subcommands();
    parts.map(|part| part.get_name().to_owned()).collect()
}

impl Cli {
    /// What to do: serve, unless something else was asked for.
    pub fn wanted(&self) -> Command {
        self.command.clone().unwrap_or(Command::Serve)
    }

    /// Reads the settings from this command line, the real environment and real files.
    pub fn load(self) -> Result<Loaded, Mistakes> {
        config::load(&Sources {
            flags: self.flags.into_flags(),
            env: environment(),
            read_file: &|path| fs::read_to_string(path),
        })
    }
}

/// The variables that are text, in the order of their names; settings are text.
fn environment() -> Vec<(String, String)> {
    let text = env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let mut variables: Vec<_> = text.collect();
    variables.sort();
    variables
}

/// Answers `peerage config show` and `peerage config check`.
pub fn about_config(command: ConfigCommand, loaded: &Result<Loaded, Mistakes>) -> Answer {
    match loaded {
        Err(mistakes) => refusal(mistakes),
        Ok(loaded) => Answer {
            text: match command {
                ConfigCommand::Show { output } => config::show::effective(loaded, output),
                ConfigCommand::Check => config::show::all_right(loaded),
            },
            code: DONE,
        },
    }
}

/// What to say instead of serving when settings are wrong.
pub fn refusal(mistakes: &Mistakes) -> Answer {
    Answer {
        text: config::show::mistakes(mistakes),
        code: MISUSED,
    }
}

/// What to say when something failed for this reason.
pub fn failure(reason: &str) -> Answer {
    Answer {
        text: format!("peerage: {reason}\n"),
        code: FAILED,
    }
}

/// What `peerage completions` prints.
pub fn completions(wanted: &Completions) -> Answer {
    completions::answer(wanted, command())
}

/// What `peerage version` prints.
pub fn version() -> Answer {
    Answer {
        text: format!("peerage {}\n", env!("CARGO_PKG_VERSION")),
        code: DONE,
    }
}

/// What `peerage licenses` prints: whoever has this one file has the notices that belong to it.
pub fn licenses() -> Answer {
    Answer {
        text: include_str!("../.licenses/third-party.txt").to_owned(),
        code: DONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Cli {
        let given = command().try_get_matches_from(line.split_whitespace());
        Cli::from_arg_matches(&given.expect(line)).expect(line)
    }

    #[test]
    fn the_declaration_is_sound() {
        Cli::command().debug_assert();
        command().debug_assert();
    }

    #[test]
    fn settings_are_in_the_help_of_commands_that_have_them_and_of_no_other() {
        for line in [
            "diff",
            "status",
            "demo",
            "version",
            "explain",
            "drain",
            "drain undo",
            "override set",
        ] {
            assert!(!help(line).contains("--listen"), "{line}");
        }
        for line in ["serve", "config", "config show", "config check"] {
            assert!(help(line).contains("--listen"), "{line}");
        }
    }

    /// What `--help` prints of a command, by the declaration that is used.
    fn help(line: &str) -> String {
        let words = format!("peerage {line} --help");
        let shown = command().try_get_matches_from(words.split_whitespace());
        shown.expect_err("help ends it").to_string()
    }

    #[test]
    fn without_a_command_it_serves() {
        assert_eq!(read("peerage").wanted(), Command::Serve);
        assert_eq!(read("peerage --zone a").wanted(), Command::Serve);
        assert_eq!(read("peerage serve").wanted(), Command::Serve);
        assert_eq!(
            read("peerage config check").wanted(),
            Command::Config(ConfigCommand::Check)
        );
    }

    #[test]
    fn a_flag_may_stand_before_a_command_or_after_it() {
        for line in [
            "peerage --listen *:0 --spring-config a.yml --spring-config b.yml",
            "peerage serve --listen *:0 --spring-config a.yml --spring-config b.yml",
            "peerage --listen *:0 --spring-config a.yml --spring-config b.yml config show",
            "peerage config show -o json --listen *:0 --spring-config a.yml --spring-config b.yml",
        ] {
            let flags = read(line).flags.into_flags();
            assert_eq!(flags.spring_config.len(), 2, "{line}");
            assert_eq!(flags.given.len(), 1, "{line}");
            assert_eq!(flags.given[0].place, Place::Flag("--listen"), "{line}");
        }
    }

    #[test]
    fn questions_name_whom_to_ask() {
        let asks = |line: &str| matches!(read(line).wanted(), Command::Question(_));
        assert!(asks("peerage status"));
        assert!(asks("peerage members --addr a:1 -o json"));
        assert!(asks("peerage diff a:1 http://b:2 -o ndjson"));
        let one = ["peerage", "diff", "a:1"];
        assert!(Cli::try_parse_from(one).is_err(), "to compare takes two");
        let many = ["peerage", "demo", "--clients", "100000"];
        assert!(
            Cli::try_parse_from(many).is_err(),
            "more than one process can serve"
        );
    }

    #[test]
    fn help_is_this() {
        insta::assert_snapshot!(Cli::command().render_help(), @r#"
        A service registry that speaks Netflix Eureka's protocol.
        Without a command it serves Eureka and its pages on port 8761, alone and ready.

        Usage: peerage [OPTIONS] [COMMAND]

        Commands:
          serve        Serve Eureka and its pages; the default
          config       Show or check settings
          status       Show a server in ten lines; exits with 3 if it is not well
          members      Show who is in the cluster; exits with 3 if anybody is missing or shows other instances
          diff         Name the instances that two servers show differently, and why; exits with 3 if there are any
          apps         List applications, worst first
          instances    List instances
          explain      Say why an instance is shown as it is, or is not, what happens next, and what one can do
          events       List what happened lately, oldest first
          watch        Print changes as they happen, each once, also after the connection was lost
          override     Show an instance in another status than its own, or end that
          drain        Take instances out of service, and follow until they can be stopped
          evict        End leases now
          protection   Say what is not evicted though it is silent, and why; exits with 3 if anything is. Or release it
          snapshot     Keep what a server holds in a file, or look into such a file
          demo         Run three servers and a few hundred clients to look at
          cluster-key  Make a key for the servers of a cluster
          completions  Print completions for a shell, or pages of the manual
          licenses     Print what this program is made of, and the licences of it
          version      Print the version
          help         Print this message or the help of the given subcommand(s)

        Options:
          -h, --help     Print help
          -V, --version  Print version

        Settings:
              --listen <ADDR:PORT>       Where to listen; every address at 8761 if nothing is said, any free port if it is 0
              --name <NAME>              What this server is called; the host name if nothing is said
              --zone <ZONE>              The zone this server stands in
              --peer-listen <ADDR:PORT>  Where peers are heard, by UDP and TCP; 127.0.0.1:8764 if nothing is said, any free port if it is 0
              --advertise <ADDR:PORT>    Where other peers reach this server; where it listens if nothing is said
              --join <SEED>              A peer to look for, HOST:PORT or dns:NAME; may be repeated, one that answers is enough
              --cluster-name <NAME>      What the cluster is called; only servers of one name share a registry
              --cluster-key-file <FILE>  The file with the key that all servers of the cluster share; `peerage cluster-key` makes one
              --peer-allow <NETWORK>     A network that peers are in, like 10.1.0.0/16; may be repeated, anywhere if nothing is said
              --insecure-cluster         Let peers be heard beyond this machine though nothing proves who they are
              --data-dir <DIR>           Where to remember who this server is, whom it knew and what was registered; nowhere if nothing is said
              --config <FILE>            The file of settings; else PEERAGE_CONFIG, ./peerage.toml, /etc/peerage/peerage.toml
              --spring-config <FILE>     A file with Spring's keys, .properties or .yml; may be repeated, later ones win
              --log-format <FORMAT>      How the log looks: auto, text, json or logfmt
              --ui-dir <DIR>             Read styles and modules of the pages from this folder, while designing them

        Settings come from a file, the environment and flags; later ones win:
          peerage.toml                        [lease] sweep-interval = "1s"
          PEERAGE__LEASE__SWEEP_INTERVAL=1s   for any setting
          --listen 127.0.0.1:8761             for the ones above

        `peerage config show` lists every setting, its value, and where it comes from.

        Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 unhealthy or different, 4 nobody answers, 5 denied.
        "#);
    }
}
