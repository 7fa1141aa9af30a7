//! What the replica is told of the others, and how long anything is remembered of them.
//!
//! Here: from how they stand to what matters for leases. Not here: what follows for leases, which the replica judges by
//! itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::other::Other;
use super::{Node, Stage};
use crate::heads::Flags;
use crate::replica::Replica;
use crate::surroundings::{Gone, LeaseSums, Surroundings};
use crate::version::Origin;

/// An origin of which nothing is left, and nothing new, for so long is retired.
const RETIRED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// One that never answered anything is forgotten after this.
const UNPROVEN: Duration = Duration::from_secs(30);
/// A server that was lost or left is remembered for so long.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);

impl<R: Replica> Node<R> {
    /// Tells the replica how the others stand, if that has changed.
    pub(super) fn surround(&mut self, now: Duration) {
        let owners = self.replica.owners();
        self.surround_owners(now, owners);
    }

    /// The same, by what the replica has just said of who owns leases.
    pub(super) fn surround_owners(&mut self, now: Duration, owners: BTreeMap<Origin, u32>) {
        let up: BTreeSet<_> = self
            .others
            .values()
            .filter(|other| other.up)
            .filter_map(Other::origin)
            .collect();
        let surroundings = Surroundings {
            met: self.settings.seeded || self.met(),
            gone: self.gone(now, &up, owners),
            steward: self.steward(),
            isolated: self.isolation.since().is_some(),
            others: self.sums(),
            up,
        };
        if surroundings != self.surroundings {
            self.replica.surround(now, &surroundings);
            self.surroundings = surroundings;
        }
    }

    fn met(&self) -> bool {
        let mut others = self.others.values();
        others.any(|other| other.proven && !other.left)
    }

    /// The owners of live records that are not up: servers that are gone, and former starts of servers that are up.
    fn gone(
        &mut self,
        now: Duration,
        up: &BTreeSet<Origin>,
        mut owners: BTreeMap<Origin, u32>,
    ) -> BTreeMap<Origin, Gone> {
        owners.retain(|owner, _| !up.contains(owner) && *owner != self.origin);
        self.gone_since
            .retain(|owner, _| owners.contains_key(owner));
        let heads = self.membership.heads();
        let gone = owners.into_keys().map(|owner| {
            let since = *self.gone_since.entry(owner).or_insert(now);
            let leases_told = heads.last_of(owner).map(|head| head.report.leases_owned);
            (owner, Gone { since, leases_told })
        });
        gone.collect()
    }

    /// The place of this server among those that may end what nobody owns: the ready ones that are not isolated, in
    /// the order of their ids.
    fn steward(&self) -> Option<u32> {
        let eligible = self.readiness.stage() == Stage::Ready && self.isolation.since().is_none();
        let before = self
            .others
            .values()
            .filter(|other| other.up && other.node < self.origin.node);
        let before = before.filter(|other| {
            self.has_flags(other, Flags::READY) && !self.has_flags(other, Flags::ISOLATED)
        });
        eligible.then(|| u32::try_from(before.count()).unwrap_or(u32::MAX))
    }

    fn sums(&self) -> LeaseSums {
        let up = self.others.values().filter(|other| other.up);
        let reports = up
            .filter_map(|other| self.head_of(other))
            .map(|head| &head.report);
        reports.fold(LeaseSums::default(), |sums, report| LeaseSums {
            owned: sums.owned + u64::from(report.leases_owned),
            silent: sums.silent + u64::from(report.leases_silent),
        })
    }

    pub(super) fn forget_the_gone(&mut self, now: Duration, owners: &BTreeMap<Origin, u32>) {
        let gone = self.others.extract_if(.., |_, other| {
            let remembered = if other.proven { REMEMBERED } else { UNPROVEN };
            let last = other.heard.unwrap_or(other.unlinked_since);
            !other.active && other.link.is_none() && now >= last + remembered
        });
        gone.for_each(|(node, _)| self.membership.parted(node));
        let (others, own) = (&self.others, self.origin);
        let present = |origin: &Origin| {
            *origin == own
                || others
                    .get(&origin.node)
                    .is_some_and(|other| other.origin() == Some(*origin))
        };
        self.membership
            .heads_mut()
            .retain(|origin| present(&origin) || owners.contains_key(&origin));
        let idle = self.agreement.vector().iter().map(|(origin, _)| origin);
        let idle: BTreeSet<_> = idle
            .filter(|origin| !present(origin) && !owners.contains_key(origin))
            .collect();
        self.idle_since.retain(|origin, _| idle.contains(origin));
        for origin in idle {
            let since = *self.idle_since.entry(origin).or_insert(now);
            if now >= since + RETIRED_AFTER && self.all_equal() {
                self.agreement.retire(origin);
            }
        }
    }
}
