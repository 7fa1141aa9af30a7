//! One server of a cluster: membership, streams and agreement, put together.
//!
//! Here: [`Node`], a state machine that is fed datagrams, bytes of streams, deadlines and commands, each with the time,
//! and asked for what to send, to dial and to tell. Not here: sockets and clocks (`runtime`), what records mean (the
//! [`Replica`]). What must always hold: nothing that comes in makes it panic or grow without bound; equal inputs make
//! equal outputs; and the vector claims only what was applied.
//!
//! A caller hands in all its sockets hold before it calls [`Node::handle_due`], empties [`Node::poll_output`] after
//! every call, and asks for [`Node::next_deadline`] last.

mod around;
mod event;
mod follow;
mod greet;
mod isolation;
mod link;
mod listen;
mod look;
mod noise;
mod other;
mod read;
mod readiness;
mod relays;
mod settings;
mod snapshots;
mod speak;
mod stand;
#[cfg(test)]
mod tests;
pub mod view;
mod ways;

pub use event::{Blocked, Event, LinkId, Named, Output, Reason};
pub use readiness::{Doors, Stage};
pub use settings::{Rules, Settings};

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use self::follow::Pulls;
use self::isolation::Isolation;
use self::link::Link;
use self::noise::Noise;
use self::other::Other;
use self::read::Readings;
use self::readiness::Readiness;
use self::ways::Way;
use crate::agreement::Agreement;
use crate::channel::Seed;
use crate::frame::Frame;
use crate::heads::Report;
use crate::keys::Keyring;
use crate::membership::{self, Membership};
use crate::replica::Replica;
use crate::surroundings::Surroundings;
use crate::timers::Timers;
use crate::vector::Vector;
use crate::version::{Hlc, NodeId, Origin};

/// What comes due.
#[derive(Clone, Copy, Debug)]
enum Due {
    /// Own writes are sent.
    Flush,
    /// An origin may still be behind.
    Pull(Origin),
    /// Everything that is looked at again and again.
    Tend,
    /// Those without a stream are tried.
    Reconnect,
}

/// How often a node looks after its streams, its stage, and how the others stand.
const TEND: Duration = Duration::from_millis(250);
/// Own writes go at once, and those after them together, so long after the last.
const FLUSH: Duration = Duration::from_millis(1);

/// One server of a cluster.
pub struct Node<R> {
    settings: Settings,
    origin: Origin,
    membership: Membership,
    agreement: Agreement,
    replica: R,
    chance: ChaCha8Rng,
    timers: Timers<Due>,
    outputs: VecDeque<Output>,
    links: BTreeMap<LinkId, Link>,
    links_made: u64,
    others: BTreeMap<NodeId, Other>,
    seeds: Vec<SocketAddr>,
    own_addresses: BTreeSet<SocketAddr>,
    pulls: Pulls,
    readings: Readings,
    asked: BTreeMap<u64, (LinkId, Duration)>,
    questions: u64,
    readiness: Readiness,
    isolation: Isolation,
    surroundings: Surroundings,
    /// Since when an origin that owns leases has not been up.
    gone_since: BTreeMap<Origin, Duration>,
    /// Since when an origin has had nothing that would keep it in the vectors.
    idle_since: BTreeMap<Origin, Duration>,
    /// What was last told of this server, and when.
    told: Option<(Duration, Report)>,
    /// Counts relays that took a detour, so that each takes another one.
    detours: usize,
    flushing: bool,
    /// When own writes last went.
    flushed: Duration,
    leaving: bool,
    counts: view::Counts,
    noise: Noise,
}

