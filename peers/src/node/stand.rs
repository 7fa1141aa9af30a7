//! How the others stand, looked at again and again.
//!
//! Here: who is up, who is gone, whether this server is the one that is lost, what it may serve, and the care of
//! streams. Not here: what the replica is told of it (`around`).

use std::time::Duration;

use super::follow::DIFFER_MAX;
use super::isolation::Known;
use super::other::Other;
use super::read::Wanted;
use super::readiness::{Facts, Stage};
use super::ways::{News, Way};
use super::{Due, Event, Node, Reason, TEND};
use crate::heads::{Flags, Head};
use crate::replica::{Leases, Replica};
use crate::version::NodeId;

/// A stream that carries nothing is asked for a sign of life this often.
const PING: Duration = Duration::from_secs(2);
/// And closed after so long without one.
const SILENCE_MAX: Duration = Duration::from_secs(10);
/// A question is answered within this, or not at all.
const ANSWER_MAX: Duration = Duration::from_secs(2);
/// A peer that is ahead for so long is behind in the sense that this server is.
pub(super) const BEHIND_AFTER: Duration = Duration::from_secs(30);
/// Vectors that have not been seen equal for so long: records are compared, whatever the digests say.
const OVERDUE: Duration = Duration::from_secs(10 * 60);

impl<R: Replica> Node<R> {
    /// Looks after everything, and comes again.
    pub(super) fn tend(&mut self, now: Duration) {
        self.timers.set(now + TEND, Due::Tend);
        self.tend_links(now);
        self.give_up_questions(now);
        self.relay(now);
        self.look_who_is_up(now);
        self.look_who_is_behind(now);
        self.look_who_is_blocked(now);
        self.look_for_noise(now);
        self.exchange_with_differing(now);
        // Asked once a turn, for whoever stands behind has to stop others for it.
        let (leases, owners) = (self.replica.leases(), self.replica.owners());
        self.look_for_isolation(now, leases);
        self.open_doors(now, leases.called);
        self.surround_owners(now, owners.clone());
        self.forget_the_gone(now, &owners);
        self.read_next(now);
        self.speak_if_changed(now);
    }

    fn tend_links(&mut self, now: Duration) {
        let (mut dead, mut idle, mut slow) = (Vec::new(), Vec::new(), Vec::new());
        for (id, link) in &mut self.links {
            if link.push.is_slow(now) {
                slow.extend(link.peer);
            }
            if now >= link.heard + SILENCE_MAX {
                dead.push(*id);
            } else if link.peer.is_some() && now >= link.pinged + PING {
                idle.push(*id);
            }
        }
        for id in idle {
            self.ping(now, id);
        }
        let slow = slow
            .iter()
            .filter_map(|node| Some(self.others.get(node)?.named()));
        for peer in slow.collect::<Vec<_>>() {
            self.tell(Event::Slow(peer));
        }
        for id in dead {
            self.outputs.push_back(super::Output::Close(id));
            self.forget_link(now, id);
        }
    }

    fn give_up_questions(&mut self, now: Duration) {
        let late = self
            .asked
            .iter()
            .filter(|(_, (_, asked))| now >= *asked + ANSWER_MAX);
        let late: Vec<_> = late.map(|(id, _)| *id).collect();
        for id in late {
            self.asked.remove(&id);
            self.tell(Event::Answered(id, None));
        }
    }

    /// A peer says goodbye.
    pub(super) fn took_leave(&mut self, now: Duration, node: NodeId) {
        if let Some(other) = self.others.get_mut(&node).filter(|other| !other.left) {
            other.left = true;
            self.exchange_with_all(now);
            self.look_who_is_up(now);
            self.surround(now);
        }
    }

    fn look_who_is_up(&mut self, now: Duration) {
        let mut events = Vec::new();
        for other in self.others.values_mut() {
            let up = other.is_up(now);
            if up != std::mem::replace(&mut other.up, up) {
                let (peer, left) = (other.named(), other.left);
                events.push(if up {
                    Event::Up(peer)
                } else {
                    Event::Down { peer, left }
                });
            }
        }
        let changed = !events.is_empty();
        events.into_iter().for_each(|event| self.tell(event));
        if changed {
            self.exchange_with_all(now);
            self.surround(now);
        }
    }

    fn look_who_is_behind(&mut self, now: Duration) {
        let heads = self.membership.heads();
        let mut behind = Vec::new();
        for other in self.others.values_mut() {
            let ahead = heads.newest(other.node).is_some_and(|head| {
                head.report.sequence > self.agreement.vector().of(head.stamp.origin)
            });
            let since = other.behind_since;
            other.behind_since = ahead.then(|| since.unwrap_or(now));
            // Told once, at the tick on which it has lasted so long.
            let lasted =
                |at: Duration| since.is_some_and(|since| ahead && at >= since + BEHIND_AFTER);
            if lasted(now) && !lasted(now.saturating_sub(TEND)) {
                behind.push(other.named());
            }
        }
        behind
            .into_iter()
            .for_each(|peer| self.tell(Event::Behind(peer)));
    }

