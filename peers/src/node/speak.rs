//! What goes out by itself: own writes, heads, and how far others were followed.
//!
//! Here: pushing own writes to all who keep up, and speaking of oneself. Not here: answers. What must always hold: a
//! peer that does not read costs at most [`QUEUE_MAX`] bytes, and one that falls behind the credit has to pull.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use super::link::{Link, QUEUE_CALM, QUEUE_MAX};
use super::{LinkId, Node, Output};
use crate::agreement::Portion;
use crate::frame::Frame;
use crate::heads::{Flags, Head, Report};
use crate::replica::Replica;
use crate::version::NodeId;

/// So much goes in one delta.
pub(super) const PORTION: Portion = Portion {
    writes: 1024,
    bytes: 32 << 10,
};

/// What changes without a write is told no more often than this.
const CHANGE_PAUSE: Duration = Duration::from_millis(500);

/// A delta of own writes: up to which it goes, how many there are, and its bytes.
type Pushed = (u64, u64, Bytes);

impl<R: Replica> Node<R> {
    /// Says something on a stream, unless too much waits there already.
    pub(super) fn say(&mut self, id: LinkId, frame: &Frame) {
        self.send(id, frame.write());
    }

    fn send(&mut self, id: LinkId, bytes: Bytes) {
        let speaks = |link: &&mut Link| link.open && link.channel.is_open();
        let Some(link) = self.links.get_mut(&id).filter(speaks) else {
            return;
        };
        if link.queued < QUEUE_MAX {
            let sealed = link.channel.seal(bytes);
            self.send_raw(id, sealed);
        }
    }

    /// Sends bytes as they are.
    pub(super) fn send_raw(&mut self, id: LinkId, bytes: Bytes) {
        if let Some(link) = self.links.get_mut(&id) {
            link.queued += bytes.len();
            self.counts.stream_bytes_sent += bytes.len() as u64;
            self.outputs.push_back(Output::Send(id, bytes));
        }
    }

    /// The stream to a server.
    pub(super) fn link_to(&self, node: NodeId) -> Option<LinkId> {
        self.others.get(&node).and_then(|other| other.link)
    }

    /// All streams at whose other end is a peer.
    pub(super) fn peer_links(&self) -> Vec<LinkId> {
        self.others
            .values()
            .filter_map(|other| other.link)
            .collect()
    }

    /// Takes note of what was written here, sends it to all who keep up, and tells others how far they were followed.
    pub(super) fn flush(&mut self, now: Duration) {
        (self.flushing, self.flushed) = (false, now);
        let before = self.agreement.own_sequence();
        for key in self.replica.take_written() {
            self.agreement.notice(now, &self.replica, &key);
        }
        if self.agreement.own_sequence() > before {
            self.membership.changed(now);
        }
        let mut pushed = BTreeMap::new();
        for id in self.peer_links() {
            self.push(now, id, &mut pushed);
            self.acknowledge(id);
        }
    }

    /// Sends own writes to one who keeps up. All are sent the same bytes.
    fn push(&mut self, now: Duration, id: LinkId, made: &mut BTreeMap<u64, Pushed>) {
        let own = self.agreement.own_sequence();
        while let Some(link) = self.links.get_mut(&id) {
            if link.push.is_far_behind(own) {
                return link.push.stop(now);
            }
            if !link.push.may_go_on(own) || link.queued >= QUEUE_MAX {
                return;
            }
            let after = link.push.pushed();
            let Some((to, writes, bytes)) = made
                .get(&after)
                .cloned()
                .or_else(|| self.portion(now, after))
            else {
                return self.stop_pushing(now, id);
            };
            made.insert(after, (to, writes, bytes.clone()));
            if let Some(link) = self.links.get_mut(&id) {
                link.push.sent(to, bytes.len());
            }
            self.counts.pushed_writes += writes;
            self.send(id, bytes);
        }
    }

    /// The log does not reach back to where this peer is.
    fn stop_pushing(&mut self, now: Duration, id: LinkId) {
        if let Some(link) = self.links.get_mut(&id) {
            link.push.stop(now);
        }
    }

    fn portion(&mut self, now: Duration, after: u64) -> Option<Pushed> {
        let own = (self.origin, after);
        let delta = self
            .agreement
            .delta(now, &self.replica, own, PORTION)
            .ok()?;
        let (to, writes) = (delta.to, delta.places.len() as u64);
        Some((to, writes, Frame::Delta(delta).write()))
    }

