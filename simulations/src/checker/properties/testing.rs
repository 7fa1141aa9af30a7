//! Worlds made by hand, for the properties' own tests.

use super::Step;
use crate::checker::event::Event;
use crate::checker::record::{Ended, EndedBy};
use crate::checker::rules::Rules;
use crate::checker::world::{Place, World};

/// A client that registered with the first peer and is shown by all.
pub(super) fn registered() -> World {
    World::new(None).after(Event::Register(Place(0)), &Rules::OURS)
}

/// The same, but one peer stores it as dead.
pub(super) fn dead_at(mut world: World, place: Place, by: EndedBy) -> World {
    let at = world.now;
    if let Some(record) = &mut world.peer_mut(place).record {
        record.lease.ended = Some(Ended { by, at });
    }
    world
}

/// Whether a property holds of a world in which nothing has changed.
pub(super) fn seen(world: &World, holds: impl Fn(Step<'_>) -> bool) -> bool {
    holds(Step {
        before: world,
        event: Event::Pass,
        after: world,
    })
}
