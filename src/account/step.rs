//! Events as steps: each as much as is told at once.
//!
//! Here: cutting a run of events into steps, and folding the changes of a step so that each instance stands in it once.
//! Not here: when (`api::v1::stream`). What must always hold: steps follow each other without gap and overlap, so whoever
//! has the end of one goes on with the next; and of every event either its own step tells, or a fold that counts it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::event::{Event, Topic};
use crate::registry::entry::Key;

/// So many instances may change in one step.
pub const CHANGES_MAX: usize = 500;
/// So many events one step may fold, which some are told one by one.
pub const EVENTS_MAX: usize = 2000;

/// Events that are told at once.
#[derive(Clone, Debug)]
pub struct Step {
    /// Where it begins: everything up to there was told before.
    pub after: u64,
    /// Where it ends: the sequence of its last event.
    pub to: u64,
    /// What it tells.
    pub told: Told,
}

/// What a step tells.
#[derive(Clone, Debug)]
pub enum Told {
    /// Changes of instances.
    Changes(Vec<Arc<Event>>),
    /// One event of another kind.
    Other(Arc<Event>),
}

/// Cuts events, which follow each other, into steps.
pub fn cut(events: &[Arc<Event>]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = events;
    while let Some(first) = rest.first() {
        let (own, others) = match first.topic {
            Topic::Registry => rest.split_at(run(rest)),
            Topic::Cluster | Topic::Notice => rest.split_at(1),
        };
        let last = own.last().unwrap_or(first);
        steps.push(Step {
            after: first.sequence - 1,
            to: last.sequence,
            told: match first.topic {
                Topic::Registry => Told::Changes(own.to_vec()),
                Topic::Cluster | Topic::Notice => Told::Other(first.clone()),
            },
        });
        rest = others;
    }
    steps
}

/// How many events from the first on make one step of changes; at least one.
fn run(events: &[Arc<Event>]) -> usize {
    let mut changed = BTreeSet::new();
    let changes = events.iter().take(EVENTS_MAX);
    let fitting = changes.take_while(|event| event.topic == Topic::Registry);
    for (place, event) in fitting.clone().enumerate() {
        changed.insert(event.key.as_deref());
        if changed.len() > CHANGES_MAX {
            return place;
        }
    }
    fitting.count().max(1)
}

/// What became of an instance in a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It is listed, and was not before.
    Registered,
    /// It is listed as before, in the same status; something else about it is new.
    Updated,
    /// It is listed in another status.
    Status,
    /// It is listed no more.
    Removed,
}

impl Kind {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Updated => "updated",
            Self::Status => "status",
            Self::Removed => "removed",
        }
    }
}

/// All that happened to one instance in a step.
#[derive(Clone, Debug)]
pub struct Net {
    /// The instance.
    pub key: Arc<Key>,
    /// What it comes to.
    pub kind: Kind,
    /// The last event of it.
    pub last: Arc<Event>,
    /// How many there were.
    pub events: u32,
}

/// Folds changes: each instance once, in the order of its last event.
pub fn fold(events: &[Arc<Event>]) -> Vec<Net> {
    let mut nets: BTreeMap<&Key, (&Event, &Arc<Event>, u32)> = BTreeMap::new();
    for event in events {
        let Some(key) = event.key.as_deref() else {
            continue;
        };
        let (_, last, count) = nets.entry(key).or_insert((event, event, 0));
        *last = event;
        *count += 1;
    }
    let mut folded: Vec<_> = nets
        .into_values()
        .filter_map(|(first, last, events)| {
            Some(Net {
                key: last.key.clone()?,
                kind: kind(first, last),
                last: last.clone(),
                events,
            })
        })
        .collect();
    folded.sort_unstable_by_key(|net| net.last.sequence);
    folded
}

fn kind(first: &Event, last: &Event) -> Kind {
    match (first.before, last.listed) {
        (_, false) => Kind::Removed,
        (None, true) => Kind::Registered,
        (Some(before), true) if last.status == Some(before) => Kind::Updated,
        (Some(_), true) => Kind::Status,
    }
}
