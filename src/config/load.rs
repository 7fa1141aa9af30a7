//! Puts the layers on top of each other.
//!
//! Here: [`load`], which value wins, and unknown keys. Not here: how each layer is read. What must always hold: a
//! value is read and judged in every layer, also where a later one wins. Spring's keys are one layer, in which a key
//! has one value.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use super::given::{Given, Mistake, Mistakes, Place};
use super::settings::{Config, TABLE};
use super::spring::{self, SpringKey};
use super::{Setting, layers, rules};

/// What the command line says about settings.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The file to read, instead of looking for one.
    pub config: Option<PathBuf>,
    /// Files with Spring's keys, later ones winning.
    pub spring_config: Vec<PathBuf>,
    /// Settings that were given as flags.
    pub given: Vec<Given>,
}

/// Everything settings may come from.
pub struct Sources<'a> {
    /// The command line.
    pub flags: Flags,
    /// The environment.
    pub env: Vec<(String, String)>,
    /// Reads a file.
    pub read_file: &'a dyn Fn(&Path) -> io::Result<String>,
}

/// The effective settings and where they come from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The effective settings.
    pub config: Config,
    /// Where each setting comes from, by its key.
    pub origins: BTreeMap<String, Place>,
    /// The file that was read, if there is one.
    pub file: Option<String>,
    /// What became of every key of Spring's.
    pub spring: Vec<SpringKey>,
}

/// Reads all layers. Either everything is right, or every mistake is named.
pub fn load(sources: &Sources<'_>) -> Result<Loaded, Mistakes> {
    let mut mistakes = Vec::new();
    let spring = spring::read(sources, &mut mistakes);
    let (file, from_file) = read_file(sources, &mut mistakes);
    mistakes.extend(layers::unheard_variables(&sources.env));
    let mut building = Building::new(mistakes);
    for layer in [
        spring.given,
        from_file,
        layers::read_environment(&sources.env),
        sources.flags.given.clone(),
    ] {
        layer.into_iter().for_each(|given| building.apply(given));
    }
    let (config, origins) = building.finish()?;
    Ok(Loaded {
        config,
        origins,
        file,
        spring: spring.keys,
    })
}

fn read_file(sources: &Sources<'_>, mistakes: &mut Vec<Mistake>) -> (Option<String>, Vec<Given>) {
    match layers::find_file(sources) {
        Ok(None) => (None, Vec::new()),
        Ok(Some(file)) => {
            let given = layers::read_file(&file, mistakes);
            (Some(file.path), given)
        }
        Err(mistake) => {
            mistakes.push(mistake);
            (None, Vec::new())
        }
    }
}

struct Building {
    config: Config,
    settings: BTreeMap<String, &'static Setting>,
    origins: BTreeMap<String, Place>,
    mistakes: Vec<Mistake>,
    /// Settings whose value is not the one somebody meant.
    mistaken: BTreeSet<String>,
}

impl Building {
    fn new(mistakes: Vec<Mistake>) -> Self {
        let settings = TABLE.iter().map(|setting| (setting.key(), setting));
        let origins = TABLE.iter().map(|setting| (setting.key(), Place::Default));
        Self {
            config: Config::default(),
            settings: settings.collect(),
            origins: origins.collect(),
            mistakes,
            mistaken: BTreeSet::new(),
        }
    }

    fn apply(&mut self, given: Given) {
        let outcome = match self.settings.get(&given.key) {
            Some(setting) => (setting.read)(&mut self.config, &given.text),
            None => Err(self.unknown(&given)),
        };
        match outcome {
            Ok(()) => {
                self.origins.insert(given.key, given.place);
            }
            Err(message) => {
                self.mistake(Mistake::at(&given.place, message));
                self.mistaken.insert(given.key);
            }
        }
    }

    /// One bad value of Spring's may be bad for two settings; that is one mistake.
    fn mistake(&mut self, mistake: Mistake) {
        if self.mistakes.last() != Some(&mistake) {
            self.mistakes.push(mistake);
        }
    }

    fn unknown(&self, given: &Given) -> String {
        let meant =
            nearest(&given.key, self.settings.keys()).and_then(|key| self.settings.get(key));
        match (meant, &given.place) {
            (None, _) => {
                "there is no such setting; `peerage config show` lists them all".to_owned()
            }
            (Some(meant), Place::Environment(_)) => {
                format!(
                    "there is no such setting; did you mean {}?",
                    meant.environment_name()
                )
            }
            (Some(meant), _) => format!("there is no such setting; did you mean {}?", meant.key()),
        }
    }

    fn finish(mut self) -> Result<(Config, BTreeMap<String, Place>), Mistakes> {
        for broken in rules::broken(&self.config) {
            if !broken.is_about(&self.mistaken) {
                self.mistakes.push(broken.into_mistake(&self.origins));
            }
        }
        match self.mistakes.is_empty() {
            true => Ok((self.config, self.origins)),
            false => Err(Mistakes(self.mistakes)),
        }
    }
}

/// The key somebody may have meant: the same name in another section, or nearly the same letters.
fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a String>) -> Option<&'a String> {
    let likeness = |other: &str| {
        if last_part(&key.replace('_', "-")) == last_part(other) {
            1.0
        } else {
            strsim::jaro_winkler(key, other)
        }
    };
    known
        .map(|other| (likeness(other), other))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, other)| other)
}

fn last_part(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}
