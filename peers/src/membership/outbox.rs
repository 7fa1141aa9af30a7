//! What the membership protocol wants done.
//!
//! Here: datagrams and events that wait to be taken, timers that wait to come due, and what messages tell about this
//! server's own health. Not here: doing any of it.

use crate::envelope::Envelope;
use crate::heads::Head;
use crate::health::Health;
use crate::identity::{Identity, Peer};
use crate::timers::Timers;
use crate::version::NodeId;
use foca::{Header, Message, Notification, Runtime, Timer};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

/// Bytes to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    /// Where to.
    pub to: SocketAddr,
    /// What, at most [`DATAGRAM_MAX`](crate::envelope::DATAGRAM_MAX) of them.
    pub bytes: Vec<u8>,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A peer is there.
    Up(Peer),
    /// A peer is gone, whether it crashed or left; its last head tells which.
    Down(Peer),
    /// A peer goes by a new identity, and perhaps from a new address. It need not have restarted: a start shows in
    /// the epoch of its heads.
    Renewed {
        /// As it was known.
        old: Peer,
        /// As it is now.
        new: Peer,
    },
    /// There is another member.
    Active,
    /// There is no other member. Nothing goes on by itself from here: somebody has to announce.
    Idle,
    /// The others took this server for dead, and it insisted. More than a few a minute: two servers of one name.
    Rejoined,
    /// It is time to publish a head.
    HeadDue,
    /// A head that is news.
    Heard {
        /// The head.
        head: Head,
        /// Who showed it: has what it speaks of, like its author.
        shown_by: NodeId,
    },
    /// Goodbye has been said as often as it helps.
    Left,
}

/// What comes due.
#[derive(Clone, Debug)]
pub(super) enum Due {
    /// A step of the protocol.
    Step(Timer<Identity>),
    /// A verdict that has been held back so many times.
    Held(Timer<Identity>, u8),
    /// Passing on what just came in.
    Forward,
    /// Speaking of oneself, because of news.
    Speak,
    /// Speaking of oneself, because it was long ago.
    Refresh,
    /// Saying goodbye once more.
    Farewell,
}

/// The queues are emptied by the caller after each of its calls, so one call's worth is their bound.
pub(super) struct Outbox {
    pub(super) now: Duration,
    pub(super) timers: Timers<Due>,
    pub(super) datagrams: VecDeque<Datagram>,
    pub(super) events: VecDeque<Event>,
    pub(super) health: Health,
    pub(super) envelope: Envelope,
}

impl Outbox {
    pub(super) fn new(now: Duration, envelope: Envelope) -> Self {
        Self {
            now,
            timers: Timers::default(),
            datagrams: VecDeque::new(),
            events: VecDeque::new(),
            health: Health::default(),
            envelope,
        }
    }

    /// A probe of somebody under suspicion already tells nothing new about us: else the death of one of two peers
    /// would look like our own deafness.
    fn probe_failed(&mut self, whom: &Identity) {
        let suspected = self.timers.waiting().any(|due| due.accuses(whom));
        if !suspected {
            self.health.worsen();
        }
    }

    fn received(&mut self, header: &Header<Identity>) {
        if matches!(
            header.message,
            Message::Ack(_) | Message::ForwardedAck { .. }
        ) {
            self.health.improve();
        }
    }

    fn rejoined(&mut self) {
        self.health.worsen();
        self.events.push_back(Event::Rejoined);
    }
}

impl Runtime<Identity> for &mut Outbox {
    fn notify(&mut self, notification: Notification<'_, Identity>) {
        match notification {
            Notification::MemberUp(id) => self.events.extend(id.peer().map(Event::Up)),
            Notification::MemberDown(id) => self.events.extend(id.peer().map(Event::Down)),
            Notification::Rename(old, new) => {
                let both = old.peer().zip(new.peer());
                self.events
                    .extend(both.map(|(old, new)| Event::Renewed { old, new }));
            }
            Notification::Active => self.events.push_back(Event::Active),
            Notification::Idle => self.events.push_back(Event::Idle),
            Notification::Rejoin(_) => self.rejoined(),
            Notification::ProbeFailed(_, whom) => self.probe_failed(whom),
            Notification::DataReceived(header) => self.received(header),
            // Only by our own leaving, which is told when it is over.
            Notification::Defunct | Notification::DataSent(_) => {}
        }
    }

    fn send_to(&mut self, to: Identity, data: &[u8]) {
        let bytes = self.envelope.seal(data);
        let to = to.address();
        self.datagrams.push_back(Datagram { to, bytes });
    }

    fn submit_after(&mut self, timer: Timer<Identity>, after: Duration) {
        self.timers.set(self.now + after, Due::Step(timer));
    }
}

impl Due {
    fn accuses(&self, whom: &Identity) -> bool {
        match self {
            Self::Step(Timer::ChangeSuspectToDown { member_id, .. })
            | Self::Held(Timer::ChangeSuspectToDown { member_id, .. }, _) => member_id == whom,
            _ => false,
        }
    }
}
