//! A client whose server has answered it, in the life that server still leads, is shown wherever that server reaches.

use super::Step;
use crate::checker::world::{Phase, Place};

pub(super) fn holds(step: Step<'_>) -> bool {
    let world = step.after;
    let client = world.client;
    let due = client.phase == Phase::Beating && client.answered;
    let mut reached = Place::ALL
        .into_iter()
        .filter(|place| world.links.join(client.at, *place));
    !due || reached.all(|place| world.shows(place))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dead_at, registered, seen};
    use super::*;
    use crate::checker::record::EndedBy;

    #[test]
    fn a_beating_client_that_one_reached_peer_does_not_show_is_missed() {
        let world = registered();
        assert!(seen(&world, holds));
        assert!(!seen(&dead_at(world, Place(2), EndedBy::Eviction), holds));
    }

    #[test]
    fn a_client_that_its_server_has_not_answered_since_it_restarted_is_promised_nothing() {
        let mut world = dead_at(registered(), Place(0), EndedBy::Eviction);
        world.client.answered = false;
        assert!(seen(&world, holds));
    }
}
