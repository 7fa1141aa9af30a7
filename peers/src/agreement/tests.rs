//! Four peers that write, cut and mend, in any order: in the end they agree, and on the right things.

use proptest::prelude::*;

use super::*;
use crate::version::{Epoch, Hlc, NodeId, Rank};

const PEERS: usize = 4;
const KEYS: u8 = 3;

/// What happens.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A peer writes.
    Write(usize, u8, What),
    /// A peer forgets a record, if it is dead.
    Collect(usize, u8),
    /// A peer hands on part of an origin's writes, from a place the other did not ask for.
    Push {
        from: usize,
        to: usize,
        origin: usize,
        after: u64,
    },
    /// A peer pulls all it lacks from another one.
    Pull { by: usize, from: usize },
    /// Two peers compare.
    Compare(usize, usize),
}

/// What is written.
#[derive(Clone, Copy, Debug)]
enum What {
    Register,
    Body,
    Override,
    Cancel,
    Evict,
}

/// Peers with clocks that are off, and everything that was ever written.
struct World {
    peers: Vec<Agreement>,
    time: u64,
    written: BTreeMap<Key, Record>,
    /// What was registered.
    registered: Vec<(Key, Dot)>,
    /// What was ended: the key, and what the writer of the end had seen.
    ended: Vec<(Key, Vector)>,
}

fn origin(peer: usize) -> Origin {
    Origin {
        node: NodeId(peer as u64),
        epoch: Epoch(1),
    }
}

fn key(name: u8) -> Key {
    Key([name].into())
}

impl World {
    fn new() -> Self {
        let peers = (0..PEERS)
            .map(|peer| Agreement::new(origin(peer)))
            .collect();
        Self {
            peers,
            time: 1000,
            written: BTreeMap::new(),
            registered: Vec::new(),
            ended: Vec::new(),
        }
    }

    fn happen(&mut self, event: Event) {
        self.time += 1;
        match event {
            Event::Write(peer, name, what) => self.write(peer, &key(name), what),
            Event::Collect(peer, name) => {
                // Dead records are kept for longer than clocks are off.
                self.time += 1000;
                self.peers[peer].collect(&key(name));
            }
            Event::Push {
                from,
                to,
                origin: of,
                after,
            } => {
                if let Ok(delta) = self.peers[from].delta(origin(of), after, 2) {
                    self.peers[to].apply(&delta);
                }
            }
            Event::Pull { by, from } => self.pull(by, from),
            Event::Compare(a, b) => self.compare(a, b),
        }
    }

    fn write(&mut self, peer: usize, key: &Key, what: What) {
        let agreement = &mut self.peers[peer];
        let held = agreement
            .record(key)
            .filter(|record| record.live())
            .cloned();
        if held.is_none() && !matches!(what, What::Register) {
            return;
        }
        let newest = agreement
            .record(key)
            .and_then(|held| held.versions().into_iter().flatten().max());
        // Clocks are up to half a second off.
        let now = Hlc::at(self.time + peer as u64 * 170);
        let version = Version::above(newest, now, origin(peer));
        let dot = agreement.next_dot();
        let register = |version| {
            Some(Register {
                version,
                dot,
                bytes: [].into(),
            })
        };
        let written = match what {
            What::Register => Record {
                body: register(version),
                lease: register(version),
                overriding: None,
            },
            What::Body => Record {
                body: register(version),
                ..Record::default()
            },
            What::Override => Record {
                overriding: register(version),
                ..Record::default()
            },
            What::Cancel => Record {
                lease: register(version.ended()),
                overriding: register(version),
                body: None,
            },
            What::Evict => {
                let lease = held
                    .and_then(|held| held.lease)
                    .expect("a live record has a lease");
                Record {
                    lease: register(lease.version.ended()),
                    ..Record::default()
                }
            }
        };
        match lease(&written).map(|lease| lease.version.rank) {
            Some(Rank::Live) => self.registered.push((key.clone(), dot)),
            Some(Rank::Dead) => self.ended.push((key.clone(), agreement.vector().clone())),
            None => {}
        }
        agreement.write(key, &written);
        self.written.entry(key.clone()).or_default().merge(&written);
    }

    fn pull(&mut self, by: usize, from: usize) {
        loop {
            let behind: Vec<_> = self.peers[by]
                .vector()
                .behind(self.peers[from].vector())
                .collect();
            let Some((origin, after)) = behind.first().copied() else {
                return;
            };
            match self.peers[from].delta(origin, after, 2) {
                Ok(delta) => assert_eq!(self.peers[by].apply(&delta), Applied::Followed),
                Err(BelowFloor) => return self.compare(by, from),
            }
        }
    }

