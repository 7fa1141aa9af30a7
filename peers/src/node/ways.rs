//! Which of the two ways to a peer is open: datagrams or streams.
//!
//! Here: when either carried something, and the judgement that one is blocked, or both. Not here: who is up. What must
//! always hold: a peer that fell silent on both ways at once is not called blocked on one, for that is how a death looks;
//! nor is one that has just been heard again, for the second way takes a moment longer.

use std::time::Duration;

use super::event::Blocked;

/// One of the two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Datagrams,
    Streams,
}

/// A way that carried nothing for so long, while the other one did, is blocked.
const BLOCKED_AFTER: Duration = Duration::from_secs(10);
/// The other way must have carried something for so long, or both may have fallen silent, or come back, at once.
const LATER: Duration = Duration::from_secs(5);
/// Both are blocked if others reach a peer that was silent here for so long. A death is known sooner.
const CUT_AFTER: Duration = Duration::from_secs(20);

/// When each way to a peer last carried anything from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways {
    datagrams: Duration,
    streams: Duration,
    /// When it was last silent on both.
    lost: Duration,
    told: Option<Blocked>,
}

/// What there is to tell of the ways to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    Blocked(Blocked),
    /// Nothing is blocked any more.
    Open,
}

impl Ways {
    /// To one of whom this server heard just now.
    pub(super) const fn new(now: Duration) -> Self {
        Self {
            datagrams: now,
            streams: now,
            lost: now,
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

    /// What is blocked of the ways to a peer that is up. An open one carries a datagram within every `round` of probes,
    /// and a sign of life on a stream every few seconds.
    pub(super) fn blocked(&self, now: Duration, round: Duration) -> Option<Blocked> {
        let outlasts = |open: Duration, silent: Duration| open >= silent.max(self.lost) + LATER;
        match self.silent(now, round) {
            (true, true) => self.cut(now, round).then_some(Blocked::Both),
            (true, false) => outlasts(self.streams, self.datagrams).then_some(Blocked::Datagrams),
            (false, true) => outlasts(self.datagrams, self.streams).then_some(Blocked::Streams),
            (false, false) => None,
        }
    }

    /// The same of a peer of which this server knows whether it is up, when it has changed.
    pub(super) fn news(&mut self, now: Duration, round: Duration, up: bool) -> Option<News> {
        let silent = self.silent(now, round);
        if silent == (true, true) {
            self.lost = now;
        }
        let blocked = self.blocked(now, round).filter(|_| up);
        match blocked {
            Some(what) if self.told.replace(what) != blocked => Some(News::Blocked(what)),
            None if silent == (false, false) => self.told.take().map(|_| News::Open),
            _ => None,
        }
    }

    fn silent(&self, now: Duration, round: Duration) -> (bool, bool) {
        (
            now >= self.datagrams + BLOCKED_AFTER.max(round),
            now >= self.streams + BLOCKED_AFTER,
        )
    }

    fn cut(&self, now: Duration, round: Duration) -> bool {
        now >= self.datagrams.max(self.streams) + CUT_AFTER.max(round)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND: Duration = Duration::from_secs(4);

    /// A peer that dies when both ways have been silent for ten seconds.
    const MORTAL: u64 = 10;
    /// A peer that others reach.
    const REACHED: u64 = 1000;

    /// Second after second, with the ways that carry something in it; tells what was said when.
    fn story(
        seconds: u64,
        carries: impl Fn(u64, Way) -> bool,
        round: Duration,
        dies_after: u64,
    ) -> Vec<(u64, News)> {
        let mut ways = Ways::new(Duration::ZERO);
        let (mut told, mut heard) = (Vec::new(), 0);
        for second in 0..seconds {
            let now = Duration::from_secs(second);
            for way in [Way::Datagrams, Way::Streams] {
                if carries(second, way) {
                    ways.carried(now, way);
                    heard = second;
                }
            }
            let up = second < heard + dies_after;
            told.extend(ways.news(now, round, up).map(|news| (second, news)));
        }
        told
    }

    #[test]
    fn a_way_that_is_silent_for_ten_seconds_while_the_other_is_not_is_told_once() {
        for (silent, other, what) in [
            (Way::Datagrams, Way::Streams, Blocked::Datagrams),
            (Way::Streams, Way::Datagrams, Blocked::Streams),
        ] {
            let carries = |second, way| way == other || second <= 20;
            let told = story(300, carries, ROUND, MORTAL);
            assert_eq!(told, [(30, News::Blocked(what))], "{silent:?}");
        }
    }

    #[test]
    fn one_that_was_open_again_meanwhile_is_told_again() {
        let carries = |second, way| way == Way::Streams || second % 100 == 0;
        let blocked = News::Blocked(Blocked::Datagrams);
        let told = [(10, blocked), (100, News::Open), (110, blocked)];
        assert_eq!(story(200, carries, ROUND, MORTAL), told);
    }

    #[test]
    fn who_falls_silent_on_both_ways_and_dies_is_not_blocked() {
        let carries = |second, way| match way {
            Way::Datagrams => second <= 20 && second % 3 == 0,
            Way::Streams => second <= 21,
        };
        assert_eq!(story(300, carries, ROUND, MORTAL), []);
    }

    #[test]
    fn who_is_silent_on_both_ways_and_reached_by_others_is_cut_off_from_here() {
        let carries = |second, _| second <= 20 || second >= 100;
        let told = [(40, News::Blocked(Blocked::Both)), (100, News::Open)];
        assert_eq!(story(300, carries, ROUND, REACHED), told);
    }

    #[test]
    fn of_a_cut_that_ends_no_way_is_called_blocked_which_takes_a_moment_longer() {
        let carries = |second, way| match way {
            Way::Datagrams => second <= 20 || second >= 100,
            Way::Streams => second <= 20 || second >= 103,
        };
        let told = [(40, News::Blocked(Blocked::Both)), (103, News::Open)];
        assert_eq!(story(300, carries, ROUND, REACHED), told);
    }

    #[test]
    fn a_large_cluster_may_take_a_whole_round_of_probes() {
        let carries = |second, way| way == Way::Streams || second % 30 == 0;
        assert_eq!(story(300, carries, Duration::from_secs(40), MORTAL), []);
    }
}
