//! How a set of records becomes the same everywhere: deltas, pulls, and compare.
//!
//! Here: [`Agreement`], what one peer knows of its records' versions and of whose writes it has seen, and what it makes
//! of what others say. Not here: the records themselves, which a [`Replica`] keeps; who the others are and how words
//! reach them (`node`). What must always hold:
//!
//! - The vector covers a write only if this peer's record of that key is at least as new, or is known to be deleted.
//! - Absent and covered means deleted: a record is there or not by the dot of its lease register alone. So a live
//!   lease that was seen, and is greater than what is held, was deleted.
//! - The digest is a sum over the live records, kept up to date by every change.

mod compare;
mod remember;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use self::compare::{Line, Page, Plan};
use crate::log::Log;
use crate::record::{Dot, Key, Record, Versions};
use crate::replica::Replica;
use crate::vector::Vector;
use crate::version::{Origin, Rank, Version};

/// What one peer knows: the versions of its records, whose writes it has seen, and where to find them.
#[derive(Clone, Debug)]
pub struct Agreement {
    own: Origin,
    vector: Vector,
    logs: BTreeMap<Origin, Log>,
    marks: BTreeMap<Key, Marks>,
    names: HashMap<u64, Key>,
    digest: u64,
    live: usize,
}

/// A register in short: its version, and the write that brought it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Decides which of two registers wins.
    pub version: Version,
    /// The write that brought it.
    pub dot: Dot,
}

/// The registers of a record in short: body, lease, override.
pub type Marks = [Option<Mark>; 3];

/// A record as one peer tells it another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Which record.
    pub key: Key,
    /// What it is.
    pub record: Record,
    /// The writes that brought its registers.
    pub dots: [Option<Dot>; 3],
}

/// Writes of one origin, after one place up to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delta {
    /// Whose writes.
    pub origin: Origin,
    /// After which of them.
    pub after: u64,
    /// Up to which.
    pub to: u64,
    /// The place of each write and its key. A place that is left out is known to be of no use any more.
    pub places: Vec<(u64, Key)>,
    /// Each of these keys once, with its record as it is now.
    pub records: Vec<Told>,
}

/// How much a delta may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    /// At most so many writes.
    pub writes: usize,
    /// No further record once so many bytes are in it.
    pub bytes: usize,
}

/// What became of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// All of it was new or known, and the origin is followed up to its end.
    Followed,
    /// It begins after a gap: it was applied, and must be pulled from this place on.
    Gap {
        /// How far the origin is followed.
        followed: u64,
    },
}

/// The log no longer reaches back so far: only compare can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BelowFloor;

impl Agreement {
    /// A peer that knows nothing.
    pub fn new(own: Origin) -> Self {
        Self {
            own,
            vector: Vector::default(),
            logs: BTreeMap::new(),
            marks: BTreeMap::new(),
            names: HashMap::new(),
            digest: 0,
            live: 0,
        }
    }

    /// Whose writes were seen, and how far.
    pub const fn vector(&self) -> &Vector {
        &self.vector
    }

    /// How many writes were made here.
    pub fn own_sequence(&self) -> u64 {
        self.vector.of(self.own)
    }

    /// From now on writes here are by this origin.
    pub const fn rename(&mut self, own: Origin) {
        self.own = own;
    }

    /// The versions of a record, dead or alive.
    pub fn versions(&self, key: &Key) -> Option<Versions> {
        self.marks.get(key).map(versions)
    }

    /// The record whose key has this hash, see [`hash_of_key`].
    pub fn named(&self, hash: u64) -> Option<&Key> {
        self.names.get(&hash)
    }

    /// How many records are live.
    pub const fn live(&self) -> usize {
        self.live
    }

