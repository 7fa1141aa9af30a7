//! What outlives a peer, and how it goes on from there.
//!
//! A peer that starts from what it held before is one that was away: what it had seen counts as seen, so that a record
//! which others have deleted meanwhile is not brought back, and what it alone has seen is taken from it by comparing.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::time::Duration;

use super::{Agreement, Told};
use crate::record::Key;
use crate::replica::Replica;
use crate::snapshot::Part;
use crate::vector::Vector;

/// No further record once so many bytes are in a part.
const PART_BYTES: usize = 512 << 10;

impl Agreement {
    /// The records after a key, at most so many of them. To be remembered with the vector as it was before the first
    /// part: what is written meanwhile must not count as seen.
    pub fn part(
        &mut self,
        now: Duration,
        replica: &impl Replica,
        after: Option<&Key>,
        records_max: usize,
    ) -> Part {
        let begin = after.map_or(Unbounded, Excluded);
        let keys = self.marks.range((begin, Unbounded)).map(|(key, _)| key);
        let keys: Vec<_> = keys.take(records_max).cloned().collect();
        let (mut part, mut bytes) = (Part::default(), 0);
        for key in keys {
            if bytes >= PART_BYTES {
                break;
            }
            let told = self.notice(now, replica, &key);
            bytes += told.as_ref().map_or(0, Told::bytes);
            part.records.extend(told);
            part.next = Some(key);
        }
        part.next = part.next.filter(|last| self.any_after(last));
        part
    }

    fn any_after(&self, key: &Key) -> bool {
        let rest = (Excluded(key), Unbounded);
        self.marks.range::<Key, _>(rest).next().is_some()
    }

    /// Goes on from what was remembered. To be called before anything else: all of it counts as seen, and no log here
    /// reaches back to it.
    pub fn restore(
        &mut self,
        now: Duration,
        replica: &mut impl Replica,
        (vector, records): (&Vector, Vec<Told>),
    ) {
        debug_assert!(self.marks.is_empty());
        for told in records {
            self.take(now, replica, told);
        }
        self.agree(vector, &BTreeMap::new());
    }
}
