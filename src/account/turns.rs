//! Whose turn it is to be told something.
//!
//! Here: the queue of subscribers. There may be ten thousand, and all have something to be told at once; who beats must
//! not wait until all of them were. So they are woken a few at a time, as many as a given amount of bytes allows, and
//! one who has more to be told goes to the end of the queue. How many have not come to have their turn yet tells how busy
//! the server is. Not here: what they are told, and the pauses in between (`api::v1::stream`). What must always hold: who
//! rests while something is told to all misses no round; who is gone is not in the way.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Waker;

use futures_util::task::AtomicWaker;

/// A turn costs at least so many bytes: waking somebody is work, however little there is to say.
pub const COST_MIN: usize = 16 * 1024;

/// A subscriber's place in the queue.
#[derive(Debug)]
pub struct Seat {
    waker: AtomicWaker,
    turn: AtomicBool,
    cost: AtomicUsize,
    called: Arc<AtomicUsize>,
}

impl Seat {
    /// Whether it is this one's turn, which is over with the question. Else it is woken when it is.
    pub fn take_turn(&self, waker: &Waker) -> bool {
        self.waker.register(waker);
        self.has_come()
    }

    fn has_come(&self) -> bool {
        let turn = self.turn.swap(false, Ordering::AcqRel);
        if turn {
            let less = |called: usize| Some(called.saturating_sub(1));
            let taken = self
                .called
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
            debug_assert!(taken.is_ok(), "there is always a next count");
        }
        turn
    }

    fn give_turn(&self) -> usize {
        self.called.fetch_add(1, Ordering::Relaxed);
        self.turn.store(true, Ordering::Release);
        self.waker.wake();
        self.cost.load(Ordering::Relaxed).max(COST_MIN)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.has_come();
    }
}

/// The queue.
#[derive(Debug, Default)]
pub struct Turns {
    queue: Mutex<Queue>,
    /// How many have been called and have not come.
    called: Arc<AtomicUsize>,
}

#[derive(Debug, Default)]
struct Queue {
    round: u64,
    resting: Vec<Weak<Seat>>,
    ready: VecDeque<Weak<Seat>>,
}

impl Turns {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for somebody new, who is in no queue yet.
    pub fn seat(&self) -> Arc<Seat> {
        Arc::new(Seat {
            waker: AtomicWaker::new(),
            turn: AtomicBool::new(false),
            cost: AtomicUsize::new(0),
            called: self.called.clone(),
        })
    }

    /// How many have been called and have not come to have their turn.
    pub fn called(&self) -> usize {
        self.called.load(Ordering::Relaxed)
    }

    /// Waits no longer for those who were called and do not come: they do not read.
    pub fn give_up(&self) {
        self.called.store(0, Ordering::Relaxed);
    }

    /// How often something was told to all.
    pub fn round(&self) -> u64 {
        self.lock().round
    }

    /// There is something to tell to all: whoever rests is ready.
    pub fn begin_round(&self) {
        let mut queue = self.lock();
        queue.round += 1;
        let resting = std::mem::take(&mut queue.resting);
        queue.ready.extend(resting);
    }

    /// One has been told so much, and there is more.
    pub fn go_on(&self, seat: &Arc<Seat>, told: usize) {
        seat.cost.store(told, Ordering::Relaxed);
        self.lock().ready.push_back(Arc::downgrade(seat));
    }

    /// One has been told all there was in a round, and waits for the next; which may have begun already.
    pub fn rest(&self, seat: &Arc<Seat>, round: u64) {
        let mut queue = self.lock();
        if queue.round == round {
            queue.resting.push(Arc::downgrade(seat));
        } else {
            queue.ready.push_back(Arc::downgrade(seat));
        }
    }

    /// Gives turns to those who are ready, as many as this amount allows, at least one. Answers whether more are ready.
    pub fn give(&self, bytes: usize) -> bool {
        let mut left = bytes;
        while left > 0 {
            let Some(next) = self.lock().ready.pop_front() else {
                return false;
            };
            if let Some(seat) = next.upgrade() {
                left = left.saturating_sub(seat.give_turn());
            }
        }
        !self.lock().ready.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn seats(turns: &Turns, count: usize) -> Vec<Arc<Seat>> {
        let seats: Vec<_> = (0..count).map(|_| turns.seat()).collect();
        seats
            .iter()
            .for_each(|seat| turns.rest(seat, turns.round()));
        seats
    }

    fn have_turn(seats: &[Arc<Seat>]) -> Vec<usize> {
        let turn =
            |(place, seat): (usize, &Arc<Seat>)| seat.take_turn(Waker::noop()).then_some(place);
        seats.iter().enumerate().filter_map(turn).collect()
    }

    #[test]
    fn nobody_has_a_turn_before_there_is_something_to_tell() {
        let turns = Turns::default();
        let seats = seats(&turns, 3);
        assert!(!turns.give(usize::MAX));
        assert!(have_turn(&seats).is_empty());
    }

    #[test]
    fn few_have_their_turn_at_once_and_each_has_one() {
        let turns = Turns::default();
        let seats = seats(&turns, 5);
        turns.begin_round();
        assert!(turns.give(2 * COST_MIN));
        assert_eq!(have_turn(&seats), [0, 1]);
        assert!(turns.give(2 * COST_MIN));
        assert_eq!(have_turn(&seats), [2, 3]);
        assert!(!turns.give(2 * COST_MIN));
        assert_eq!(have_turn(&seats), [4]);
    }

    #[test]
    fn who_has_more_to_be_told_goes_to_the_end_and_counts_for_more() {
        let turns = Turns::default();
        let seats = seats(&turns, 3);
        turns.begin_round();
        assert!(turns.give(1));
        assert_eq!(have_turn(&seats), [0]);
        turns.go_on(&seats[0], 10 * COST_MIN);
        assert!(turns.give(2 * COST_MIN), "the first waits again");
        assert_eq!(have_turn(&seats), [1, 2]);
        turns.go_on(&seats[1], 1);
        assert!(turns.give(10 * COST_MIN), "the first uses it all up");
        assert_eq!(have_turn(&seats), [0]);
    }

    #[test]
    fn who_rests_while_a_round_begins_is_ready_for_it() {
        let turns = Turns::default();
        let seat = turns.seat();
        let round = turns.round();
        turns.begin_round();
        turns.rest(&seat, round);
        turns.give(1);
        assert!(seat.take_turn(Waker::noop()));
    }

    #[test]
    fn it_is_known_how_many_were_called_and_have_not_come() {
        let turns = Turns::default();
        let mut seats = seats(&turns, 4);
        turns.begin_round();
        turns.give(usize::MAX);
        assert_eq!(turns.called(), 4);
        assert!(seats[0].take_turn(Waker::noop()) && !seats[0].take_turn(Waker::noop()));
        assert_eq!(turns.called(), 3);
        seats.pop();
        assert_eq!(turns.called(), 2, "who is gone does not come");
        turns.give_up();
        assert!(seats[1].take_turn(Waker::noop()));
        assert_eq!(turns.called(), 0);
    }

    #[test]
    fn who_is_gone_is_passed_over() {
        let turns = Turns::default();
        let mut seats = seats(&turns, 2);
        seats.remove(0);
        turns.begin_round();
        assert!(!turns.give(1));
        assert_eq!(have_turn(&seats), [0]);
    }
}
