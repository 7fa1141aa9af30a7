//! What all subscribers are told, and who they are.
//!
//! Here: the latest frames, the queue of subscribers, how many there are. Not here: one subscriber (`subscriber`), when
//! frames are made (`pump`). What must always hold: frames follow each other up to what is published; their number is
//! bounded, and so is that of subscribers.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use actix_web::web::Data;
use tokio::sync::Notify;

use super::frame::{Frame, frames};
use crate::account::Event;
use crate::account::step::EVENTS_MAX;
use crate::account::turns::{Seat, Turns};
use crate::native::documents::ResyncReason;
use crate::server::State;

/// The frames that are kept tell of so many events, or of as many as are kept. Who is further behind is told alone.
const FRAMED_MAX: usize = 4 * EVENTS_MAX;

/// What subscribers are told.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    frames: Mutex<Frames>,
    published: AtomicU64,
    beats: AtomicU64,
    closing: AtomicBool,
    turns: Turns,
    called: Notify,
    numbers: AtomicU64,
    pub(crate) counts: Counts,
}

#[derive(Debug, Default)]
struct Frames {
    kept: VecDeque<Arc<Frame>>,
    events: usize,
}

/// What is counted of subscribers.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) subscribers: AtomicUsize,
    pub(crate) watchers: AtomicUsize,
    pub(crate) refused: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) resyncs: [AtomicU64; 3],
}

/// Who takes one of the places for subscribers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guest {
    /// Somebody with a stream.
    Subscriber,
    /// Somebody who waits for one answer.
    Watcher,
}

/// A place, for as long as it is held.
pub(crate) struct Slot {
    state: Data<State>,
    guest: Guest,
    /// Unlike that of any other.
    number: u64,
}

impl Counts {
    fn of(&self, guest: Guest) -> &AtomicUsize {
        match guest {
            Guest::Subscriber => &self.subscribers,
            Guest::Watcher => &self.watchers,
        }
    }

    fn taken(&self) -> usize {
        self.subscribers.load(Ordering::Relaxed) + self.watchers.load(Ordering::Relaxed)
    }

    /// How often somebody had to be told to read everything again, by reason.
    pub(crate) fn resyncs(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let names = ["other_epoch", "too_old", "too_slow"];
        let counts = self
            .resyncs
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        names.into_iter().zip(counts)
    }

    pub(super) fn resync(&self, reason: ResyncReason) {
        let [other_epoch, too_old, too_slow] = &self.resyncs;
        let count = match reason {
            ResyncReason::OtherEpoch => other_epoch,
            ResyncReason::TooOld => too_old,
            ResyncReason::TooSlow => too_slow,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

impl Slot {
    /// Takes a place, if one is free.
    pub(crate) fn take(state: &Data<State>, guest: Guest) -> Option<Self> {
        let (feed, max) = (&state.feed, state.config.stream.subscribers.get());
        let counts = &feed.counts;
        counts.of(guest).fetch_add(1, Ordering::Relaxed);
        // Gives the place back where there are too many.
        let slot = Self {
            state: state.clone(),
            guest,
            number: feed.numbers.fetch_add(1, Ordering::Relaxed),
        };
        if counts.taken() > max {
            counts.refused.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(slot)
    }

    pub(crate) const fn state(&self) -> &Data<State> {
        &self.state
    }

    /// Waits for its turn to be told so much.
    pub(crate) async fn turn(&self, cost: usize) {
        let feed = &self.state.feed;
        let seat = feed.turns.seat();
        feed.go_on(&seat, cost);
        poll_fn(
            |context| match seat.take_turn(context.waker()) || feed.closing() {
                true => Poll::Ready(()),
                false => Poll::Pending,
            },
        )
        .await;
    }

    /// A number below `max` that differs from guest to guest, so that they do not all come back at once.
    pub(crate) const fn spread(&self, max: u64) -> u64 {
        // Fibonacci hashing: the next number is far from this one.
        (self.number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % max
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let counts = &self.state.feed.counts;
        counts.of(self.guest).fetch_sub(1, Ordering::Relaxed);
    }
}

impl Feed {
    fn frames(&self) -> MutexGuard<'_, Frames> {
        self.frames.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Up to where all may be told.
    pub(super) fn published(&self) -> u64 {
        self.published.load(Ordering::Acquire)
    }

    /// Whether something happened that was not published.
    pub(super) fn behind(&self, state: &State) -> bool {
        self.published() < state.account.revision().sequence
    }

    /// Makes frames of what happened since the last time, and lets all look at them.
    pub(crate) fn publish(&self, state: &State) {
        let last = state.account.revision().sequence;
        let kept_max = FRAMED_MAX.min(state.config.events.keep.get());
        let idle = self.counts.subscribers.load(Ordering::Relaxed) == 0;
        let mut frames = self.frames();
        let mut place = self.published();
        while place < last {
            let events = state.account.after(place, last, EVENTS_MAX);
            match events {
                Ok(events) if !idle && !events.is_empty() => place = frames.push(&events, kept_max),
                // Nobody is there, or so much happened at once that some of it is gone: who is behind finds out.
                _ => {
                    frames.clear();
                    place = last;
                }
            }
        }
        drop(frames);
        self.published.store(place, Ordering::Release);
        self.turns.begin_round();
    }

    /// The frame that begins at a place.
    pub(super) fn frame(&self, place: u64) -> Option<Arc<Frame>> {
        let frames = self.frames();
        let found = frames
            .kept
            .binary_search_by_key(&place, |frame| frame.step.after);
        found.ok().and_then(|found| frames.kept.get(found).cloned())
    }

    /// How often bookmarks were due.
    pub(super) fn beats(&self) -> u64 {
        self.beats.load(Ordering::Acquire)
    }

    /// It is time for bookmarks.
    pub(super) fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Release);
        self.turns.begin_round();
    }

    pub(super) const fn turns(&self) -> &Turns {
        &self.turns
    }

    /// One has been told so much, and there is more.
    pub(super) fn go_on(&self, seat: &Arc<Seat>, told: usize) {
        self.turns.go_on(seat, told);
        self.called.notify_one();
    }

    /// One has been told all there was in a round.
    pub(super) fn rest(&self, seat: &Arc<Seat>, round: u64) {
        self.turns.rest(seat, round);
        if self.turns.round() != round {
            self.called.notify_one();
        }
    }

    /// Waits until somebody has something to be told.
    pub(super) async fn called(&self) {
        self.called.notified().await;
    }

    /// Whether the server stops, and all streams end.
    pub(crate) fn closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// From now on all streams end, and nobody is waited for.
    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Release);
        self.let_all_look();
    }

    /// Lets everybody have a turn, without pauses.
    pub(crate) fn let_all_look(&self) {
        self.turns.begin_round();
        self.turns.give(usize::MAX);
    }
}

impl Frames {
    /// Adds the frames of events. Answers where the last ends.
    fn push(&mut self, events: &[Arc<Event>], kept_max: usize) -> u64 {
        for frame in frames(events) {
            self.events += frame.events();
            self.kept.push_back(Arc::new(frame));
        }
        while self.events > kept_max
            && let Some(gone) = self.kept.pop_front()
        {
            self.events -= gone.events();
        }
        events.last().map_or(0, |event| event.sequence)
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}
