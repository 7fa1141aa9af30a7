//! Beats heard of leases that others own.
//!
//! Here: handing them to the owner, by way of a third server if need be, and bringing back what it said. Not here: what
//! a beat does, which the replica knows. What must always hold: a relay is passed on once at most.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{LinkId, Node};
use crate::agreement::{Told, hash_of_key};
use crate::frame::{Frame, Relay, RelayAnswer};
use crate::record::Key;
use crate::replica::{Relayed, Replica};
use crate::version::{NodeId, Origin};

/// A stream that has carried nothing for so long, though it is asked for a sign of life every two seconds, may be cut.
const FLOWS: Duration = Duration::from_millis(2500);

impl<R: Replica> Node<R> {
    /// Hands on the beats that were heard here since the last time.
    pub(super) fn relay(&mut self, now: Duration) {
        let mut by_owner: BTreeMap<Origin, Vec<(u64, u32)>> = BTreeMap::new();
        for (owner, key, age) in self.replica.take_relays(now) {
            let age = u32::try_from(age.as_millis()).unwrap_or(u32::MAX);
            by_owner
                .entry(owner)
                .or_default()
                .push((hash_of_key(&key), age));
        }
        for (to, beats) in by_owner {
            self.counts.relays_sent += beats.len() as u64;
            let relay = Relay {
                from: self.origin.node,
                to,
                forwarded: false,
                beats,
            };
            if let Some(link) = self.way_to(now, to.node) {
                self.say(link, &Frame::Relay(relay));
            }
        }
    }

    /// The stream to a server; or, if that has carried nothing lately, to the others in turn, who may have one.
    fn way_to(&mut self, now: Duration, node: NodeId) -> Option<LinkId> {
        let flows = |id: &LinkId| {
            self.links
                .get(id)
                .is_some_and(|link| now < link.heard + FLOWS)
        };
        if let Some(straight) = self.link_to(node).filter(flows) {
            return Some(straight);
        }
        let detours: Vec<_> = self.peer_links().into_iter().filter(flows).collect();
        self.detours = self.detours.wrapping_add(1);
        detours
            .get(self.detours.checked_rem(detours.len())?)
            .copied()
    }

    pub(super) fn relayed_here(&mut self, now: Duration, id: LinkId, relay: Relay) {
        if relay.to.node != self.origin.node {
            let (to, done) = (relay.to.node, relay.forwarded);
            let forwarded = true;
            return self.forward(to, done, &Frame::Relay(Relay { forwarded, ..relay }));
        }
        let (mut answers, mut records) = (Vec::new(), Vec::new());
        for (hash, age) in relay.beats {
            self.counts.relays_received += 1;
            let (answer, told) = self.take_beat(now, hash, Duration::from_millis(age.into()));
            answers.push((hash, answer));
            records.extend(told);
        }
        let answer = RelayAnswer {
            to: relay.from,
            forwarded: false,
            answers,
            records,
        };
        self.say(id, &Frame::RelayAnswer(answer));
    }

    /// What becomes of a beat here, and the record if it is held otherwise than who heard the beat believes.
    fn take_beat(&mut self, now: Duration, hash: u64, age: Duration) -> (Relayed, Option<Told>) {
        let Some(key) = self.agreement.named(hash).cloned() else {
            return (Relayed::Unknown, None);
        };
        let relayed = self.replica.relayed(now, &key, age);
        let otherwise = relayed == Relayed::HeldOtherwise;
        let told = otherwise.then(|| self.agreement.notice(now, &self.replica, &key));
        (relayed, told.flatten())
    }

    /// Passes on what is for another, unless that was `done` once already.
    fn forward(&mut self, to: NodeId, done: bool, frame: &Frame) {
        if let Some(link) = self.link_to(to).filter(|_| !done) {
            self.say(link, frame);
        }
    }

    pub(super) fn told_relay_answer(&mut self, now: Duration, answer: RelayAnswer) {
        if answer.to != self.origin.node {
            let (to, done) = (answer.to, answer.forwarded);
            let forwarded = true;
            let answer = RelayAnswer {
                forwarded,
                ..answer
            };
            return self.forward(to, done, &Frame::RelayAnswer(answer));
        }
        for told in answer.records {
            self.agreement.take(now, &mut self.replica, told);
        }
        let known = |hash| self.agreement.named(hash).cloned();
        let named = answer
            .answers
            .iter()
            .filter_map(|(hash, answer)| Some((known(*hash)?, *answer)));
        let named: Vec<(Key, Relayed)> = named.collect();
        for (key, answer) in named {
            self.replica.relay_answered(now, &key, answer);
        }
        self.wrote(now);
    }
}
