//! Which clients read the registry, and how far each is: by that it is known when a change has reached them.
//!
//! Here: a bounded book of those who read now and then, and those who follow a stream. Not here: recognising them among
//! requests (`api::readers`). What must always hold: a read costs one lookup under a short lock, and being told by a
//! stream two stores without one; strangers cannot make the book grow without bound.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;

/// So many readers are remembered.
const READERS_MAX: usize = 50_000;
/// Who has not read for so many times what clients wait is no reader any more.
const MISSED_MAX: u32 = 3;
/// Lists are at most so much older than the moment in which they are read.
const LIST_AGE_MAX: Duration = Duration::from_millis(200);
/// The longest name that is kept of a reader, in bytes.
const NAME_MAX: usize = 200;

/// Who reads the registry.
#[derive(Debug)]
pub struct Fetches(Arc<Mutex<Readers>>);

#[derive(Debug)]
struct Readers {
    /// Who has not read for so long is no reader any more.
    lately: Duration,
    /// Those who read now and then, and when they last did.
    reading: HashMap<Box<str>, Timestamp>,
    /// Those who follow a stream, by a number of their own. Streams are bounded.
    following: BTreeMap<u64, Arc<Follower>>,
    numbered: u64,
}

#[derive(Debug)]
struct Follower {
    name: Box<str>,
    /// Every event up to there was told.
    place: AtomicU64,
    /// When that was, in milliseconds since the Unix epoch.
    told_at: AtomicU64,
}

/// What readers are to have been told.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// When it was first shown.
    pub at: Timestamp,
    /// Its event. `None`: there is none yet, so nobody was told.
    pub event: Option<u64>,
}

/// Whom something has reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// Those that follow, or read lately.
    pub clients: u64,
    /// How many of these have been told, or have read it since.
    pub fetched: u64,
    /// Those that have not, in the order of their names.
    pub waiting: Vec<String>,
}

impl Fetches {
    /// A book of clients that read so often.
    pub fn every(interval: Duration) -> Self {
        Self(Arc::new(Mutex::new(Readers {
            lately: interval * MISSED_MAX,
            reading: HashMap::new(),
            following: BTreeMap::new(),
            numbered: 0,
        })))
    }

    /// Takes note of a read.
    pub fn note(&self, reader: &str, now: Timestamp) {
        lock(&self.0).note(short(reader), now);
    }

    /// Somebody begins to follow a stream.
    pub fn follow(&self, reader: &str, now: Timestamp) -> Following {
        let follower = Arc::new(Follower {
            name: short(reader).into(),
            place: 0.into(),
            told_at: now.as_millis().into(),
        });
        let mut readers = lock(&self.0);
        readers.numbered += 1;
        let number = readers.numbered;
        readers.following.insert(number, follower.clone());
        // What it read before does not matter any more.
        readers.reading.remove(&*follower.name);
        Following {
            readers: self.0.clone(),
            number,
            follower,
        }
    }

    /// Whom something has reached, and of those whom it has not up to `max` by name.
    pub fn reached(&self, told: Told, now: Timestamp, max: usize) -> Reached {
        let readers = lock(&self.0);
        let lately = readers
            .reading
            .iter()
            .filter(|(_, last)| now.since(**last) <= readers.lately);
        let reading = lately.map(|(name, last)| (&**name, *last >= told.at + LIST_AGE_MAX));
        let following = readers.following.values().map(|follower| {
            let place = follower.place.load(Ordering::Relaxed);
            (
                &*follower.name,
                told.event.is_some_and(|event| place >= event),
            )
        });
        let all: Vec<_> = reading.chain(following).collect();
        let mut waiting: Vec<_> = all.iter().filter(|(_, knows)| !knows).collect();
        waiting.sort_unstable();
        Reached {
            clients: all.len() as u64,
            fetched: (all.len() - waiting.len()) as u64,
            waiting: waiting
                .into_iter()
                .take(max)
                .map(|(name, _)| (*name).to_owned())
                .collect(),
        }
    }
}

fn lock(readers: &Mutex<Readers>) -> MutexGuard<'_, Readers> {
    readers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As much of a name as is kept.
