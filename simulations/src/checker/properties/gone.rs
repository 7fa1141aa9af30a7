//! A cancelled instance does not come back where word of the cancel has come.
//!
//! One thing is accepted: a peer that did not know of the cancel adopted, or refuted an eviction, and its version is the
//! later one. It lives on for one lease while its owner is up; if that is lost as well, it is an orphan as any other. A
//! registration may outbid a cancel only by a clock that runs ahead.

use super::Step;
use crate::checker::event::Event;
use crate::checker::record::{Record, Written};
use crate::checker::world::{Phase, Place, World};

pub(super) fn holds(step: Step<'_>) -> bool {
    let cancelled = step.after.client.phase == Phase::Cancelled;
    !cancelled || Place::ALL.into_iter().all(|place| gone_from(step, place))
}

fn gone_from(step: Step<'_>, place: Place) -> bool {
    let world = step.after;
    let back = world.peer(place).told && world.shows(place);
    !back || !revived_by(step, place) && crossed(step, place)
}

fn crossed(step: Step<'_>, place: Place) -> bool {
    let world = step.after;
    let record = world.peer(place).record;
    let registered = record.is_some_and(|record| record.lease.written == Written::Registration);
    let ahead = record.is_some_and(|record| World::ran_ahead(record.lease.version.clock));
    let late = world.over(world.client.spoke.interval) && world.owner_up(place).is_some();
    (!registered || ahead) && !late
}

/// Whether this peer has just written it live although it knew. Where a write that crossed the cancel is live already,
/// to restate it is not to bring it back.
fn revived_by(step: Step<'_>, place: Place) -> bool {
    let was = step.before.peer(place);
    let asked = matches!(step.event, Event::Cancel { at, .. } if at == place);
    let lease = |record: Record| record.lease.version;
    let new = step.after.peer(place).record.map(lease);
    let own = new.is_some_and(|version| version.origin == step.after.origin(place));
    let knew = was.told && !step.before.shows(place) || asked;
    knew && own && was.record.map(lease) != new
}

#[cfg(test)]
mod tests {
    use super::super::testing::{registered, seen};
    use super::*;
    use crate::checker::world::LEASE;

    fn back(written: Written, age: u8) -> World {
        let mut world = registered();
        world.client.phase = Phase::Cancelled;
        world.now.interval = age;
        for peer in &mut world.peers {
            peer.told = true;
            if let Some(record) = &mut peer.record {
                record.lease.written = written;
            }
        }
        world
    }

    #[test]
    fn an_adoption_that_crossed_a_cancel_is_accepted_for_one_lease() {
        assert!(seen(&back(Written::Adoption, LEASE - 1), holds));
        assert!(!seen(&back(Written::Adoption, LEASE), holds));
    }

    #[test]
    fn a_registration_does_not_outbid_a_cancel_that_came_later() {
        assert!(!seen(&back(Written::Registration, 0), holds));
    }

    #[test]
    fn nobody_who_knows_of_a_cancel_writes_the_instance_live() {
        let after = back(Written::Adoption, 0);
        let mut before = after;
        before.peers[0].record = None;
        let event = Event::Pass;
        assert!(!holds(Step {
            before: &before,
            event,
            after: &after
        }));
    }
}
