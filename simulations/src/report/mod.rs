//! What is told of runs: as text, as JSON, and as one page that opens from disk.
//!
//! Here: [`Account`], which all three render. Not here: what happened (`world`), what was expected (`stories`), and how
//! pages look (`web-ui`). What must always hold: equal films make equal texts, byte for byte; and times are those of
//! the story, which begins when its cluster runs.

pub mod json;
pub mod moments;
pub mod page;
pub mod spans;
pub mod telling;
pub mod text;

use std::time::Duration;

use crate::stories::cast::Cast;
use crate::stories::story::Story;
use crate::stories::values;
use crate::stories::verdict::{self, Verdict};
use crate::world::fault::Crowd;
use crate::world::film::Film;
use crate::world::plan::Plan;
use crate::world::timeline::letter;

/// What is told of one misfortune, played on one model or on several.
#[derive(Clone, Debug)]
pub struct Account {
    /// What the story is called.
    pub name: String,
    /// What it is, in one line.
    pub title: String,
    /// What it shows, in some sentences.
    pub about: String,
    /// The command that plays it again.
    pub command: String,
    /// When it begins, in the time of the world.
    pub begins_at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// Who is who.
    pub cast: Cast,
    /// What was played, and what came of it; at least one.
    pub runs: Vec<Played>,
}

/// A run, and what became of what was expected of it.
#[derive(Clone, Debug)]
pub struct Played {
    /// What happened.
    pub film: Film,
    /// What became of every expectation.
    pub verdicts: Vec<Verdict>,
}

/// Something that went wrong, once or again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Misfortune {
    /// What.
    pub text: String,
    /// What kind of thing, as a word.
    pub kind: &'static str,
    /// When, in the time of the story: from, and until, if it ended.
    pub whiles: Vec<(Duration, Option<Duration>)>,
}

impl Account {
    /// What is told of a story.
    pub fn of_story(story: &Story, films: Vec<Film>, command: String) -> Self {
        let runs = films.into_iter().map(|film| Played {
            verdicts: verdict::all(story, &film),
            film,
        });
        Self {
            name: story.name.clone(),
            title: story.title.clone(),
            about: story.about.clone(),
            command,
            begins_at: story.begins_at,
            lasts: story.lasts,
            cast: story.cast.clone(),
            runs: runs.collect(),
        }
    }

    /// What is told of the run of a seed.
    pub fn of_seed(film: Film, command: String) -> Self {
        let seed = film.plan.seed;
        Self {
            name: format!("seed {seed}"),
            title: format!("Seed {seed}: random misfortunes"),
            about: ABOUT_SEEDS.to_owned(),
            command,
            begins_at: Duration::ZERO,
            lasts: film.plan.end_at,
            cast: cast(&film.plan),
            runs: vec![Played {
                verdicts: invariants(&film),
                film,
            }],
        }
    }

    /// Whether all came about that was expected of a run.
    pub fn kept(&self, run: usize) -> bool {
        let verdicts = &self.runs[run].verdicts;
        verdicts.iter().all(|verdict| verdict.kept)
    }

    /// The film that was played first; all have the same plan.
    pub fn plan(&self) -> &Plan {
        &self.runs[0].film.plan
    }

    /// A moment of the world in the time of the story; what was before it counts as its beginning.
    pub const fn since(&self, at: Duration) -> Duration {
        at.saturating_sub(self.begins_at)
    }

    /// What went wrong, in the order in which it first did.
    pub fn misfortunes(&self) -> Vec<Misfortune> {
        let mut misfortunes: Vec<Misfortune> = Vec::new();
        for (kind, text, at, until) in self.single() {
            let known = misfortunes.iter_mut().find(|known| known.text == text);
            match known {
                Some(known) => known.whiles.push((at, until)),
                None => misfortunes.push(Misfortune {
                    text,
                    kind,
                    whiles: vec![(at, until)],
                }),
            }
        }
        misfortunes
    }

    fn single(&self) -> Vec<(&'static str, String, Duration, Option<Duration>)> {
        let plan = self.plan();
        let faults = plan.faults.iter().map(|planned| {
            let until = planned.until.map(|until| self.since(until).min(self.lasts));
            let text = telling::fault(&self.cast, &planned.fault);
            (planned.fault.kind(), text, self.since(planned.at), until)
        });
        let late = telling::joins(plan, self.begins_at).into_iter();
        let late = late.map(|(at, text)| ("join", text, self.since(at), None));
        let mut all: Vec<_> = faults.chain(late).collect();
        all.sort_by_key(|(_, _, at, _)| *at);
        all
    }

    /// What a story is about, in a few figures: a name and a value each.
    pub fn facts(&self) -> Vec<(String, String)> {
        let plan = self.plan();
        let facts = [
            ("Peers", self.peers()),
            ("Instances", plan.clients.len().to_string()),
            ("Length", values::told(self.lasts)),
            ("Seed", plan.seed.to_string()),
        ];
        let flaw = plan
            .flaw
            .map(|flaw| ("An old mistake, put back", format!("{flaw:?}")));
        facts
            .into_iter()
            .chain(flaw)
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// `A B in east, C D in west`.
    pub fn peers(&self) -> String {
        let zones = self.cast.zones.iter().enumerate();
        let zones = zones.filter_map(|(number, zone)| {
            let peers = self.cast.peers.iter().enumerate();
            let peers = peers.filter(|(_, of)| **of == number);
            let peers: Vec<String> = peers.map(|(peer, _)| letter(peer)).collect();
            (!peers.is_empty()).then(|| format!("{} in {zone}", peers.join(" ")))
        });
        let zones: Vec<String> = zones.collect();
        zones.join(", ")
    }
}

const ABOUT_SEEDS: &str = "A cluster, its clients and everything that goes wrong, all drawn from one number. What is \
    expected is that no invariant is broken, whatever happens. Equal seeds are equal runs on every machine.";

/// Seeds give names to nobody.
fn cast(plan: &Plan) -> Cast {
    let everybody = Crowd {
        first: 0,
        count: plan.clients.len(),
    };
    Cast {
        zones: plan.zones.clone(),
        peers: plan.hosts.iter().map(|host| host.zone).collect(),
        crowds: vec![("clients".to_owned(), everybody)],
    }
}

/// What became of the invariants in a run that expects nothing else.
fn invariants(film: &Film) -> Vec<Verdict> {
    let broken = film.broken.iter().map(|broken| Verdict {
        told: format!("always: {}", broken.invariant),
        kept: false,
        measured: format!("at {}: {}", text::clock(broken.at), broken.text),
        value: None,
    });
    let broken: Vec<Verdict> = broken.collect();
    match broken.is_empty() {
        false => broken,
        true => vec![Verdict {
            told: "no invariant is broken at any time".to_owned(),
            kept: true,
            measured: "none was".to_owned(),
            value: None,
        }],
    }
}

/// What a model is called.
pub fn model_name(model: &str) -> &str {
    match model {
        "peerage" => "Peerage",
        "java" => "Java's replication, a model of it",
        other => other,
    }
}
