//! Following others: what they push, what has to be pulled, and who has seen what.
//!
//! Here: from a sign that an origin is ahead to a vector that covers it. Not here: comparing whole sets (`read`). What
//! must always hold: a pull goes on, from one live peer after the other, until the vector covers what was announced.

use std::collections::BTreeMap;
use std::time::Duration;

use super::link::QUEUE_CALM;
use super::read::Wanted;
use super::speak::PORTION;
use super::{Due, Event, LinkId, Node, Reason};
use crate::agreement::{Applied, Delta, Portion};
use crate::frame::{Frame, Seen};
use crate::heads::{Flags, Head};
use crate::replica::Replica;
use crate::version::{NodeId, Origin};

/// A push is waited for this long before the same is pulled, and a vain pull is tried elsewhere after it.
const PULL_AFTER: Duration = Duration::from_millis(30);
/// Pulls that bring nothing come ever more rarely, up to this.
const PULL_SLOWEST: Duration = Duration::from_secs(1);
/// The answer to a pull carries so much.
const PULLED: Portion = Portion {
    writes: 4096,
    bytes: 256 << 10,
};
/// Vectors that differ for so long are exchanged.
pub(super) const DIFFER_MAX: Duration = Duration::from_secs(1);

/// Origins that are ahead of this server.
pub(super) type Pulls = BTreeMap<Origin, Pull>;

/// An origin that is ahead.
#[derive(Clone, Debug)]
pub(super) struct Pull {
    /// Up to which.
    target: u64,
    /// Who is known to have that.
    shown_by: NodeId,
    /// When to ask next; timers for any other moment are of the past.
    due: Duration,
    vain: u32,
}

impl<R: Replica> Node<R> {
    /// An origin has written so much, and that peer has it.
    pub(super) fn want(
        &mut self,
        now: Duration,
        (origin, target): (Origin, u64),
        shown_by: NodeId,
    ) {
        if self.agreement.vector().of(origin) >= target || origin == self.origin {
            return;
        }
        if let Some(pull) = self.pulls.get_mut(&origin) {
            if target > pull.target {
                (pull.target, pull.shown_by) = (target, shown_by);
            }
            return;
        }
        let due = now + PULL_AFTER;
        let pull = Pull {
            target,
            shown_by,
            due,
            vain: 0,
        };
        self.pulls.insert(origin, pull);
        self.timers.set(due, Due::Pull(origin));
    }

    /// Asks for what an origin wrote, unless it has come meanwhile.
    pub(super) fn pull(&mut self, now: Duration, origin: Origin) {
        let after = self.agreement.vector().of(origin);
        let Some(pull) = self.pulls.get(&origin).filter(|pull| pull.due <= now) else {
            return;
        };
        if after >= pull.target {
            self.pulls.remove(&origin);
            return;
        }
        let asked = self.whom_to_ask(origin, pull);
        // A joiner is about to read all of it.
        let joining = self.readiness.unread().next().is_some();
        if let Some(link) = asked.filter(|_| !joining) {
            self.counts.pulls += 1;
            self.say(link, &Frame::Pull(origin, after));
        }
        self.pull_later(now, origin, true);
    }

    /// Who showed it first, then all others with a stream in turn, the origin itself among them.
    fn whom_to_ask(&self, origin: Origin, pull: &Pull) -> Option<LinkId> {
        let first = [pull.shown_by, origin.node];
        let rest = self.others.keys().filter(|node| !first.contains(node));
        let candidates: Vec<_> = first
            .iter()
            .chain(rest)
            .filter_map(|node| self.link_to(*node))
            .collect();
        let turn = usize::try_from(pull.vain)
            .ok()?
            .checked_rem(candidates.len())?;
        candidates.get(turn).copied()
    }

    fn pull_later(&mut self, now: Duration, origin: Origin, vain: bool) {
        let Some(pull) = self.pulls.get_mut(&origin) else {
            return;
        };
        pull.vain = if vain { pull.vain.saturating_add(1) } else { 0 };
        let pause = PULL_AFTER.saturating_mul(1 << pull.vain.min(6));
        pull.due = now + pause.min(PULL_SLOWEST);
        self.timers.set(pull.due, Due::Pull(origin));
    }

    /// A peer asks for an origin's writes.
    pub(super) fn pulled(&mut self, now: Duration, id: LinkId, (origin, after): (Origin, u64)) {
        if self
            .links
            .get(&id)
            .is_none_or(|link| link.queued >= QUEUE_CALM + PULLED.bytes)
        {
            return;
        }
        let answer = match self
            .agreement
            .delta(now, &self.replica, (origin, after), PULLED)
        {
            Ok(delta) => Frame::Delta(delta),
            Err(_) => Frame::BelowFloor(origin),
        };
        self.say(id, &answer);
    }

