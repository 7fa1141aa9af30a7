//! What is written, by whom, and with which version.
//!
//! Here: registration, heartbeat, cancel, adoption, refutation, eviction, each at one peer. Not here: how the others
//! learn of it (`exchange`). What must always hold: a write goes through the same merge as what comes from a peer.

use peers::version::Version;

use super::record::{Body, Ended, EndedBy, Heard, Lease, Record, Written};
use super::rules::{Adoption, Eviction, Rules};
use super::world::{ADOPTED_AFTER, Phase, Place, Relay, World};

impl World {
    /// The client registers.
    pub(super) fn register(&mut self, place: Place, rules: &Rules) {
        let version = self.version(place, rules);
        let record = Record {
            lease: lease(version, Written::Registration),
            body: Body {
                version,
                said: self.now.turn,
            },
        };
        self.merge(place, record);
        self.client.said = self.now.turn;
        for peer in &mut self.peers {
            peer.told = false;
        }
        self.hear(place);
        self.peer_mut(place).seen = self.now.interval;
    }

    /// The client beats. Where the instance is unknown or dead it is told so, and registers.
    pub(super) fn beat(&mut self, place: Place, rules: &Rules) {
        if !self.shows(place) {
            return self.register(place, rules);
        }
        self.hear(place);
        self.renew(place, rules);
    }

    /// Renews the lease, or sees to it that its owner does.
    pub(super) fn renew(&mut self, place: Place, rules: &Rules) {
        let owner = self.owner_up(place);
        if owner == Some(place) || rules.eviction == Eviction::ByAnybody {
            self.peer_mut(place).seen = self.now.interval;
        }
        let taken_over = owner.is_none() || self.client.in_a_row >= ADOPTED_AFTER;
        if owner != Some(place) && rules.adoption != Adoption::Never && taken_over {
            self.adopt(place, rules);
        } else if owner != Some(place) || rules.eviction == Eviction::ByAnybody {
            self.relay = Some(Relay {
                from: place,
                interval: self.now.interval,
            });
        }
    }

    fn adopt(&mut self, place: Place, rules: &Rules) {
        let Some(held) = self.peer(place).record else {
            return;
        };
        let version = self.version(place, rules);
        let body = match rules.adoption {
            Adoption::OfWholeRecord => Body {
                version,
                ..held.body
            },
            Adoption::OfLease | Adoption::Never => held.body,
        };
        let lease = lease(version, Written::Adoption);
        self.merge(place, Record { lease, body });
        self.hold(place);
        self.peer_mut(place).seen = self.now.interval;
    }

    /// The client takes its leave.
    pub(super) fn cancel(&mut self, place: Place, rules: &Rules) {
        self.client.phase = Phase::Cancelled;
        self.client.spoke = self.now;
        let peer = self.peer_mut(place);
        peer.told = true;
        peer.heard = peer.heard.filter(|_| !rules.cancels_end_evidence);
        if let Some(held) = self.peer(place).record.filter(Record::live) {
            let version = match rules.cancel_is_fresh {
                true => self.version(place, rules),
                false => held.lease.version,
            };
            self.end(place, held, version, EndedBy::Cancel);
        }
    }

    /// A peer that heard the client gainsays a death.
    pub(super) fn refute(&mut self, place: Place, rules: &Rules) {
        let peer = self.peer(place);
        let (Some(held), Some(heard)) = (peer.record, peer.heard) else {
            return;
        };
        let renewed_at = match rules.refutation_renews {
            true => self.now.interval,
            false => heard.at.interval,
        };
        self.revive(place, held, rules);
        self.peer_mut(place).seen = renewed_at;
    }

    /// Writes a lease above a dead one.
    pub(super) fn revive(&mut self, place: Place, dead: Record, rules: &Rules) {
        let version = self.version(place, rules);
        let lease = lease(version, Written::Refutation);
        self.merge(place, Record { lease, ..dead });
    }

    /// Every peer ends what is over and what the rules let it end.
    pub(super) fn sweep(&mut self, rules: &Rules) {
        for place in Place::ALL {
            let Some(held) = self.peer(place).record.filter(Record::live) else {
                continue;
            };
            if self.may_evict(place, rules) {
                let version = match rules.eviction {
                    Eviction::ByAnybody => self.version(place, rules),
                    Eviction::ByOwner | Eviction::ByOwnerOrSteward => held.lease.version,
                };
                self.end(place, held, version, EndedBy::Eviction);
            }
        }
    }

    fn may_evict(&self, place: Place, rules: &Rules) -> bool {
        let peer = self.peer(place);
        let counted = self.counts(place, rules) && self.over(peer.seen);
        let orphan = peer.orphaned.is_some_and(|since| self.over(since));
        counted || rules.eviction == Eviction::ByOwnerOrSteward && orphan
    }

    /// Whether a peer counts the lease it stores.
    pub(super) fn counts(&self, place: Place, rules: &Rules) -> bool {
        rules.eviction == Eviction::ByAnybody || self.owner_up(place) == Some(place)
    }

    fn end(&mut self, place: Place, held: Record, version: Version, by: EndedBy) {
        let lease = Lease {
            version: version.ended(),
            ended: Some(Ended { by, at: self.now }),
            ..held.lease
        };
        self.merge(place, Record { lease, ..held });
    }

    fn version(&self, place: Place, rules: &Rules) -> Version {
        let held = self.peer(place).record.filter(|_| rules.above_held);
        let newest = held.map(|record| record.newest());
        Version::above(newest, self.clock(place), self.origin(place))
    }

    /// Takes note that the client itself was heard here.
    fn hear(&mut self, place: Place) {
        let client = &mut self.client;
        client.in_a_row = match client.at == place {
            true => ADOPTED_AFTER.min(client.in_a_row + 1),
            false => 1,
        };
        client.at = place;
        client.answered = true;
        client.spoke = self.now;
        self.hold(place);
    }

    fn hold(&mut self, place: Place) {
        let at = self.now;
        let peer = self.peer_mut(place);
        peer.heard = peer.record.map(|record| Heard {
            at,
            holding: record.lease.version,
        });
    }

    /// Takes the greater of each register.
    pub(super) fn merge(&mut self, place: Place, other: Record) {
        let interval = self.now.interval;
        let peer = self.peer_mut(place);
        let Some(held) = &mut peer.record else {
            (peer.record, peer.seen) = (Some(other), interval);
            return;
        };
        if other.body.version > held.body.version {
            held.body = other.body;
        }
        if other.lease.version > held.lease.version {
            held.lease = other.lease;
            (peer.seen, peer.orphaned) = (interval, None);
        }
    }
}

const fn lease(version: Version, written: Written) -> Lease {
    Lease {
        version,
        written,
        ended: None,
    }
}
