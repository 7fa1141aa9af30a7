//! How two servers meet: dialling, greeting, and which of two streams between them stays.
//!
//! Here: from knowing an address to a stream on which frames flow. Not here: the frames after the first. What must
//! always hold: between two servers one stream stays, and both find the same one to be it.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use super::link::Link;
use super::other::Other;
use super::{Due, Event, LinkId, Node, Output, seed};
use crate::channel::Channel;
use crate::frame::{Bye, Frame, Hello, PROTOCOL, PROTOCOL_OLDEST};
use crate::replica::Replica;
use crate::version::{NodeId, Origin};

/// The server with the greater id leaves it to the other to dial, for so long.
const YIELD: Duration = Duration::from_secs(2);
/// A stream that carried nothing for so long, though it was asked to, is not what it seems.
const SILENT: Duration = Duration::from_secs(4);
/// The most streams at a time, those of strangers included.
const LINKS_MAX: usize = 512;

impl<R: Replica> Node<R> {
    /// Tries those without a stream, and comes again.
    pub(super) fn reconnect(&mut self, now: Duration) {
        self.reach_out(now);
        let pause = self.about(self.settings.rules.reconnect);
        self.timers.set(now + pause, Due::Reconnect);
    }

    /// Dials and announces to all who are missing. Gossip does nothing by itself while it knows nobody, and after a
    /// long cut both sides take each other for dead; so this goes on for ever.
    pub(super) fn reach_out(&mut self, now: Duration) {
        if self.leaving {
            return;
        }
        let seeds: Vec<_> = self
            .seeds
            .iter()
            .filter(|seed| self.is_missing(seed))
            .copied()
            .collect();
        let lost = self
            .others
            .values()
            .filter(|other| !other.left && other.link.is_none());
        let patient =
            |other: &&Other| self.origin.node < other.node || now >= other.unlinked_since + YIELD;
        let lost: Vec<_> = lost.filter(patient).map(|other| other.address).collect();
        for address in seeds.into_iter().chain(lost).collect::<BTreeSet<_>>() {
            self.dial(now, address);
        }
        let unheard = self
            .others
            .values()
            .filter(|other| !other.left && !other.active);
        let unheard = unheard.map(|other| other.address);
        let strangers = self
            .seeds
            .iter()
            .filter(|seed| !self.is_active(seed))
            .copied();
        for address in unheard.chain(strangers).collect::<BTreeSet<_>>() {
            self.membership.announce(now, address);
        }
    }

    /// Whether nobody is known to be at a seed's address to whom there is a stream.
    fn is_missing(&self, seed: &SocketAddr) -> bool {
        let linked = |other: &Other| other.address == *seed && other.link.is_some();
        !self.own_addresses.contains(seed) && !self.others.values().any(linked)
    }

    fn is_active(&self, seed: &SocketAddr) -> bool {
        let active = |other: &Other| other.address == *seed && other.active;
        self.own_addresses.contains(seed) || self.others.values().any(active)
    }

    pub(super) fn dial(&mut self, now: Duration, address: SocketAddr) {
        let under_way =
            |link: &Link| link.dialled && link.peer.is_none() && link.address == address;
        if self.own_addresses.contains(&address) || self.links.values().any(under_way) {
            return;
        }
        let link = self.make_link(now, address, true);
        self.outputs.push_back(Output::Dial(link, address));
    }

    pub(super) fn make_link(
        &mut self,
        now: Duration,
        address: SocketAddr,
        dialled: bool,
    ) -> LinkId {
        self.links_made += 1;
        let id = LinkId(self.links_made);
        if self.links.len() >= LINKS_MAX || self.leaving {
            self.outputs.push_back(Output::Close(id));
            return id;
        }
        self.counts.links_opened += 1;
        let channel = Channel::called(self.settings.keys.as_ref());
        self.links
            .insert(id, Link::new(now, address, dialled, channel));
        id
    }

