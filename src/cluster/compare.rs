//! Which instances another server shows differently, asked over the stream between the two.
//!
//! Here: the questions, their answers, and telling two servers apart row by row. Not here: making them equal (`peers`).
//! What must always hold: what is alike costs a number for each application and no more; and the answers are bounded.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use peers::version::NodeId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::records::{self, Record};
use crate::native::rows::Rows;
use crate::registry::instance::AppName;
use crate::registry::snapshot::Snapshot;
use crate::server::State;

/// What a question begins with.
const SHOWN: &[u8] = b"shown:";
/// So many applications are looked at instance by instance.
const APPS_MAX: usize = 20;
/// So many instances of one application are looked at: an answer of less than a megabyte.
const INSTANCES_MAX: usize = 2000;
/// So many differences are told.
const ROWS_MAX: usize = 200;

/// What a server is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    /// A number for each application: equal numbers, equal instances.
    Sums,
    /// The records of an application.
    App(String),
    /// The record of one instance.
    One(String, String),
}

/// How another server differs from this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Differences {
    /// The instances, in the order of applications and ids.
    pub(crate) rows: Vec<Difference>,
    /// Whether there are more than are told.
    pub(crate) more: bool,
}

/// An instance that is shown differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// As this server shows it. `None`: it does not.
    pub(crate) here: Option<Record>,
    /// As the other one does.
    pub(crate) there: Option<Record>,
}

type Sums = BTreeMap<String, u64>;

/// Whether a peer asks what is shown here.
pub(super) fn is_question(question: &[u8]) -> bool {
    question.starts_with(SHOWN)
}

/// The answer to it; empty if it makes no sense.
pub(super) fn answer(state: &State, question: &[u8]) -> Vec<u8> {
    let asked = question.strip_prefix(SHOWN);
    let Some(asked) = asked.and_then(|asked| serde_json::from_slice(asked).ok()) else {
        return Vec::new();
    };
    let snapshot = state.registry.refresh();
    let written = match asked {
        Question::Sums => serde_json::to_vec(&sums(&snapshot)),
        Question::App(app) => serde_json::to_vec(&of_app(&snapshot, &app)),
        Question::One(app, id) => serde_json::to_vec(&seen(state, &snapshot, app, id)),
    };
    written.unwrap_or_default()
}

/// An instance as a server sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Seen {
    /// What it shows. `None`: it does not.
    pub(crate) record: Option<Record>,
    /// How long ago its client was last heard there. `None`: another server keeps the lease.
    pub(crate) heard_ms_ago: Option<u64>,
    /// How long its lease lasts from now on. `None`: another server keeps it; 0: it is over.
    pub(crate) left_ms: Option<u64>,
}

/// How a peer sees an instance. `None`: it did not answer.
pub(crate) async fn one(state: &State, peer: NodeId, app: &str, id: &str) -> Option<Seen> {
    ask(state, peer, &Question::One(app.to_owned(), id.to_owned())).await
}

/// How this server sees it: ages, since clocks of servers differ.
fn seen(state: &State, snapshot: &Snapshot, app: String, id: String) -> Seen {
    let rows = Rows::of(state);
    let now = rows.now().as_millis();
    let entry = state
        .registry
        .stored_as(AppName::new(&app).as_str(), &id)
        .filter(|entry| entry.record().live());
    let lease = entry.as_ref().map(|entry| rows.seen(entry));
    let (heard, deadline) = lease.map_or((None, None), |seen| (seen.heard_at(), seen.deadline()));
    let record = records::only(snapshot, &(app, id))
        .records
        .into_iter()
        .next();
    Seen {
        record,
        heard_ms_ago: heard.map(|heard| now.saturating_sub(heard.as_millis())),
        left_ms: deadline.map(|deadline| deadline.as_millis().saturating_sub(now)),
    }
}

/// How this server shows it.
pub(crate) fn here(state: &State, app: &str, id: &str) -> Option<Record> {
    let key = (app.to_owned(), id.to_owned());
    let found = records::only(&state.registry.refresh(), &key);
    found.records.into_iter().next()
}

/// How a peer differs from this server. `None`: it did not answer.
pub(crate) async fn with(state: &State, peer: NodeId) -> Option<Differences> {
    let there: Sums = ask(state, peer, &Question::Sums).await?;
    let here = sums(&state.registry.refresh());
    let unequal = unequal(&here, &there);
    let mut found = Differences {
        more: unequal.len() > APPS_MAX,
        ..Differences::default()
    };
    for app in unequal.into_iter().take(APPS_MAX) {
        let there: Vec<Record> = ask(state, peer, &Question::App(app.clone())).await?;
        let here = of_app(&state.registry.refresh(), &app);
        found.rows.extend(differing(here, there));
        if found.rows.len() > ROWS_MAX {
            found.rows.truncate(ROWS_MAX);
            found.more = true;
            break;
        }
    }
    Some(found)
}

