//! Many threads on few names: whatever order they come in, all books agree in the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::super::census::Census;
use super::super::change::Sender;
use super::super::entry::Entry;
use super::super::instance::Text;
use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::surroundings::Surroundings;
use super::super::testing::{START, origin, registration, registry, status_call, zoned};
use super::super::{Heartbeat, Registry, RelayAnswer, lock};
use super::cluster::key;
use crate::clock::Timestamp;

const BEAT: Heartbeat = Heartbeat {
    last_dirty: None,
    carried_override: None,
    by: Sender::Client,
};
const WRITERS: u64 = 4;
const CALLS: usize = 4000;

/// Time that all threads read and move.
#[derive(Default)]
struct Ticks(AtomicU64);

impl Ticks {
    fn next(&self, millis: u64) -> Timestamp {
        START + Duration::from_millis(self.0.fetch_add(millis, Ordering::Relaxed))
    }
}

/// One call of a random kind about one of three names.
fn call(registry: &Registry, chance: &mut StdRng, now: Timestamp) {
    let id = ["i", "j", "k"][chance.random_range(0..3)];
    let zone = ["x", "y"][chance.random_range(0..2)];
    match chance.random_range(0..6) {
        0 | 1 => drop(registry.register(registration(zoned(id, zone)), Sender::Client, now)),
        2 | 3 => drop(registry.cancel("A", id, Sender::Client, now)),
        4 => drop(registry.renew("A", id, &BEAT, now)),
        _ => drop(registry.set_override("A", id, status_call(Some(Status::Down)), now)),
    }
}

fn walk(registry: &Registry) -> Census {
    let mut census = Census::default();
    for entry in registry
        .store
        .all()
        .iter()
        .filter(|entry| entry.record().live())
    {
        census.live += 1;
        let zone = registry.zones().name(entry.instance()).map(Text::from);
        *census.zones.entry(zone).or_default() += 1;
    }
    census
}

/// Several threads call, one sweeps and prunes, one reads.
fn disturb(registry: &Registry, ticks: &Ticks, seed: u64) {
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                let mut chance = StdRng::seed_from_u64(seed * WRITERS + writer);
                (0..CALLS).for_each(|_| call(registry, &mut chance, ticks.next(1)));
            });
        }
        scope.spawn(move || {
            let mut chance = StdRng::seed_from_u64(seed);
            for _ in 0..CALLS / 10 {
                registry.sweep(ticks.next(1000), &mut chance);
                registry.prune_delta(ticks.next(1000));
            }
        });
        scope.spawn(move || (0..CALLS).for_each(|_| drop(registry.refresh())));
    });
}

#[test]
fn all_books_agree_after_many_threads_have_written() {
    for seed in 0..8 {
        let registry = registry(RegistrySettings {
            preservation: false,
            ..RegistrySettings::DEFAULT
        });
        let ticks = Ticks::default();
        disturb(&registry, &ticks, seed);
        let (counted, walked) = (registry.census(), walk(&registry));
        assert_eq!(
            (counted.live, counted.zones),
            (walked.live, walked.zones),
            "seed {seed}"
        );
        let listed: Vec<_> = registry.refresh().registered.iter().cloned().collect();
        let live = registry
            .store
            .all()
            .into_iter()
            .filter(|entry| entry.record().live());
        let same = |(listed, live): (&Arc<Entry>, _)| Arc::ptr_eq(listed, &live);
        assert_eq!(listed.len(), walked.live, "seed {seed}");
        assert!(listed.iter().zip(live).all(same), "seed {seed}");
        assert_eq!(lock(&registry.leases).watched(), walked.live, "seed {seed}");
    }
}

/// Something that a peer says of one of three names, or that comes of it.
fn hear_from(peer: &Registry, registry: &Registry, chance: &mut StdRng, now: Timestamp) {
    let key = key(["i", "j", "k"][chance.random_range(0..3)]);
    match chance.random_range(0..5) {
        0 => drop(peer.register(registration(zoned(&key.id, "x")), Sender::Client, now)),
        1 => drop(registry.take_relays(now)),
        2 => drop(registry.relay_answered(&key, RelayAnswer::Unknown, now)),
        3 => {
            let held = registry
                .stored(&key)
                .map(|entry| entry.record().lease.version);
            held.map(|version| registry.drop_deleted(&key, version, now));
        }
        _ => {
            let mut again = registry.origin();
            again.epoch.0 += 1;
            registry.restate(again, now);
        }
    }
    if let Some(entry) = peer.stored(&key) {
        registry.merge(&key, entry.record().clone(), entry.ended_for(now), now);
    }
}

#[test]
fn all_books_agree_after_peers_have_spoken_meanwhile() {
    for seed in 0..4 {
        let registry = registry(RegistrySettings::DEFAULT);
        registry.on_write(|| {});
        let peer = Registry::new(RegistrySettings::DEFAULT, origin(2));
        let up = Surroundings {
            up: [origin(2)].into(),
            ..Surroundings::default()
        };
        registry.surround(up);
        let ticks = Ticks::default();
        std::thread::scope(|scope| {
            scope.spawn(|| disturb(&registry, &ticks, seed));
            let mut chance = StdRng::seed_from_u64(seed);
            for _ in 0..CALLS {
                hear_from(&peer, &registry, &mut chance, ticks.next(1));
            }
        });
        let (owned, others) = (registry.owned().0, registry.owners());
        let walked = walk(&registry);
        assert_eq!(
            owned + others.values().sum::<usize>(),
            walked.live,
            "seed {seed}"
        );
        assert_eq!(lock(&registry.leases).watched(), owned, "seed {seed}");
        assert_eq!(registry.census().zones, walked.zones, "seed {seed}");
        assert_eq!(
            registry.refresh().registered.iter().count(),
            walked.live,
            "seed {seed}"
        );
    }
}

#[test]
fn every_lease_that_threads_left_behind_ends() {
    for seed in 0..8 {
        let registry = registry(RegistrySettings {
            preservation: false,
            ..RegistrySettings::DEFAULT
        });
        let ticks = Ticks::default();
        disturb(&registry, &ticks, seed);
        let mut chance = StdRng::seed_from_u64(seed);
        // A lease, and a window for each of the three.
        (0..90 + 4 * 60).for_each(|_| drop(registry.sweep(ticks.next(1000), &mut chance)));
        assert_eq!(registry.census().live, 0, "seed {seed}");
    }
}
