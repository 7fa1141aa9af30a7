//! What happens inside a member when something comes due or has come in.

use super::config::config;
use super::intake::Heard;
use super::outbox::Due;
use super::{Config, Event, FAREWELL, Membership};
use crate::identity::Identity;
use crate::version::NodeId;
use foca::Timer;

impl Membership {
    pub(super) fn fire(&mut self, due: Due) {
        match due {
            Due::Step(timer) => self.step(timer, 0),
            Due::Held(timer, holds) => self.step(timer, holds),
            Due::Forward => self.forward(),
            Due::Speak => self.speak(),
            Due::Refresh => {
                self.speak();
                let deadline = self.pace.refresh_at();
                self.outbox.timers.set(deadline, Due::Refresh);
            }
            Due::Farewell => self.farewell(),
        }
    }

    fn step(&mut self, timer: Timer<Identity>, holds: u8) {
        let verdict = matches!(timer, Timer::ChangeSuspectToDown { .. });
        if verdict && holds < self.holds_max && self.in_doubt() {
            self.counts.verdicts_held += 1;
            let deadline = self.outbox.now + self.config().suspect_to_down_after;
            let held = Due::Held(timer, holds + 1);
            self.outbox.timers.set(deadline, held);
            return;
        }
        let forgotten = match &timer {
            Timer::RemoveDown(id) => id.peer(),
            _ => None,
        };
        let stepped = self.foca.handle_timer(timer, &mut self.outbox);
        self.note(stepped);
        if let Some(peer) = forgotten {
            self.forget(peer.node);
        }
    }

    /// Whether a verdict on another may be our own fault. With a single other member there is nobody whose answers
    /// could tell: waiting would only make its death known later.
    fn in_doubt(&self) -> bool {
        self.outbox.health.doubtful() && self.foca.num_members() > 1
    }

    /// A server that has renewed its identity since it was taken for dead is still there.
    fn forget(&mut self, node: NodeId) {
        let mut known = self.standings().filter_map(|standing| standing.id().peer());
        if !known.any(|peer| peer.node == node) {
            self.sorter.intake().forget(node);
        }
    }

    /// Passes on what waits, without waiting for the next round.
    pub(super) fn forward(&mut self) {
        self.forwarding = false;
        let sent = self.foca.gossip(&mut self.outbox);
        self.note(sent);
    }

    fn speak(&mut self) {
        let now = self.outbox.now;
        if self.pace.due(now) {
            self.pace.speak(now);
            self.outbox.events.push_back(Event::HeadDue);
        }
    }

    /// Once is not enough: the protocol tells three members that this one is gone, and then is gone.
    fn farewell(&mut self) {
        let listening = self.foca.num_members() > 0 && self.foca.updates_backlog() > 0;
        if !listening {
            self.outbox.events.push_back(Event::Left);
            return;
        }
        self.forward();
        let deadline = self.outbox.now + FAREWELL;
        self.outbox.timers.set(deadline, Due::Farewell);
    }

    /// After whatever came in: tells of new heads, has them passed on, and minds the size of the cluster.
    pub(super) fn settle(&mut self) {
        let (heads, fresh) = self.sorter.intake().take();
        for Heard { head, shown_by } in heads {
            if self.heads.learn(head.clone()) {
                let heard = Event::Heard { head, shown_by };
                self.outbox.events.push_back(heard);
            }
        }
        // Not on the spot but by a deadline, so that all that one reading of the socket brings goes on together.
        if fresh && !std::mem::replace(&mut self.forwarding, true) {
            self.outbox.timers.set(self.outbox.now, Due::Forward);
        }
        self.resize();
    }

    fn resize(&mut self) {
        let size = u32::try_from(self.foca.num_members() + 1).unwrap_or(u32::MAX);
        if size != self.size {
            self.size = size;
            let set = self.foca.set_config(self.config());
            self.note(set);
        }
    }

    fn config(&self) -> Config {
        self.fixed.clone().unwrap_or_else(|| config(self.size))
    }

    pub(super) fn note(&mut self, outcome: Result<(), foca::Error>) {
        self.counts.faults += u64::from(outcome.is_err());
    }
}
