//! Plays a story.

use std::fmt::Write as _;
use std::fs;

use clap::{Args, ValueEnum};
use simulations::report::Account;
use simulations::stories::catalogue;
use simulations::stories::source::{Source, suggest};
use simulations::stories::story::{self, Sizes};
use simulations::world::film::Film;
use simulations::world::plan::Plan;
use simulations::world::run;

use super::{Files, Refused, Told};

#[derive(Debug, Args)]
pub(super) struct Story {
    /// The name of a story, or a file.
    #[arg(value_name = "NAME|FILE")]
    story: String,
    /// Where chance comes from: equal seeds are equal runs.
    #[arg(long, default_value_t = SEED)]
    seed: u64,
    /// How many peers there are, instead of those in the file.
    #[arg(long)]
    peers: Option<usize>,
    /// How many instances there are, instead of those in the file.
    #[arg(long)]
    instances: Option<usize>,
    /// On what it is played.
    #[arg(long, value_enum, default_value_t = Model::Peerage)]
    model: Model,
    #[command(flatten)]
    files: Files,
}

const SEED: u64 = 42;

/// Servers that a story can be played on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Model {
    /// The real servers.
    Peerage,
    /// A model of how Netflix's servers replicate.
    Java,
    /// Both, side by side.
    Both,
}

impl Model {
    fn films(self, plan: Plan) -> Vec<Film> {
        match self {
            Self::Peerage => vec![run::film(plan)],
            Self::Java => vec![simulations::java::film(plan)],
            Self::Both => vec![run::film(plan.clone()), simulations::java::film(plan)],
        }
    }
}

impl Story {
    /// Plays it. Not sound is a story in which Peerage did not do what was expected: Java's model is not expected to.
    pub(super) fn tell(&self) -> Result<Told, Refused> {
        let story = self.read()?;
        let films = self.model.films(story.plan(self.seed));
        let account = Account::of_story(&story, films, self.command());
        let files = self.files.write(&account)?;
        Ok(Told {
            text: format!("{account}{files}"),
            sound: self.model == Model::Java || account.kept(0),
        })
    }

    fn read(&self) -> Result<story::Story, Refused> {
        let sizes = Sizes {
            peers: self.peers,
            instances: self.instances,
        };
        let sizes = sizes
            .checked()
            .map_err(|text| Refused(format!("{text}\n")))?;
        let (name, source) = self.source()?;
        story::Story::read(&source, &name, sizes).map_err(|mistakes| Refused(mistakes.to_string()))
    }

    /// The file, if there is one, or else the story of that name.
    fn source(&self) -> Result<(String, Source), Refused> {
        let known = catalogue::source(&self.story);
        if let Some(source) = known {
            return Ok((self.story.clone(), source));
        }
        let path = self.story.clone();
        match fs::read_to_string(&path) {
            Ok(text) => Ok((path.clone(), Source { path, text })),
            Err(cause) => {
                let mut text =
                    format!("there is no story \"{path}\", and no such file can be read ({cause})");
                let near = suggest(&path, &catalogue::names());
                writeln!(text, "{near}").map_err(|cause| Refused(cause.to_string()))?;
                Err(Refused(text))
            }
        }
    }

    /// The command that plays the same again.
    fn command(&self) -> String {
        let mut command = format!("cargo sim -- story {} --seed {}", self.story, self.seed);
        let sizes = [("--peers", self.peers), ("--instances", self.instances)];
        for (flag, size) in sizes
            .into_iter()
            .filter_map(|(flag, size)| Some((flag, size?)))
        {
            command.push_str(&format!(" {flag} {size}"));
        }
        match self.model {
            Model::Peerage => {}
            Model::Java => command.push_str(" --model java"),
            Model::Both => command.push_str(" --model both"),
        }
        command
    }
}
