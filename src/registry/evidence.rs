//! When a server that heard a client gainsays the end of its lease.
//!
//! Here: the rule as one decision. Not here: what is written then (`merge`). What must always hold: ages are compared,
//! never clocks; and a beat counts for no longer than the lease it would have renewed.

use std::time::Duration;

use super::entry::Entry;
use super::record::EndedBy;
use super::settings::RegistrySettings;
use crate::clock::Timestamp;

/// By how much a beat must be younger than a cancel to gainsay it. Ages are summed hop by hop and lag a little.
const AFTER_CANCEL: Duration = Duration::from_secs(1);

/// The end of a lease as this server learns of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    pub(super) by: EndedBy,
    /// Since when, by this server's clock.
    pub(super) at: Timestamp,
    /// How long the lease lasted without a beat.
    pub(super) duration: Duration,
}

impl End {
    /// Whether a beat heard here at this time gainsays it: the client lived within its lease. Of a cancel the client
    /// itself may have been the author, so there the beat must have come after it.
    pub(super) fn gainsaid(
        &self,
        witnessed_at: Timestamp,
        now: Timestamp,
        settings: &RegistrySettings,
    ) -> bool {
        let age = now.since(witnessed_at);
        let within_lease = age < self.duration && age < settings.remember_dead;
        within_lease
            && match self.by {
                EndedBy::Eviction => true,
                EndedBy::Cancel => witnessed_at > self.at + AFTER_CANCEL,
            }
    }
}

/// Whether the client was heard here within its lease, so that nobody else may say it is over.
pub(super) fn heard_within_lease(
    entry: &Entry,
    now: Timestamp,
    settings: &RegistrySettings,
) -> bool {
    let end = End {
        by: EndedBy::Eviction,
        at: now,
        duration: entry.record().lease.value.duration,
    };
    let witnessed_at = entry.witnessed_at();
    witnessed_at.is_some_and(|at| end.gainsaid(at, now, settings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use EndedBy::{Cancel, Eviction};

    const NOW: u64 = 10_000_000;

    /// A lease of 90 s that ended so many milliseconds ago, and a beat so many ago.
    fn check(by: EndedBy, ended_ago: u64, heard_ago: u64, expected: bool) {
        let ago = |millis| Timestamp::from_millis(NOW - millis);
        let end = End {
            by,
            at: ago(ended_ago),
            duration: Duration::from_secs(90),
        };
        let gainsaid = end.gainsaid(
            ago(heard_ago),
            Timestamp::from_millis(NOW),
            &RegistrySettings::DEFAULT,
        );
        assert_eq!(gainsaid, expected, "{by:?} {ended_ago} {heard_ago}");
    }

    #[test]
    fn an_eviction_is_gainsaid_by_any_beat_within_the_lease() {
        check(Eviction, 0, 0, true);
        check(Eviction, 0, 89_999, true);
        check(Eviction, 0, 90_000, false);
        check(Eviction, 80_000, 70_000, true);
        check(Eviction, 80_000, 89_000, true);
    }

    #[test]
    fn a_cancel_is_gainsaid_by_a_beat_more_than_a_second_after_it() {
        check(Cancel, 10_000, 11_000, false);
        check(Cancel, 10_000, 9_000, false);
        check(Cancel, 10_000, 8_999, true);
        check(Cancel, 100_000, 91_000, false);
    }

    #[test]
    fn a_beat_older_than_the_memory_of_the_dead_gainsays_nothing() {
        let end = End {
            by: Eviction,
            at: Timestamp::from_millis(NOW),
            duration: Duration::from_secs(86_400),
        };
        let settings = &RegistrySettings::DEFAULT;
        let now = Timestamp::from_millis(NOW);
        let heard = |ago: Duration| Timestamp::default() + (now.since(Timestamp::default()) - ago);
        let memory = settings.remember_dead;
        assert!(!end.gainsaid(heard(memory), now, settings));
        assert!(end.gainsaid(heard(memory - Duration::from_millis(1)), now, settings));
    }
}