    fn compare(&mut self, a: usize, b: usize) {
        if a == b {
            return;
        }
        let inventories = [self.peers[a].inventory(), self.peers[b].inventory()];
        let records = [self.peers[a].clone(), self.peers[b].clone()];
        for (own, other) in [(0, 1), (1, 0)] {
            let peer = &mut self.peers[[a, b][own]];
            let plan = peer.plan(&inventories[other]);
            for (key, version) in &plan.drops {
                let dropped = records[own]
                    .record(key)
                    .and_then(lease)
                    .expect("what is dropped has a lease");
                assert!(
                    inventories[other].vector.covers(dropped.dot),
                    "only what the other side has seen"
                );
                peer.drop_deleted(key, *version);
            }
            let wanted = plan.wants.into_iter().filter_map(|key| {
                let record = records[other].record(&key)?.clone();
                Some((key, record))
            });
            peer.agree(&inventories[other], &wanted.collect::<Vec<_>>());
        }
    }

    /// All links work again, and nobody writes any more. Whose vectors are equal and digests are not compares.
    fn heal(&mut self) {
        for _ in 0..3 {
            for (a, b) in pairs() {
                self.pull(a, b);
            }
        }
        for (a, b) in pairs() {
            assert_eq!(self.peers[a].vector(), self.peers[b].vector());
            if self.peers[a].digest() != self.peers[b].digest() {
                self.compare(a, b);
            }
        }
    }

    /// Whether a key was ended by who had seen everything that was ever registered under it. An end in one part of a
    /// cluster and a registration in another, both older than the memory of dead records, may end either way.
    fn ended_for_good(&self, key: &Key) -> bool {
        let dots = || self.registered.iter().filter(|(of, _)| of == key);
        let all = |seen: &Vector| dots().all(|(_, dot)| seen.covers(*dot));
        self.ended.iter().any(|(of, seen)| of == key && all(seen))
    }

    /// What a vector claims was applied: the record is at least as new as every covered write, or known deleted.
    fn check_claims(&self) {
        for (peer, agreement) in self.peers.iter().enumerate() {
            for (key, written) in &self.written {
                let Some(held) = agreement.record(key) else {
                    continue;
                };
                for (written, held) in [
                    (&written.body, &held.body),
                    (&written.overriding, &held.overriding),
                ] {
                    let covered = written
                        .as_ref()
                        .filter(|written| agreement.vector().covers(written.dot));
                    let newer = covered.filter(|written| {
                        held.as_ref()
                            .is_none_or(|held| held.version < written.version)
                    });
                    assert!(
                        newer.is_none() || !held_since(agreement, key),
                        "peer {peer} claims {newer:?} of {key:?}"
                    );
                }
            }
        }
    }
}

/// Whether a record was here all along; one that was deleted and came back may lack what was written before.
fn held_since(agreement: &Agreement, key: &Key) -> bool {
    agreement.logs.values().all(|log| log.floor() == 0) && agreement.record(key).is_some()
}

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..PEERS).flat_map(|a| (0..PEERS).map(move |b| (a, b)))
}

fn event() -> impl Strategy<Value = Event> {
    let what = prop_oneof![
        4 => Just(What::Register), 1 => Just(What::Body), 1 => Just(What::Override),
        2 => Just(What::Cancel), 1 => Just(What::Evict),
    ];
    let peer = || 0..PEERS;
    prop_oneof![
        6 => (peer(), 0..KEYS, what).prop_map(|(peer, key, what)| Event::Write(peer, key, what)),
        2 => (peer(), 0..KEYS).prop_map(|(peer, key)| Event::Collect(peer, key)),
        2 => (peer(), peer(), peer(), 0..4u64).prop_map(|(from, to, origin, after)| Event::Push { from, to, origin, after }),
        4 => (peer(), peer()).prop_map(|(by, from)| Event::Pull { by, from }),
        1 => (peer(), peer()).prop_map(|(a, b)| Event::Compare(a, b)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn after_any_faults_all_peers_hold_the_same(events in proptest::collection::vec(event(), 0..80)) {
        let mut world = World::new();
        for event in events {
            world.happen(event);
            world.check_claims();
        }
        world.heal();
        let live = |peer: &Agreement| {
            let live = peer.records().filter(|(_, record)| record.live());
            live.map(|(key, record)| (key.clone(), record.versions())).collect::<Vec<_>>()
        };
        let first = live(&world.peers[0]);
        for peer in &world.peers {
            prop_assert_eq!(&live(peer), &first);
            prop_assert_eq!(peer.digest(), world.peers[0].digest());
        }
        for (key, written) in &world.written {
            let lives = lease(written).is_some_and(|lease| lease.version.rank == Rank::Live);
            let shown = first.iter().any(|(shown, _)| shown == key);
            prop_assert!(shown || !lives, "{:?} is lost, whose last lease lives", key);
            prop_assert!(!shown || !world.ended_for_good(key), "{:?} came back", key);
        }
    }
}
