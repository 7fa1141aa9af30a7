//! A lease whose owner is up is not shown once the client has been silent for as long as it lasts.

use super::Step;
use crate::checker::world::{Phase, Place};

pub(super) fn holds(step: Step<'_>) -> bool {
    let world = step.after;
    let over = world.client.phase != Phase::Beating && world.over(world.client.spoke.interval);
    let held = |place| world.shows(place) && world.owner_up(place).is_some();
    !over || !Place::ALL.into_iter().any(held)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{registered, seen};
    use super::*;
    use crate::checker::world::{LEASE, Links};

    #[test]
    fn a_lease_that_is_over_is_not_held_while_its_owner_is_up() {
        let mut world = registered();
        world.client.phase = Phase::Silent;
        world.now.interval = LEASE - 1;
        assert!(seen(&world, holds));
        world.now.interval = LEASE;
        assert!(!seen(&world, holds));
    }

    #[test]
    fn of_an_orphan_it_says_nothing() {
        let mut world = registered();
        world.client.phase = Phase::Silent;
        world.now.interval = LEASE;
        world.links = Links::Cut;
        world.peers[0].record = None;
        assert!(seen(&world, holds));
    }
}
