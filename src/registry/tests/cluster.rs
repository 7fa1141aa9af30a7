//! A few servers that know of each other, and what passes between them.

use std::sync::Arc;
use std::time::Duration;

use super::super::entry::Key;
use super::super::instance::AppName;
use super::super::settings::RegistrySettings;
use super::super::surroundings::{Gone, Surroundings};
use super::super::testing::{Stage, origin};
use super::super::{Merged, Relay, RelayAnswer, Relayed};

/// Servers by number from 0. Of server `n` the origin is that of node `n + 1`.
pub(super) struct Cluster {
    pub(super) at: Vec<Stage>,
}

pub(super) fn key(id: &str) -> Arc<Key> {
    Arc::new(Key {
        app: AppName::new("A"),
        id: id.into(),
    })
}

pub(super) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

impl Cluster {
    /// So many servers, all of them up.
    pub(super) fn of(count: usize) -> Self {
        Self::with(count, &RegistrySettings::DEFAULT)
    }

    pub(super) fn with(count: usize, settings: &RegistrySettings) -> Self {
        let nodes = 1..=count as u64;
        let at = nodes.map(|node| Stage::of(origin(node), settings.clone()));
        let cluster = Self { at: at.collect() };
        cluster.connect();
        cluster
    }

    /// Every server sees all others.
    pub(super) fn connect(&self) {
        for stage in &self.at {
            let own = stage.registry.origin();
            let all = self.at.iter().map(|stage| stage.registry.origin());
            stage.registry.surround(Surroundings {
                met: true,
                up: all.filter(|origin| *origin != own).collect(),
                ..Surroundings::default()
            });
        }
    }

    /// One server no longer sees any other. That one was told to own so many leases, if it was.
    pub(super) fn part(&self, from: usize, leases_told: Option<u32>) {
        let stage = &self.at[from];
        let gone = self.at.iter().enumerate();
        let gone = gone.filter(|(place, _)| *place != from).map(|(_, other)| {
            let since = stage.now;
            (other.registry.origin(), Gone { since, leases_told })
        });
        stage.registry.surround(Surroundings {
            met: true,
            gone: gone.collect(),
            steward: Some(0),
            ..Surroundings::default()
        });
    }

    /// Lets time pass everywhere, sweeping nobody.
    pub(super) fn pass(&mut self, time: Duration) {
        self.at.iter_mut().for_each(|stage| stage.pass(time));
    }

    /// Lets so many seconds pass everywhere and sweeps at the end of each. Answers how many were evicted.
    pub(super) fn run(&mut self, secs: u64) -> usize {
        self.at.iter_mut().map(|stage| stage.run(secs).len()).sum()
    }

    /// One server hands what it has of an instance to another.
    pub(super) fn tell(&self, id: &str, from: usize, to: usize) -> Merged {
        let (from, to) = (&self.at[from], &self.at[to]);
        let entry = from.entry(id);
        let ended_for = entry.ended_for(from.now);
        let record = entry.record().clone();
        to.registry.merge(entry.key(), record, ended_for, to.now)
    }

    /// One server hands everything to another. Answers whether anything was refuted.
    pub(super) fn tell_all(&self, from: usize, to: usize) -> bool {
        let entries = self.at[from].registry.store.all();
        let refuted = entries.iter().map(|entry| {
            let (from, to) = (&self.at[from], &self.at[to]);
            let ended_for = entry.ended_for(from.now);
            let theirs = entry.record().clone();
            let merged = to.registry.merge(entry.key(), theirs, ended_for, to.now);
            merged.refuted
        });
        refuted.fold(false, |any, refuted| any | refuted)
    }

    /// Everybody hands everything to everybody until nobody has anything to say against it.
    pub(super) fn settle(&self) {
        let count = self.at.len();
        for _ in 0..10 {
            let pairs = (0..count).flat_map(|from| (0..count).map(move |to| (from, to)));
            let pairs = pairs.filter(|(from, to)| from != to);
            let told = pairs.chain([]).map(|(from, to)| self.tell_all(from, to));
            if !told.fold(false, |any, refuted| any | refuted) && self.agrees() {
                return;
            }
        }
        panic!("they do not come to an end");
    }

    /// Whether all store the same.
    pub(super) fn agrees(&self) -> bool {
        let stored = |stage: &Stage| {
            let all = stage.registry.store.all().into_iter();
            all.map(|entry| (entry.key().clone(), entry.record().clone()))
                .collect::<Vec<_>>()
        };
        let first = stored(&self.at[0]);
        self.at.iter().all(|stage| stored(stage) == first)
    }

    /// Hands the beats one server heard to their owners, and back what they answer.
    pub(super) fn relay(&self, from: usize) -> Vec<Relayed> {
        let relays = self.at[from].registry.take_relays(self.at[from].now);
        relays
            .iter()
            .map(|relay| self.answer(from, relay))
            .collect()
    }

    fn answer(&self, from: usize, relay: &Relay) -> Relayed {
        let here = &self.at[from];
        let owner = |place: &usize| self.at[*place].registry.origin() == relay.owner;
        let owner = (0..self.at.len()).find(owner).expect("it is one of these");
        let (there, key) = (&self.at[owner], &relay.key);
        let relayed = there.registry.relayed(key, relay.age, there.now);
        match relayed {
            Relayed::Seen => {
                here.registry
                    .relay_answered(key, RelayAnswer::Seen, here.now);
            }
            Relayed::Unknown => {
                here.registry
                    .relay_answered(key, RelayAnswer::Unknown, here.now);
            }
            Relayed::HeldOtherwise => {
                self.tell(&key.id, owner, from);
            }
        }
        relayed
    }
}
