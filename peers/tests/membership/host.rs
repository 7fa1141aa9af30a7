//! One host: a member, and what a server's shell would do for it.

use peers::heads::Report;
use peers::identity::Peer;
use peers::membership::{Datagram, Event, Membership, Settings};
use peers::version::{Epoch, NodeId, Origin};
use rand::rngs::ChaCha8Rng;
use std::net::SocketAddr;
use std::time::Duration;

const FIRST_PORT: u16 = 10_000;

pub(crate) struct Host {
    pub(crate) member: Membership,
    pub(crate) peer: Peer,
    pub(crate) alive: bool,
    /// Everything that happened here, and when.
    pub(crate) events: Vec<(Duration, Event)>,
    /// Whether it answers when it is asked for a head.
    pub(crate) talking: bool,
    /// Where it says it stands.
    pub(crate) zone: String,
    /// Until when packets lie unread.
    pub(crate) deaf_until: Duration,
    /// Until when it stands still altogether.
    pub(crate) frozen_until: Duration,
    /// What arrived, for those who want to spoil it.
    pub(crate) overheard: Vec<Vec<u8>>,
    /// When it next wants to be woken.
    pub(crate) wake: Option<Duration>,
    unread: Vec<Vec<u8>>,
}

/// Who the host with this number is.
pub(crate) fn peer(index: usize) -> Peer {
    let number = u16::try_from(index).expect("a few hosts");
    Peer {
        node: NodeId(u64::from(number) + 1),
        address: SocketAddr::from(([127, 0, 0, 1], FIRST_PORT + number)),
    }
}

/// Which host lives at an address.
pub(crate) fn index_of(address: SocketAddr) -> usize {
    usize::from(address.port() - FIRST_PORT)
}

impl Host {
    pub(crate) fn new(now: Duration, settings: &Settings, chance: ChaCha8Rng) -> Self {
        Self {
            member: Membership::new(now, settings, chance),
            peer: settings.peer,
            alive: true,
            events: Vec::new(),
            talking: true,
            zone: String::new(),
            deaf_until: Duration::ZERO,
            frozen_until: Duration::ZERO,
            overheard: Vec::new(),
            wake: None,
            unread: Vec::new(),
        }
    }

    /// A datagram lies in the socket.
    pub(crate) fn receive(&mut self, now: Duration, bytes: Vec<u8>) {
        self.overheard.push(bytes.clone());
        self.unread.push(bytes);
        self.read(now);
    }

    /// Something may be due: the socket first, then the deadlines.
    pub(crate) fn wake_up(&mut self, now: Duration) {
        self.read(now);
        if self.alive && now >= self.frozen_until {
            self.member.handle_due(now);
        }
    }

    fn read(&mut self, now: Duration) {
        if self.alive && now >= self.deaf_until.max(self.frozen_until) {
            for bytes in std::mem::take(&mut self.unread) {
                self.member.handle_datagram(now, &bytes);
            }
        }
    }

    /// When it wants to be woken, if that is sooner than was arranged.
    pub(crate) fn next_wake(&mut self) -> Option<Duration> {
        let wanted = self.member.next_deadline()?.max(self.frozen_until);
        let sooner = self.wake.is_none_or(|wake| wanted < wake);
        (self.alive && sooner).then(|| *self.wake.insert(wanted))
    }

    /// Announces to whom it misses, the seed among them.
    pub(crate) fn reconnect(&mut self, now: Duration, seed: Peer) {
        let present = self.member.peers();
        let known = self
            .member
            .standings()
            .filter_map(|standing| standing.id().peer());
        let missing: Vec<Peer> = known
            .chain([seed])
            .filter(|peer| !present.contains(peer))
            .collect();
        for peer in missing {
            self.member.announce(now, peer.address);
        }
    }

    /// As whom it speaks.
    pub(crate) fn origin(&self) -> Origin {
        Origin {
            node: self.peer.node,
            epoch: Epoch(1),
        }
    }

    /// Speaks of itself, and tells how often it has done so.
    pub(crate) fn publish(&mut self, now: Duration) -> u64 {
        let origin = self.origin();
        let sequence = self.counter_of(self.peer).map_or(0, |counter| counter + 1);
        let report = Report {
            sequence,
            zone: self.zone.clone(),
            ..Report::default()
        };
        self.member
            .publish(now, origin, report)
            .expect("a report that fits");
        sequence
    }

    /// How often a peer has spoken, as far as this host has heard.
    pub(crate) fn counter_of(&self, peer: Peer) -> Option<u64> {
        let newest = self.member.heads().newest(peer.node);
        newest.map(|head| head.stamp.counter)
    }

    /// What the member wants sent.
    pub(crate) fn outgoing(&mut self, now: Duration) -> Vec<Datagram> {
        while let Some(event) = self.member.poll_event() {
            if event == Event::HeadDue && self.talking {
                self.publish(now);
            }
            self.events.push((now, event));
        }
        assert_eq!(self.member.counts().faults, 0);
        std::iter::from_fn(|| self.member.poll_datagram()).collect()
    }
}
