//! What is told of guards that protect leases.
//!
//! Here: lines of the log when one begins, will protect for longer, or ends. Not here: when that is (`registry`). What
//! must always hold: the end that the log told last is the latest there can be.

use std::slice;
use std::sync::{Mutex, PoisonError};

use tracing::{info, warn};

use crate::registry::preservation::{Protection, Scope};

/// The guards of which was told that they protect, each with the end that was told.
#[derive(Debug, Default)]
pub(super) struct Protections(Mutex<Vec<Protection>>);

/// What has become of a guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct News {
    /// Its code in the log and in the account of events.
    pub(super) event: &'static str,
    /// What it guards.
    pub(super) scope: Scope,
    /// The same as a sentence.
    pub(super) sentence: String,
}

impl Protections {
    /// Tells what is news about these, which are all that protect now, and answers it.
    pub(super) fn tell(&self, now: Vec<Protection>) -> Vec<News> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = told.iter().filter(|guard| !guard.is_among(&now));
        let mut news: Vec<_> = ended.map(ended_now).collect();
        let mut known = Vec::with_capacity(now.len());
        for guard in now {
            let (guard, more) = tell(guard, &told);
            known.push(guard);
            news.extend(more);
        }
        *told = known;
        news
    }
}

fn ended_now(guard: &Protection) -> News {
    let scope = &guard.scope;
    let sentence = format!("no longer protecting {scope}");
    info!(event = "protection_ended", %scope, "{sentence}");
    News {
        event: "protection_ended",
        scope: scope.clone(),
        sentence,
    }
}

/// Tells of one, and answers what is known of it then. Its end may come nearer again as fewer are silent; what was told
/// as the latest remains true.
fn tell(guard: Protection, told: &[Protection]) -> (Protection, Option<News>) {
    let same = |before: &&Protection| guard.is_among(slice::from_ref(before));
    let before = told.iter().find(same).map(|before| before.until);
    let until = before.map_or(guard.until, |before| before.max(guard.until));
    let guard = Protection { until, ..guard };
    let Protection {
        scope,
        owned,
        silent,
        ..
    } = &guard;
    let (event, sentence) = match before {
        None => (
            "protection_began",
            format!(
                "protecting {scope}: {silent} of {owned} leases are silent; nobody is evicted for it until {until} at \
                 the latest"
            ),
        ),
        Some(before) if before < until => (
            "protection_prolonged",
            format!(
                "protecting {scope} until {until} at the latest, since by now {silent} of {owned} leases are silent"
            ),
        ),
        Some(_) => return (guard, None),
    };
    warn!(event, %scope, owned, silent, %until, "{sentence}");
    let scope = scope.clone();
    let news = News {
        event,
        scope,
        sentence,
    };
    (guard, Some(news))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::Timestamp;

    fn guard(until: u64, silent: usize) -> Protection {
        Protection {
            scope: Scope::Server,
            since: Timestamp::from_millis(1000),
            until: Timestamp::from_millis(until),
            owned: 40,
            silent,
        }
    }

    /// What the log says when these protect, one after the other.
    fn said(rounds: &[&[Protection]]) -> Vec<String> {
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let lines = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_writer(move || Lines(lines.clone()))
            .finish();
        let protections = Protections::default();
        tracing::subscriber::with_default(subscriber, || {
            rounds
                .iter()
                .for_each(|guards| drop(protections.tell(guards.to_vec())));
        });
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        let event = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            let fields = &line["fields"];
            let text = |field: &str| fields[field].as_str().unwrap_or("-").to_owned();
            format!("{} {}", text("event"), text("until"))
        };
        text.lines().map(event).collect()
    }

    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_guard_is_told_of_when_it_begins_and_when_it_ends() {
        let held = &[guard(5000, 8)][..];
        assert_eq!(
            said(&[held, held, &[]]),
            [
                "protection_began 1970-01-01T00:00:05.000Z",
                "protection_ended -"
            ]
        );
    }

    #[test]
    fn an_end_that_moves_away_is_told_once_however_often_it_comes_and_goes() {
        let (near, far) = (&[guard(5000, 8)][..], &[guard(9000, 30)][..]);
        assert_eq!(
            said(&[near, far, near, far, near]),
            [
                "protection_began 1970-01-01T00:00:05.000Z",
                "protection_prolonged 1970-01-01T00:00:09.000Z"
            ]
        );
    }
}
