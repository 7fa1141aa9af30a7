//! How peers that reach each other agree.
//!
//! Here: relays, the exchange of all that is stored, orphans, refutation. Not here: what is written (`writes`).
//! What must always hold: after `settle` peers that reach each other store the same registers, and by our rules nobody
//! among them has evidence against what they store.

use super::record::{EndedBy, Record};
use super::rules::{Eviction, Evidence, Rules};
use super::world::{Place, Relay, World};

impl World {
    /// A relay reaches the owner, if links allow. It renews what the owner holds live.
    pub(super) fn deliver(&mut self, relay: Relay, rules: &Rules) {
        for place in Place::ALL {
            if place == relay.from || !self.links.join(relay.from, place) {
                continue;
            }
            let addressed = rules.eviction == Eviction::ByAnybody || self.last_owned_by(place);
            let Some(held) = self.peer(place).record.filter(|_| addressed) else {
                continue;
            };
            if held.live() && self.counts(place, rules) {
                let peer = self.peer_mut(place);
                peer.seen = peer.seen.max(relay.interval);
            } else if !held.live() && rules.relays_revive {
                self.revive(place, held, rules);
            }
        }
    }

    fn last_owned_by(&self, place: Place) -> bool {
        let record = self.peer(place).record;
        record.is_some_and(|record| record.owner() == self.origin(place))
    }

    /// Exchanges everything, and refutes what evidence gainsays, until nothing is left to say. Every
    /// peer speaks once at most, for there are rules under which it would not be heard and try for ever.
    pub(super) fn settle(&mut self, rules: &Rules) {
        self.exchange();
        for _ in Place::ALL {
            let Some(place) = self.gainsayer(rules) else {
                break;
            };
            self.refute(place, rules);
            self.exchange();
        }
        self.find_orphans();
        self.forget(rules);
    }

    fn exchange(&mut self) {
        let before = *self;
        for place in Place::ALL {
            for other in Place::ALL {
                if place != other && self.links.join(place, other) {
                    self.peer_mut(place).told |= before.peer(other).told;
                    if let Some(record) = before.peer(other).record {
                        self.merge(place, record);
                    }
                }
            }
        }
    }

    /// Who refutes next: of those who have evidence, the one whose beat is oldest, for that is the least useful.
    fn gainsayer(&self, rules: &Rules) -> Option<Place> {
        let having = Place::ALL
            .into_iter()
            .filter(|place| self.has_evidence(*place, rules));
        having.min_by_key(|place| self.peer(*place).heard.map(|heard| heard.at))
    }

    fn has_evidence(&self, place: Place, rules: &Rules) -> bool {
        let peer = self.peer(place);
        let (Some(Record { lease, .. }), Some(heard)) = (peer.record, peer.heard) else {
            return false;
        };
        let Some(ended) = lease.ended.filter(|_| !self.over(heard.at.interval)) else {
            return false;
        };
        let since = heard.at > ended.at;
        match (rules.evidence, ended.by) {
            (Evidence::Nothing, _) => false,
            (_, EndedBy::Cancel) => since,
            (Evidence::OfThisLease, EndedBy::Eviction) => {
                since || heard.holding.ended() == lease.version
            }
            (Evidence::WithinLease, EndedBy::Eviction) => true,
        }
    }

    fn find_orphans(&mut self) {
        for place in Place::ALL {
            let orphan = self.shows(place) && self.owner_up(place).is_none();
            let interval = self.now.interval;
            let peer = self.peer_mut(place);
            peer.orphaned = orphan.then(|| peer.orphaned.unwrap_or(interval));
        }
    }

    /// Forgets what no rule will ask for again, so that worlds which differ in nothing else are one.
    fn forget(&mut self, rules: &Rules) {
        for place in Place::ALL {
            let counts = self.shows(place) && self.counts(place, rules);
            let now = *self;
            let peer = self.peer_mut(place);
            peer.heard = peer.heard.filter(|heard| !now.over(heard.at.interval));
            if rules.cancels_end_evidence {
                let cancelled = peer.record.and_then(|record| record.cancelled_at());
                peer.heard = peer
                    .heard
                    .filter(|heard| cancelled.is_none_or(|at| heard.at > at));
            }
            peer.seen = if counts { peer.seen } else { now.now.interval };
        }
    }
}
