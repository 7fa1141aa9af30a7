//! An immutable list of instances in the order of their keys, cut into leaves so that a change costs one leaf.
//!
//! Here: the list, its update, lookups in it, the hash code. Not here: when it is made anew (`snapshot`), how it is
//! written (`eureka`). What must always hold: keys ascend across leaves, no leaf is empty, and a leaf that did not
//! change keeps its number, by which readers recognise what they have rendered already.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::entry::{Entry, Key};
use super::instance::AppName;
use super::status::Status;

/// How many instances a new leaf holds: about 80 kB of JSON, which compresses well and renders in half a
/// millisecond.
const LEAF_FULL: usize = 64;
/// A leaf that grew beyond this is cut up.
const LEAF_MAX: usize = 128;
/// A leaf that shrank below this is joined with the next.
const LEAF_MIN: usize = 16;

/// Instances that stand next to each other.
#[derive(Debug)]
pub struct Leaf {
    /// Unlike that of any other leaf of this process.
    pub number: u64,
    /// The instances, by key.
    pub entries: Box<[Arc<Entry>]>,
    statuses: StatusCounts,
}

/// How many instances are shown in each status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusCounts([usize; Status::ALL.len()]);

impl StatusCounts {
    /// Counts these instances.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Arc<Entry>>) -> Self {
        let mut counts = Self::default();
        for entry in entries {
            counts.0[entry.record().status() as usize] += 1;
        }
        counts
    }

    fn add(&mut self, other: Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count += more;
        }
    }

    /// The statuses and how many are shown in each, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (Status, usize)> {
        Status::ALL.into_iter().zip(self.0)
    }

    /// The hash code by which clients tell whether they have everything: `DOWN_1_UP_2_`.
    pub fn hash_code(&self) -> String {
        let present = self.iter().filter(|(_, count)| *count > 0);
        present
            .map(|(status, count)| format!("{status}_{count}_"))
            .collect()
    }
}

/// Numbers leaves. One for all listings of a process.
#[derive(Debug, Default)]
pub(super) struct Numbers(u64);

impl Numbers {
    fn leaf(&mut self, entries: Vec<Arc<Entry>>) -> Arc<Leaf> {
        self.0 += 1;
        let statuses = StatusCounts::of(&entries);
        Arc::new(Leaf {
            number: self.0,
            entries: entries.into(),
            statuses,
        })
    }

    /// Cuts entries into leaves of about the same size. One that holds just what a known leaf holds is that leaf.
    fn leaves(&mut self, entries: &[Arc<Entry>], known: &[&Arc<Leaf>]) -> Vec<Arc<Leaf>> {
        let pieces = if entries.len() <= LEAF_MAX {
            1
        } else {
            entries.len().div_ceil(LEAF_FULL)
        };
        let size = entries.len().div_ceil(pieces).max(1);
        let piece = |piece: &[Arc<Entry>]| {
            let same = known.iter().find(|leaf| same(&leaf.entries, piece));
            same.map_or_else(|| self.leaf(piece.to_vec()), |leaf| (*leaf).clone())
        };
        entries.chunks(size).map(piece).collect()
    }
}

/// What a listing is to hold under a key from now on; `None`: nothing.
pub(super) type Updates = BTreeMap<Arc<Key>, Option<Arc<Entry>>>;

/// A list of instances by key.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    leaves: Vec<Arc<Leaf>>,
}

impl Listing {
    /// This listing with some changes. Leaves without any are shared.
    pub(super) fn with(&self, updates: &Updates, numbers: &mut Numbers) -> Self {
        let mut updates = updates.iter().peekable();
        let mut leaves: Vec<Arc<Leaf>> = Vec::with_capacity(self.leaves.len() + 1);
        for (place, leaf) in self.leaves.iter().enumerate() {
            let next = self
                .leaves
                .get(place + 1)
                .and_then(|next| next.entries.first());
            let mut own = Vec::new();
            while let Some(update) =
                updates.next_if(|(key, _)| next.is_none_or(|next| *key < next.key()))
            {
                own.push(update);
            }
            push_changed(&mut leaves, leaf, own, numbers);
        }
        if self.leaves.is_empty() {
            let all: Vec<_> = updates.filter_map(|(_, entry)| entry.clone()).collect();
            leaves = numbers.leaves(&all, &[]);
        }
        Self { leaves }
    }

