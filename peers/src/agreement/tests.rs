//! Four peers that write, cut and mend, in any order: in the end they agree, and on the right things.

mod returns;

use proptest::prelude::*;

use super::*;
use crate::record::{Bytes, Register};
use crate::shelf::Shelf;
use crate::version::{Epoch, Hlc, NodeId};

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
    peers: Vec<Peer>,
    time: u64,
    written: BTreeMap<Key, Told>,
    /// Every write.
    writes: Vec<(Key, Dot)>,
    /// What was registered.
    registered: Vec<(Key, Dot)>,
    /// What was ended: the key, and what the writer of the end had seen.
    ended: Vec<(Key, Vector)>,
}

/// A peer: what it holds and what it knows.
#[derive(Clone)]
struct Peer {
    agreement: Agreement,
    shelf: Shelf,
}

impl Peer {
    fn record(&self, key: &Key) -> Option<&Record> {
        self.shelf.records.get(key)
    }

    fn vector(&self) -> &Vector {
        self.agreement.vector()
    }

    fn write(&mut self, key: &Key, written: &Record) -> Dot {
        self.shelf.write(key, written);
        self.notice(key);
        Dot {
            origin: self.agreement.own,
            sequence: self.agreement.own_sequence(),
        }
    }

    fn notice(&mut self, key: &Key) -> Option<Told> {
        self.agreement.notice(NOW, &self.shelf, key)
    }

    fn apply(&mut self, delta: Delta) -> Applied {
        self.agreement.apply(NOW, &mut self.shelf, delta)
    }

    fn delta(&mut self, origin: Origin, after: u64) -> Result<Delta, BelowFloor> {
        self.agreement
            .delta(NOW, &self.shelf, (origin, after), SMALL)
    }

    /// The digest computed anew.
    fn digest(&self) -> u64 {
        let live = self.agreement.marks.iter().filter(|(_, marks)| live(marks));
        live.fold(0, |sum, (key, marks)| sum.wrapping_add(hash_of(key, marks)))
    }
}

const NOW: Duration = Duration::ZERO;
const SMALL: Portion = Portion {
    writes: 2,
    bytes: 1000,
};

fn origin(peer: usize) -> Origin {
    Origin {
        node: NodeId(peer as u64),
        epoch: Epoch(1),
    }
}

fn key(name: u8) -> Key {
    Key(Bytes::from(&[name][..]))
}

