//! Reading a stream that may break off anywhere, and missing and doubling nothing.
//!
//! Here: what one message means for whoever has read up to a place: a pure step. Not here: connections (`watch`). What
//! must always hold: an event is told once; and where the server cannot tell every event any more, the list is read
//! again and the differences are told instead.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::super::client::calls::{path, with};
use crate::native::documents::{Bye, Delta, Event, Resync, Row, Snapshot};

/// An instance, by application and id.
type Key = (String, String);

/// A message of the stream, as a line.
#[derive(Deserialize)]
struct Line {
    event: String,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    data: serde_json::Value,
}

/// What to do after a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Read on.
    GoOn,
    /// Connect again at once: the list is wanted.
    ListAgain,
    /// Connect again after so many milliseconds: the server stops.
    Later(u64),
}

/// Whoever reads, and how far.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    /// Everything up to there was told. None: the list is wanted first.
    place: Option<String>,
    /// The instances that were listed then, with their statuses, as far as they are known: to find differences by.
    listed: Option<BTreeMap<Key, String>>,
    /// The part of a list that has come.
    coming: BTreeMap<Key, String>,
    /// Only these kinds are told; all if there are none.
    kinds: BTreeSet<String>,
}

/// What kinds those differences have that are found by reading the list again.
const APPEARED: &str = "appeared";
const DISAPPEARED: &str = "disappeared";
const CHANGED: &str = "changed";
const RESYNC: &str = "resync";

impl Reader {
    /// Somebody who has read up to a revision, or who begins now.
    pub(super) fn since(place: Option<String>) -> Self {
        Self {
            place,
            ..Self::default()
        }
    }

    /// The same, told only of these kinds, which have commas between them.
    pub(super) fn of_kinds(mut self, kinds: &str) -> Self {
        let named = kinds.split(',').map(str::trim);
        self.kinds = named
            .filter(|kind| !kind.is_empty())
            .map(str::to_owned)
            .collect();
        self
    }

    /// Where it has read up to, if it has begun.
    pub(super) fn place(&self) -> Option<&str> {
        self.place.as_deref()
    }

    /// What to ask for to go on from here. To be called for every new connection.
    pub(super) fn path(&mut self, query: &str) -> String {
        self.coming.clear();
        let since = self.place.as_deref().unwrap_or_default();
        let rows = if self.place.is_none() { "yes" } else { "" };
        let parameters = [
            ("topics", "events"),
            ("query", query),
            ("since", since),
            ("rows", rows),
        ];
        with(&path(["stream"]), &parameters)
    }

    /// Takes a line. Answers the events to tell, and what to do then.
    ///
    /// # Errors
    ///
    /// If it is no message.
    pub(super) fn take(&mut self, line: &[u8]) -> serde_json::Result<(Vec<Event>, Turn)> {
        let line: Line = serde_json::from_slice(line)?;
        let mut turn = Turn::GoOn;
        let events = match line.event.as_str() {
            "snapshot" => self.list(serde_json::from_value(line.data)?),
            "delta" => self.delta(serde_json::from_value(line.data)?),
            "resync" => {
                turn = Turn::ListAgain;
                self.gap(serde_json::from_value(line.data)?)
            }
            "bye" => {
                let bye: Bye = serde_json::from_value(line.data)?;
                turn = Turn::Later(bye.retry_ms);
                Vec::new()
            }
            _ => {
                self.place = line.id.or(self.place.take());
                Vec::new()
            }
        };
        Ok((events, turn))
    }

    fn wanted(&self, event: &Event) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&event.kind)
    }

    /// A part of the list; with the last one the differences to what was listed before, if that is known.
    fn list(&mut self, snapshot: Snapshot) -> Vec<Event> {
        let entry = |row: Row| ((row.app, row.id), row.status);
        self.coming.extend(snapshot.rows.into_iter().map(entry));
        if !snapshot.last {
            return Vec::new();
        }
        let now = std::mem::take(&mut self.coming);
        let found = match &self.listed {
            Some(before) => differences(before, &now, &snapshot.revision, &snapshot.as_of),
            None => Vec::new(),
        };
        self.listed = Some(now);
        self.place = Some(snapshot.revision);
        found
            .into_iter()
            .filter(|event| self.wanted(event))
            .collect()
    }

    fn delta(&mut self, delta: Delta) -> Vec<Event> {
        let place = self.place.take().unwrap_or_default();
        let mut events = delta.events;
        events.retain(|event| after(&event.revision, &place));
        if let Some(listed) = &mut self.listed {
            events.iter().for_each(|event| apply(listed, event));
        }
        self.place = Some(delta.revision);
        events.retain(|event| self.wanted(event));
        events
    }

    /// Something was missed, and what is known from before will be compared with a new list.
    fn gap(&mut self, resync: Resync) -> Vec<Event> {
        self.place = None;
        vec![Event {
            revision: resync.revision,
            at: resync.as_of,
            kind: RESYNC.to_owned(),
            text: if self.listed.is_some() {
                format!("{}; what differs from before follows", resync.text)
            } else {
                format!("{}; what happened meanwhile is not known", resync.text)
            },
            ..Event::default()
        }]
    }
}

/// Whether an event comes after a place. One of another start of the server does: places of different starts are not
/// compared.
fn after(revision: &str, place: &str) -> bool {
    let parts = |text: &str| {
        let (epoch, sequence) = text.split_once('-')?;
        Some((epoch.to_owned(), sequence.parse::<u64>().ok()?))
    };
    match (parts(revision), parts(place)) {
        (Some((epoch, sequence)), Some((known, done))) => epoch != known || sequence > done,
        _ => true,
    }
}

/// Keeps what is listed up to date.
fn apply(listed: &mut BTreeMap<Key, String>, event: &Event) {
    let (Some(app), Some(id), Some(status)) = (&event.app, &event.id, &event.status) else {
        return;
    };
    let key = (app.clone(), id.clone());
    if ["cancelled", "evicted", "dropped", DISAPPEARED].contains(&event.kind.as_str()) {
        listed.remove(&key);
    } else {
        listed.insert(key, status.clone());
    }
}

/// What became of a list, in the order of applications and ids.
fn differences(
    before: &BTreeMap<Key, String>,
    now: &BTreeMap<Key, String>,
    revision: &str,
    as_of: &str,
) -> Vec<Event> {
    let keys: BTreeSet<&Key> = before.keys().chain(now.keys()).collect();
    let told = keys.into_iter().filter_map(|key| {
        let (was, is) = (before.get(key), now.get(key));
        let (app, id) = key;
        let (kind, text) = match (was, is) {
            (None, Some(status)) => (APPEARED, format!("{app}/{id} is listed since, as {status}")),
            (Some(_), None) => (DISAPPEARED, format!("{app}/{id} is not listed any more")),
            (Some(was), Some(is)) if was != is => {
                (CHANGED, format!("{app}/{id} is shown as {is}, was {was}"))
            }
            _ => return None,
        };
        Some(Event {
            revision: revision.to_owned(),
            at: as_of.to_owned(),
            kind: kind.to_owned(),
            app: Some(app.clone()),
            id: Some(id.clone()),
            status: is.or(was).cloned(),
            text,
            before: was.cloned(),
            after: is.cloned(),
            ..Event::default()
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests;
