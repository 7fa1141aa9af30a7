//! The view of a cluster, put together. Not here: what its parts mean (`view`).

use std::time::Duration;

use super::Node;
use super::other::Other;
use super::stand::BEHIND_AFTER;
use super::view::{Cluster, Counts, Me, Member, Standing, State};
use crate::heads::{Flags, Report};
use crate::replica::Replica;

impl<R: Replica> Node<R> {
    /// How things look from here.
    pub fn view(&self, now: Duration) -> Cluster {
        let known = self
            .others
            .values()
            .filter(|other| other.proven || other.active);
        let members = known.map(|other| self.member(now, other)).collect();
        let mut up = self.others.values().filter(|other| other.up);
        let same = up.all(|other| {
            self.head_of(other)
                .is_some_and(|head| head.report.digest == self.agreement.digest())
        });
        Cluster {
            name: self.settings.cluster_name.clone(),
            me: self.me(),
            members,
            agreed: same && self.all_equal(),
            isolated_since: self.isolation.since(),
            counts: self.counts(),
        }
    }

    fn me(&self) -> Me {
        let leases = self.replica.leases();
        Me {
            origin: self.origin,
            name: self.settings.name.clone(),
            zone: self.settings.zone.clone(),
            url: self.settings.url.clone(),
            address: self.settings.peer.address,
            stage: self.stage(),
            doors: self.doors(),
            state: State {
                sequence: self.agreement.own_sequence(),
                vector_hash: self.agreement.vector().hash_code(),
                digest: self.agreement.digest(),
                leases_owned: leases.owned,
                leases_silent: leases.silent,
                renewals_per_minute: leases.renewals_per_minute,
            },
            doubt: self.membership.health().score(),
            key: self.settings.keys.as_ref().map(|keys| keys.used().print()),
        }
    }

    fn member(&self, now: Duration, other: &Other) -> Member {
        let report = self.head_of(other).map(|head| &head.report);
        let has = |flag| report.is_some_and(|report| report.flags.has(flag));
        let link = other.link.and_then(|link| self.links.get(&link));
        let applied = other
            .origin()
            .map_or(0, |origin| self.agreement.vector().of(origin));
        let blocked = other.ways.blocked(now, self.membership.round());
        Member {
            node: other.node,
            origin: other.origin(),
            name: other.named().name,
            zone: other.zone.clone(),
            url: other.url.clone(),
            address: other.address,
            standing: self.standing(now, other),
            blocked: blocked.filter(|_| other.up),
            ready: has(Flags::READY),
            draining: has(Flags::DRAINING),
            preserving: has(Flags::PRESERVING),
            isolated: has(Flags::ISOLATED),
            state: report.map(state),
            applied,
            lag: report.map_or(0, |report| report.sequence.saturating_sub(applied)),
            round_trip: link.and_then(|link| link.round_trip),
            heard_ago: other.heard.map(|heard| now.saturating_sub(heard)),
            connected: link.is_some(),
            pushed: link.is_some_and(|link| link.push.is_on()),
            queued_bytes: link.map_or(0, |link| link.queued),
            clock_offset_millis: other.clock_offset,
            protocol: link.map(|link| link.protocol),
            key: link.and_then(|link| link.channel.key()),
        }
    }

    fn standing(&self, now: Duration, other: &Other) -> Standing {
        let behind = other
            .behind_since
            .is_some_and(|since| now >= since + BEHIND_AFTER);
        match other.up {
            true if behind => Standing::Behind,
            true if self.membership.suspects(other.node) => Standing::Suspect,
            true => Standing::Up,
            false if other.left => Standing::Left,
            false => Standing::Down,
        }
    }

    fn counts(&self) -> Counts {
        let membership = self.membership.counts();
        Counts {
            datagrams_foreign: membership.datagrams_foreign,
            datagrams_forged: membership.datagrams_forged,
            datagrams_replayed: membership.datagrams_replayed,
            datagrams_unknown: membership.datagrams_unknown,
            datagrams_malformed: membership.datagrams_malformed,
            items_refused: membership.items_refused,
            verdicts_held: membership.verdicts_held,
            records_unreadable: self.replica.unreadable(),
            ..self.counts
        }
    }
}

const fn state(report: &Report) -> State {
    State {
        sequence: report.sequence,
        vector_hash: report.vector_hash,
        digest: report.digest,
        leases_owned: report.leases_owned,
        leases_silent: report.leases_silent,
        renewals_per_minute: report.renewals_per_minute,
    }
}