/// What was written, here or elsewhere, since a moment in milliseconds since the Unix epoch, and is shown here: what a
/// server cannot know that was last heard then.
pub(crate) fn since(state: &State, moment: u64) -> Differences {
    let snapshot = state.registry.refresh();
    let shown = records::page(&snapshot, None, usize::MAX).records;
    let mut late = shown
        .into_iter()
        .filter(|record| record.written_at() > moment);
    let rows: Vec<_> = late
        .by_ref()
        .take(ROWS_MAX)
        .map(|record| Difference {
            here: Some(record),
            there: None,
        })
        .collect();
    Differences {
        rows,
        more: late.next().is_some(),
    }
}

async fn ask<T: DeserializeOwned>(state: &State, peer: NodeId, question: &Question) -> Option<T> {
    let mut bytes = SHOWN.to_vec();
    bytes.extend(serde_json::to_vec(question).ok()?);
    let answer = super::ask_briefly(state, peer, &bytes).await?;
    serde_json::from_slice(&answer).ok()
}

fn sums(snapshot: &Snapshot) -> Sums {
    let mut sums = BTreeMap::<String, DefaultHasher>::new();
    for record in records::page(snapshot, None, usize::MAX).records {
        let sum = sums.entry(record.app.clone()).or_default();
        record.hash(sum);
    }
    let finished = |(app, sum): (String, DefaultHasher)| (app, sum.finish());
    sums.into_iter().map(finished).collect()
}

fn of_app(snapshot: &Snapshot, app: &str) -> Vec<Record> {
    let before = Some((app.to_owned(), String::new()));
    let records = records::page(snapshot, before.as_ref(), INSTANCES_MAX).records;
    let same = records.into_iter().take_while(|record| record.app == app);
    same.collect()
}

fn unequal(here: &Sums, there: &Sums) -> Vec<String> {
    let mut apps: Vec<_> = here.keys().chain(there.keys()).collect();
    apps.sort();
    apps.dedup();
    let differs = |app: &&&String| here.get(**app) != there.get(**app);
    apps.iter()
        .filter(differs)
        .map(|app| (*app).clone())
        .collect()
}

fn differing(here: Vec<Record>, there: Vec<Record>) -> Vec<Difference> {
    let mut both = BTreeMap::<String, Difference>::new();
    for record in here {
        both.insert(
            record.id.clone(),
            Difference {
                here: Some(record),
                there: None,
            },
        );
    }
    for record in there {
        let id = record.id.clone();
        let none = Difference {
            here: None,
            there: None,
        };
        both.entry(id).or_insert(none).there = Some(record);
    }
    let unlike = both.into_values().filter(|both| both.here != both.there);
    unlike.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, status: &str) -> Record {
        let version = records::Version {
            clock: "1.0".to_owned(),
            origin: "a".to_owned(),
            rank: "live".to_owned(),
        };
        Record {
            app: "A".to_owned(),
            id: id.to_owned(),
            status: status.to_owned(),
            overridden: None,
            versions: records::Versions {
                body: version.clone(),
                lease: version,
                overriding: None,
            },
        }
    }

    #[test]
    fn only_what_is_unlike_is_told() {
        let here = vec![record("1", "UP"), record("2", "UP"), record("3", "UP")];
        let there = vec![record("2", "DOWN"), record("3", "UP"), record("4", "UP")];
        let found = differing(here, there);
        let ids: Vec<_> = found
            .iter()
            .map(|row| {
                let id = |side: &Option<Record>| side.as_ref().map(|record| record.id.clone());
                (id(&row.here), id(&row.there))
            })
            .collect();
        let said = |id: &str| Some(id.to_owned());
        assert_eq!(
            ids,
            [(said("1"), None), (said("2"), said("2")), (None, said("4"))]
        );
    }

    #[test]
    fn applications_with_unequal_sums_are_looked_at() {
        let sums = |pairs: &[(&str, u64)]| -> Sums {
            pairs
                .iter()
                .map(|(app, sum)| ((*app).to_owned(), *sum))
                .collect()
        };
        let (here, there) = (
            sums(&[("A", 1), ("B", 2)]),
            sums(&[("B", 3), ("C", 4), ("A", 1)]),
        );
        assert_eq!(unequal(&here, &there), ["B", "C"]);
    }

    #[test]
    fn a_record_is_as_late_as_its_latest_part() {
        let mut written = record("1", "UP");
        written.versions.lease.clock = "77.3".to_owned();
        assert_eq!(written.written_at(), 77);
    }
}
