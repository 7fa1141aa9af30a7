//! The report of a simulated run: one page that opens from disk.
//!
//! Here: what the page needs to know, and the page. Not here: where that comes from. What must always hold: styles,
//! script and data are inside, so that the page asks nobody for anything; and without JavaScript it still tells all but
//! the playback.

mod draw;
mod tracks;

use askama::Template;

/// Everything a report tells.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What happened, in one line.
    pub title: String,
    /// What it shows, paragraph by paragraph.
    pub about: Vec<String>,
    /// Sizes and the like: a name and a value each.
    pub facts: Vec<(String, String)>,
    /// The command that runs it again.
    pub command: String,
    /// How long it lasted, in seconds.
    pub lasts: f64,
    /// How many instances there were.
    pub instances: usize,
    /// What went wrong.
    pub misfortunes: Vec<Misfortune>,
    /// What was expected, and what every run made of it.
    pub expectations: Vec<Expected>,
    /// The same misfortune, played on one model or on several.
    pub runs: Vec<Run>,
    /// All of it for the script, as JSON.
    pub data: String,
}

/// Something that went wrong for a while, once or again and again.
#[derive(Clone, Debug, Default)]
pub struct Misfortune {
    /// When it began and ended, in seconds, each time; nothing instead of an end for what is done at one moment.
    pub whiles: Vec<(f64, Option<f64>)>,
    /// The same for people.
    pub when: String,
    /// What it was.
    pub text: String,
}

impl Misfortune {
    fn at(&self) -> f64 {
        self.whiles.first().map_or(0.0, |(at, _)| *at)
    }

    fn until(&self) -> f64 {
        let last = self.whiles.last();
        last.map_or(0.0, |(at, until)| until.unwrap_or(*at))
    }
}

/// Something that was expected.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// What.
    pub text: String,
    /// What came of it, run by run; nothing where it was not asked.
    pub outcomes: Vec<Option<Outcome>>,
}

/// What came of an expectation.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Whether it came about.
    pub kept: bool,
    /// What was measured.
    pub measured: String,
}

/// One run.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// On what it was played.
    pub model: String,
    /// What there is to say about that model.
    pub remark: String,
    /// Its servers.
    pub peers: Vec<Peer>,
    /// When all servers were equal, and when not.
    pub equal: Vec<Span>,
    /// The seconds between two entries of [`Peer::sent`].
    pub traffic_step: f64,
    /// What happened, line by line.
    pub moments: Vec<Moment>,
}

/// A server over time.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// What it listed, at every change.
    pub levels: Vec<Level>,
    /// When it did not serve, and why.
    pub away: Vec<Span>,
    /// What it protected.
    pub protects: Vec<Span>,
    /// How it saw the others: whom, and when how.
    pub sees: Vec<(String, Vec<Span>)>,
    /// Bytes per second it sent to other servers.
    pub sent: Vec<f64>,
}

/// What a server listed from a moment on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Level {
    /// From when on, in seconds.
    pub at: f64,
    /// Instances listed that live.
    pub living: usize,
    /// Instances that live and are not listed.
    pub missing: usize,
    /// Instances listed that are dead.
    pub stale: usize,
}

/// A while, and what was then.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Span {
    /// From this second
    pub from: f64,
    /// until this one.
    pub until: f64,
    /// How it looks.
    pub mark: Mark,
    /// What it says when pointed at.
    pub text: String,
}

/// How a while looks in a strip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// As it should be.
    #[default]
    Good,
    /// Not quite.
    Doubt,
    /// Not as it should be.
    Bad,
    /// Nothing is known, or nobody is there.
    Away,
    /// Held back on purpose.
    Held,
    /// Something went wrong.
    Wrong,
}

/// Something that happened.
#[derive(Clone, Debug, Default)]
pub struct Moment {
    /// When, in seconds.
    pub at: f64,
    /// When, for people.
    pub when: String,
    /// Where, or nothing.
    pub who: String,
    /// What.
    pub text: String,
    /// What kind of thing, as a word.
    pub kind: String,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    styles: [&'static str; 2],
    script: &'static str,
    data: String,
}

impl Report {
    /// The page.
    ///
    /// # Errors
    /// Never: a page is written into memory.
    pub fn page(&self) -> Result<String, askama::Error> {
        let styles = [
            include_str!("../assets/tokens.css"),
            include_str!("../assets/report.css"),
        ];
        let page = Page {
            report: self,
            styles,
            script: include_str!("../assets/report.js"),
            data: harmless(&self.data),
        };
        page.render()
    }

    /// Whether all came about that was expected of each run, and that in a few words.
    fn verdicts(&self) -> Vec<(bool, String)> {
        let runs = self.runs.iter().enumerate();
        let verdicts = runs.filter_map(|(number, run)| {
            let (kept, verdict) = self.verdict(number)?;
            Some(match self.runs.len() {
                1 => (kept, verdict),
                _ => (kept, format!("{}: {verdict}", run.model)),
            })
        });
        verdicts.collect()
    }

    /// What every run made of an expectation, with the name of its model if there are several.
    fn answers<'a>(&'a self, expected: &'a Expected) -> Vec<(&'a str, Option<&'a Outcome>)> {
        let several = self.runs.len() > 1;
        let models = self
            .runs
            .iter()
            .map(|run| if several { run.model.as_str() } else { "" });
        models
            .zip(expected.outcomes.iter().map(Option::as_ref))
            .collect()
    }

    /// What the title of the page begins with, as one sees it among many.
    fn sign(&self) -> &'static str {
        match self.verdict(0) {
            Some((true, _)) => "✓ ",
            Some((false, _)) => "✕ ",
            None => "",
        }
    }

    fn outcomes(&self, run: usize) -> impl Iterator<Item = &Outcome> {
        let all = self.expectations.iter();
        all.filter_map(move |expected| expected.outcomes.get(run)?.as_ref())
    }

    /// The verdict on a run, if anything was expected of it.
    fn verdict(&self, run: usize) -> Option<(bool, String)> {
        let asked = self.outcomes(run).count();
        let failed = self.outcomes(run).filter(|outcome| !outcome.kept).count();
        match (asked, failed) {
            (0, _) => None,
            (1, 0) => Some((true, "What was expected came about".to_owned())),
            (_, 0) => Some((true, format!("All {asked} expectations were met"))),
            _ => Some((
                false,
                format!("{failed} of {asked} expectations were not met"),
            )),
        }
    }
}

/// JSON that cannot end the element it stands in, nor begin another.
fn harmless(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

impl Mark {
    const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Doubt => "doubt",
            Self::Bad => "bad",
            Self::Away => "away",
            Self::Held => "held",
            Self::Wrong => "wrong",
        }
    }
}

#[cfg(test)]
mod tests;
