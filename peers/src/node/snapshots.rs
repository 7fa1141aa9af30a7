//! What outlives a node: taking a snapshot, and starting from one.
//!
//! Here: the parts a snapshot is taken in, so that nothing waits for the whole of it, and what a node makes of one at
//! its start. Not here: its bytes (`snapshot`), when it is taken, where it is kept. What must always hold: a snapshot
//! covers no write that is not in it; and what was remembered is no word of a present owner: its instances are orphans.

use std::time::Duration;

use super::Node;
use crate::frame::Seen;
use crate::record::Key;
use crate::replica::Replica;
use crate::snapshot::{Part, Snapshot, Taken};

/// So many records are read in one turn, which takes about a millisecond.
const PART_RECORDS: usize = 512;

impl<R: Replica> Node<R> {
    /// Begins a snapshot: the parts follow, from the first one on.
    pub fn begin_snapshot(&mut self, now: Duration) -> Taken {
        // What was written last must have its place, or it would seem to be of no origin.
        self.flush(now);
        Taken {
            cluster_name: self.settings.cluster_name.clone(),
            origin: self.origin,
            name: self.settings.name.clone(),
            at: self.clock(now).millis(),
            vector: self.agreement.vector().clone(),
            heads: self.membership.heads().iter().cloned().collect(),
        }
    }

    /// The part of a snapshot that begins after a key.
    pub fn snapshot_part(&mut self, now: Duration, after: Option<&Key>) -> Part {
        self.agreement.part(now, &self.replica, after, PART_RECORDS)
    }

    /// A whole snapshot at once.
    pub fn snapshot(&mut self, now: Duration) -> Snapshot {
        let taken = self.begin_snapshot(now);
        let (mut records, mut next) = (Vec::new(), None);
        loop {
            let part = self.snapshot_part(now, next.as_ref());
            records.extend(part.records);
            next = part.next;
            if next.is_none() {
                return Snapshot { taken, records };
            }
        }
    }

    /// Goes on from a snapshot that was taken so long ago. To be called before the node is fed anything: it is then
    /// as one that was away for that time.
    pub fn restore(&mut self, now: Duration, age: Duration, snapshot: Snapshot) {
        let Snapshot { taken, mut records } = snapshot;
        for told in &mut records {
            let ended_for = &mut told.record.ended_for;
            *ended_for = ended_for.map(|ended_for| ended_for.saturating_add(age));
        }
        for head in taken.heads {
            self.membership.heads_mut().learn(head);
        }
        let seen = Seen {
            vector: taken.vector,
            epoch: None,
            answer: true,
        };
        // Its own former life may have had an epoch that the clock has not reached yet.
        self.take_greater_epoch(now, &seen);
        self.agreement
            .restore(now, &mut self.replica, (&seen.vector, records));
        self.readiness.remember();
        // Else its instances would seem to have owners until the first look around.
        self.surround(now);
    }
}
