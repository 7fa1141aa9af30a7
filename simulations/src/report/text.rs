//! What is told of runs, as text for a terminal.
//!
//! Here: lines. Not here: what is worth one (`moments`). What must always hold: equal films make equal texts.

use std::fmt::{self, Write};
use std::time::Duration;

use super::moments::{self, Change, Moment};
use super::{Account, Played, model_name};
use crate::stories::values;
use crate::world::timeline::letter;

/// Text never gets wider than this where it is wrapped.
const WIDTH: usize = 100;

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        writeln!(
            f,
            "{}; {} instances; {}; seed {}",
            self.peers(),
            self.plan().clients.len(),
            values::told(self.lasts),
            self.plan().seed
        )?;
        writeln!(f)?;
        for paragraph in self.about.split("\n\n") {
            write_wrapped(f, paragraph)?;
            writeln!(f)?;
        }
        for run in &self.runs {
            self.run(f, run)?;
        }
        writeln!(f, "again: {}", self.command)
    }
}

impl Account {
    fn run(&self, f: &mut fmt::Formatter<'_>, run: &Played) -> fmt::Result {
        if self.runs.len() > 1 {
            writeln!(f, "== {} ==\n", model_name(run.film.model))?;
        }
        for moment in moments::of(self, run) {
            writeln!(f, "{}", line(self, &moment))?;
        }
        writeln!(f)?;
        for verdict in &run.verdicts {
            let sign = if verdict.kept { "✓" } else { "✕" };
            writeln!(f, "  {sign} {}: {}", verdict.told, verdict.measured)?;
        }
        let failed = run.verdicts.iter().filter(|verdict| !verdict.kept).count();
        match failed {
            0 => writeln!(f, "\nall that was expected came about\n"),
            failed => writeln!(
                f,
                "\n{failed} of {} expectations were not met\n",
                run.verdicts.len()
            ),
        }
    }
}

fn line(account: &Account, moment: &Moment) -> String {
    let sign = match moment.what {
        Change::Fault => "▼ ",
        Change::Over => "▲ ",
        Change::Broken => "✕ ",
        _ => "",
    };
    let told = told(moment);
    format!(
        "{:>10}  {:<9} {sign}{told}",
        clock(moment.at),
        who(account, &moment.who)
    )
}

/// A moment in the number of those it is about.
pub fn told(moment: &Moment) -> String {
    match moment.who.len() {
        0 | 1 => moment.text.clone(),
        _ => plural(&moment.text),
    }
}

/// What one peer does, told of several: the first word is what it does.
pub fn plural(text: &str) -> String {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    let verb = match verb {
        "is" => "are",
        "does" => "do",
        verb => verb.strip_suffix('s').unwrap_or(verb),
    };
    format!("{verb} {rest}").trim_end().to_owned()
}

/// Peers, short enough for a column: letters, or how many there are.
pub fn who(account: &Account, peers: &[usize]) -> String {
    match peers.len() {
        0 => String::new(),
        all if all == account.cast.peers.len() && all > 1 => "all".to_owned(),
        1..=5 => {
            let letters: Vec<String> = peers.iter().map(|peer| letter(*peer)).collect();
            letters.join(" ")
        }
        many => format!("{many} peers"),
    }
}

/// A moment as clocks have it: minutes, seconds, tenths; hours before them if there are any.
pub fn clock(at: Duration) -> String {
    let tenths = at.as_millis() / 100;
    let (hours, minutes) = (tenths / 36_000, tenths / 600 % 60);
    let (seconds, tenths) = (tenths / 10 % 60, tenths % 10);
    match hours {
        0 => format!("{minutes}:{seconds:02}.{tenths}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}.{tenths}"),
    }
}

fn write_wrapped(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            f.write_char('\n')?;
            column = 0;
        } else if column > 0 {
            f.write_char(' ')?;
            column += 1;
        }
        f.write_str(word)?;
        column += length;
    }
    f.write_char('\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_does_is_told_of_several() {
        assert_eq!(plural("sees A down"), "see A down");
        assert_eq!(plural("is down"), "are down");
        assert_eq!(plural("does not serve lists"), "do not serve lists");
        assert_eq!(plural("runs"), "run");
    }

    #[test]
    fn moments_are_told_as_clocks_have_them() {
        let told: Vec<String> = [0, 9_950, 65_000, 3_725_400]
            .into_iter()
            .map(|millis| clock(Duration::from_millis(millis)))
            .collect();
        assert_eq!(told, ["0:00.0", "0:09.9", "1:05.0", "1:02:05.4"]);
    }
}
