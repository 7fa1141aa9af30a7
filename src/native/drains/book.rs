//! The drains this server has heard of, whoever was asked for them.
//!
//! Here: learning of drains from the writes that make them up, as they are entered. Not here: beginning and undoing
//! (`drains`), how far they have come (`progress`). What must always hold: since a drain is nothing but its overrides,
//! every server that holds these knows it; hearing a change costs a look at its override; and the book is bounded.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use peers::version::{Origin, Version};

use crate::clock::Timestamp;
use crate::native::rows::NO_ZONE;
use crate::registry::change::Change;
use crate::registry::entry::{Entry, Key};
use crate::registry::instance::Text;
use crate::registry::record::Override;

/// So many drains are remembered; the oldest go first.
const DRAINS_MAX: usize = 100;
/// Numbers have six digits: short enough to type, and enough of them that two servers which do not hear each other will
/// not choose the same.
const NUMBER_MIN: u64 = 100_000;
const NUMBERS: u64 = 900_000;

/// The drains this server has heard of.
#[derive(Debug, Default)]
pub struct Drains(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    numbered: u64,
    /// In the order in which they were heard of.
    heard: VecDeque<Arc<Heard>>,
}

/// A drain, as far as it was heard of.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) number: u64,
    /// Who wrote its overrides: the server that was asked for it.
    pub(super) origin: Origin,
    pub(super) by: Option<Text>,
    pub(super) reason: Option<Text>,
    /// When it began, by the clock of the server that was asked.
    pub(super) since: Timestamp,
    pub(super) until: Option<Timestamp>,
    /// When the last of its instances was first shown here as taken out.
    pub(super) shown_at: Timestamp,
    /// The event of that.
    pub(super) event: u64,
    /// Its instances, each with its zone.
    pub(super) instances: BTreeMap<Arc<Key>, Text>,
    /// As what it was asked for, if that was here.
    pub(super) query: Option<String>,
    settled: Arc<AtomicBool>,
}

impl Drains {
    fn lock(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a drain that is about to begin here.
    pub(super) fn number(&self, origin: Origin) -> u64 {
        let mut book = self.lock();
        loop {
            book.numbered += 1;
            let number = NUMBER_MIN + spread(origin, book.numbered) % NUMBERS;
            if book.place(number).is_none() {
                return number;
            }
        }
    }

    /// Takes note of a change, if it shows an instance as drained. `event` is its number in the account.
    pub(crate) fn hear(&self, change: &Change, after: &Entry, event: u64) {
        let record = after.record();
        let overriding = record.overriding.as_ref().filter(|_| record.live());
        let Some((version, set)) =
            overriding.and_then(|set| Some((set.version, set.value.set.as_ref()?)))
        else {
            return;
        };
        if let Some(number) = set.drain {
            let heard = Heard::of(number, version, set);
            self.lock().hear(heard, change, event);
        }
    }

    /// This server was asked for a drain that began.
    pub(super) fn asked(&self, number: u64, query: String) {
        let mut book = self.lock();
        if let Some(heard) = book
            .place(number)
            .and_then(|place| book.heard.get_mut(place))
        {
            Arc::make_mut(heard).query = Some(query);
        }
    }

    pub(super) fn find(&self, number: u64) -> Option<Arc<Heard>> {
        let book = self.lock();
        book.heard.get(book.place(number)?).cloned()
    }

    pub(super) fn newest_first(&self) -> Vec<Arc<Heard>> {
        self.lock().heard.iter().rev().cloned().collect()
    }

    /// Those this server was asked for of which it has not told how they came out.
    pub(super) fn unsettled(&self) -> Vec<Arc<Heard>> {
        let book = self.lock();
        let open =
            |heard: &&Arc<Heard>| heard.query.is_some() && !heard.settled.load(Ordering::Relaxed);
        book.heard.iter().filter(open).cloned().collect()
    }
}

impl Book {
    fn place(&self, number: u64) -> Option<usize> {
        self.heard.iter().position(|heard| heard.number == number)
    }

    fn hear(&mut self, new: Heard, change: &Change, event: u64) {
        let place = self.place(new.number).unwrap_or_else(|| {
            self.heard.push_back(Arc::new(new));
            if self.heard.len() > DRAINS_MAX {
                self.heard.pop_front();
            }
            self.heard.len() - 1
        });
        let Some(heard) = self.heard.get_mut(place) else {
            return;
        };
        if heard.instances.contains_key(&change.key) {
            return;
        }
        let zone = change.zone.clone().unwrap_or_else(|| NO_ZONE.into());
        let heard = Arc::make_mut(heard);
        heard.instances.insert(change.key.clone(), zone);
        (heard.shown_at, heard.event) = (change.at, event);
    }
}

impl Heard {
    fn of(number: u64, version: Version, set: &Override) -> Self {
        Self {
            number,
            origin: version.origin,
            by: set.by.clone(),
            reason: set.why.clone(),
            since: Timestamp::from_millis(version.clock.millis()),
            until: set.until,
            shown_at: Timestamp::default(),
            event: 0,
            instances: BTreeMap::new(),
            query: None,
            settled: Arc::default(),
        }
    }

    /// For how long its instances have been shown as taken out here.
    pub(super) fn shown_for(&self, now: Timestamp) -> Duration {
        now.since(self.shown_at)
    }

    /// It came to an end. Answers whether that was told before.
    pub(super) fn settle(&self) -> bool {
        self.settled.swap(true, Ordering::Relaxed)
    }
}

/// A number that looks like chance and differs from origin to origin (the last steps of SplitMix64).
const fn spread(origin: Origin, number: u64) -> u64 {
    let mut mixed =
        origin.node.0 ^ origin.epoch.0.rotate_left(24) ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