    /// A stream this server wanted is open: proves that it has the key, where there is one, or says who it is.
    pub(super) fn call(&mut self, id: LinkId) {
        let keys = self.settings.keys.as_ref();
        let seed = keys.map(|_| seed(&mut self.chance));
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let (channel, first) = Channel::calling(keys, seed.unwrap_or_default());
        link.channel = channel;
        match first {
            Some(first) => self.send_raw(id, first),
            None => self.greet(id),
        }
    }

    /// Says who this is.
    pub(super) fn greet(&mut self, link: LinkId) {
        let settings = &self.settings;
        let hello = Hello {
            cluster_name: settings.cluster_name.clone(),
            protocol: PROTOCOL,
            oldest: PROTOCOL_OLDEST,
            origin: self.origin,
            introduction: self.membership.introduction(),
            started: settings.epoch,
            address: settings.peer.address,
            name: settings.name.clone(),
            zone: settings.zone.clone(),
            url: settings.url.clone(),
        };
        self.say(link, &Frame::Hello(hello));
    }

    /// The other end has said who it is.
    pub(super) fn greeted(&mut self, now: Duration, id: LinkId, hello: Hello) {
        let Some(link) = self.links.get(&id) else {
            return;
        };
        let (address, dialled) = (link.address, link.dialled);
        if link.peer.is_some() {
            return;
        }
        // Who called comes from a port that nobody listens at.
        let address = if dialled { address } else { hello.address };
        if hello.cluster_name != self.settings.cluster_name {
            let bye = Bye::ForeignCluster(self.settings.cluster_name.clone());
            return self.part(id, bye, Some(foreign_cluster(address, hello.cluster_name)));
        }
        if hello.oldest > PROTOCOL {
            let oldest = hello.oldest;
            let event = Event::ForeignProtocol { address, oldest };
            return self.part(id, Bye::ForeignProtocol(PROTOCOL_OLDEST), Some(event));
        }
        if !dialled {
            self.greet(id);
        }
        if hello.origin.node == self.origin.node {
            return self.met_oneself(now, id, &hello);
        }
        if self.is_surplus(now, id, dialled, hello.origin) {
            return self.part(id, Bye::Duplicate, None);
        }
        self.establish(now, id, hello);
    }

    /// The stream leads back here, or to another process that goes by the same name. Only one that this server has
    /// called is believed, for what others say may be a recording of its own former life; so whoever called is called
    /// back. Of two processes the later start yields.
    fn met_oneself(&mut self, now: Duration, id: LinkId, hello: &Hello) {
        let dialled = self.links.get(&id).filter(|link| link.dialled);
        let called = dialled.map(|link| link.address);
        let event = match (called, hello.started.cmp(&self.settings.epoch)) {
            (Some(called), Ordering::Equal) => {
                self.own_addresses.insert(called);
                None
            }
            (Some(address), Ordering::Less) => Some(Event::Duplicate { address }),
            (Some(_), Ordering::Greater) | (None, Ordering::Equal) => None,
            (None, _) => {
                self.dial(now, hello.address);
                None
            }
        };
        self.part(id, Bye::Duplicate, event);
    }

    /// Whether there is a stream to that server that stays: of two, the one its lower id has dialled. Of two that the
    /// same side has dialled the older one, unless it says nothing any more and only this end still believes in it.
    fn is_surplus(&self, now: Duration, id: LinkId, dialled: bool, origin: Origin) -> bool {
        let Some(other) = self.others.get(&origin.node) else {
            return false;
        };
        let later = other.epoch.is_some_and(|known| origin.epoch > known);
        let held = other.link.filter(|held| *held != id && !later);
        let Some(held) = held.and_then(|held| self.links.get(&held)) else {
            return false;
        };
        let lower = self.origin.node < origin.node;
        match held.dialled == dialled {
            true => now < held.heard + SILENT,
            false => held.dialled == lower,
        }
    }

