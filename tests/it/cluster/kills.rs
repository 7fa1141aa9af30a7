//! A cluster that is killed whole again and again, at moments nobody chose, while it is written to.
//!
//! Here: one round, and what must hold in it: what was written down is whole, no server ever lists less than it had
//! written down, all of them show what any had, and what came back once is there from then on. Not here: how many rounds.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use peers::agreement::Told;
use peers::record::{Key, Record};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use super::eureka::{Instance, Shown};
use super::patience::{now, pass, until};
use super::places::Places;
use super::stage::Cluster;

/// Between two of these anything may be going on.
const KILLED_AFTER_MILLIS: std::ops::Range<u64> = 50..1500;
const APP: &str = "KILLED";

/// A cluster and what became of it so far.
pub(crate) struct Kills {
    pub(crate) cluster: Cluster,
    places: Places,
    chance: StdRng,
    /// How many instances were made so far.
    made: u64,
    /// What came back, and was not cancelled since.
    back: BTreeSet<String>,
}

/// What a round showed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    /// From the start of the processes until all were ready.
    pub(crate) ready: Duration,
    /// How many instances came back.
    pub(crate) back: usize,
    /// How many of these with an override.
    pub(crate) overridden: usize,
}

impl Kills {
    /// Three servers that write down what they hold three times a second.
    pub(crate) fn begin(name: &str, seed: u64) -> Option<Self> {
        let mut cluster = Cluster::of(3)?;
        let places = Places::new(name);
        places.furnish(&mut cluster, "300ms");
        cluster.form();
        Some(Self {
            cluster,
            places,
            chance: StdRng::seed_from_u64(seed),
            made: 0,
            back: BTreeSet::new(),
        })
    }

    /// Writes, kills all at some moment, and starts them again.
    pub(crate) fn round(&mut self) -> Round {
        let time = Duration::from_millis(self.chance.random_range(KILLED_AFTER_MILLIS));
        let gone = self.write_for(time);
        self.back.retain(|id| !gone.contains(id));
        let written = self.written_down();
        for id in &self.back {
            assert!(
                written.live.contains_key(id),
                "{id} had come back, and is lost"
            );
        }
        self.start(&written)
    }

    /// Registers, overrides and cancels at all servers, and kills them all while that goes on. Answers whose end was
    /// asked for.
    fn write_for(&mut self, time: Duration) -> BTreeSet<String> {
        let servers = self.cluster.addresses();
        let (over, first) = (AtomicBool::new(false), self.made);
        let old: Vec<_> = self.back.iter().take(2).cloned().collect();
        let made = thread::scope(|scope| {
            let writer = scope.spawn(|| write(&servers, first, &old, &over));
            pass(time);
            for server in self.cluster.all() {
                self.cluster.kill(server);
            }
            over.store(true, Ordering::Relaxed);
            writer.join().expect("it writes until it is over")
        });
        self.made = made;
        old.into_iter().collect()
    }

    fn written_down(&self) -> Written {
        let mut records: BTreeMap<Key, Record> = BTreeMap::new();
        let mut keys = Vec::new();
        for server in self.cluster.all() {
            let snapshot = self.places.snapshot(server);
            let snapshot = snapshot.map(|read| read.expect("what is written down is whole"));
            let held = snapshot.map_or_else(Vec::new, |snapshot| snapshot.records);
            keys.push(held.iter().map(|told| told.key.clone()).collect());
            for Told { key, record, .. } in held {
                records.entry(key).or_default().merge(&record);
            }
        }
        Written::of(records, &keys)
    }

    /// Starts all, and looks at every list that any of them gives until all are ready with all that was written down.
    fn start(&mut self, written: &Written) -> Round {
        let began = now();
        for server in self.cluster.all() {
            self.cluster.start(server);
        }
        until("all are ready with all that was written down", || {
            let servers = self.cluster.all().into_iter();
            let lists =
                servers.filter_map(|server| Some((server, self.cluster.server(server).list()?)));
            let whole = lists.filter(|(server, list)| written.is_in(*server, list));
            whole.count() == self.cluster.size()
        });
        let ready = began.elapsed();
        self.cluster.await_equal(&self.cluster.all());
        self.back = written.live.keys().cloned().collect();
        Round {
            ready,
            back: written.live.len(),
            overridden: written
                .live
                .values()
                .filter(|overridden| **overridden)
                .count(),
        }
    }
}

/// What was written down when all were killed.
struct Written {
    /// By all of them together: the instances that are live, and whether each has an override.
    live: BTreeMap<String, bool>,
    /// Which of these each server wrote down itself.
    own: Vec<BTreeSet<String>>,
}

impl Written {
    fn of(records: BTreeMap<Key, Record>, keys: &[BTreeSet<Key>]) -> Self {
        let (mut live, mut own) = (BTreeMap::new(), vec![BTreeSet::new(); keys.len()]);
        for (key, record) in records {
            let dots = [None; 3];
            let told = Told { key, record, dots };
            let read = peerage::replication::told_of(&told);
            let Some((named, record)) = read.filter(|(_, record)| record.live()) else {
                continue;
            };
            for (own, keys) in own.iter_mut().zip(keys) {
                if keys.contains(&told.key) {
                    own.insert(named.id.to_string());
                }
            }
            live.insert(named.id.to_string(), record.overridden().is_some());
        }
        Self { live, own }
    }

    /// Whether a list shows all of it. One that is given at all has whatever its server wrote down itself.
    fn is_in(&self, server: usize, list: &BTreeMap<String, Shown>) -> bool {
        for id in &self.own[server] {
            let count = list.len();
            assert!(
                list.contains_key(id),
                "server-{server} lists {count} without {id}"
            );
        }
        let shown = |(id, overridden): (&String, &bool)| {
            let status = list.get(id).map(|(status, _, _)| status);
            status.is_some_and(|status| (status == "OUT_OF_SERVICE") == *overridden)
        };
        self.live.iter().all(shown)
    }
}

/// Writes until it is over, whatever is answered: servers are killed meanwhile. Answers how many instances there are.
fn write(servers: &[SocketAddr], first: u64, old: &[String], over: &AtomicBool) -> u64 {
    let at = |number: usize| servers[number % servers.len()];
    for (number, id) in old.iter().enumerate() {
        let id = id.trim_start_matches("KILLED-");
        drop(Instance::new(APP, id).cancel(at(number)));
    }
    let mut made = first;
    while !over.load(Ordering::Relaxed) {
        let number = usize::try_from(made).expect("it is small");
        let instance = Instance {
            lease_secs: 3600,
            ..Instance::new(APP, made)
        };
        drop(instance.register(at(number)));
        if made.is_multiple_of(3) {
            drop(instance.override_by(at(number + 1), "OUT_OF_SERVICE"));
        }
        made += 1;
    }
    made
}
