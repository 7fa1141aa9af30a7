//! Where a command reads and writes: a terminal with a person before it, or a pipe with a program behind it.
//!
//! Here: what both sides are, colours, and output as it comes. Not here: what is said. What must always hold: nothing
//! but a terminal gets colours or tables unasked, and what is printed has no other escapes than ours.

use std::env;
use std::io::{self, BufRead, IsTerminal as _, Read as _, Write};

use crate::config::show::Output;

/// How a word stands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tint {
    #[default]
    None,
    Good,
    Doubtful,
    Bad,
    Faint,
}

impl Tint {
    const fn escape(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Good => "\u{1b}[32m",
            Self::Doubtful => "\u{1b}[33m",
            Self::Bad => "\u{1b}[31m",
            Self::Faint => "\u{1b}[2m",
        }
    }

    /// How a status stands out.
    pub(super) fn of_status(status: &str) -> Self {
        match status {
            "UP" => Self::Good,
            "DOWN" => Self::Bad,
            _ => Self::Doubtful,
        }
    }

    /// A plain text that stands out, where colours are wanted.
    pub(super) fn paint(self, text: &str, colours: bool) -> String {
        match self {
            Self::None => text.to_owned(),
            _ if !colours || text.is_empty() => text.to_owned(),
            _ => format!("{}{text}\u{1b}[0m", self.escape()),
        }
    }
}

/// What a command reads from and writes to.
pub(super) struct Terminal<'a> {
    /// Whether a person reads what is printed.
    pub(super) reads: bool,
    /// Whether a person can be asked.
    pub(super) answers: bool,
    /// Whether words may stand out.
    pub(super) colours: bool,
    input: Box<dyn BufRead + 'a>,
    output: Box<dyn Write + 'a>,
    errors: Box<dyn Write + 'a>,
}

impl Terminal<'static> {
    /// The terminal or the pipes of this process.
    pub(super) fn real() -> Self {
        let reads = io::stdout().is_terminal();
        Self {
            reads,
            answers: io::stdin().is_terminal() && io::stderr().is_terminal(),
            colours: reads && colours_wanted(|name| env::var(name).ok()),
            input: Box::new(io::BufReader::new(io::stdin())),
            output: Box::new(io::stdout()),
            errors: Box::new(io::stderr()),
        }
    }
}

/// Whether the environment wants colours (<https://no-color.org>).
fn colours_wanted(variable: impl Fn(&str) -> Option<String>) -> bool {
    let unwanted = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    !unwanted && variable("TERM").is_none_or(|terminal| terminal != "dumb")
}

impl Terminal<'_> {
    /// How to answer when nobody says: tables for people, JSON for programs.
    pub(super) fn form(&self, wanted: Option<Output>) -> Output {
        let usual = if self.reads {
            Output::Table
        } else {
            Output::Json
        };
        wanted.unwrap_or(usual)
    }

    /// Prints as it comes. Fails when nobody reads any more.
    pub(super) fn print(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }

    /// Says something beside the answer. That nobody reads it is no failure.
    pub(super) fn note(&mut self, text: &str) {
        let text = super::text::plain_lines(text);
        drop(writeln!(self.errors, "{text}"));
    }

    /// Asks a person; anything but yes is no.
    pub(super) fn agrees(&mut self, question: &str) -> bool {
        let answer = self.asked(&format!("{question} [y/N]"));
        answer.is_some_and(|answer| ["y", "yes"].contains(&answer.to_lowercase().as_str()))
    }

    /// What a person answers, if anything.
    pub(super) fn asked(&mut self, question: &str) -> Option<String> {
        drop(write!(
            self.errors,
            "{} ",
            super::text::plain_lines(question)
        ));
        drop(self.errors.flush());
        let mut answer = String::new();
        let mut bounded = (&mut self.input).take(ANSWER_MAX);
        bounded.read_line(&mut answer).ok()?;
        let answer = answer.trim();
        (!answer.is_empty()).then(|| answer.to_owned())
    }
}

/// What a person types at most, in bytes.
const ANSWER_MAX: u64 = 4096;

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// What was printed, and what was said beside it.
    #[derive(Default)]
    pub(in crate::cli) struct Said {
        pub(in crate::cli) output: Vec<u8>,
        pub(in crate::cli) errors: Vec<u8>,
    }

    impl Said {
        pub(in crate::cli) fn output(&self) -> &str {
            std::str::from_utf8(&self.output).unwrap()
        }

        pub(in crate::cli) fn errors(&self) -> &str {
            std::str::from_utf8(&self.errors).unwrap()
        }

        /// A terminal at which somebody types this.
        pub(in crate::cli) fn person<'a>(&'a mut self, types: &'a str) -> Terminal<'a> {
            Terminal {
                reads: true,
                answers: true,
                ..self.program(types)
            }
        }

        /// No terminal, and this on standard input.
        pub(in crate::cli) fn program<'a>(&'a mut self, input: &'a str) -> Terminal<'a> {
            Terminal {
                reads: false,
                answers: false,
                colours: false,
                input: Box::new(input.as_bytes()),
                output: Box::new(&mut self.output),
                errors: Box::new(&mut self.errors),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::Said;
    use super::*;

    #[test]
    fn colours_are_for_those_who_want_them() {
        let wanted = |name: &'static str, value: &'static str| {
            colours_wanted(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert!(wanted("NO_COLOR", ""));
        assert!(wanted("TERM", "xterm-256color"));
        assert!(!wanted("NO_COLOR", "1"));
        assert!(!wanted("TERM", "dumb"));
    }

    #[test]
    fn people_get_tables_and_programs_json_unless_they_say_otherwise() {
        let mut said = Said::default();
        assert_eq!(said.person("").form(None), Output::Table);
        assert_eq!(said.program("").form(None), Output::Json);
        assert_eq!(said.program("").form(Some(Output::Table)), Output::Table);
    }

    #[test]
    fn only_yes_is_yes() {
        for (typed, expected) in [
            ("y\n", true),
            ("YES\n", true),
            ("\n", false),
            ("", false),
            ("no\n", false),
        ] {
            let mut said = Said::default();
            assert_eq!(
                said.person(typed).agrees("evict \u{1b}[2J?"),
                expected,
                "{typed:?}"
            );
            assert_eq!(said.errors(), "evict ?[2J? [y/N] ");
        }
    }

    #[test]
    fn what_stands_out_does_so_only_where_it_is_wanted() {
        assert_eq!(Tint::Bad.paint("DOWN", true), "\u{1b}[31mDOWN\u{1b}[0m");
        assert_eq!(Tint::Bad.paint("DOWN", false), "DOWN");
        assert_eq!(Tint::None.paint("x", true), "x");
    }
}
