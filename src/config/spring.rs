//! Spring's keys, for whoever comes from a Spring server.
//!
//! Here: reading `eureka.*` from files and the environment and saying what became of each key. Not here: what the keys
//! mean (`keys`, `effect`) and which of them count (`profiles`). What must always hold: a key that means
//! nothing here is listed, never refused; a key that acts and has a bad value is a mistake like any other.

mod effect;
mod find;
mod keys;
mod placeholder;
mod profiles;
mod properties;
mod yaml;

#[cfg(test)]
mod tests;

use std::fmt;

use super::given::{Given, Mistake, Place};
use super::load::Sources;
use effect::Effect;
use find::{Found, find};
use keys::Meaning;

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It means here what it means there.
    Mapped,
    /// What it is about works in another way here.
    Different,
    /// It tunes a part that this server does not have and does not need.
    NotNeeded,
    /// It asks for something this server does not do.
    Unsupported,
    /// It does not count where it stands: another profile is active, or it is said again later.
    NotChosen,
    /// It is none of Eureka's server.
    Foreign,
}

impl Class {
    /// All of them, as they are shown.
    pub const ALL: [Self; 6] = [
        Self::Mapped,
        Self::Different,
        Self::NotNeeded,
        Self::Unsupported,
        Self::NotChosen,
        Self::Foreign,
    ];

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mapped => "mapped",
            Self::Different => "different meaning",
            Self::NotNeeded => "not needed",
            Self::Unsupported => "unsupported",
            Self::NotChosen => "not chosen",
            Self::Foreign => "foreign",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A key of Spring's that was found, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpringKey {
    /// The key as it was written.
    pub key: String,
    /// Its value, if it acts. What else stands in such files may be secret, and is not kept.
    pub value: Option<String>,
    /// Where it was found.
    pub place: Place,
    /// What became of it.
    pub class: Class,
    /// Why, in words.
    pub note: String,
}

/// What Spring's layer gives.
pub(super) struct Spring {
    pub(super) given: Vec<Given>,
    pub(super) keys: Vec<SpringKey>,
}

/// Reads all of Spring's keys and says what becomes of each.
pub(super) fn read(sources: &Sources<'_>, mistakes: &mut Vec<Mistake>) -> Spring {
    let mut found = find(sources, mistakes);
    profiles::choose(&mut found, &sources.env, mistakes);
    let all = All {
        found,
        env: &sources.env,
    };
    let mut spring = Spring {
        given: Vec::new(),
        keys: Vec::new(),
    };
    for found in &all.found {
        let meaning = meaning(found);
        match all.translated(found, meaning.effect) {
            Ok(given) => spring.given.extend(given),
            Err(message) => mistakes.push(Mistake::at(&found.place, message)),
        }
        spring.keys.push(listed(found, meaning));
    }
    spring
}

fn meaning(found: &Found) -> Meaning {
    if let Some(reason) = &found.passed_over {
        return inert(Class::NotChosen, reason);
    }
    let meaning = keys::meaning(&found.key);
    match meaning.class {
        Class::Unsupported if asks_for_nothing(&found.value) => {
            inert(Class::NotNeeded, "asks for nothing that is not there")
        }
        _ => meaning,
    }
}

fn inert(class: Class, note: &str) -> Meaning {
    Meaning {
        class,
        note: note.to_owned(),
        effect: None,
    }
}

/// A part that is switched off, a path that is none.
fn asks_for_nothing(value: &str) -> bool {
    matches!(value.trim(), "" | "/" | "false")
}

fn listed(found: &Found, meaning: Meaning) -> SpringKey {
    SpringKey {
        key: found.key.clone(),
        value: meaning.effect.map(|_| found.value.clone()),
        place: found.place.clone(),
        class: meaning.class,
        note: meaning.note,
    }
}

/// Everything a value may refer to.
struct All<'a> {
    found: Vec<Found>,
    env: &'a [(String, String)],
}

impl All<'_> {
    /// What a key gives to settings; nothing if it has no value, as with Spring.
    fn translated(&self, found: &Found, effect: Option<&Effect>) -> Result<Vec<Given>, String> {
        let Some(effect) = effect else {
            return Ok(Vec::new());
        };
        let value = self.resolved(&found.value)?;
        if value.trim().is_empty() {
            return Ok(Vec::new());
        }
        let values = effect.values(value.trim(), &|key| self.value_of(key))?;
        let given = values.into_iter().map(|(key, text)| Given {
            key: key.to_owned(),
            text,
            place: found.place.clone(),
        });
        Ok(given.collect())
    }

    fn resolved(&self, text: &str) -> Result<String, String> {
        placeholder::resolve(text, &|name| {
            profiles::variable(self.env, name).or_else(|| self.value(name))
        })
    }

    /// What a key comes to. One that cannot be resolved is complained about where it stands.
    fn value_of(&self, key: &str) -> Option<String> {
        let value = self.value(key).and_then(|text| self.resolved(&text).ok());
        value.filter(|text| !text.trim().is_empty())
    }

    /// The value of a key that counts.
    fn value(&self, key: &str) -> Option<String> {
        let wanted = keys::squeezed(key);
        let fits =
            |found: &&Found| found.passed_over.is_none() && keys::squeezed(&found.key) == wanted;
        self.found
            .iter()
            .find(fits)
            .map(|found| found.value.clone())
    }
}
