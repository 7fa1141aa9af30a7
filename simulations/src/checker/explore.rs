//! Every world that so many events can lead to, nearest first.
//!
//! Here: the search and what it finds. Not here: what is searched for (`properties`). What must always hold: worlds
//! are visited in a fixed order, so that the first counterexample is a shortest one and the same one in every run.

use std::collections::HashSet;
use std::fmt;

use super::canonical::Key;
use super::event::Event;
use super::properties::{Property, Step};
use super::rules::Rules;
use super::world::{Place, World};

/// How many events are tried unless something else is said.
pub const EVENTS: usize = 8;

/// How a property was broken: the world it began with, and the fewest events that lead there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterexample {
    /// What was broken.
    pub property: Property,
    /// What it began with.
    pub start: World,
    /// What happened.
    pub events: Vec<Event>,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How many worlds were gone on from, of those that behave differently.
    pub states: usize,
    /// How many steps were judged: every event that may follow upon each of them.
    pub steps: usize,
    /// After how many events the search ended: all it was allowed, or those that broke the last property.
    pub events: usize,
    /// What was broken, in the order in which it was found.
    pub broken: Vec<Counterexample>,
}

/// Which clocks the peers have at the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clocks {
    /// They agree.
    Level,
    /// One of them is far ahead.
    OneFast,
}

impl Clocks {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Level, Self::OneFast];

    /// How many events to allow here where so many are allowed with level clocks: two fewer, since without symmetry
    /// there are ten times as many worlds.
    pub const fn events(self, level: usize) -> usize {
        match self {
            Self::Level => level,
            Self::OneFast => level.saturating_sub(2),
        }
    }

    fn starts(self) -> Vec<World> {
        match self {
            Self::Level => vec![World::new(None)],
            Self::OneFast => Place::ALL.map(|place| World::new(Some(place))).into(),
        }
    }
}

impl fmt::Display for Clocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Level => "clocks agree",
            Self::OneFast => "one clock is far ahead",
        })
    }
}

/// Tries these rules in every order of at most so many events, until each of these properties is broken.
pub fn explore(rules: &Rules, clocks: Clocks, properties: &[Property], events: usize) -> Verdict {
    let mut search = Search::from(rules, clocks, properties);
    let mut done = 0;
    while done < events && !search.properties.is_empty() {
        let last = done + 1 == events;
        search.advance(last);
        done += 1;
    }
    Verdict {
        states: search.visited.len(),
        steps: search.steps,
        events: done,
        broken: search.broken,
    }
}

struct Search<'a> {
    rules: &'a Rules,
    properties: Vec<Property>,
    starts: Vec<World>,
    visited: HashSet<Key>,
    steps: usize,
    /// The worlds to go on from, and where their past is told.
    edge: Vec<(World, usize)>,
    /// By which event each world was reached, and where the past of the world before is told. The starts come first.
    past: Vec<(usize, Option<Event>)>,
    broken: Vec<Counterexample>,
}

impl<'a> Search<'a> {
    fn from(rules: &'a Rules, clocks: Clocks, properties: &[Property]) -> Self {
        let starts = clocks.starts();
        Self {
            rules,
            properties: properties.to_vec(),
            visited: starts.iter().map(Key::of).collect(),
            edge: starts.iter().copied().zip(0..).collect(),
            past: (0..starts.len()).map(|start| (start, None)).collect(),
            starts,
            steps: 0,
            broken: Vec::new(),
        }
    }

    /// Goes one event further from every world at the edge. Worlds that nobody will go on from are only judged.
    fn advance(&mut self, last: bool) {
        for (world, past) in std::mem::take(&mut self.edge) {
            for event in Event::possible(&world) {
                let after = world.after(event, self.rules);
                let step = Step {
                    before: &world,
                    event,
                    after: &after,
                };
                self.judge(step, past);
                self.steps += 1;
                if !last && self.visited.insert(Key::of(&after)) {
                    self.edge.push((after, self.past.len()));
                    self.past.push((past, Some(event)));
                }
            }
        }
    }

    fn judge(&mut self, step: Step<'_>, past: usize) {
        let broken = self
            .properties
            .extract_if(.., |property| !property.holds(step));
        for property in broken.collect::<Vec<_>>() {
            let counterexample = self.tell(property, step.event, past);
            self.broken.push(counterexample);
        }
    }

    fn tell(&self, property: Property, last: Event, mut past: usize) -> Counterexample {
        let mut events = vec![last];
        while let (before, Some(event)) = self.past[past] {
            events.push(event);
            past = before;
        }
        events.reverse();
        Counterexample {
            property,
            start: self.starts[past],
            events,
        }
    }
}
