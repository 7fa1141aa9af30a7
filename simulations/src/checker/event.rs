//! What may happen, and what happens then.
//!
//! Here: events, when each is possible, and the world after one. Not here: the writes they cause (`writes`), how peers
//! learn of them (`exchange`).

use std::fmt;

use super::rules::Rules;
use super::world::{Links, Peer, Phase, Place, World};

/// What happens at a peer, to the links, or to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The client registers, for the first time or with other data.
    Register(Place),
    /// The client turns to another server with its next beat.
    Move(Place),
    /// The client cancels and stops. Where the instance is unknown it is told so, which is no more than falling silent.
    Cancel {
        /// Where.
        at: Place,
        /// Where its last beat arrives at the same time.
        crossing: Option<Place>,
    },
    /// The client dies without a word.
    FallSilent,
    /// Links are cut or heal.
    Link(Links),
    /// A peer restarts with an empty memory.
    Restart(Place),
    /// The time between two beats passes; the client beats, if it lives, and then leases that are over are swept.
    Pass,
}

impl Event {
    /// Every event that may happen next, in a fixed order.
    pub fn possible(world: &World) -> impl Iterator<Item = Self> {
        let at_one = Place::ALL.map(|at| {
            let crossing = None;
            let cancel = Self::Cancel { at, crossing };
            [
                Self::Register(at),
                Self::Move(at),
                cancel,
                Self::Restart(at),
            ]
        });
        let at_two = Place::ALL.map(|at| {
            Place::ALL.map(|other| {
                let crossing = Some(other);
                Self::Cancel { at, crossing }
            })
        });
        let all = [Self::Pass, Self::FallSilent].into_iter();
        let all = all.chain(Links::ALL.map(Self::Link));
        let all = all.chain(at_one.into_iter().flatten());
        let all = all.chain(at_two.into_iter().flatten());
        all.filter(|event| event.is_possible(world))
    }

    fn is_possible(self, world: &World) -> bool {
        let client = world.client;
        match self {
            Self::Move(place) => client.phase == Phase::Beating && place != client.at,
            Self::Cancel { at, crossing } => {
                let known = crossing.is_none_or(|other| other != at && world.shows(other));
                client.phase == Phase::Beating && world.shows(at) && known
            }
            Self::FallSilent => client.phase == Phase::Beating,
            Self::Link(links) => links != world.links,
            Self::Register(_) | Self::Restart(_) | Self::Pass => true,
        }
    }
}

impl World {
    /// What this world becomes by an event, once peers that reach each other have said all there is to say.
    #[must_use]
    pub fn after(mut self, event: Event, rules: &Rules) -> Self {
        let relay = self.relay.take();
        self.now.turn += 1;
        self.happen(event, rules);
        if let Some(relay) = relay {
            self.deliver(relay, rules);
        }
        self.settle(rules);
        if event == Event::Pass {
            self.now.turn += 1;
            self.sweep(rules);
            self.settle(rules);
        }
        self
    }

    fn happen(&mut self, event: Event, rules: &Rules) {
        let calm = event == Event::Pass && self.client.phase != Phase::Beating;
        self.calm = if calm { self.calm + 1 } else { 0 };
        match event {
            Event::Register(place) => {
                self.start_client();
                self.register(place, rules);
            }
            Event::Move(place) => self.beat(place, rules),
            Event::Cancel { at, crossing } => self.leave(at, crossing, rules),
            Event::FallSilent => self.client.phase = Phase::Silent,
            Event::Link(links) => self.links = links,
            Event::Restart(place) => self.restart(place),
            Event::Pass => self.pass(rules),
        }
    }

    /// A client that is started again has no past with any server.
    fn start_client(&mut self) {
        if self.client.phase != Phase::Beating {
            self.client.phase = Phase::Beating;
            self.client.in_a_row = 0;
        }
    }

    fn pass(&mut self, rules: &Rules) {
        self.now.interval += 1;
        if self.client.phase == Phase::Beating {
            self.beat(self.client.at, rules);
        }
    }

    /// The beat arrives after the cancel by so little that it counts as heard at the same moment.
    fn leave(&mut self, at: Place, crossing: Option<Place>, rules: &Rules) {
        self.cancel(at, rules);
        if let Some(other) = crossing {
            let cancelled = self.now;
            self.now.turn += 1;
            self.beat(other, rules);
            self.client.spoke = cancelled;
            if let Some(heard) = &mut self.peer_mut(other).heard {
                heard.at = cancelled;
            }
        }
    }

    fn restart(&mut self, place: Place) {
        let peer = self.peer_mut(place);
        *peer = Peer::started(peer.fast, peer.epoch + 1);
        self.client.answered &= self.client.at != place;
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(["A", "B", "C"][self.index()])
    }
}

impl fmt::Display for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => write!(f, "all links hold"),
            Self::Without(place) => write!(f, "{place} is cut off, the others are linked"),
            Self::Cut => write!(f, "all links are cut"),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register(place) => write!(f, "the client registers at {place}"),
            Self::Move(place) => write!(f, "the client moves to {place} and beats"),
            Self::Cancel { at, crossing } => {
                write!(f, "the client cancels at {at}")?;
                crossing.map_or(Ok(()), |at| write!(f, ", a beat crosses to {at}"))
            }
            Self::FallSilent => write!(f, "the client falls silent"),
            Self::Link(links) => links.fmt(f),
            Self::Restart(place) => write!(f, "{place} restarts empty"),
            Self::Pass => write!(f, "an interval passes"),
        }
    }
}
