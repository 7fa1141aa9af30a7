//! Which of Spring's keys count: those of documents for active profiles, and of each key the last.
//!
//! Here: which profiles are active, and why a key does not count. Not here: what keys mean (`keys`). What must always
//! hold: a document whose condition is not understood does not count, and says so.

use std::collections::BTreeMap;
use std::collections::btree_map;

use super::find::{Entry, Found};
use super::{keys, placeholder};
use crate::config::given::{Mistake, Place};

/// What is active where nobody says anything.
const DEFAULT: &str = "default";

/// What a document asks for before its keys count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// One of these, divided by commas, each a profile or an expression of profiles.
    Profiles(String),
    /// Something that is not known here, by its key.
    Unknown(String),
}

/// What the documents of a file ask for, by their numbers.
pub(super) fn conditions(entries: &[Entry]) -> BTreeMap<usize, Condition> {
    let mut conditions = BTreeMap::new();
    for entry in entries.iter().filter(|entry| is_condition(&entry.key)) {
        let condition = match conditions.remove(&entry.document) {
            Some(unknown @ Condition::Unknown(_)) => unknown,
            _ if !asks_for_profiles(&entry.key) => Condition::Unknown(entry.key.clone()),
            Some(Condition::Profiles(others)) => {
                Condition::Profiles(format!("{others}, {}", entry.value))
            }
            None => Condition::Profiles(entry.value.clone()),
        };
        conditions.insert(entry.document, condition);
    }
    conditions
}

/// Tells every key that does not count why it does not.
pub(super) fn choose(found: &mut [Found], env: &[(String, String)], mistakes: &mut Vec<Mistake>) {
    let active = match Choice::of(found) {
        Some(choice) => choice.made(found, env).unwrap_or_else(|mistake| {
            mistakes.push(mistake);
            Vec::new()
        }),
        None => vec![DEFAULT.to_owned()],
    };
    for one in found.iter_mut() {
        let condition = one.condition.as_ref();
        let why_not = condition.and_then(|condition| condition.why_not(&active));
        one.passed_over = one.passed_over.take().or(why_not);
    }
    overrule(found);
}

/// Of a key that is said twice the last one counts.
fn overrule(found: &mut [Found]) {
    let mut winners: BTreeMap<String, Place> = BTreeMap::new();
    let counts = |one: &&mut Found| one.passed_over.is_none() && !is_condition(&one.key);
    for one in found.iter_mut().rev().filter(counts) {
        match winners.entry(keys::squeezed(&one.key)) {
            btree_map::Entry::Occupied(winner) => one.overruled_by(winner.get()),
            btree_map::Entry::Vacant(winner) => {
                winner.insert(one.place.clone());
            }
        }
    }
}

impl Found {
    fn overruled_by(&mut self, winner: &Place) {
        self.passed_over = Some(format!("{} says it later, and wins", winner.spot()));
    }
}

/// Where the active profiles are named: one key, or the items of one list.
struct Choice {
    items: Vec<usize>,
}

impl Choice {
    /// The last place counts. A document with a condition cannot say which conditions hold.
    fn of(found: &mut [Found]) -> Option<Self> {
        let names_active =
            |one: &Found| keys::squeezed(list_of(&one.key)) == "springprofilesactive";
        let all = (0..found.len()).filter(|index| names_active(&found[*index]));
        let (mut items, conditional): (Vec<_>, Vec<_>) =
            all.partition(|index| found[*index].condition.is_none());
        for index in conditional {
            found[index].passed_over =
                Some("stands in a document for a profile, which cannot choose profiles".to_owned());
        }
        let begins = |index: &usize| {
            let key = &found[*index].key;
            !key.ends_with(']') || key.ends_with("[0]")
        };
        let last = items.iter().rposition(begins)?;
        let overruled: Vec<_> = items.drain(..last).collect();
        let winner = found[*items.first()?].place.clone();
        overruled
            .into_iter()
            .for_each(|index| found[index].overruled_by(&winner));
        Some(Self { items })
    }

    /// The profiles it names, or the default one.
    fn made(&self, found: &[Found], env: &[(String, String)]) -> Result<Vec<String>, Mistake> {
        let mut active = Vec::new();
        for one in self.items.iter().map(|index| &found[*index]) {
            let names = placeholder::resolve(&one.value, &|name| variable(env, name))
                .map_err(|message| Mistake::at(&one.place, message))?;
            let names = names.split(',').map(str::trim);
            active.extend(names.filter(|name| !name.is_empty()).map(str::to_owned));
        }
        if active.is_empty() {
            active.push(DEFAULT.to_owned());
        }
        Ok(active)
    }
}

/// What a variable of the environment says.
pub(super) fn variable(env: &[(String, String)], name: &str) -> Option<String> {
    let variable = env.iter().find(|(known, _)| known == name);
    variable.map(|(_, value)| value.clone())
}

impl Condition {
    fn why_not(&self, active: &[String]) -> Option<String> {
        let profiles = match self {
            Self::Profiles(profiles) => profiles,
            Self::Unknown(key) => {
                return Some(format!(
                    "stands in a document with {key}, which is not understood"
                ));
            }
        };
        let reason = match holds(profiles, active) {
            Some(true) => return None,
            Some(false) => format!("active: {}", active.join(", ")),
            None => "expression not understood".to_owned(),
        };
        Some(format!(
            "stands in the document for profile {profiles}; {reason}"
        ))
    }
}

/// Whether one of the expressions holds, if all of them are understood.
fn holds(expressions: &str, active: &[String]) -> Option<bool> {
    let each: Option<Vec<_>> = expressions
        .split(',')
        .map(|expression| expression_holds(expression, active))
        .collect();
    Some(each?.contains(&true))
}

/// `a`, `!a`, `a & b` and `a | b`. Both signs in one need parentheses, which are not understood.
fn expression_holds(expression: &str, active: &[String]) -> Option<bool> {
    let (all, any) = (expression.contains('&'), expression.contains('|'));
    if all && any || expression.contains(['(', ')', '$']) {
        return None;
    }
    let is_active = |name: &str| active.iter().any(|one| one == name);
    let mut parts = expression.split(['&', '|']).map(str::trim);
    let holds = |part: &str| match part.strip_prefix('!') {
        Some(name) => !is_active(name.trim()),
        None => is_active(part),
    };
    Some(if all {
        parts.all(holds)
    } else {
        parts.any(holds)
    })
}

/// Whether a key says when the document it stands in counts.
fn is_condition(key: &str) -> bool {
    asks_for_profiles(key) || keys::squeezed(key).starts_with("springconfigactivate")
}

/// The newer key, or the older.
fn asks_for_profiles(key: &str) -> bool {
    let key = keys::squeezed(list_of(key));
    matches!(
        key.as_str(),
        "springconfigactivateonprofile" | "springprofiles"
    )
}

/// The key of the list an item stands in; a key that is no item's stays itself.
fn list_of(key: &str) -> &str {
    key.split('[').next().unwrap_or(key)
}

#[cfg(test)]
mod tests;