impl<R: Replica> Node<R> {
    /// A server that has just started.
    pub fn new(now: Duration, settings: Settings, replica: R, mut chance: ChaCha8Rng) -> Self {
        let origin = Origin {
            node: settings.peer.node,
            epoch: settings.epoch,
        };
        let bump = settings.epoch.0;
        let name = settings.cluster_name.clone();
        let member = membership::Settings {
            keys: settings.keys.clone(),
            ..membership::Settings::new(settings.peer, bump, name)
        };
        let membership = Membership::new(now, &member, ChaCha8Rng::from_rng(&mut chance));
        let mut timers = Timers::default();
        timers.set(now + TEND, Due::Tend);
        timers.set(now, Due::Reconnect);
        Self {
            origin,
            membership,
            agreement: Agreement::new(origin),
            replica,
            chance,
            timers,
            outputs: VecDeque::new(),
            links: BTreeMap::new(),
            links_made: 0,
            others: BTreeMap::new(),
            seeds: Vec::new(),
            own_addresses: BTreeSet::from([settings.peer.address]),
            pulls: Pulls::default(),
            readings: Readings::default(),
            asked: BTreeMap::new(),
            questions: 0,
            readiness: Readiness::new(now, settings.seeded, settings.rules),
            isolation: Isolation::default(),
            surroundings: Surroundings::default(),
            gone_since: BTreeMap::new(),
            idle_since: BTreeMap::new(),
            told: None,
            detours: 0,
            flushing: false,
            flushed: Duration::ZERO,
            leaving: false,
            counts: view::Counts::default(),
            noise: Noise::default(),
            settings,
        }
    }

    /// A datagram came.
    pub fn handle_datagram(&mut self, now: Duration, datagram: &[u8]) {
        let from = self.membership.handle_datagram(now, datagram);
        self.settle(now);
        if let Some(other) = from.and_then(|from| self.others.get_mut(&from)) {
            other.ways.carried(now, Way::Datagrams);
        }
    }

    /// How many datagrams bore a false tag.
    pub const fn datagrams_forged(&self) -> u64 {
        self.membership.datagrams_forged()
    }

    /// How many datagrams were dropped unread.
    pub const fn datagrams_refused(&self) -> u64 {
        self.membership.datagrams_refused()
    }

    /// Something came from where no peer is, and was not looked at.
    pub const fn count_outside(&mut self) {
        self.counts.outside += 1;
    }

    /// Something came from an address that has failed too often, and was not looked at.
    pub const fn count_distrusted(&mut self) {
        self.counts.distrusted += 1;
    }

    /// More comes in than this server reads: it is slower to accuse others.
    pub fn strained(&mut self) {
        self.membership.strained();
    }

    /// Somebody opened a stream to this server.
    pub fn accepted(&mut self, now: Duration, from: SocketAddr) -> LinkId {
        self.make_link(now, from, false)
    }

    /// A stream this server wanted is open.
    pub fn connected(&mut self, now: Duration, link: LinkId) {
        let Some(made) = self.links.get_mut(&link) else {
            self.outputs.push_back(Output::Close(link));
            return;
        };
        (made.open, made.heard) = (true, now);
        self.call(link);
        self.settle(now);
    }

    /// A stream has ended or broken, or could not be opened.
    pub fn closed(&mut self, now: Duration, link: LinkId) {
        self.forget_link(now, link);
        self.settle(now);
    }

    /// Bytes came on a stream.
    pub fn handle_bytes(&mut self, now: Duration, link: LinkId, bytes: &[u8]) {
        self.counts.stream_bytes_received += bytes.len() as u64;
        self.listen(now, link, bytes);
        self.settle(now);
    }

    /// Bytes that were to be sent on a stream are out.
    pub fn sent(&mut self, _now: Duration, link: LinkId, bytes: usize) {
        if let Some(link) = self.links.get_mut(&link) {
            link.queued = link.queued.saturating_sub(bytes);
        }
    }

    /// The replica was written to.
    pub fn wrote(&mut self, now: Duration) {
        if !std::mem::replace(&mut self.flushing, true) {
            self.timers.set(now.max(self.flushed + FLUSH), Due::Flush);
        }
    }

    /// The cluster's keys are others from now on. Streams that were opened with one no longer accepted are ended, and
    /// opened again.
    pub fn rekey(&mut self, now: Duration, keys: Keyring) {
        self.membership.rekey(keys.clone());
        let opened = self
            .links
            .iter()
            .filter_map(|(id, link)| Some((*id, link.channel.key()?)));
        let ended = opened.filter(|(_, key)| !keys.accepts(*key));
        let ended: Vec<_> = ended.map(|(id, _)| id).collect();
        self.settings.keys = Some(keys);
        for link in ended {
            self.outputs.push_back(Output::Close(link));
            self.forget_link(now, link);
        }
        self.reach_out(now);
        self.settle(now);
    }