    /// A sum over all live records that is equal where they are equal. Dead ones do not count: each peer forgets
    /// them in its own time.
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    /// Takes note of a record that was written or forgotten at this peer's replica, and answers what it is now.
    pub fn notice(&mut self, now: Duration, replica: &impl Replica, key: &Key) -> Option<Told> {
        let Some(record) = replica.read(now, key) else {
            self.forget(key);
            return None;
        };
        let written = record.versions();
        let held = self.versions(key).unwrap_or_default();
        // Forgotten and written anew since it was last looked at, and below what it was.
        if held
            .iter()
            .zip(&written)
            .any(|(held, written)| held > written)
        {
            self.forget(key);
        }
        Some(self.mark_written(key, record, written))
    }

    /// Gives a dot to the registers that were written here.
    fn mark_written(&mut self, key: &Key, record: Record, written: Versions) -> Told {
        let dot = Dot {
            origin: self.own,
            sequence: self.own_sequence().saturating_add(1),
        };
        let mut marks = self.marks.get(key).copied().unwrap_or_default();
        if take_newer(&mut marks, written, [Some(dot); 3]) {
            self.set(key, marks);
            let log = self.logs.entry(self.own).or_default();
            log.enter(dot.sequence, key.clone());
            log.bound(self.marks.len());
            self.vector.advance(self.own, dot.sequence);
        }
        Told {
            key: key.clone(),
            record,
            dots: marks.map(|mark| mark.map(|mark| mark.dot)),
        }
    }

    /// What an origin wrote after a place, as much of it as the portion allows.
    ///
    /// # Errors
    ///
    /// If the log does not reach back so far.
    pub fn delta(
        &mut self,
        now: Duration,
        replica: &impl Replica,
        (origin, after): (Origin, u64),
        portion: Portion,
    ) -> Result<Delta, BelowFloor> {
        let followed = self.vector.of(origin);
        let places = self.places((origin, after), followed, portion.writes)?;
        let (mut keys, mut records, mut bytes) = (BTreeSet::new(), Vec::new(), 0);
        let mut kept = Vec::new();
        for (sequence, key) in &places {
            if bytes >= portion.bytes {
                break;
            }
            if keys.insert(key) {
                let told = self.notice(now, replica, key);
                bytes += told.as_ref().map_or(0, Told::bytes);
                records.extend(told);
            }
            kept.push((*sequence, key.clone()));
        }
        // What was found to be forgotten only now has raised the floor.
        self.places((origin, after), after, 0)?;
        let whole = kept.len() == places.len() && places.len() < portion.writes;
        let last = kept.last().map_or(after, |(sequence, _)| *sequence);
        Ok(Delta {
            origin,
            after,
            to: if whole { followed.max(after) } else { last },
            places: kept,
            records,
        })
    }

    fn places(
        &self,
        (origin, after): (Origin, u64),
        to: u64,
        max: usize,
    ) -> Result<Vec<(u64, Key)>, BelowFloor> {
        let Some(log) = self.logs.get(&origin) else {
            // An origin that nobody has a log of is either unknown, or retired and covered.
            return Ok(Vec::new());
        };
        if after < log.floor() {
            return Err(BelowFloor);
        }
        let range = log.range(after, to).take(max);
        Ok(range
            .map(|(sequence, key)| (sequence, key.clone()))
            .collect())
    }

    /// Takes what another peer hands on of an origin's writes.
    pub fn apply(&mut self, now: Duration, replica: &mut impl Replica, delta: Delta) -> Applied {
        for told in delta.records {
            self.take(now, replica, told);
        }
        let followed = self.vector.of(delta.origin);
        if delta.after > followed {
            return Applied::Gap { followed };
        }
        if delta.to > followed {
            self.enter(delta.origin, delta.places);
            self.vector.advance(delta.origin, delta.to);
        }
        Applied::Followed
    }

    /// Enters an origin's writes into its log. One whose record is not held here is known to be deleted.
    fn enter(&mut self, origin: Origin, places: Vec<(u64, Key)>) {
        let log = self.logs.entry(origin).or_default();
        for (sequence, key) in places {
            if self.marks.contains_key(&key) {
                log.enter(sequence, key);
            } else {
                log.raise(sequence);
            }
        }
        log.bound(self.marks.len());
    }

