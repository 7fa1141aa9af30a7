//! The clients of a story.
//!
//! Here: `[[clients]]`, each a crowd of instances that behave alike. Not here: what they do (`world::client`). What
//! must always hold: the instances of a crowd have consecutive numbers, in the order of the file.

use std::time::Duration;

use peerage::registry::instance::LeaseTerms;
use toml_edit::Value;

use super::cast::Cast;
use super::source::Table;
use super::times::Moments;
use super::values;
use crate::world::client::{Behaviour, Manner};
use crate::world::fault::Crowd;

pub(super) const KEYS: &[&str] = &[
    "name",
    "count",
    "servers",
    "zone",
    "behaviour",
    "beats",
    "lease",
    "hurries",
    "from",
    "over",
    "believes_registered",
    "fetches",
];

/// A story has no more instances than this.
pub(super) const INSTANCES_MAX: usize = 100_000;

const BEHAVIOURS: &[(&str, Behaviour)] = &[
    ("sticky", Behaviour::Sticky),
    ("round-robin", Behaviour::RoundRobin),
    ("balanced", Behaviour::Balanced),
    ("java", Behaviour::Java),
];

/// How long before a story begins the clients of a running cluster have started, the first of them.
const EARLIER: Duration = Duration::from_secs(270);
/// Within what time they all do, at most.
const SPREAD_MAX: Duration = Duration::from_secs(45);

/// Reads all crowds, and enters them in the cast. `instances`: how many there are to be in all.
pub(super) fn read(
    tables: &[Table<'_>],
    cast: &mut Cast,
    moments: &Moments,
    begins_at: Duration,
    instances: Option<usize>,
) -> Vec<Manner> {
    let written: Vec<usize> = tables
        .iter()
        .map(|table| table.require("count", count).unwrap_or(1))
        .collect();
    let mut manners = Vec::new();
    for (table, count) in tables.iter().zip(scaled(&written, instances)) {
        let crowd = Crowd {
            first: manners.len(),
            count,
        };
        let reading = Reading {
            table,
            cast,
            moments,
            begins_at,
        };
        manners.extend(reading.manners(count));
        let name = table.require("name", name).unwrap_or_default();
        if cast.crowds.iter().any(|(known, _)| *known == name) {
            table.mistake_at(
                "name",
                format!("there are clients called \"{name}\" already"),
            );
        }
        cast.crowds.push((name, crowd));
    }
    manners
}

/// The same shares of another whole, each at least one.
fn scaled(written: &[usize], instances: Option<usize>) -> Vec<usize> {
    let whole: usize = written.iter().sum();
    let Some(instances) = instances.filter(|_| whole > 0) else {
        return written.to_vec();
    };
    let (mut before, mut given) = (0, 0);
    let share = |count: &usize| {
        before += count;
        let until = (before * instances + whole / 2) / whole;
        let share = until.saturating_sub(given).max(1);
        given += share;
        share
    };
    written.iter().map(share).collect()
}

fn count(value: &Value) -> Result<usize, String> {
    values::number_within(value, 1..INSTANCES_MAX as u64 + 1)
}

fn name(value: &Value) -> Result<String, String> {
    let name = values::text(value)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match name != "all" && !name.is_empty() && name.chars().all(plain) {
        true => Ok(name),
        false => Err(format!(
            "\"{name}\" is no name: take letters, digits, - and _, and not \"all\""
        )),
    }
}

struct Reading<'a> {
    table: &'a Table<'a>,
    cast: &'a Cast,
    moments: &'a Moments,
    begins_at: Duration,
}

impl Reading<'_> {
    fn manners(&self, count: usize) -> Vec<Manner> {
        let servers = self.table.read("servers", |value| self.group(value));
        let servers = servers.unwrap_or_else(|| (0..self.cast.peers.len()).collect());
        let zone = self.table.read("zone", |value| self.zone(value));
        let behaviour = self
            .table
            .read("behaviour", |value| values::one_of(value, BEHAVIOURS));
        let common = Manner {
            behaviour: behaviour.unwrap_or(Behaviour::Sticky),
            terms: self.terms(),
            beats_every: self.table.read("hurries", often),
            beats_only: self.flag("believes_registered"),
            fetches: self.table.read("fetches", values::duration),
            ..Manner::sticky(0)
        };
        let (first, over) = self.starts(&common);
        let manner = |number: usize| {
            let server = servers[number % servers.len()];
            Manner {
                server,
                zone: zone.unwrap_or(self.cast.peers[server]),
                starts_at: first + over.mul_f64(number as f64 / count as f64),
                ..common
            }
        };
        (0..count).map(manner).collect()
    }

    fn group(&self, value: &Value) -> Result<Vec<usize>, String> {
        self.cast.group(&values::text(value)?, &[])
    }

    fn zone(&self, value: &Value) -> Result<usize, String> {
        let zones = self.cast.zones.iter().enumerate();
        let zones: Vec<(&str, usize)> = zones
            .map(|(number, zone)| (zone.as_str(), number))
            .collect();
        values::one_of(value, &zones)
    }

    fn flag(&self, key: &str) -> bool {
        self.table.read(key, values::truth).unwrap_or(false)
    }

    fn terms(&self) -> LeaseTerms {
        let usual = LeaseTerms::default();
        let beats = self
            .table
            .read("beats", seconds)
            .unwrap_or(usual.interval_secs);
        let lease = self.table.read("lease", seconds).unwrap_or(3 * beats);
        if lease <= beats {
            let text = "lease: it has to be longer than the time between two beats";
            self.table.mistake_at("lease", text);
        }
        LeaseTerms {
            interval_secs: beats,
            duration_secs: lease,
        }
    }

    /// When the first starts, and within what time all others. Who was there before the story has its beats spread.
    fn starts(&self, manner: &Manner) -> (Duration, Duration) {
        let over = self.table.read("over", values::duration);
        match self.table.read("from", |value| self.moments.read(value)) {
            Some(from) => (self.begins_at + from, over.unwrap_or_default()),
            None => {
                let spread = over
                    .unwrap_or_else(|| manner.terms.interval())
                    .min(SPREAD_MAX);
                (self.begins_at.saturating_sub(EARLIER), spread)
            }
        }
    }
}

fn seconds(value: &Value) -> Result<u32, String> {
    let time = values::duration(value)?;
    let whole = u32::try_from(time.as_secs()).ok();
    whole
        .filter(|secs| *secs > 0 && time.subsec_nanos() == 0)
        .ok_or_else(|| "leases are told in whole seconds, from 1s on".to_owned())
}

fn often(value: &Value) -> Result<Duration, String> {
    let time = values::duration(value)?;
    match time >= Duration::from_millis(1) {
        true => Ok(time),
        false => Err("at most a thousand times a second: \"1ms\"".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crowds_keep_their_shares_of_another_whole() {
        assert_eq!(scaled(&[30, 10], None), [30, 10]);
        assert_eq!(scaled(&[30, 10], Some(1_000)), [750, 250]);
        assert_eq!(scaled(&[1, 1, 1], Some(100)).iter().sum::<usize>(), 100);
        assert_eq!(scaled(&[1_000, 1], Some(3)), [3, 1]);
    }
}
