//! Whoever looks at a world and asks the invariants.
//!
//! Here: which invariant is asked when, and what has to be remembered for it. Not here: what they say.

use std::collections::VecDeque;
use std::time::Duration;

use super::LATELY;
use crate::invariants::{self, Broken};
use crate::world::World;
use crate::world::moment::Moment;
use crate::world::tally::Tally;

/// How many moments are remembered, half a second each or more.
const EARLIER: usize = 8;

/// What was seen of a world.
#[derive(Default)]
pub(super) struct Watch {
    before: Moment,
    /// What was seen before that, oldest first.
    earlier: VecDeque<Moment>,
    /// When all were last seen equal.
    equal_at: Option<Duration>,
    tally: Tally,
}

impl Watch {
    /// What was last seen.
    pub(super) const fn last(&self) -> &Moment {
        &self.before
    }

    /// Looks at the world and asks what must hold at any time.
    pub(super) fn look(&mut self, world: &World) -> Vec<Broken> {
        let moment = world.moment().after(&self.before);
        let (oracle, plan, before) = (&world.oracle, &*world.plan, &self.before);
        let numbers = &plan.registry;
        let found = [
            invariants::shown::missing(&moment, oracle),
            invariants::gone::returned(&moment, oracle),
            invariants::same::differ(self.settled(), &moment),
            invariants::honest::early(before.at, &moment, oracle),
            invariants::storm::unknown(before.at, &moment, oracle),
            invariants::answers::refused(before.at, oracle),
            invariants::quota::exceeded(before.at, oracle, numbers),
            invariants::guarded::ended(before.at, &moment, oracle, numbers),
            invariants::steady::went_back(before, &moment, |host, client| {
                oracle.unlisted(host, client) > Some(before.at) && oracle.was_ended(client)
            }),
            invariants::covered::claimed(before, &moment, oracle),
            invariants::ends::outlasted(&moment, numbers),
            invariants::overdue::kept(&moment, oracle, numbers),
            invariants::unowned::kept(self.settled(), &moment, oracle),
            invariants::partial::opened(self.earlier.back().unwrap_or(before), before, &moment),
            invariants::cold::opened(before, &moment, &plan.rules, |client| {
                world.unhindered(client)
            }),
            invariants::forgets::remembered(self.settled(), &moment, numbers),
            invariants::written::lost(before.at, moment.clients.len(), oracle),
            invariants::bounds::exceeded(&moment, &world.datagrams_sent()),
        ];
        self.tally_moment(&moment);
        if invariants::equal::apart(&moment).is_none() {
            self.equal_at = Some(moment.at);
        }
        let before = std::mem::replace(&mut self.before, moment);
        self.earlier.push_back(before);
        if self.earlier.len() > EARLIER {
            self.earlier.pop_front();
        }
        found.into_iter().flatten().collect()
    }

    /// What was seen some seconds ago: what still is as it was then has come to rest, and digests were compared.
    fn settled(&self) -> &Moment {
        self.earlier.front().unwrap_or(&self.before)
    }

    /// All were equal at some moment of the last few seconds; writes may be under way at any single one.
    pub(super) fn healed(&self, world: &World, since: &str) -> Vec<Broken> {
        let lately = world.now.saturating_sub(LATELY);
        if self.equal_at.is_some_and(|at| at >= lately) {
            return Vec::new();
        }
        let found = invariants::equal::apart(&self.before);
        let broken = found.unwrap_or_else(|| invariants::equal::not_lately(world.now));
        vec![Broken {
            text: format!("after {since}: {}", broken.text),
            ..broken
        }]
    }

    /// Asks what must hold when nothing has gone wrong for a while.
    pub(super) fn rest(&self, world: &World) -> Vec<Broken> {
        let mut found = self.healed(world, "the end");
        if world.plan.clocks_agree() {
            found.extend(invariants::kept::lost(&self.before, &world.oracle));
        }
        if invariants::equal::apart(&self.before).is_none() {
            let up: Vec<usize> = self.before.up().map(|(host, _)| host).collect();
            let raw: Vec<_> = up.iter().map(|host| (*host, world.raw(*host))).collect();
            found.extend(invariants::memory::differ(self.before.at, &raw));
            let apps: Vec<_> = up.iter().map(|host| (*host, world.apps(*host))).collect();
            found.extend(invariants::apps::differ(&self.before, &apps));
        }
        found.extend(invariants::small::grown(&self.before, &world.oracle));
        found
    }

    /// Counts which rules of protection a moment shows.
    fn tally_moment(&mut self, moment: &Moment) {
        for (host, seen) in moment.up() {
            let was = self.before.same(host, seen);
            let held = |scope: &str| {
                let before = was.into_iter().flat_map(|was| &was.protections);
                before.into_iter().any(|held| held.scope == scope)
            };
            for protected in seen
                .protections
                .iter()
                .filter(|held_now| !held(&held_now.scope))
            {
                let rule = match &*protected.scope {
                    "all instances" => "protection of all",
                    scope if scope.contains("cut off") => "protection of those cut off",
                    _ => "protection of a zone",
                };
                self.tally.count(rule);
            }
            let opened = was.is_some_and(|was| !was.ready) && seen.ready;
            if opened && !moment.up().any(|(other, seen)| other != host && seen.ready) {
                self.tally.count("cold start");
            }
            let kept = was.is_some_and(|was| was.orphans.is_empty()) && !seen.orphans.is_empty();
            self.tally.add("orphans kept", u64::from(kept));
        }
    }

    /// Hands over what was counted.
    pub(super) fn count(&self, tally: &mut Tally) {
        tally.join(&self.tally);
    }
}
