//! What goes wrong in a story, and what people do.
//!
//! Here: `[[misfortune]]`, which becomes faults of a plan. Not here: what a fault does (`world::fault`). What must
//! always hold: each names one misfortune, and every key beside it means something for that one.

mod kinds;

use std::time::Duration;

use super::cast::Cast;
use super::source::{Table, suggest};
use super::times::Moments;
use super::values;
use crate::world::fault::{Fault, Planned};
use crate::world::plan::Plan;

use kinds::KINDS;

/// All keys that any misfortune may have.
pub(super) const KEYS: &[&str] = &[
    // The misfortune.
    "cut",
    "link",
    "break",
    "crash",
    "leave",
    "join",
    "stall",
    "step",
    "drift",
    "rekey",
    "unreachable",
    "silence",
    "cancel",
    "register",
    "hurry",
    "move",
    "override",
    "note",
    // When.
    "name",
    "at",
    "lasts",
    "until",
    "every",
    "times",
    "one_by_one",
    // What belongs to one or the other.
    "only",
    "loss",
    "twice",
    "late",
    "corrupt",
    "latency",
    "rate",
    "machine",
    "memory",
    "clock",
    "release",
    "keys",
    "what",
    "by",
    "ppm",
    "clients",
    "beats",
    "to",
    "status",
    "twin_of",
];

/// Keys that go with every misfortune.
const COMMON: &[&str] = &[
    "name",
    "at",
    "lasts",
    "until",
    "every",
    "times",
    "one_by_one",
];

/// Something that is done this often is no flapping any more.
const TIMES_MAX: u64 = 1_000;

/// Enters misfortunes in a plan, one after the other.
pub(super) struct Schedule<'a> {
    pub(super) cast: &'a Cast,
    begins_at: Duration,
    moments: &'a mut Moments,
    plan: &'a mut Plan,
}

/// When a misfortune comes, in the time of the story.
#[derive(Clone, Copy, Debug)]
struct When {
    at: Duration,
    until: Option<Duration>,
    every: Duration,
    times: u32,
    one_by_one: Duration,
}

/// What a misfortune comes to.
pub(super) enum Deed {
    /// These, each in its turn if they come one by one.
    Faults(Vec<Fault>),
    /// A host starts only then, perhaps under the id of another.
    Joins(Vec<usize>, Option<usize>),
}

impl Deed {
    /// How many come, one by one or at once.
    const fn count(&self) -> usize {
        match self {
            Self::Faults(faults) => faults.len(),
            Self::Joins(hosts, _) => hosts.len(),
        }
    }
}

impl<'a> Schedule<'a> {
    pub(super) const fn new(
        cast: &'a Cast,
        begins_at: Duration,
        moments: &'a mut Moments,
        plan: &'a mut Plan,
    ) -> Self {
        Self {
            cast,
            begins_at,
            moments,
            plan,
        }
    }

    /// Reads one.
    pub(super) fn read(&mut self, table: &Table<'_>) {
        let deed = self.deed(table);
        let Some(when) = self.when(table) else { return };
        // Named even if it is mistaken, or all that follows would be mistaken, too.
        if let Some(name) = table.read("name", values::text) {
            self.name(table, name, &when, deed.as_ref().map_or(1, Deed::count));
        }
        match deed {
            Some(Deed::Faults(faults)) => self.enter(&faults, &when),
            Some(Deed::Joins(hosts, twin_of)) => self.join(&hosts, twin_of, &when),
            None => {}
        }
    }

    /// The one misfortune that a table names.
    fn deed(&self, table: &Table<'_>) -> Option<Deed> {
        let named: Vec<_> = KINDS.iter().filter(|kind| table.has(kind.key)).collect();
        let [kind] = named[..] else {
            let known: Vec<&str> = KINDS.iter().map(|kind| kind.key).collect();
            table.mistake(match named.is_empty() {
                true => format!("nothing goes wrong here; name one of: {}", known.join(", ")),
                false => "more than one thing goes wrong here; write [[misfortune]] once for each"
                    .to_owned(),
            });
            return None;
        };
        for key in table.keys() {
            if KEYS.contains(&key)
                && key != kind.key
                && !COMMON.contains(&key)
                && !kind.with.contains(&key)
            {
                let text = format!(
                    "\"{key}\" means nothing for \"{}\"{}",
                    kind.key,
                    suggest(key, kind.with)
                );
                table.mistake_at_key(key, text);
            }
        }
        (kind.read)(self.cast, table)
    }

    fn when(&self, table: &Table<'_>) -> Option<When> {
        let at = table.require("at", |value| self.moments.read(value))?;
        let lasts = table.read("lasts", values::duration);
        let until = table.read("until", |value| self.moments.read(value));
        if lasts.is_some() && until.is_some() {
            table.mistake_at("until", "\"lasts\" says already when this ends");
        }
        if until.is_some_and(|until| until <= at) {
            table.mistake_at("until", "this has to be after \"at\"");
        }
        let every = table.read("every", values::duration);
        let times = table.read("times", |value| {
            values::number_within(value, 1..TIMES_MAX + 1)
        });
        if every.is_some() != times.is_some() {
            table.mistake("\"every\" and \"times\" go together: how often, and how many times");
        }
        Some(When {
            at,
            until: until.or_else(|| lasts.map(|lasts| at + lasts)),
            every: every.unwrap_or_default(),
            times: times
                .and_then(|times| u32::try_from(times).ok())
                .unwrap_or(1),
            one_by_one: table
                .read("one_by_one", values::duration)
                .unwrap_or_default(),
        })
    }

    /// From now on moments can be told by it: from the first beginning to the last end.
    fn name(&mut self, table: &Table<'_>, name: String, when: &When, count: usize) {
        if self.moments.named.iter().any(|(known, ..)| *known == name) {
            table.mistake_at(
                "name",
                format!("there is a misfortune called \"{name}\" already"),
            );
        }
        let last = u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX);
        let later = when.every * (when.times - 1) + when.one_by_one * last;
        let until = when.until.map(|until| until + later);
        self.moments.named.push((name, when.at, until));
    }

    fn enter(&mut self, faults: &[Fault], when: &When) {
        for (turn, time) in
            (0..when.times).flat_map(|time| (0..).zip(faults).map(move |at| (at, time)))
        {
            let (turn, fault) = turn;
            let later = self.begins_at + when.every * time + when.one_by_one * turn;
            self.plan.faults.push(Planned {
                at: when.at + later,
                until: when.until.map(|until| until + later),
                fault: *fault,
            });
        }
    }

    fn join(&mut self, hosts: &[usize], twin_of: Option<usize>, when: &When) {
        for (turn, host) in (0..).zip(hosts) {
            let host = &mut self.plan.hosts[*host];
            host.starts_at = self.begins_at + when.at + when.one_by_one * turn;
            host.twin_of = twin_of;
        }
    }
}
