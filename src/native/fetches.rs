//! Which clients read the registry, and when they last did: by that it is known when a change has reached them.
//!
//! Here: a bounded book of readers. Not here: recognising lists among requests (`api::dispatch`). What must always hold:
//! a read costs one lookup under a short lock; strangers cannot make the book grow without bound.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;

/// So many readers are remembered.
const READERS_MAX: usize = 50_000;
/// Who has not read for so long, three times what Eureka's clients wait, is no reader any more.
const LATELY: Duration = Duration::from_secs(90);
/// The longest name that is kept of a reader, in bytes.
const NAME_MAX: usize = 200;

/// Who reads the registry.
#[derive(Debug, Default)]
pub struct Fetches(Mutex<HashMap<Box<str>, Timestamp>>);

/// How far readers have come since a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Those that read lately.
    pub clients: u64,
    /// How many of these have read since the moment.
    pub fetched: u64,
    /// Those that have not, in the order of their names.
    pub waiting: Vec<String>,
}

impl Fetches {
    /// Takes note of a read.
    pub fn note(&self, reader: &str, now: Timestamp) {
        let reader = reader
            .get(..reader.floor_char_boundary(NAME_MAX))
            .unwrap_or(reader);
        let mut readers = self.lock();
        if let Some(last) = readers.get_mut(reader) {
            *last = now;
            return;
        }
        if readers.len() >= READERS_MAX {
            readers.retain(|_, last| now.since(*last) <= LATELY);
        }
        if readers.len() < READERS_MAX {
            readers.insert(reader.into(), now);
        }
    }

    /// Who has read since a moment, and of whom up to `max` are named that have not.
    pub fn since(&self, moment: Timestamp, now: Timestamp, max: usize) -> Progress {
        let readers = self.lock();
        let mut lately: Vec<_> = readers
            .iter()
            .filter(|(_, last)| now.since(**last) <= LATELY)
            .collect();
        lately.sort_unstable();
        let waiting = lately.iter().filter(|(_, last)| **last < moment);
        let behind = waiting.clone().count();
        Progress {
            clients: lately.len() as u64,
            fetched: (lately.len() - behind) as u64,
            waiting: waiting
                .take(max)
                .map(|(name, _)| name.to_string())
                .collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(secs: u64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    #[test]
    fn readers_are_behind_until_they_have_read_again() {
        let fetches = Fetches::default();
        fetches.note("a", at(100));
        fetches.note("b", at(110));
        fetches.note("gone", at(5));
        let progress = |now| fetches.since(at(120), at(now), 10);
        let expected = |fetched: u64, waiting: &[&str]| Progress {
            clients: 2,
            fetched,
            waiting: waiting.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(progress(121), expected(0, &["a", "b"]));
        fetches.note("b", at(125));
        assert_eq!(progress(126), expected(1, &["a"]));
        fetches.note("a", at(130));
        assert_eq!(progress(131), expected(2, &[]));
    }

    #[test]
    fn the_book_of_readers_is_bounded() {
        let fetches = Fetches::default();
        for number in 0..READERS_MAX + 100 {
            fetches.note(&format!("{number}{}", "ä".repeat(NAME_MAX)), at(1));
        }
        assert_eq!(fetches.lock().len(), READERS_MAX);
        assert!(fetches.lock().keys().all(|name| name.len() <= NAME_MAX));
        fetches.note("new", at(1000));
        assert_eq!(fetches.lock().len(), 1);
    }
}
