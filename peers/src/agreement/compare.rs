//! Compare: the one way to mend anything that deltas cannot.
//!
//! One side reads, page by page in the order of keys, what the other has, in short. It drops what the other has seen
//! and no longer has, takes what it lacks, and only when all of that is applied joins what the other had seen when it
//! began. What is written meanwhile is not covered by the vector that was sent then, so it stays. To mend both sides,
//! each reads the other.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Included, Unbounded};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Agreement, Marks, versions};
use crate::record::{Dot, Key, Versions};
use crate::replica::Replica;
use crate::vector::Vector;
use crate::version::{Origin, Version};

/// One record in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Which record.
    pub key: Key,
    /// Its versions, register by register.
    pub versions: Versions,
    /// The write that brought its lease.
    pub lease_dot: Option<Dot>,
}

/// A part of what a peer has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// After which key it begins; from the first one without.
    pub after: Option<Key>,
    /// Its records, dead ones included, in the order of their keys.
    pub lines: Vec<Line>,
    /// Whether more follows after the last of these.
    pub more: bool,
}

/// What to do to agree with a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Live records that the other side has deleted, and the lease each must still hold.
    pub drops: Vec<(Key, Version)>,
    /// Records of which the other side has something newer.
    pub wants: Vec<Key>,
}

impl Agreement {
    /// What this peer has after a key, at most so many records.
    pub fn page(&self, after: Option<Key>, lines_max: usize) -> Page {
        let begin = after.as_ref().map_or(Unbounded, Excluded);
        let mut rest = self.marks.range((begin, Unbounded));
        let lines = rest.by_ref().take(lines_max).map(line).collect();
        Page {
            more: rest.next().is_some(),
            after,
            lines,
        }
    }

    /// From where on the logs here serve.
    pub fn floors(&self) -> BTreeMap<Origin, u64> {
        let floors = self.logs.iter();
        floors.map(|(origin, log)| (*origin, log.floor())).collect()
    }

    /// What to do to agree with a peer that has this page, and had seen `theirs` before it told of it.
    pub fn plan(&self, theirs: &Vector, page: &Page) -> Plan {
        let drops = self.gone_at(theirs, page);
        let dropped: BTreeSet<_> = drops.iter().map(|(key, _)| key).collect();
        let lines = page.lines.iter();
        let wanted = lines.filter(|line| dropped.contains(&line.key) || self.wants(line));
        let wants = wanted.map(|line| line.key.clone()).collect();
        Plan { drops, wants }
    }

    /// Whether a record of the other side is newer or missing here, and was not deleted here.
    fn wants(&self, line: &Line) -> bool {
        let [_, lease, _] = line.versions;
        let lease = lease.zip(line.lease_dot);
        let deleted = lease.is_some_and(|(version, dot)| self.deleted(&line.key, version, dot));
        let ours = self.versions(&line.key).unwrap_or_default();
        !deleted && any_newer(&line.versions, &ours)
    }

    /// The live records within the reach of the page that the other side has deleted.
    fn gone_at(&self, theirs: &Vector, page: &Page) -> Vec<(Key, Version)> {
        let begin = page.after.as_ref().map_or(Unbounded, Excluded);
        let last = page.lines.last().filter(|_| page.more);
        let end = last.map_or(Unbounded, |line| Included(&line.key));
        let here = self
            .marks
            .range((begin, end))
            .filter(|(_, marks)| super::live(marks));
        let leases = here.filter_map(|(key, [_, lease, _])| Some((key, (*lease)?)));
        let gone = leases.filter(|(key, lease)| {
            theirs.covers(lease.dot) && page.lease_of(key) < Some(lease.version)
        });
        gone.map(|(key, lease)| (key.clone(), lease.version))
            .collect()
    }

    /// Drops a record that a plan names, unless its lease was written since, or there is evidence that it lives.
    pub fn drop_deleted(
        &mut self,
        now: Duration,
        replica: &mut impl Replica,
        (key, version): (&Key, Version),
    ) -> bool {
        let held = self.marks.get(key).and_then(|[_, lease, _]| *lease);
        let same = held.is_some_and(|lease| lease.version == version);
        let dropped = same && replica.drop_deleted(now, key, version);
        if dropped {
            self.forget(key);
        }
        dropped
    }

    /// Now that all a peer had was taken or dropped, what it had seen counts as seen here. What was learned so is in
    /// no log here, so the logs serve from there on only.
    pub fn agree(&mut self, theirs: &Vector, floors: &BTreeMap<Origin, u64>) {
        for (origin, sequence) in theirs.iter() {
            let grew = sequence > self.vector.of(origin);
            let floor = floors.get(&origin).copied().unwrap_or_default();
            let log = self.logs.entry(origin).or_default();
            log.raise(if grew { sequence } else { floor });
        }
        self.vector.join(theirs);
        let vector = &self.vector;
        self.logs.retain(|of, _| !vector.retired(*of));
    }
}

impl Page {
    /// Whether its keys are in order and after where it begins. Another one is nonsense.
    pub fn in_order(&self) -> bool {
        let keys = self.lines.iter().map(|line| &line.key);
        self.after.iter().chain(keys).is_sorted_by(|a, b| a < b)
    }

    /// The version of a lease on this page.
    fn lease_of(&self, key: &Key) -> Option<Version> {
        let place = self.lines.binary_search_by(|line| line.key.cmp(key)).ok()?;
        let [_, lease, _] = self.lines.get(place)?.versions;
        lease
    }
}

fn line((key, marks): (&Key, &Marks)) -> Line {
    let [_, lease, _] = marks;
    Line {
        key: key.clone(),
        versions: versions(marks),
        lease_dot: lease.map(|lease| lease.dot),
    }
}

/// Whether any register of `theirs` is newer than ours.
fn any_newer(theirs: &Versions, ours: &Versions) -> bool {
    theirs.iter().zip(ours).any(|(theirs, ours)| theirs > ours)
}
