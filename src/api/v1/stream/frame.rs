//! A step as all subscribers are told it: made once, shared by all.
//!
//! Here: from a step to bytes, per format and topics. Not here: subscribers with a query (`filter`). What must always
//! hold: one message tells of one step, so that a connection which breaks off between two leaves nothing half told.

use std::sync::{Arc, OnceLock};

use bytes::{Bytes, BytesMut};

use super::message;
use super::wanted::{Format, Topics};
use crate::account::step::{Kind, Net, Step, Told, fold};
use crate::account::{self, Event, Topic};
use crate::native::documents::{Change, ChangeKind, Delta};
use crate::native::events;
use crate::native::rows::Rows;
use crate::registry::entry::Entry;
use crate::server::State;

/// A step, and what is made of it once somebody asks.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) step: Step,
    parts: OnceLock<Parts>,
    encoded: [OnceLock<Bytes>; 2 * Topics::KINDS],
}

/// The instances a step is about, as they are listed now.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) rows: Rows,
    pub(super) changes: Vec<Part>,
}

/// One instance of a step.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) net: Net,
    pub(super) entry: Option<Arc<Entry>>,
}

impl Frame {
    pub(super) fn new(step: Step) -> Self {
        Self {
            step,
            parts: OnceLock::new(),
            encoded: [const { OnceLock::new() }; 2 * Topics::KINDS],
        }
    }

    /// How many events it tells of.
    pub(super) fn events(&self) -> usize {
        match &self.step.told {
            Told::Changes(events) => events.len(),
            Told::Other(_) => 1,
        }
    }

    /// What a subscriber without a query is told of it; nothing, if it is of no interest.
    pub(super) fn encoded(&self, state: &State, format: Format, topics: Topics) -> Bytes {
        let place = topics.kind() * 2 + usize::from(format == Format::Lines);
        match self.encoded.get(place) {
            Some(encoded) => encoded
                .get_or_init(|| self.encode(state, format, topics))
                .clone(),
            None => self.encode(state, format, topics),
        }
    }

    fn encode(&self, state: &State, format: Format, topics: Topics) -> Bytes {
        let mut out = BytesMut::new();
        match &self.step.told {
            Told::Changes(events) if topics.registry || topics.events => {
                let parts = self.parts(state);
                let changes = parts.changes.iter().filter(|_| topics.registry);
                let changes = changes.map(|part| part.document(state, &parts.rows));
                let events = events.iter().filter(|_| topics.events);
                let delta = self.delta(state, changes.collect(), events);
                self.tell(&mut out, state, format, &delta);
            }
            Told::Other(event) => self.tell_other(&mut out, state, format, topics, event),
            Told::Changes(_) => {}
        }
        out.freeze()
    }

    /// The instances it is about.
    pub(super) fn parts(&self, state: &State) -> &Parts {
        self.parts.get_or_init(|| Parts::of(&self.step, state))
    }

    /// What changed and happened in it.
    pub(super) fn delta<'a>(
        &self,
        state: &State,
        changes: Vec<Change>,
        events: impl Iterator<Item = &'a Arc<Event>>,
    ) -> Delta {
        let account = &state.account;
        Delta {
            after: account.at(self.step.after).to_string(),
            revision: account.at(self.step.to).to_string(),
            as_of: state.clock.now().to_string(),
            changes,
            events: events
                .map(|event| events::document(account, event))
                .collect(),
        }
    }

    /// Tells of changes.
    pub(super) fn tell(&self, out: &mut BytesMut, state: &State, format: Format, delta: &Delta) {
        let id = Some(state.account.at(self.step.to));
        message::write(out, format, "delta", id, delta);
    }

    /// Tells of an event that is no change of an instance.
    pub(super) fn tell_other(
        &self,
        out: &mut BytesMut,
        state: &State,
        format: Format,
        topics: Topics,
        event: &Arc<Event>,
    ) {
        let id = Some(state.account.at(self.step.to));
        if topics.cluster {
            let name = match event.topic {
                Topic::Cluster => "cluster",
                Topic::Notice | Topic::Registry => "notice",
            };
            let document = events::document(&state.account, event);
            message::write(out, format, name, id, &document);
        } else if topics.events {
            let delta = self.delta(state, Vec::new(), [event].into_iter());
            self.tell(out, state, format, &delta);
        }
    }
}

impl Parts {
    fn of(step: &Step, state: &State) -> Self {
        let nets = match &step.told {
            Told::Changes(events) => fold(events),
            Told::Other(_) => Vec::new(),
        };
        let listed = |entry: &Arc<Entry>| entry.record().live();
        let part = |net: Net| Part {
            entry: state.registry.stored(&net.key).filter(listed),
            net,
        };
        Self {
            rows: Rows::of(state),
            changes: nets.into_iter().map(part).collect(),
        }
    }
}

impl Part {
    /// The change as it is told.
    pub(super) fn document(&self, state: &State, rows: &Rows) -> Change {
        let Net {
            key,
            kind,
            last,
            events,
        } = &self.net;
        Change {
            kind: told(*kind),
            app: key.app.to_string(),
            id: key.id.to_string(),
            revision: state.account.at(last.sequence).to_string(),
            events: *events,
            what: last.kind.to_owned(),
            row: self.entry.as_deref().map(|entry| rows.row(entry)),
        }
    }
}

const fn told(kind: Kind) -> ChangeKind {
    match kind {
        Kind::Registered => ChangeKind::Registered,
        Kind::Updated => ChangeKind::Updated,
        Kind::Status => ChangeKind::Status,
        Kind::Removed => ChangeKind::Removed,
    }
}

/// Steps of events that follow each other, as frames.
pub(super) fn frames(events: &[Arc<Event>]) -> impl Iterator<Item = Frame> {
    account::step::cut(events).into_iter().map(Frame::new)
}
