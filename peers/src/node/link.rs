//! A stream to another server, as this end knows it.
//!
//! Here: what was said on it, what waits, how far the other has followed. Not here: what to say.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use crate::channel::Channel;
use crate::frame::FrameReader;
use crate::version::NodeId;

/// A peer is sent writes as they happen until so many bytes of them are not acknowledged.
pub(super) const CREDIT_BYTES: usize = 1 << 20;
/// Or so many writes.
pub(super) const CREDIT_WRITES: u64 = 4096;
/// A peer that has to pull for so long is slow.
const SLOW_AFTER: Duration = Duration::from_secs(5);
/// Above so many bytes that wait to be sent only what was asked for is added.
pub(super) const QUEUE_CALM: usize = 256 << 10;
/// Above so many nothing is.
pub(super) const QUEUE_MAX: usize = 4 << 20;

/// So many questions may be under way on a slow stream.
const ASKED_MAX: usize = 8;

/// One end of a stream.
#[derive(Debug)]
pub(super) struct Link {
    /// Where the other end is.
    pub(super) address: SocketAddr,
    /// Whether this server opened it.
    pub(super) dialled: bool,
    /// Whether it can carry anything yet.
    pub(super) open: bool,
    /// Who is at the other end, once it has said so.
    pub(super) peer: Option<NodeId>,
    /// Where that one can be called.
    pub(super) listens: Option<SocketAddr>,
    pub(super) channel: Channel,
    pub(super) reader: FrameReader,
    /// Bytes that wait to be sent.
    pub(super) queued: usize,
    /// When it was made, or last carried anything to here.
    pub(super) heard: Duration,
    /// When it was last asked for a sign of life, or made.
    pub(super) pinged: Duration,
    /// When it was asked for a sign of life, and has not given it.
    asked: VecDeque<Duration>,
    pub(super) round_trip: Option<Duration>,
    pub(super) protocol: u16,
    /// Whether the other is to be told how far it was followed.
    pub(super) owes_followed: bool,
    pub(super) push: Push,
}

impl Link {
    pub(super) fn new(now: Duration, address: SocketAddr, dialled: bool, channel: Channel) -> Self {
        Self {
            address,
            dialled,
            open: !dialled,
            peer: None,
            listens: None,
            channel,
            reader: FrameReader::default(),
            queued: 0,
            heard: now,
            pinged: now,
            asked: VecDeque::new(),
            round_trip: None,
            protocol: 0,
            owes_followed: false,
            push: Push::default(),
        }
    }

    /// It is asked for a sign of life now.
    pub(super) fn ping(&mut self, now: Duration) {
        if self.asked.len() == ASKED_MAX {
            self.asked.pop_front();
        }
        self.asked.push_back(now);
        self.pinged = now;
    }

    /// It answered what was asked at this microsecond. Tells when that was, if it was asked and has not answered yet.
    pub(super) fn ponged(&mut self, micros: u64) -> Option<Duration> {
        let same = |asked: &Duration| asked.as_micros() == u128::from(micros);
        let place = self.asked.iter().position(same)?;
        self.asked.drain(..=place).next_back()
    }
}

/// How far another server was sent this one's own writes.
#[derive(Clone, Debug)]
pub(super) struct Push {
    mode: Mode,
    /// Up to which it was sent them.
    pushed: u64,
    /// Up to which it has applied them.
    followed: u64,
    unacknowledged: VecDeque<(u64, usize)>,
}

/// How another server comes by own writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// It is sent them as they happen.
    Pushed,
    /// It has to pull.
    Pulls {
        /// Since when, unless it has just come.
        since: Option<Duration>,
        told: bool,
    },
}

impl Default for Push {
    /// Nothing is pushed before the other has told how far it is.
    fn default() -> Self {
        Self {
            mode: Mode::Pulls {
                since: None,
                told: false,
            },
            pushed: 0,
            followed: 0,
            unacknowledged: VecDeque::new(),
        }
    }
}

impl Push {
    pub(super) fn is_on(&self) -> bool {
        self.mode == Mode::Pushed
    }

    pub(super) const fn pushed(&self) -> u64 {
        self.pushed
    }

    /// The other has applied so many of the `own` writes. It is sent the rest as soon as that is within the credit.
    pub(super) fn followed(&mut self, followed: u64, own: u64) {
        self.followed = followed.clamp(self.followed, own.max(self.followed));
        while self
            .unacknowledged
            .front()
            .is_some_and(|(to, _)| *to <= self.followed)
        {
            self.unacknowledged.pop_front();
        }
        if !self.is_on() && !self.is_far_behind(own) {
            self.mode = Mode::Pushed;
            self.pushed = self.followed;
            self.unacknowledged.clear();
        }
    }

    /// Whether the other lacks more than it may be sent unacknowledged.
    pub(super) const fn is_far_behind(&self, own: u64) -> bool {
        own.saturating_sub(self.followed) >= CREDIT_WRITES
    }

    /// Whether there is more to send, and it may be sent before what is under way is acknowledged.
    pub(super) fn may_go_on(&self, own: u64) -> bool {
        let bytes: usize = self.unacknowledged.iter().map(|(_, bytes)| bytes).sum();
        self.is_on() && self.pushed < own && bytes < CREDIT_BYTES
    }

    /// The writes up to here are on their way.
    pub(super) fn sent(&mut self, to: u64, bytes: usize) {
        self.pushed = to;
        self.unacknowledged.push_back((to, bytes));
    }

    /// From now on the other has to pull.
    pub(super) fn stop(&mut self, now: Duration) {
        if self.is_on() {
            self.mode = Mode::Pulls {
                since: Some(now),
                told: false,
            };
            self.unacknowledged.clear();
        }
    }

    /// Whether the other has had to pull for long: once.
    pub(super) fn is_slow(&mut self, now: Duration) -> bool {
        match &mut self.mode {
            Mode::Pulls {
                since: Some(since),
                told,
            } if now >= *since + SLOW_AFTER => !std::mem::replace(told, true),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_acknowledges_nothing_is_sent_one_credit_and_no_more() {
        let mut push = Push::default();
        push.followed(0, 1000);
        let mut sent = 0;
        while push.may_go_on(1000) {
            sent += 32 << 10;
            push.sent(push.pushed + 10, 32 << 10);
        }
        assert_eq!(sent, CREDIT_BYTES);
    }

    #[test]
    fn who_has_to_pull_is_sent_writes_again_when_it_is_within_the_credit() {
        let mut push = Push::default();
        push.followed(100, 100 + CREDIT_WRITES);
        assert!(!push.is_on());
        push.followed(101, 100 + CREDIT_WRITES);
        assert!(push.is_on() && push.pushed == 101);
    }

    #[test]
    fn who_has_to_pull_for_long_is_told_of_once() {
        let mut push = Push::default();
        push.followed(0, 0);
        push.stop(Duration::ZERO);
        let slow = (0..10).filter(|second| push.is_slow(Duration::from_secs(*second)));
        assert_eq!(slow.count(), 1);
    }
}