    fn look_who_is_blocked(&mut self, now: Duration) {
        let round = self.membership.round();
        let keyed = self.settings.keys.is_some();
        let known = self.others.values_mut().filter(|other| !other.left);
        let events = known.filter_map(|other| {
            // With a key no datagram is opened of one that was never met on a stream: that others hear it has to do.
            if keyed && other.active && !self.membership.knows_session_of(other.node) {
                other.ways.carried(now, Way::Datagrams);
            }
            let news = other.ways.news(now, round, other.up)?;
            let peer = other.named();
            Some(match news {
                News::Blocked(what) => Event::Blocked { peer, what },
                News::Open => Event::Unblocked(peer),
            })
        });
        let events: Vec<_> = events.collect();
        events.into_iter().for_each(|event| self.tell(event));
    }

    fn look_for_noise(&mut self, now: Duration) {
        let dropped = self.membership.counts().noise();
        if let Some(count) = self.noise.news(now, dropped) {
            self.tell(Event::Noise(count));
        }
    }

    /// Exchanges vectors with those whose were not seen equal lately, and compares records where that does not help.
    fn exchange_with_differing(&mut self, now: Duration) {
        let linked = self
            .others
            .values()
            .filter_map(|other| Some((other.node, other.link?)));
        for (node, link) in linked.collect::<Vec<_>>() {
            match self.equal_to(node) {
                (true, equal) => self.saw_equal_vector(now, node, equal),
                (false, _) => self.saw_other_vector(now, node, link),
            }
        }
    }

    /// Whether a peer's last head tells of the vector, and of the records, that are here.
    fn equal_to(&self, node: NodeId) -> (bool, bool) {
        let head = self.membership.heads().newest(node);
        head.map_or((true, true), |Head { report, .. }| {
            let vector = report.vector_hash == self.agreement.vector().hash_code();
            (vector, report.digest == self.agreement.digest())
        })
    }

    fn saw_equal_vector(&mut self, now: Duration, node: NodeId, equal: bool) {
        let Some(other) = self.others.get_mut(&node) else {
            return;
        };
        other.equal_at = now;
        let since = other.differs_since.unwrap_or(now);
        other.differs_since = (!equal).then_some(since);
        if !equal && now >= since + DIFFER_MAX {
            other.differs_since = None;
            let peer = other.named();
            self.counts.digest_mismatches += 1;
            self.tell(Event::Differs(peer));
            self.compare_with(
                now,
                Wanted {
                    peer: node,
                    reason: Reason::Digest,
                },
            );
        }
    }

    fn saw_other_vector(&mut self, now: Duration, node: NodeId, link: super::LinkId) {
        let Some(other) = self.others.get_mut(&node) else {
            return;
        };
        other.differs_since = None;
        if now >= other.equal_at + OVERDUE {
            other.equal_at = now;
            self.compare_with(
                now,
                Wanted {
                    peer: node,
                    reason: Reason::Overdue,
                },
            );
        } else if now >= other.equal_at.max(other.exchanged_at) + DIFFER_MAX {
            self.exchange(now, link, node);
        }
    }

    fn look_for_isolation(&mut self, now: Duration, leases: Leases) {
        let known = self
            .others
            .values()
            .filter(|other| !other.left && other.proven);
        let known: Vec<_> = known
            .map(|other| Known {
                node: other.node,
                connected: other.link.is_some(),
                up: other.up,
            })
            .collect();
        let before = self.isolation.since().is_some();
        self.isolation
            .ask(now, &known, leases, &self.settings.rules);
        let isolated = self.isolation.since().is_some();
        if isolated != before {
            self.tell(Event::Isolated(isolated));
            self.membership.changed(now);
        }
    }

    fn open_doors(&mut self, now: Duration, called: bool) {
        let stage = self.readiness.stage();
        let facts = self.facts(called);
        self.readiness.ask(now, &facts);
        for peer in self.readiness.unread().collect::<Vec<_>>() {
            self.compare_with(
                now,
                Wanted {
                    peer,
                    reason: Reason::Start,
                },
            );
        }
        if self.readiness.stage() != stage {
            self.tell(Event::Stage(self.readiness.stage()));
            if self.readiness.stage() == Stage::Collecting && !self.readiness.answered() {
                self.tell(Event::Unanswered);
            }
            self.membership.changed(now);
        }
    }

    fn facts(&self, called: bool) -> Facts {
        let linked = self.others.values().filter(|other| other.link.is_some());
        let ready = linked.filter(|other| self.has_flags(other, Flags::READY));
        let up = || self.others.values().filter(|other| other.up);
        Facts {
            ready: ready.map(|other| other.node).collect(),
            anybody_ready: up().any(|other| self.has_flags(other, Flags::READY)),
            live: self.agreement.live(),
            called: called || up().any(|other| self.has_flags(other, Flags::CALLED)),
        }
    }

    /// The last head of another server's present start.
    pub(super) fn head_of(&self, other: &Other) -> Option<&Head> {
        self.membership.heads().last_of(other.origin()?)
    }

    pub(super) fn has_flags(&self, other: &Other, flags: Flags) -> bool {
        self.head_of(other)
            .is_some_and(|head| head.report.flags.has(flags))
    }

    /// Whether all who are up have seen the same.
    pub(super) fn all_equal(&self) -> bool {
        let mine = self.agreement.vector().hash_code();
        let mut up = self.others.values().filter(|other| other.up);
        up.all(|other| {
            self.head_of(other)
                .is_some_and(|head| head.report.vector_hash == mine)
        })
    }
}