fn short(name: &str) -> &str {
    name.get(..name.floor_char_boundary(NAME_MAX))
        .unwrap_or(name)
}

impl Readers {
    fn note(&mut self, reader: &str, now: Timestamp) {
        if let Some(last) = self.reading.get_mut(reader) {
            *last = now;
            return;
        }
        if self.reading.len() >= READERS_MAX {
            let lately = self.lately;
            self.reading.retain(|_, last| now.since(*last) <= lately);
        }
        if self.reading.len() < READERS_MAX {
            self.reading.insert(reader.into(), now);
        }
    }
}

/// Somebody follows, for as long as this is kept. Who stops to counts as one who read then, for some come back.
#[derive(Debug)]
pub struct Following {
    readers: Arc<Mutex<Readers>>,
    number: u64,
    follower: Arc<Follower>,
}

impl Following {
    /// It has been told everything up to a place.
    pub fn told(&self, place: u64, now: Timestamp) {
        self.follower.place.store(place, Ordering::Relaxed);
        let now = now.as_millis();
        self.follower.told_at.store(now, Ordering::Relaxed);
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let told_at = self.follower.told_at.load(Ordering::Relaxed);
        let mut readers = lock(&self.readers);
        readers.following.remove(&self.number);
        readers.note(&self.follower.name, Timestamp::from_millis(told_at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(secs: u64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    fn book() -> Fetches {
        Fetches::every(Duration::from_secs(30))
    }

    const TOLD: Told = Told {
        at: at(120),
        event: Some(7),
    };

    fn reached(clients: u64, fetched: u64, waiting: &[&str]) -> Reached {
        Reached {
            clients,
            fetched,
            waiting: waiting.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn readers_are_behind_until_they_have_read_again() {
        let fetches = book();
        fetches.note("a", at(100));
        fetches.note("b", at(110));
        fetches.note("gone", at(5));
        let now = |now| fetches.reached(TOLD, at(now), 10);
        assert_eq!(now(121), reached(2, 0, &["a", "b"]));
        fetches.note("b", at(125));
        assert_eq!(now(126), reached(2, 1, &["a"]));
        fetches.note("a", at(130));
        assert_eq!(now(131), reached(2, 2, &[]));
    }

    #[test]
    fn followers_are_behind_until_they_were_told_however_long_they_are_there() {
        let fetches = book();
        fetches.note("a", at(100));
        let following = fetches.follow("a", at(110));
        following.told(6, at(111));
        assert_eq!(fetches.reached(TOLD, at(900), 10), reached(1, 0, &["a"]));
        let unheard = Told {
            event: None,
            ..TOLD
        };
        following.told(7, at(899));
        assert_eq!(fetches.reached(TOLD, at(900), 10), reached(1, 1, &[]));
        assert_eq!(fetches.reached(unheard, at(900), 10), reached(1, 0, &["a"]));
        drop(following);
        assert_eq!(fetches.reached(TOLD, at(901), 10), reached(1, 1, &[]));
        assert_eq!(fetches.reached(TOLD, at(999), 10), reached(0, 0, &[]));
    }

    #[test]
    fn a_follower_that_was_cut_off_before_it_was_told_is_still_waited_for() {
        let fetches = book();
        drop(fetches.follow("a", at(119)));
        assert_eq!(fetches.reached(TOLD, at(125), 10), reached(1, 0, &["a"]));
        let again = fetches.follow("a", at(126));
        again.told(7, at(127));
        assert_eq!(fetches.reached(TOLD, at(127), 10), reached(1, 1, &[]));
        drop(again);
    }

    #[test]
    fn the_book_of_readers_is_bounded() {
        let fetches = book();
        for number in 0..READERS_MAX + 100 {
            fetches.note(&format!("{number}{}", "ä".repeat(NAME_MAX)), at(1));
        }
        assert_eq!(lock(&fetches.0).reading.len(), READERS_MAX);
        let readers = lock(&fetches.0);
        assert!(readers.reading.keys().all(|name| name.len() <= NAME_MAX));
        drop(readers);
        fetches.note("new", at(1000));
        assert_eq!(lock(&fetches.0).reading.len(), 1);
    }
}
