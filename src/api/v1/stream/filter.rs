//! A subscriber who asks for a part of the instances.
//!
//! What must always hold: whoever keeps a list of what matched learns of each instance that ceases to match. So of those
//! it may know there is a note here; what nobody asked for costs nobody anything.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};

use super::frame::{Frame, Part, Parts};
use super::wanted::{Format, Topics};
use crate::account::Event;
use crate::account::step::Told;
use crate::native::documents::{Change, ChangeKind};
use crate::native::events;
use crate::native::query::Query;
use crate::native::rows::Rows;
use crate::registry::entry::{Entry, Key};
use crate::registry::snapshot::Snapshot;
use crate::server::State;

/// A query, and who may be known to match it.
#[derive(Debug)]
pub(super) struct Filter {
    query: Query,
    known: HashSet<Arc<Key>>,
}

impl Filter {
    /// For somebody who knows who matches now, and may know of those that changed since.
    pub(super) fn new(state: &State, query: Query, changed: &[Arc<Event>]) -> Self {
        let snapshot: Arc<Snapshot> = state.registry.refresh();
        let rows = Rows::of(state);
        let listed = snapshot.registered.iter();
        let matching = listed.filter(|entry| query.matches(&rows.subject(entry)));
        let matching = matching.map(|entry| entry.key().clone());
        let changed = changed.iter().filter_map(|event| event.key.clone());
        Self {
            known: matching.chain(changed).collect(),
            query,
        }
    }

    /// Whether an instance matches.
    pub(super) fn admits(&self, rows: &Rows, entry: &Entry) -> bool {
        self.query.matches(&rows.subject(entry))
    }

    /// What is told of a frame; nothing, if nothing in it is of interest.
    pub(super) fn encoded(
        &mut self,
        frame: &Frame,
        state: &State,
        format: Format,
        topics: Topics,
    ) -> Bytes {
        let mut out = BytesMut::new();
        match &frame.step.told {
            Told::Changes(events) => self.tell(&mut out, frame, events, state, format, topics),
            Told::Other(event) => {
                let rows = &frame.parts(state).rows;
                if event.key.is_none() || self.about(state, rows, event) {
                    frame.tell_other(&mut out, state, format, topics, event);
                }
            }
        }
        out.freeze()
    }

    fn tell(
        &mut self,
        out: &mut BytesMut,
        frame: &Frame,
        events: &[Arc<Event>],
        state: &State,
        format: Format,
        topics: Topics,
    ) {
        let parts = frame.parts(state);
        let changes = parts.changes.iter().filter(|_| topics.registry);
        let changes: Vec<_> = changes
            .filter_map(|part| self.change(state, parts, part))
            .collect();
        let events = events
            .iter()
            .filter(|event| topics.events && self.about(state, &parts.rows, event));
        let delta = frame.delta(state, changes, events);
        if !delta.changes.is_empty() || !delta.events.is_empty() {
            frame.tell(out, state, format, &delta);
        }
    }

    fn change(&mut self, state: &State, parts: &Parts, part: &Part) -> Option<Change> {
        let entry = part.entry.as_deref();
        let key = &part.net.key;
        if entry.is_some_and(|entry| self.admits(&parts.rows, entry)) {
            let news = self.known.insert(key.clone());
            let mut change = part.document(state, &parts.rows);
            if news {
                change.kind = ChangeKind::Registered;
            }
            return Some(change);
        }
        self.known.remove(key).then(|| Change {
            kind: ChangeKind::Removed,
            row: None,
            ..part.document(state, &parts.rows)
        })
    }

    fn about(&self, state: &State, rows: &Rows, event: &Event) -> bool {
        events::matches(state, rows, &self.query, event)
    }
}
