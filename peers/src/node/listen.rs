//! What comes in: frames on streams, and what membership has to tell.
//!
//! Here: who answers which frame. Not here: the answers. What must always hold: before it has said who it is, nobody
//! is listened to; and nonsense ends a stream.

use std::time::Duration;

use super::link::Link;
use super::{Event, LinkId, Node, Output, seed};
use crate::channel::REFUSAL;
use crate::frame::{Frame, Sample};
use crate::heads::Head;
use crate::item::Item;
use crate::membership::{self, Standing};
use crate::replica::Replica;
use crate::version::NodeId;

/// Clocks further apart than this are told of.
const OFFSET_MAX_MILLIS: i64 = 500;

impl<R: Replica> Node<R> {
    pub(super) fn listen(&mut self, now: Duration, id: LinkId, bytes: &[u8]) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        link.heard = now;
        let keys = self.settings.keys.as_ref();
        let taken = link.channel.take(bytes, keys, || seed(&mut self.chance));
        let Ok(taken) = taken else {
            return self.distrust(now, id);
        };
        link.reader.push(&taken.plain);
        if let Some(other) = link.peer.and_then(|node| self.others.get_mut(&node)) {
            other.spoke(now);
        }
        let greets = taken.opened && link.dialled;
        if let Some(reply) = taken.reply {
            self.send_raw(id, reply);
        }
        if greets {
            self.greet(id);
        }
        while let Some(link) = self.links.get_mut(&id) {
            match link.reader.next_frame() {
                Ok(Some(frame)) => self.hear(now, id, frame),
                Ok(None) => return,
                Err(_) => return self.refuse(now, id),
            }
        }
    }

    /// Ends a stream whose other end did not prove that it has the key, or whose bytes were changed on their way.
    fn distrust(&mut self, now: Duration, id: LinkId) {
        match self.links.get(&id) {
            Some(link) if !link.channel.is_open() => {
                let unproved = Event::Unproved(link.address);
                self.counts.links_unproved += 1;
                self.tell(unproved);
                self.send_raw(id, REFUSAL);
                self.outputs.push_back(Output::Close(id));
                self.forget_link(now, id);
            }
            _ => self.refuse(now, id),
        }
    }

    /// Ends a stream that carries what no peer says.
    pub(super) fn refuse(&mut self, now: Duration, id: LinkId) {
        if let Some(Link { address, .. }) = self.links.get(&id) {
            let senseless = Event::Senseless(*address);
            self.counts.links_senseless += 1;
            self.tell(senseless);
        }
        self.outputs.push_back(Output::Close(id));
        self.forget_link(now, id);
    }

    /// Who is at the other end of a stream.
    pub(super) fn peer_at(&self, id: LinkId) -> Option<NodeId> {
        self.links.get(&id).and_then(|link| link.peer)
    }

    fn hear(&mut self, now: Duration, id: LinkId, frame: Frame) {
        match (frame, self.peer_at(id)) {
            (Frame::Hello(hello), _) => self.greeted(now, id, hello),
            (Frame::Bye(bye), _) => self.parted(now, id, bye),
            (frame, Some(peer)) => self.hear_peer(now, id, peer, frame),
            (_, None) => self.refuse(now, id),
        }
    }

    fn hear_peer(&mut self, now: Duration, id: LinkId, peer: NodeId, frame: Frame) {
        match frame {
            // Heard before it had a peer.
            Frame::Hello(_) | Frame::Bye(_) => {}
            Frame::Ping(sample) => self.pinged(now, id, sample),
            Frame::Pong(own, theirs) => self.ponged(now, id, peer, (own, theirs)),
            Frame::Standings(standings) => self.told_standings(now, standings),
            Frame::Head(item) => self.told_head(now, peer, &item),
            Frame::Seen(seen) => self.told_seen(now, id, peer, seen),
            Frame::Delta(delta) => self.told_delta(now, id, peer, delta),
            Frame::Followed(followed) => self.told_followed(now, id, followed),
            Frame::Pull(origin, after) => self.pulled(now, id, (origin, after)),
            Frame::BelowFloor(origin) => self.told_below_floor(now, peer, origin),
            Frame::Read(after) => self.asked_for_page(now, id, after),
            Frame::Page(page, begun) => self.told_page(now, id, page, begun),
            Frame::Busy => self.told_busy(now, id),
            Frame::Fetch(keys) => self.asked_for_records(now, id, &keys),
            Frame::Records(records, absent) => self.told_records(now, id, records, &absent),
            Frame::Compare => self.asked_to_compare(now, peer),
            Frame::Relay(relay) => self.relayed_here(now, id, relay),
            Frame::RelayAnswer(answer) => self.told_relay_answer(now, answer),
            Frame::Ask(question, bytes) => {
                let answer = self.replica.answer(now, &bytes, &self.view(now));
                self.say(id, &Frame::Answer(question, answer));
            }
            Frame::Answer(question, answer) => self.answered(id, question, answer),
            Frame::Namesake(address) => self.dial(now, address),
        }
    }

    fn pinged(&mut self, now: Duration, id: LinkId, theirs: Sample) {
        let own = self.sample(now);
        self.say(id, &Frame::Pong(theirs, own));
    }

    /// Asks for a sign of life.
    pub(super) fn ping(&mut self, now: Duration, id: LinkId) {
        if let Some(link) = self.links.get_mut(&id) {
            link.ping(now);
        }
        let sample = self.sample(now);
        self.say(id, &Frame::Ping(sample));
    }

    /// A sign of life. Only the answer to what was asked is one; a recording of another is not.
    fn ponged(&mut self, now: Duration, id: LinkId, peer: NodeId, (own, theirs): (Sample, Sample)) {
        let Some(link) = self.links.get_mut(&id) else {
            return;
        };
        let Some(asked) = link.ponged(own.micros) else {
            return;
        };
        let round_trip = now.saturating_sub(asked);
        link.round_trip = Some(round_trip);
        if let Some(other) = self.others.get_mut(&peer) {
            other.proven = true;
        }
        let present = self.sample(now);
        self.compare_clocks(peer, present, theirs, round_trip / 2);
    }

    pub(super) fn sample(&self, now: Duration) -> Sample {
        Sample {
            micros: micros(now),
            clock: self.clock(now),
        }
    }

    /// Only to be told of: versions are compared within one register, so no clock of another moves one's own.
    fn compare_clocks(&mut self, peer: NodeId, own: Sample, theirs: Sample, travelled: Duration) {
        let millis = |clock: u64| i64::try_from(clock).unwrap_or(i64::MAX);
        let travelled = i64::try_from(travelled.as_millis()).unwrap_or(i64::MAX);
        let theirs = millis(theirs.clock.millis()).saturating_add(travelled);
        let offset = theirs.saturating_sub(millis(own.clock.millis()));
        let Some(other) = self.others.get_mut(&peer) else {
            return;
        };
        if travelled > OFFSET_MAX_MILLIS {
            // It stood in a queue for longer than what is looked for: it says nothing of a clock.
            return;
        }
        other.clock_offset = Some(offset);
        // Who was stalled answered late, and nobody knows on which of the two ways the time was lost.
        let off = offset.abs() > OFFSET_MAX_MILLIS.saturating_add(travelled);
        if off && !std::mem::replace(&mut other.clock_told, off) {
            let peer = other.named();
            self.tell(Event::ClockOff {
                peer,
                millis: offset,
            });
        }
    }

    fn told_standings(&mut self, now: Duration, standings: Vec<Standing>) {
        self.membership.apply(now, standings);
    }

    fn told_head(&mut self, now: Duration, shown_by: NodeId, item: &[u8]) {
        let head = Item::read(item).and_then(|item| Head::of(&item));
        if let Some(head) = head.filter(|head| self.membership.heads_mut().learn(head.clone())) {
            self.heard_head(now, head, shown_by);
        }
    }

    fn answered(&mut self, id: LinkId, question: u64, answer: Vec<u8>) {
        let asked = self
            .asked
            .get(&question)
            .is_some_and(|(link, _)| *link == id);
        if asked {
            self.asked.remove(&question);
            self.tell(Event::Answered(question, Some(answer)));
        }
    }

    pub(super) fn heard_of_membership(&mut self, now: Duration, event: membership::Event) {
        use membership::Event as Of;
        match event {
            // Another process of this name: it is called, and will tell.
            Of::Up(peer) | Of::Renewed { new: peer, .. } if peer.node == self.origin.node => {
                self.dial(now, peer.address);
            }
            Of::Down(peer) if peer.node == self.origin.node => {}
            Of::Up(peer) | Of::Renewed { new: peer, .. } => {
                let head = self.membership.heads().newest(peer.node);
                let epoch = head.map(|head| head.stamp.origin.epoch);
                let other = self.other(now, peer.node, peer.address);
                (other.active, other.address) = (true, peer.address);
                if let Some(epoch) = epoch {
                    other.started(epoch);
                }
            }
            Of::Down(peer) => {
                self.other(now, peer.node, peer.address).active = false;
                self.exchange_with_all(now);
            }
            Of::HeadDue => self.publish(now),
            Of::Heard { head, shown_by } => self.heard_head(now, head, shown_by),
            Of::Left => self.tell(Event::Left),
            Of::Active | Of::Idle | Of::Rejoined => {}
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
