//! When subscribers are told something.
//!
//! Here: the pauses: changes are collected for a quarter of a second, bookmarks come every fifteen, and of those who have
//! something to be told a few have their turn at once; the next when these have come. Not here: what they are told. What
//! must always hold: a server with little time spends it on its clients, and tells subscribers later.

use std::time::Duration;

use actix_web::web::Data;
use tokio::time::sleep;

use crate::server::State;

/// The pause between turns: long enough to answer other requests in, and short enough that nobody sees it.
const PAUSE: Duration = Duration::from_millis(5);

/// While more than so many were called and have not come, the server is busy, and nobody else is called.
const CALLED_MAX: usize = 8;
/// Who has not come for so long does not read, and is not waited for.
const PATIENCE: Duration = Duration::from_millis(250);

/// Tells subscribers of what happens, for ever.
pub(crate) async fn run(state: Data<State>) {
    let mut pump = Pump {
        next_publication: Duration::ZERO,
        next_beat: state.clock.ticks() + state.config.stream.bookmark,
        patience: PATIENCE,
    };
    loop {
        let pause = pump.work(&state);
        if pause <= PAUSE {
            // Nothing shortens this pause: it is the clients' time.
            sleep(PAUSE).await;
            continue;
        }
        let idle = !state.feed.behind(&state);
        tokio::select! {
            () = sleep(pause) => {}
            () = state.account.news(), if idle => {}
            () = state.feed.called() => {}
        }
    }
}

/// What is due when, by the ticks of the clock.
struct Pump {
    next_publication: Duration,
    next_beat: Duration,
    /// For how long those who were called are still waited for.
    patience: Duration,
}

impl Pump {
    /// Does what is due. Answers how long nothing will be.
    fn work(&mut self, state: &State) -> Duration {
        let (feed, settings) = (&state.feed, &state.config.stream);
        let now = state.clock.ticks();
        if now >= self.next_beat {
            feed.beat();
            self.next_beat = now + settings.bookmark;
        }
        if now >= self.next_publication && feed.behind(state) {
            feed.publish(state);
            self.next_publication = now + settings.coalesce;
        }
        if self.waits(state) || feed.turns().give(bytes_in_a_turn(state)) {
            return PAUSE;
        }
        match feed.behind(state) {
            true => self.next_publication.saturating_sub(now).max(PAUSE),
            false => self.next_beat.saturating_sub(now).max(PAUSE),
        }
    }
}

impl Pump {
    /// Whether those who were called are still on their way.
    fn waits(&mut self, state: &State) -> bool {
        let turns = state.feed.turns();
        if turns.called() <= CALLED_MAX {
            self.patience = PATIENCE;
            return false;
        }
        self.patience = self.patience.saturating_sub(PAUSE);
        if self.patience.is_zero() {
            turns.give_up();
            self.patience = PATIENCE;
        }
        true
    }
}

fn bytes_in_a_turn(state: &State) -> usize {
    let turns_per_second = 1000 / usize::try_from(PAUSE.as_millis()).unwrap_or(1);
    state.config.stream.rate.bytes() / turns_per_second
}