    fn acknowledge(&mut self, id: LinkId) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let owes = std::mem::take(&mut link.owes_followed);
        let other = link.peer.and_then(|node| self.others.get(&node));
        if let Some(origin) = other.and_then(super::other::Other::origin).filter(|_| owes) {
            let followed = self.agreement.vector().of(origin);
            self.say(id, &Frame::Followed(followed));
        }
    }

    /// A peer tells how far it has followed this server.
    pub(super) fn told_followed(&mut self, now: Duration, id: LinkId, followed: u64) {
        let own = self.agreement.own_sequence();
        if let Some(link) = self.links.get_mut(&id) {
            link.push.followed(followed, own);
            if link.push.may_go_on(own) {
                self.wrote(now);
            }
        }
    }

    /// Passes a head that is news on by streams, where gossip does not carry it: to those whom gossip does not reach, and
    /// to all if its author is not heard by gossip. They may have no other way to hear of it.
    pub(super) fn pass_head_on(&mut self, head: &Head, shown_by: NodeId) {
        let author = head.stamp.origin.node;
        let gossips = self.others.get(&author).is_some_and(|other| other.active);
        let links: Vec<LinkId> = self
            .others
            .values()
            .filter(|other| ![shown_by, author].contains(&other.node))
            .filter(|other| !(gossips && other.active))
            .filter_map(|other| other.link)
            .collect();
        if let (false, Ok(item)) = (links.is_empty(), head.write()) {
            self.speak_of_head(&links, item);
        }
    }

    fn speak_of_head(&mut self, links: &[LinkId], item: Vec<u8>) {
        let frame = Frame::Head(item).write();
        for id in links {
            let calm = |link: &Link| link.queued < QUEUE_CALM;
            if self.links.get(id).is_some_and(calm) {
                self.send(*id, frame.clone());
            }
        }
    }

    /// Speaks of this server, by gossip and on all streams.
    pub(super) fn publish(&mut self, now: Duration) {
        let report = self.report(now);
        self.told = Some((now, report.clone()));
        // A head is a few dozen bytes and a zone's name, which was cut to fit.
        let published = self.membership.publish(now, self.origin, report);
        debug_assert!(published.is_ok());
        let own = self.membership.heads().newest(self.origin.node);
        let Some(Ok(item)) = own.map(|head| head.write()) else {
            return;
        };
        let links = self.peer_links();
        self.speak_of_head(&links, item);
    }

    /// Speaks of this server when what it would tell has changed without a write of its own.
    pub(super) fn speak_if_changed(&mut self, now: Duration) {
        let report = self.report(now);
        let news = self.told.as_ref().is_none_or(|(at, told)| {
            let unchanged = Report {
                clock: told.clock,
                renewals_per_minute: told.renewals_per_minute,
                ..report
            };
            now >= *at + CHANGE_PAUSE && unchanged != *told
        });
        if news {
            self.membership.changed(now);
        }
    }

    fn report(&self, now: Duration) -> Report {
        let leases = self.replica.leases();
        Report {
            sequence: self.agreement.own_sequence(),
            clock: self.clock(now),
            vector_hash: self.agreement.vector().hash_code(),
            digest: self.agreement.digest(),
            leases_owned: leases.owned,
            leases_silent: leases.silent,
            renewals_per_minute: leases.renewals_per_minute,
            flags: self.flags(leases.preserving, leases.called),
            zone: cut(&self.settings.zone),
        }
    }

    fn flags(&self, preserving: bool, called: bool) -> Flags {
        let stage = self.readiness.stage();
        let draining = stage == super::Stage::Draining;
        let set = [
            (stage == super::Stage::Ready, Flags::READY),
            (draining, Flags::DRAINING | Flags::LEAVING),
            (preserving, Flags::PRESERVING),
            (self.isolation.since().is_some(), Flags::ISOLATED),
            (called, Flags::CALLED),
        ];
        let set = set.into_iter().filter(|(set, _)| *set);
        set.fold(Flags::default(), |flags, (_, flag)| flags | flag)
    }
}

/// The longest name of a zone that travels in a head.
const ZONE_BYTES_MAX: usize = 128;

fn cut(zone: &str) -> String {
    let end = zone.floor_char_boundary(ZONE_BYTES_MAX);
    zone.get(..end).unwrap_or_default().to_owned()
}
