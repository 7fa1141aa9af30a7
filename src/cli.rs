//! The command line.
//!
//! Here: commands, flags, and the texts commands answer with. Not here: what settings mean (`config`), serving
//! (`server`). What must always hold: `peerage` alone is `peerage serve`, and a flag may stand before a command or
//! after it.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs, io};

use clap::{Args, Parser, Subcommand};

use crate::config::show::Output;
use crate::config::{self, Flags, Given, Loaded, Mistakes, Place, Sources};

/// Everything was done.
pub const DONE: u8 = 0;
/// Something failed.
pub const FAILED: u8 = 1;
/// What was asked cannot be done as it was asked: a flag, a setting.
pub const MISUSED: u8 = 2;

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

Exit codes: 0 done, 1 failed, 2 wrong usage or settings.";

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve Eureka and its pages; the default
    Serve,
    /// Show or check settings
    #[command(subcommand)]
    Config(ConfigCommand),
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
#[command(next_help_heading = "Settings")]
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

    /// The file of settings; else PEERAGE_CONFIG, ./peerage.toml, /etc/peerage/peerage.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    /// A file with Spring's keys, .properties or .yml; may be repeated, later ones win
    #[arg(long, global = true, value_name = "FILE")]
    spring_config: Vec<PathBuf>,

    /// How the log looks: auto, text, json or logfmt
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,
}

impl ServeFlags {
    fn into_flags(self) -> Flags {
        let given = [
            ("--listen", "listen", self.listen),
            ("--name", "name", self.name),
            ("--zone", "zone", self.zone),
            ("--log-format", "log.format", self.log_format),
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

/// Reads the command line. Prints help, or what is wrong with it, and exits where there is nothing else to do.
pub fn parse() -> Cli {
    Cli::parse()
}

impl Cli {
    /// What to do: serve, unless something else was asked for.
    pub fn wanted(&self) -> Command {
        self.command.unwrap_or(Command::Serve)
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

/// What a command prints, and the code to exit with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What to print.
    pub text: String,
    /// The code to exit with.
    pub code: u8,
}

impl Answer {
    /// Prints it, on standard error if it is about mistakes. A reader that went away is no failure.
    pub fn give(&self) -> ExitCode {
        let printed = match self.code {
            DONE => io::stdout().write_all(self.text.as_bytes()),
            _ => io::stderr().write_all(self.text.as_bytes()),
        };
        match printed {
            Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(FAILED),
            _ => ExitCode::from(self.code),
        }
    }
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

/// What `peerage version` prints.
pub fn version() -> Answer {
    Answer {
        text: format!("peerage {}\n", env!("CARGO_PKG_VERSION")),
        code: DONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn read(line: &str) -> Cli {
        Cli::try_parse_from(line.split_whitespace()).expect(line)
    }

    #[test]
    fn the_declaration_is_sound() {
        Cli::command().debug_assert();
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
    fn help_is_this() {
        insta::assert_snapshot!(Cli::command().render_help(), @r#"
        A service registry that speaks Netflix Eureka's protocol.
        Without a command it serves Eureka and its pages on port 8761, alone and ready.

        Usage: peerage [OPTIONS] [COMMAND]

        Commands:
          serve    Serve Eureka and its pages; the default
          config   Show or check settings
          version  Print the version
          help     Print this message or the help of the given subcommand(s)

        Options:
          -h, --help     Print help
          -V, --version  Print version

        Settings:
              --listen <ADDR:PORT>    Where to listen; every address at 8761 if nothing is said, any free port if it is 0
              --name <NAME>           What this server is called; the host name if nothing is said
              --zone <ZONE>           The zone this server stands in
              --config <FILE>         The file of settings; else PEERAGE_CONFIG, ./peerage.toml, /etc/peerage/peerage.toml
              --spring-config <FILE>  A file with Spring's keys, .properties or .yml; may be repeated, later ones win
              --log-format <FORMAT>   How the log looks: auto, text, json or logfmt

        Settings come from a file, the environment and flags; later ones win:
          peerage.toml                        [lease] sweep-interval = "1s"
          PEERAGE__LEASE__SWEEP_INTERVAL=1s   for any setting
          --listen 127.0.0.1:8761             for the ones above

        `peerage config show` lists every setting, its value, and where it comes from.

        Exit codes: 0 done, 1 failed, 2 wrong usage or settings.
        "#);
    }
}