    /// Where those are to be found who were there before.
    pub fn seeds(&mut self, now: Duration, addresses: Vec<SocketAddr>) {
        let news = self.seeds.is_empty() && !addresses.is_empty();
        self.seeds = addresses;
        if news {
            self.reach_out(now);
            self.settle(now);
        }
    }

    /// When [`Self::handle_due`] has something to do.
    pub fn next_deadline(&self) -> Option<Duration> {
        let deadlines = [self.timers.next_deadline(), self.membership.next_deadline()];
        deadlines.into_iter().flatten().min()
    }

    /// Does what is due.
    pub fn handle_due(&mut self, now: Duration) {
        self.membership.handle_due(now);
        self.settle(now);
        while let Some((_, due)) = self.timers.pop_due(now) {
            match due {
                Due::Flush => self.flush(now),
                Due::Pull(origin) => self.pull(now, origin),
                Due::Tend => self.tend(now),
                Due::Reconnect => self.reconnect(now),
            }
        }
        self.settle(now);
    }

    /// The next thing to do outside.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Asks another server for its pages' sake. [`Event::Answered`] follows within two seconds in any case.
    pub fn ask(&mut self, now: Duration, peer: NodeId, question: Vec<u8>) -> u64 {
        self.questions += 1;
        let id = self.questions;
        match self.link_to(peer) {
            Some(link) => {
                self.asked.insert(id, (link, now));
                self.say(link, &Frame::Ask(id, question));
            }
            None => self.tell(Event::Answered(id, None)),
        }
        id
    }

    /// This server is about to leave: it takes no new leases, and tells the others so that they take over.
    pub fn drain(&mut self, now: Duration) {
        self.readiness.drain();
        self.tell(Event::Stage(Stage::Draining));
        self.membership.changed(now);
        self.settle(now);
    }

    /// Says goodbye.
    pub fn leave(&mut self, now: Duration) {
        self.leaving = true;
        self.part_with_all();
        self.membership.leave(now);
        self.settle(now);
    }

    /// What this server serves now.
    pub const fn doors(&self) -> Doors {
        self.readiness.doors()
    }

    /// How far this server has come.
    pub const fn stage(&self) -> Stage {
        self.readiness.stage()
    }

    /// Which start of which node this is.
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Whose writes were applied here, and how far.
    pub const fn vector(&self) -> &Vector {
        self.agreement.vector()
    }

    /// A sum over the live records, equal where they are equal.
    pub const fn digest(&self) -> u64 {
        self.agreement.digest()
    }

    /// What is kept in agreement.
    pub const fn replica(&self) -> &R {
        &self.replica
    }

    /// The same, to write to; [`Self::wrote`] follows.
    pub const fn replica_mut(&mut self) -> &mut R {
        &mut self.replica
    }

    fn tell(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    /// The wall clock of this server.
    fn clock(&self, now: Duration) -> Hlc {
        let ran = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        Hlc::at(self.settings.wall_at_start.saturating_add(ran))
    }

    /// A time of about this length, so that servers that started together do not act together for ever.
    fn about(&mut self, time: Duration) -> Duration {
        time * self.chance.random_range(800..1200) / 1000
    }

    /// Takes in what membership has to say, until it has nothing more.
    fn settle(&mut self, now: Duration) {
        while let Some(event) = self.membership.poll_event() {
            self.heard_of_membership(now, event);
        }
        while let Some(datagram) = self.membership.poll_datagram() {
            self.counts.datagram_bytes_sent += datagram.bytes.len() as u64;
            self.outputs.push_back(Output::Datagram(datagram));
        }
    }
}

/// Chance enough for one handshake.
fn seed(chance: &mut ChaCha8Rng) -> Seed {
    chance.random()
}
