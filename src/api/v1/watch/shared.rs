//! Answers that many wait for, made once.
//!
//! Ten thousand may wait for one service, and all are woken by one change. What must always hold: an answer is shared only
//! by those who asked for the same, and is never older than the last change of it or a second.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::index::Index;
use crate::server::State;

/// So many answers are kept.
const KEPT_MAX: usize = 64;
/// Leases grow late and silent without a change; so old may an answer be that does not show it.
const AGE_MAX: Duration = Duration::from_secs(1);

/// The answers.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<HashMap<String, Arc<Made>>>);

/// An answer.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) index: Index,
    pub(super) body: Bytes,
    made_at: Duration,
}

impl Made {
    pub(super) fn new(state: &State, index: Index, body: Bytes) -> Self {
        Self {
            index,
            body,
            made_at: state.clock.ticks(),
        }
    }
}

impl Shared {
    /// The answer to `question` as of a sequence, if somebody made it a moment ago.
    pub(super) fn find(&self, state: &State, question: &str, sequence: u64) -> Option<Arc<Made>> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = answers.get(question)?;
        let age = state.clock.ticks().saturating_sub(found.made_at);
        let fresh = found.index.sequence == sequence && age < AGE_MAX;
        fresh.then(|| found.clone())
    }

    /// Keeps an answer for others.
    pub(super) fn keep(&self, question: &str, made: &Arc<Made>) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= KEPT_MAX && !answers.contains_key(question) {
            // Whoever asks again makes it again; to look for the oldest would cost as much as it saves.
            answers.clear();
        }
        answers.insert(question.to_owned(), made.clone());
    }
}
