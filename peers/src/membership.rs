//! Who is there: the membership protocol, and the heads that ride along with it.
//!
//! Here: [foca], an implementation of SWIM, wrapped into a state machine that is fed datagrams, deadlines and
//! commands, and asked for datagrams and events. Not here: sockets, clocks, streams; what to make of a head. What
//! must always hold: nothing that comes in makes it panic or grow without bound, and equal inputs make equal outputs.
//!
//! A caller hands in whatever its socket holds *before* it calls [`Membership::handle_due`]: after a stall the
//! answers it waits for are there already, and deadlines that fire first would accuse healthy peers. Then it empties
//! [`Membership::poll_event`] and [`Membership::poll_datagram`], and asks for [`Membership::next_deadline`] last: what
//! it published in answer to an event is due at once.
//!
//! The protocol does nothing while it knows no other member, and after a long cut both sides take each other for
//! dead. So somebody has to [announce](Membership::announce) to seeds and known peers, for ever, once a second.

mod codec;
mod config;
mod intake;
mod outbox;
mod settings;
mod steps;
mod views;

pub use config::PROBE_PERIOD;
pub use foca::{Config, PeriodicParams, State};
pub use outbox::{Datagram, Event};
pub use settings::Settings;
pub use views::Counts;

use crate::envelope::{Envelope, Introduction, Opened, Refused};
use crate::heads::{Head, Heads, Report};
use crate::health::LAG;
use crate::identity::Identity;
use crate::item::{Stamp, TooLong};
use crate::keys::Keyring;
use crate::pace::Pace;
use crate::version::{NodeId, Origin};
use codec::NamedOnly;
use config::config;
use foca::Foca;
use intake::Sorter;
use outbox::{Due, Outbox};
use rand::RngExt as _;
use rand::rngs::ChaCha8Rng;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// What one member knows about another: its identity, how often it gainsaid a suspicion, and whether it lives.
/// Peers exchange all of theirs when they connect.
pub type Standing = foca::Member<Identity>;

/// How long to wait before saying goodbye once more.
const FAREWELL: Duration = Duration::from_millis(100);

/// One member of a cluster.
pub struct Membership {
    foca: Foca<Identity, NamedOnly, ChaCha8Rng, Sorter>,
    outbox: Outbox,
    sorter: Sorter,
    heads: Heads,
    /// Under which numbers peers seal, as they have told on streams.
    sessions: BTreeMap<NodeId, u64>,
    pace: Pace,
    spoken: u64,
    size: u32,
    holds_max: u8,
    fixed: Option<Config>,
    forwarding: bool,
    leaving: bool,
    counts: Counts,
}

impl Membership {
    /// A member that knows nobody yet.
    pub fn new(now: Duration, settings: &Settings, mut chance: ChaCha8Rng) -> Self {
        let me = Identity::new(settings.peer, settings.bump);
        let sorter = Sorter::default();
        let keys = settings.keys.clone();
        let session = keys.as_ref().map_or(0, |_| chance.random());
        let envelope = Envelope::new(&settings.cluster_name, keys, session);
        let fixed = settings.fixed.clone();
        let alone = fixed.clone().unwrap_or_else(|| config(1));
        let foca = Foca::with_custom_broadcast(me, alone, chance, NamedOnly, sorter.clone());
        let mut outbox = Outbox::new(now, envelope);
        outbox.timers.set(now, Due::Refresh);
        Self {
            foca,
            outbox,
            sorter,
            heads: Heads::default(),
            sessions: BTreeMap::new(),
            pace: Pace::default(),
            spoken: 0,
            size: 1,
            holds_max: settings.holds_max,
            fixed,
            forwarding: false,
            leaving: false,
            counts: Counts::default(),
        }
    }

    /// Takes in a datagram, and answers who sent it. One that is damaged, foreign, forged, repeated or
    /// senseless is dropped and counted.
    pub fn handle_datagram(&mut self, now: Duration, datagram: &[u8]) -> Option<NodeId> {
        // Somebody may still ask for proof of life; an answer would undo the goodbye.
        if self.leaving {
            return None;
        }
        self.outbox.now = now;
        let opened = self.outbox.envelope.open(datagram);
        let taken = opened.and_then(|opened| self.admit(&opened).map(|sender| (opened, sender)));
        let (opened, sender) = taken.map_err(|refused| self.counts.refused(refused)).ok()?;
        let taken = self.foca.handle_data(&opened.content, &mut self.outbox);
        self.settle();
        self.counts.datagrams_malformed += u64::from(taken.is_err());
        sender.filter(|_| taken.is_ok())
    }