    /// A peer hands on an origin's writes.
    pub(super) fn told_delta(&mut self, now: Duration, id: LinkId, peer: NodeId, delta: Delta) {
        let (origin, to) = (delta.origin, delta.to);
        if origin == self.origin {
            return;
        }
        let before = self.agreement.vector().of(origin);
        let applied = self.agreement.apply(now, &mut self.replica, delta);
        let followed = self.agreement.vector().of(origin);
        self.counts.applied_writes += followed - before.min(followed);
        if let Some(link) = self.links.get_mut(&id).filter(|_| origin.node == peer) {
            link.owes_followed = true;
        }
        // Evidence against a death is written while it is merged, and is to be sent.
        self.wrote(now);
        match applied {
            Applied::Gap { .. } => self.want(now, (origin, to), peer),
            Applied::Followed => self.followed(now, id, origin, followed > before),
        }
    }

    /// Goes on with a pull that brought something at once, and ends one that is done.
    fn followed(&mut self, now: Duration, id: LinkId, origin: Origin, further: bool) {
        let followed = self.agreement.vector().of(origin);
        match self.pulls.get(&origin) {
            Some(pull) if followed >= pull.target => drop(self.pulls.remove(&origin)),
            Some(_) if further => {
                self.counts.pulls += 1;
                self.say(id, &Frame::Pull(origin, followed));
                self.pull_later(now, origin, false);
            }
            _ => {}
        }
    }

    /// A log does not reach back far enough: only comparing helps.
    pub(super) fn told_below_floor(&mut self, now: Duration, peer: NodeId, origin: Origin) {
        if self.pulls.contains_key(&origin) {
            self.compare_with(
                now,
                Wanted {
                    peer,
                    reason: Reason::BelowFloor,
                },
            );
        }
    }

    /// A head that is news, shown by a peer that has what it speaks of.
    pub(super) fn heard_head(&mut self, now: Duration, head: Head, shown_by: NodeId) {
        let origin = head.stamp.origin;
        if origin.node == self.origin.node {
            return;
        }
        self.want(now, (origin, head.report.sequence), shown_by);
        self.pass_head_on(&head, shown_by);
        // Whoever still speaks to others is lost to this server alone, and its leases are not orphans yet.
        if let Some(since) = self.gone_since.get_mut(&origin) {
            *since = now;
        }
        let Some(other) = self.others.get_mut(&origin.node) else {
            return;
        };
        let restarted = other.started(origin.epoch);
        other.zone.clone_from(&head.report.zone);
        if head.report.flags.has(Flags::LEAVING) && other.epoch == Some(origin.epoch) {
            self.took_leave(now, origin.node);
        }
        if restarted {
            self.exchange_with_all(now);
        }
    }

    /// Tells a peer what this server has seen.
    pub(super) fn say_seen(&mut self, id: LinkId, node: NodeId, answer: bool) {
        let of_vector = self.agreement.vector().epoch_of(node);
        let of_heads = self.membership.heads().newest(node);
        let epoch = of_vector.max(of_heads.map(|head| head.stamp.origin.epoch));
        let vector = self.agreement.vector().clone();
        self.say(
            id,
            &Frame::Seen(Seen {
                vector,
                epoch,
                answer,
            }),
        );
    }

    /// Whenever an origin goes or comes all who are there exchange what they have seen: nobody else announces the last
    /// writes of the dead.
    pub(super) fn exchange_with_all(&mut self, now: Duration) {
        let linked = self
            .others
            .values()
            .filter_map(|other| Some((other.link?, other.node)));
        for (id, node) in linked.collect::<Vec<_>>() {
            self.exchange(now, id, node);
        }
    }

    pub(super) fn exchange(&mut self, now: Duration, id: LinkId, node: NodeId) {
        if let Some(other) = self.others.get_mut(&node) {
            other.exchanged_at = now;
        }
        self.say_seen(id, node, false);
    }

    /// A peer tells what it has seen.
    pub(super) fn told_seen(&mut self, now: Duration, id: LinkId, peer: NodeId, seen: Seen) {
        self.readiness.answer();
        self.take_greater_epoch(now, &seen);
        let further: Vec<_> = self.agreement.vector().behind(&seen.vector).collect();
        for ahead in further {
            self.want(now, ahead, peer);
        }
        if !seen.vector.includes(self.agreement.vector()) && !seen.answer {
            self.say_seen(id, peer, true);
        }
        let own = seen.vector.of(self.origin);
        self.told_followed(now, id, own);
    }

    /// Peers may remember a start of this server with a greater epoch than it has now, if its clock went back: then
    /// it takes one above, and what it owns is written anew. So it does where they have seen more by its very epoch than
    /// it has written: a former life had that one, if what was remembered of it is older than its last start.
    pub(super) fn take_greater_epoch(&mut self, now: Duration, seen: &Seen) {
        let known = seen.epoch.max(seen.vector.epoch_of(self.origin.node));
        let used = seen.vector.of(self.origin) > self.agreement.own_sequence();
        let Some(known) = known.filter(|known| used || *known > self.origin.epoch) else {
            return;
        };
        self.origin.epoch = crate::version::Epoch(known.0.saturating_add(1));
        self.agreement.rename(self.origin);
        self.replica.restate(now, self.origin);
        for link in self.links.values_mut() {
            link.push = super::link::Push::default();
        }
        self.tell(Event::EpochTaken(self.origin.epoch));
        self.wrote(now);
        self.membership.changed(now);
    }
}

/// Kept beside each other: one portion of a push is at most as much as one of a pull.
const _: () = assert!(PORTION.bytes <= PULLED.bytes);
