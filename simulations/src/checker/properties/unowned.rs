//! Where nothing happens but time for as long as a lease lasts, nothing silent is left.

use super::Step;
use crate::checker::world::{LEASE, Place};

pub(super) fn holds(step: Step<'_>) -> bool {
    let world = step.after;
    world.calm < LEASE || !Place::ALL.into_iter().any(|place| world.shows(place))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{registered, seen};
    use super::*;

    #[test]
    fn what_is_left_after_a_calm_lease_is_too_much() {
        let mut world = registered();
        world.calm = LEASE - 1;
        assert!(seen(&world, holds));
        world.calm = LEASE;
        assert!(!seen(&world, holds));
    }
}
