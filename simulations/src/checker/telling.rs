//! What a search found, for people to read.

use std::fmt;

use super::explore::Verdict;
use super::record::EndedBy;
use super::rules::Rules;
use super::world::{Place, World};

impl Verdict {
    /// What was broken, event by event, and what each peer stored after each.
    pub fn told(&self, rules: &Rules) -> String {
        let broken = self.broken.iter().map(|counterexample| {
            let mut world = counterexample.start;
            let mut told = format!("broken: {}\n", counterexample.property);
            for (event, number) in counterexample.events.iter().zip(1..) {
                world = world.after(*event, rules);
                let event = event.to_string();
                told.push_str(&format!("{number:3}  {event:48}{}\n", stored(&world)));
            }
            told
        });
        broken.collect()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            states,
            steps,
            events,
            broken,
        } = self;
        let broken = match broken.len() {
            0 => "nothing is broken",
            1 => "a property is broken",
            _ => "properties are broken",
        };
        write!(
            f,
            "{broken} within {events} events: {states} states, {steps} steps"
        )
    }
}

fn stored(world: &World) -> String {
    let stored = Place::ALL.map(|place| format!("{place}: {:12}", of(world, place)));
    stored.concat().trim_end().to_owned()
}

/// Whose lease it is, or how it ended.
fn of(world: &World, place: Place) -> String {
    let Some(record) = world.peer(place).record else {
        return "-".to_owned();
    };
    let owner = record.owner();
    let writer = Place::ALL
        .into_iter()
        .find(|place| place.node() == owner.node);
    match (record.lease.ended, writer) {
        (Some(ended), _) if ended.by == EndedBy::Cancel => "cancelled".to_owned(),
        (Some(_), _) => "evicted".to_owned(),
        (None, Some(writer)) => format!("live, {writer}'s"),
        (None, None) => "live".to_owned(),
    }
}