    /// The leaves, in order.
    pub fn leaves(&self) -> &[Arc<Leaf>] {
        &self.leaves
    }

    /// All instances, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.leaves.iter().flat_map(|leaf| leaf.entries.iter())
    }

    /// The applications, in order.
    pub fn applications(&self) -> impl Iterator<Item = &AppName> {
        let mut last = None;
        let names = self
            .leaves
            .iter()
            .flat_map(|leaf| leaf.entries.iter().map(|entry| &entry.key().app));
        names.filter(move |name| last.replace(*name) != Some(name))
    }

    /// The instances of one application, in order.
    pub fn application<'a>(&'a self, app: &'a str) -> impl Iterator<Item = &'a Arc<Entry>> {
        let ends_before = |leaf: &Arc<Leaf>| {
            leaf.entries
                .last()
                .is_some_and(|last| last.key().app.as_str() < app)
        };
        let first = self.leaves.partition_point(ends_before);
        let entries = self
            .leaves
            .iter()
            .skip(first)
            .flat_map(|leaf| leaf.entries.iter());
        let from = entries.skip_while(move |entry| entry.key().app.as_str() < app);
        from.take_while(move |entry| entry.key().app.as_str() == app)
    }

    /// How many instances are shown in each status.
    pub fn statuses(&self) -> StatusCounts {
        let mut counts = StatusCounts::default();
        for leaf in &self.leaves {
            counts.add(leaf.statuses);
        }
        counts
    }
}

/// Puts a leaf behind the others, changed if it must be, cut up if it is too large, or joined with the one before
/// it if either is too small.
fn push_changed(
    leaves: &mut Vec<Arc<Leaf>>,
    leaf: &Arc<Leaf>,
    updates: Vec<(&Arc<Key>, &Option<Arc<Entry>>)>,
    numbers: &mut Numbers,
) {
    let changed = (!updates.is_empty()).then(|| merged(&leaf.entries, updates));
    let changed = changed.filter(|entries| !same(entries, &leaf.entries));
    let len = changed.as_ref().map_or(leaf.entries.len(), Vec::len);
    let joins = |before: &Arc<Leaf>| {
        len > 0
            && before.entries.len().min(len) < LEAF_MIN
            && before.entries.len() + len <= LEAF_FULL
    };
    match (leaves.pop_if(|before| joins(before)), changed) {
        (None, None) => leaves.push(leaf.clone()),
        (None, Some(entries)) => leaves.extend(numbers.leaves(&entries, &[leaf])),
        (Some(before), changed) => {
            let own = changed.unwrap_or_else(|| leaf.entries.to_vec());
            let joined: Vec<_> = before.entries.iter().cloned().chain(own).collect();
            leaves.extend(numbers.leaves(&joined, &[&before, leaf]));
        }
    }
}

fn merged(held: &[Arc<Entry>], updates: Vec<(&Arc<Key>, &Option<Arc<Entry>>)>) -> Vec<Arc<Entry>> {
    let mut entries: BTreeMap<&Key, Arc<Entry>> = held
        .iter()
        .map(|entry| (&**entry.key(), entry.clone()))
        .collect();
    for (key, update) in updates {
        match update {
            Some(entry) => entries.insert(key, entry.clone()),
            None => entries.remove(&**key),
        };
    }
    entries.into_values().collect()
}

/// Whether these are the very same entries. What leaves the delta is looked at anew, and seldom has changed.
fn same(a: &[Arc<Entry>], b: &[Arc<Entry>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| Arc::ptr_eq(a, b))
}
