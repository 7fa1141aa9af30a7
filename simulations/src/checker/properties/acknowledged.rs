//! A write that was answered with yes took effect where it was answered, and no older word lies above it.
//!
//! Which of two words is older is only asked of clocks that agree: where they do not, and a partition kept one from
//! the other, the greater clock wins whole, which is accepted.

use super::Step;
use crate::checker::event::Event;
use crate::checker::record::Body;
use crate::checker::world::{Place, World};

pub(super) fn holds(step: Step<'_>) -> bool {
    took_effect(step) && (step.after.clocks_differ() || in_order(step.after))
}

fn took_effect(step: Step<'_>) -> bool {
    let world = step.after;
    match step.event {
        Event::Register(at) => body(world, at).is_some_and(|body| body.said == world.client.said),
        Event::Cancel { at, crossing: None } => !world.shows(at),
        _ => true,
    }
}

fn in_order(world: &World) -> bool {
    let bodies = || {
        Place::ALL
            .into_iter()
            .filter_map(|place| body(world, place))
    };
    bodies().all(|one| bodies().all(|other| other.version <= one.version || other.said >= one.said))
}

fn body(world: &World, place: Place) -> Option<Body> {
    world.peer(place).record.map(|record| record.body)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{registered, seen};
    use super::*;

    #[test]
    fn an_older_word_above_a_later_one_is_a_loss() {
        let mut world = registered();
        assert!(seen(&world, holds));
        if let Some(record) = &mut world.peers[1].record {
            record.body.version.clock = record.body.version.clock.next();
            record.body.said = 0;
        }
        assert!(!seen(&world, holds));
    }

    #[test]
    fn a_cancel_that_leaves_the_instance_live_was_not_taken() {
        let after = registered();
        let event = Event::Cancel {
            at: Place(0),
            crossing: None,
        };
        assert!(!holds(Step {
            before: &after,
            event,
            after: &after
        }));
    }
}