    /// Who sent a datagram. It must be the one who has introduced itself with that session.
    fn admit(&self, opened: &Opened) -> Result<Option<NodeId>, Refused> {
        let sender = NamedOnly.sender(&opened.content).map(|sender| sender.node);
        let session = sender.and_then(|sender| self.sessions.get(&sender));
        match opened.session {
            Some(opened) if session != Some(&opened) => Err(Refused::Unknown),
            _ => Ok(sender),
        }
    }

    /// What peers have to be told on streams, or they open no datagram of this member.
    pub fn introduction(&self) -> Introduction {
        self.outbox.envelope.introduction()
    }

    /// A peer has told on a stream under which number it seals.
    pub fn introduced(&mut self, node: NodeId, introduction: Introduction) {
        self.parted(node);
        self.outbox.envelope.introduce(introduction);
        self.sessions.insert(node, introduction.session);
    }

    /// Nothing more is expected of a peer.
    pub fn parted(&mut self, node: NodeId) {
        if let Some(session) = self.sessions.remove(&node) {
            self.outbox.envelope.forget(session);
        }
    }

    /// Uses and accepts other keys from now on.
    pub fn rekey(&mut self, keys: Keyring) {
        self.outbox.envelope.rekey(keys);
    }

    /// When [`Self::handle_due`] has something to do.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.outbox.timers.next_deadline()
    }

    /// Does what is due.
    pub fn handle_due(&mut self, now: Duration) {
        self.outbox.now = now;
        let late = |deadline| now > deadline + LAG;
        if self.next_deadline().is_some_and(late) {
            self.outbox.health.worsen();
        }
        while let Some((_, due)) = self.outbox.timers.pop_due(now) {
            self.fire(due);
        }
        self.settle();
    }

    /// Asks whoever lives at an address to let this member in.
    pub fn announce(&mut self, now: Duration, to: SocketAddr) {
        if to == self.identity().address() || self.leaving {
            return;
        }
        self.outbox.now = now;
        let asked = self.foca.announce(Identity::seed(to), &mut self.outbox);
        self.note(asked);
    }

    /// Takes over what another member knows.
    pub fn apply(&mut self, now: Duration, standings: Vec<Standing>) {
        if self.leaving {
            return;
        }
        self.outbox.now = now;
        let named = standings
            .into_iter()
            .filter(|standing| standing.id().peer().is_some());
        let applied = self.foca.apply_many(named, true, &mut self.outbox);
        self.note(applied);
        self.settle();
    }

    /// What a head would tell has changed: asks to be asked for one, by [`Event::HeadDue`].
    pub fn changed(&mut self, now: Duration) {
        if let Some(deadline) = self.pace.ask(now) {
            self.outbox.timers.set(deadline, Due::Speak);
        }
    }

    /// Tells the others how this server is.
    pub fn publish(
        &mut self,
        now: Duration,
        origin: Origin,
        report: Report,
    ) -> Result<(), TooLong> {
        let counter = self.spoken;
        let stamp = Stamp { origin, counter };
        let head = Head { stamp, report };
        let item = head.write()?;
        self.spoken += 1;
        self.heads.learn(head);
        self.outbox.now = now;
        let added = self.foca.add_broadcast(&item).map(drop);
        self.note(added);
        self.settle();
        Ok(())
    }

    /// The shell noticed something that makes this server deaf: a queue overflowed, the loop lags.
    pub fn strained(&mut self) {
        self.outbox.health.worsen();
    }

    /// Says goodbye, and then again until [`Event::Left`]. From now on nobody is listened to.
    pub fn leave(&mut self, now: Duration) {
        if std::mem::replace(&mut self.leaving, true) {
            return;
        }
        self.outbox.now = now;
        let left = self.foca.leave_cluster(&mut self.outbox);
        self.note(left);
        self.outbox.timers.set(now + FAREWELL, Due::Farewell);
    }

    /// The next datagram to send.
    pub fn poll_datagram(&mut self) -> Option<Datagram> {
        self.outbox.datagrams.pop_front()
    }

    /// The next thing that happened.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.outbox.events.pop_front()
    }
}