    /// Takes a record, unless its lease was deleted here.
    pub fn take(&mut self, now: Duration, replica: &mut impl Replica, told: Told) {
        let Told { key, record, dots } = told;
        let theirs = record.versions();
        let [_, lease, _] = std::array::from_fn(|place| Some((theirs[place]?, dots[place]?)));
        let deleted = lease.is_some_and(|(version, dot)| self.deleted(&key, version, dot));
        let mut marks = self.marks.get(&key).copied().unwrap_or_default();
        if !deleted && take_newer(&mut marks, theirs, dots) {
            replica.merge(now, &key, record);
            self.set(&key, marks);
        }
    }

    /// Whether a lease was deleted here: it was seen, and what is held of its key, if anything, is less. Of a dead
    /// one that is no question; to hear of a death again does no harm.
    fn deleted(&self, key: &Key, version: Version, dot: Dot) -> bool {
        let held = self.marks.get(key).and_then(|[_, lease, _]| *lease);
        let less = held.is_none_or(|held| held.version < version);
        version.rank == Rank::Live && self.vector.covers(dot) && less
    }

    /// Forgets a record. Logs that point to it serve nobody from before it any more.
    fn forget(&mut self, key: &Key) {
        if let Some(marks) = self.marks.remove(key) {
            self.discount(key, &marks);
            self.names.remove(&hash_of_key(key));
            self.logs.values_mut().for_each(|log| log.forget(key));
        }
    }

    fn set(&mut self, key: &Key, marks: Marks) {
        match self.marks.insert(key.clone(), marks) {
            Some(before) => self.discount(key, &before),
            None => drop(self.names.insert(hash_of_key(key), key.clone())),
        }
        if live(&marks) {
            self.digest = self.digest.wrapping_add(hash_of(key, &marks));
            self.live += 1;
        }
    }

    fn discount(&mut self, key: &Key, marks: &Marks) {
        if live(marks) {
            self.digest = self.digest.wrapping_sub(hash_of(key, marks));
            self.live -= 1;
        }
    }

    /// Drops the log and the entry of an origin, and of all before it of its node: what they wrote counts as seen.
    pub fn retire(&mut self, origin: Origin) {
        self.vector.retire(origin);
        let vector = &self.vector;
        self.logs.retain(|of, _| !vector.retired(*of));
    }
}

impl Told {
    /// About how many bytes it takes to tell.
    pub fn bytes(&self) -> usize {
        let Record {
            body,
            lease,
            overriding,
            ..
        } = &self.record;
        let registers = [body, lease, overriding].into_iter().flatten();
        let written: usize = registers.map(|register| register.bytes.0.len() + 64).sum();
        self.key.0.0.len() + written
    }
}

/// Takes the marks of registers that are newer than what is held. Answers whether there were any.
fn take_newer(marks: &mut Marks, theirs: Versions, dots: [Option<Dot>; 3]) -> bool {
    let mut taken = false;
    for ((held, version), dot) in marks.iter_mut().zip(theirs).zip(dots) {
        let newer = version > held.map(|mark| mark.version);
        if let (true, Some(version), Some(dot)) = (newer, version, dot) {
            *held = Some(Mark { version, dot });
            taken = true;
        }
    }
    taken
}

fn versions(marks: &Marks) -> Versions {
    marks.map(|mark| mark.map(|mark| mark.version))
}

fn live([_, lease, _]: &Marks) -> bool {
    lease.is_some_and(|lease| lease.version.rank == Rank::Live)
}

/// A number for a key, the same on every machine: what a relay names it by.
pub fn hash_of_key(key: &Key) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

fn hash_of(key: &Key, marks: &Marks) -> u64 {
    let mut hasher = DefaultHasher::new();
    (key, versions(marks)).hash(&mut hasher);
    hasher.finish()
}
