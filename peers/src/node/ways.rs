//! Which of the two ways to a peer is open: datagrams or streams.
//!
//! Here: when either carried something, and the judgement that one is blocked. Not here: who is up. What must always
//! hold: a peer that fell silent on both ways is not called blocked on either, for that is how a death looks.

use std::time::Duration;

use super::Way;

/// A way that carried nothing for so long, while the other one did, is blocked.
const BLOCKED_AFTER: Duration = Duration::from_secs(10);
/// The other way must have carried something so much later, or both may have fallen silent at once.
const LATER: Duration = Duration::from_secs(5);

/// When each way to a peer last carried anything from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways {
    datagrams: Duration,
    streams: Duration,
    told: Option<Way>,
}

impl Ways {
    /// To one of whom this server heard just now.
    pub(super) const fn new(now: Duration) -> Self {
        Self {
            datagrams: now,
            streams: now,
            told: None,
        }
    }

    /// Something came from the peer itself, this way.
    pub(super) const fn carried(&mut self, now: Duration, way: Way) {
        match way {
            Way::Datagrams => self.datagrams = now,
            Way::Streams => self.streams = now,
        }
    }

    /// Which way is blocked. An open one carries a datagram within every `round` of probes, and a sign of life on a
    /// stream every few seconds.
    pub(super) fn blocked(&self, now: Duration, round: Duration) -> Option<Way> {
        let silent = |way: Duration, other: Duration, allowed: Duration| {
            now >= way + allowed && other >= way + LATER
        };
        if silent(self.datagrams, self.streams, BLOCKED_AFTER.max(round)) {
            Some(Way::Datagrams)
        } else {
            silent(self.streams, self.datagrams, BLOCKED_AFTER).then_some(Way::Streams)
        }
    }

    /// The same, once for as long as it lasts.
    pub(super) fn news(&mut self, now: Duration, round: Duration) -> Option<Way> {
        let blocked = self.blocked(now, round);
        let told = std::mem::replace(&mut self.told, blocked);
        blocked.filter(|way| told != Some(*way))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND: Duration = Duration::from_secs(4);

    /// Second after second, with the ways that carry something in it; tells when which was said to be blocked.
    fn story(seconds: u64, carries: impl Fn(u64, Way) -> bool, round: Duration) -> Vec<(u64, Way)> {
        let mut ways = Ways::new(Duration::ZERO);
        let mut told = Vec::new();
        for second in 0..seconds {
            let now = Duration::from_secs(second);
            for way in [Way::Datagrams, Way::Streams] {
                if carries(second, way) {
                    ways.carried(now, way);
                }
            }
            told.extend(ways.news(now, round).map(|way| (second, way)));
        }
        told
    }

    #[test]
    fn a_way_that_is_silent_for_ten_seconds_while_the_other_is_not_is_told_once() {
        for (silent, other) in [
            (Way::Datagrams, Way::Streams),
            (Way::Streams, Way::Datagrams),
        ] {
            let carries = |second, way| way == other || second <= 20;
            assert_eq!(story(300, carries, ROUND), [(30, silent)]);
        }
    }

    #[test]
    fn one_that_was_open_again_meanwhile_is_told_again() {
        let carries = |second, way| way == Way::Streams || second % 100 == 0;
        let told = [(10, Way::Datagrams), (110, Way::Datagrams)];
        assert_eq!(story(200, carries, ROUND), told);
    }

    #[test]
    fn who_falls_silent_on_both_ways_is_not_blocked() {
        let carries = |second, way| match way {
            Way::Datagrams => second <= 20 && second % 3 == 0,
            Way::Streams => second <= 21,
        };
        assert_eq!(story(300, carries, ROUND), []);
    }

    #[test]
    fn a_large_cluster_may_take_a_whole_round_of_probes() {
        let carries = |second, way| way == Way::Streams || second % 30 == 0;
        assert_eq!(story(300, carries, Duration::from_secs(40)), []);
    }
}