    fn establish(&mut self, now: Duration, id: LinkId, hello: Hello) {
        let node = hello.origin.node;
        let other = self.other(now, node, hello.address);
        let replaced = other.link.replace(id).filter(|held| *held != id);
        let restarted = other.started(hello.origin.epoch);
        other.address = hello.address;
        let met = other.name.replace(hello.name) != other.name;
        (other.zone, other.url) = (hello.zone, hello.url);
        other.spoke(now);
        (other.exchanged_at, other.equal_at) = (now, now);
        other.left = false;
        let met = met.then(|| Event::Met(other.named()));
        if let Some(link) = self.links.get_mut(&id) {
            (link.peer, link.listens) = (Some(node), Some(hello.address));
            link.protocol = hello.protocol.min(PROTOCOL);
        }
        if let Some(replaced) = replaced {
            self.introduce_namesakes(id, replaced);
            self.part(replaced, Bye::Duplicate, None);
        }
        met.into_iter().for_each(|event| self.tell(event));
        self.membership.introduced(node, hello.introduction);
        self.membership.announce(now, hello.address);
        self.ping(now, id);
        self.introduce(id, node);
        if restarted {
            self.exchange_with_all(now);
        }
    }

    /// Two streams lead to one id at two addresses. Whether that is a server that has moved, or two processes that would
    /// outbid each other for ever, only they can find out: the later one stops when it reaches the earlier.
    fn introduce_namesakes(&mut self, new: LinkId, old: LinkId) {
        let listens = |id| self.links.get(id).and_then(|link| link.listens);
        let both = listens(&new).zip(listens(&old));
        if let Some((at, before)) = both.filter(|(at, before)| at != before) {
            self.say(new, &Frame::Namesake(before));
            self.say(old, &Frame::Namesake(at));
        }
    }

    /// Tells a peer that has just come all that it cannot know.
    fn introduce(&mut self, id: LinkId, node: NodeId) {
        self.say_seen(id, node, false);
        let standings = self.membership.standings().cloned().collect();
        self.say(id, &Frame::Standings(standings));
        let heads: Vec<_> = self
            .membership
            .heads()
            .iter()
            .filter_map(|head| head.write().ok())
            .collect();
        for head in heads {
            self.say(id, &Frame::Head(head));
        }
    }

    /// What is remembered of another server.
    pub(super) fn other(&mut self, now: Duration, node: NodeId, address: SocketAddr) -> &mut Other {
        self.others
            .entry(node)
            .or_insert_with(|| Other::new(now, node, address))
    }

    /// Ends a stream, and tells why.
    pub(super) fn part(&mut self, id: LinkId, bye: Bye, event: Option<Event>) {
        self.say(id, &Frame::Bye(bye));
        self.links.remove(&id);
        self.outputs.push_back(Output::Close(id));
        self.outputs.extend(event.map(Output::Event));
    }

    pub(super) fn part_with_all(&mut self) {
        let links: Vec<_> = self.links.keys().copied().collect();
        for link in links {
            self.part(link, Bye::Leaving, None);
        }
    }

    /// The other end has ended a stream, and told why.
    pub(super) fn parted(&mut self, now: Duration, id: LinkId, bye: Bye) {
        let address = self.links.get(&id).map(|link| link.address);
        match (bye, address, self.peer_at(id)) {
            (Bye::Leaving, _, Some(node)) => self.took_leave(now, node),
            (Bye::ForeignCluster(theirs), Some(address), _) => {
                self.tell(foreign_cluster(address, theirs));
            }
            (Bye::ForeignProtocol(oldest), Some(address), _) => {
                self.tell(Event::ForeignProtocol { address, oldest });
            }
            _ => {}
        }
        self.outputs.push_back(Output::Close(id));
        self.forget_link(now, id);
    }

    /// Lets go of a stream that has ended.
    pub(super) fn forget_link(&mut self, now: Duration, id: LinkId) {
        let Some(link) = self.links.remove(&id) else {
            return;
        };
        let other = link.peer.and_then(|node| self.others.get_mut(&node));
        if let Some(other) = other.filter(|other| other.link == Some(id)) {
            other.link = None;
            other.unlinked_since = now;
        }
        self.readings.lost(id);
    }
}

fn foreign_cluster(address: SocketAddr, theirs: String) -> Event {
    Event::ForeignCluster { address, theirs }
}