impl World {
    fn new() -> Self {
        let peers = (0..PEERS)
            .map(|peer| Peer {
                agreement: Agreement::new(origin(peer)),
                shelf: Shelf::default(),
            })
            .collect();
        Self {
            peers,
            time: 1000,
            written: BTreeMap::new(),
            writes: Vec::new(),
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
                self.collect(peer, &key(name));
            }
            Event::Push {
                from,
                to,
                origin: of,
                after,
            } => {
                if let Ok(delta) = self.peers[from].delta(origin(of), after) {
                    self.peers[to].apply(delta);
                }
            }
            Event::Pull { by, from } => self.pull(by, from),
            Event::Compare(a, b) => self.compare(a, b),
        }
    }

    fn collect(&mut self, peer: usize, key: &Key) {
        let peer = &mut self.peers[peer];
        if peer.record(key).is_some_and(|record| !record.live()) {
            peer.shelf.forget(key);
            peer.notice(key);
        }
    }

    fn write(&mut self, peer: usize, key: &Key, what: What) {
        let writer = &mut self.peers[peer];
        let held = writer.record(key).filter(|record| record.live()).cloned();
        if held.is_none() && !matches!(what, What::Register) {
            return;
        }
        let newest = writer
            .record(key)
            .and_then(|held| held.versions().into_iter().flatten().max());
        // Clocks are up to half a second off.
        let now = Hlc::at(self.time + peer as u64 * 170);
        let version = Version::above(newest, now, writer.agreement.own);
        let register = |version| {
            Some(Register {
                version,
                bytes: Bytes::default(),
            })
        };
        let written = match what {
            What::Register => Record {
                body: register(version),
                lease: register(version),
                ..Record::default()
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
                ..Record::default()
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
        let seen = writer.vector().clone();
        let dot = writer.write(key, &written);
        match written.lease.as_ref().map(|lease| lease.version.rank) {
            Some(Rank::Live) => self.registered.push((key.clone(), dot)),
            Some(Rank::Dead) => self.ended.push((key.clone(), seen)),
            None => {}
        }
        self.remember(key, written, dot);
    }

    /// Keeps the greatest of each register that was ever written, with its dot.
    fn remember(&mut self, key: &Key, record: Record, dot: Dot) {
        self.writes.push((key.clone(), dot));
        let nothing = Told {
            key: key.clone(),
            record: Record::default(),
            dots: [None; 3],
        };
        let held = self.written.entry(key.clone()).or_insert(nothing);
        let newer = held.record.versions().into_iter().zip(record.versions());
        for (place, (before, after)) in newer.enumerate() {
            if after > before {
                held.dots[place] = Some(dot);
            }
        }
        held.record.merge(&record);
    }

    fn pull(&mut self, by: usize, from: usize) {
        loop {
            let followed = self.peers[by].vector();
            let Some((origin, _)) = followed.behind(self.peers[from].vector()).next() else {
                return;
            };
            let after = followed.of(origin);
            match self.peers[from].delta(origin, after) {
                Ok(delta) => assert_eq!(self.peers[by].apply(delta), Applied::Followed),
                Err(BelowFloor) => return self.compare(by, from),
            }
        }
    }

    fn compare(&mut self, a: usize, b: usize) {
        if a == b {
            return;
        }
        let before = [self.peers[a].clone(), self.peers[b].clone()];
        for (own, other) in [(0, 1), (1, 0)] {
            let mut other = before[other].clone();
            read(&mut self.peers[[a, b][own]], &mut other);
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
            if self.peers[a].agreement.digest() != self.peers[b].agreement.digest() {
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
        for (number, peer) in self.peers.iter().enumerate() {
            assert_eq!(peer.digest(), peer.agreement.digest());
            for (key, written) in &self.written {
                let Some(held) = peer.record(key) else {
                    continue;
                };
                assert_eq!(peer.agreement.versions(key), Some(held.versions()));
                for place in [0, 2] {
                    let covered = written.dots[place].filter(|dot| peer.vector().covers(*dot));
                    let newer = written.record.versions()[place] > held.versions()[place];
                    assert!(
                        covered.is_none() || !newer || !held_since(peer),
                        "peer {number} claims {covered:?} of {key:?}"
                    );
                }
            }
        }
    }
}

/// Reads all a peer has, two records at a time, and agrees with it.
fn read(reader: &mut Peer, other: &mut Peer) {
    let (theirs, floors) = (other.vector().clone(), other.agreement.floors());
    let (mut after, mut more) = (None, true);
    while more {
        let page = other.agreement.page(after, 2);
        assert!(page.in_order());
        let plan = reader.agreement.plan(&theirs, &page);
        for (key, version) in &plan.drops {
            let dot = reader.agreement.marks[key][1]
                .expect("what is dropped has a lease")
                .dot;
            assert!(theirs.covers(dot), "only what the other side has seen");
            let drop = (key, *version);
            assert!(reader.agreement.drop_deleted(NOW, &mut reader.shelf, drop));
        }
        for told in plan.wants.iter().filter_map(|key| other.notice(key)) {
            reader.agreement.take(NOW, &mut reader.shelf, told);
        }
        (after, more) = (page.lines.last().map(|line| line.key.clone()), page.more);
    }
    reader.agreement.agree(&theirs, &floors);
}

/// Whether nothing was ever forgotten here; a record that was deleted and came back may lack what was written before.
fn held_since(peer: &Peer) -> bool {
    peer.agreement.logs.values().all(|log| log.floor() == 0)
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
        let live = |peer: &Peer| {
            let live = peer.shelf.records.iter().filter(|(_, record)| record.live());
            live.map(|(key, record)| (key.clone(), record.versions())).collect::<Vec<_>>()
        };
        let first = live(&world.peers[0]);
        for peer in &world.peers {
            prop_assert_eq!(&live(peer), &first);
            prop_assert_eq!(peer.digest(), world.peers[0].digest());
        }
        for (key, written) in &world.written {
            let lives = written.record.live();
            let shown = first.iter().any(|(shown, _)| shown == key);
            prop_assert!(shown || !lives, "{:?} is lost, whose last lease lives", key);
            prop_assert!(!shown || !world.ended_for_good(key), "{:?} came back", key);
        }
    }
}
