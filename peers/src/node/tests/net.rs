//! A few nodes under false time on a network that can be cut.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::identity::Peer;
use crate::keys::{ClusterKey, KEY_BYTES, Keyring};
use crate::node::ways::Way;
use crate::node::{Event, LinkId, Node, Output, Rules, Settings};
use crate::record::{self, Key};
use crate::shelf::Shelf;
use crate::snapshot::Snapshot;
use crate::timers::Timers;
use crate::version::{Epoch, NodeId, Origin};

const LATENCY: Duration = Duration::from_micros(400);

enum Happening {
    Wake(usize),
    Datagram(usize, Vec<u8>),
    Dialled {
        by: usize,
        link: LinkId,
        to: usize,
    },
    Bytes {
        to: usize,
        link: LinkId,
        bytes: Bytes,
        from: (usize, LinkId),
    },
    Closed(usize, LinkId),
}

pub(super) struct Net {
    pub(super) now: Duration,
    pub(super) nodes: Vec<Node<Shelf>>,
    pub(super) events: Vec<(usize, Event)>,
    queue: Timers<Happening>,
    ends: BTreeMap<(usize, LinkId), (usize, LinkId)>,
    cut: Vec<(usize, usize, Way)>,
    /// Who reads nothing from streams.
    pub(super) deaf: BTreeSet<usize>,
    down: BTreeSet<usize>,
    /// What nodes that start from now on have.
    pub(super) keys: Option<Keyring>,
    /// Every datagram on its way, if somebody listens.
    pub(super) overheard: Option<Vec<(usize, Vec<u8>)>>,
}

/// A ring of keys that are the same byte over and over.
pub(super) fn ring(keys: &[u8]) -> Keyring {
    let keys = keys.iter().map(|key| ClusterKey::new([*key; KEY_BYTES]));
    Keyring::new(keys).expect("a few keys")
}

pub(super) fn address(index: usize) -> SocketAddr {
    let port = u16::try_from(index + 1).expect("few nodes");
    SocketAddr::from(([127, 0, 0, 1], port))
}

pub(super) fn key(name: &str) -> Key {
    Key(record::Bytes::from(name.as_bytes()))
}

fn settings(index: usize, epoch: u64, seeded: bool) -> Settings {
    Settings {
        peer: Peer {
            node: NodeId(index as u64),
            address: address(index),
        },
        name: format!("peer-{index}"),
        zone: String::new(),
        url: String::new(),
        cluster_name: "test".to_owned(),
        keys: None,
        epoch: Epoch(epoch),
        wall_at_start: 1_000_000,
        seeded,
        rules: Rules::default(),
    }
}

impl Net {
    /// So many nodes, of which the first one is the seed of the others and waits for nobody.
    pub(super) fn new(size: usize, keys: Option<Keyring>) -> Self {
        let mut net = Self {
            now: Duration::ZERO,
            nodes: Vec::new(),
            events: Vec::new(),
            queue: Timers::default(),
            ends: BTreeMap::new(),
            cut: Vec::new(),
            deaf: BTreeSet::new(),
            down: BTreeSet::new(),
            keys,
            overheard: None,
        };
        for index in 0..size {
            net.join(index > 0, |_| {});
        }
        net
    }

    /// The same, a few seconds later.
    pub(super) fn formed(size: usize) -> Self {
        Self::formed_with(size, None)
    }

    /// The same, with keys.
    pub(super) fn formed_with(size: usize, keys: Option<Keyring>) -> Self {
        let mut net = Self::new(size, keys);
        net.run(5000);
        assert!(net.nodes.iter().all(|node| node.doors().lists));
        net
    }

    /// One more node.
    pub(super) fn join(&mut self, seeded: bool, adjust: impl Fn(&mut Settings)) -> usize {
        let index = self.nodes.len();
        let mut settings = settings(index, 1000, seeded);
        settings.keys = self.keys.clone();
        adjust(&mut settings);
        let node = Node::new(
            self.now,
            settings,
            Shelf::default(),
            ChaCha8Rng::seed_from_u64(index as u64),
        );
        self.nodes.push(node);
        self.greet(index, seeded);
        index
    }

    /// Ends a node without a word and starts it anew, with no memory.
    pub(super) fn restart(&mut self, index: usize, epoch: u64) {
        self.restart_from(index, epoch, None);
    }

    /// The same with what it remembers, and how old that is.
    pub(super) fn restart_from(
        &mut self,
        index: usize,
        epoch: u64,
        memory: Option<(Duration, Snapshot)>,
    ) {
        self.crash(index);
        self.down.remove(&index);
        let mut settings = settings(index, epoch, true);
        settings.keys = self.keys.clone();
        let chance = ChaCha8Rng::seed_from_u64(epoch);
        let mut node = Node::new(self.now, settings, Shelf::default(), chance);
        if let Some((age, snapshot)) = memory {
            node.restore(self.now, age, snapshot);
        }
        self.nodes[index] = node;
        self.greet(index, true);
    }

    fn greet(&mut self, index: usize, seeded: bool) {
        if seeded {
            let seeds = vec![address(usize::from(index == 0))];
            self.nodes[index].seeds(self.now, seeds);
        }
        self.tend(index);
    }

    pub(super) fn crash(&mut self, index: usize) {
        self.down.insert(index);
        let ends = self.ends.clone();
        for (own, other) in ends.into_iter().filter(|((node, _), _)| *node == index) {
            self.ends.remove(&own);
            self.ends.remove(&other);
            self.queue
                .set(self.now + LATENCY, Happening::Closed(other.0, other.1));
        }
    }

    pub(super) fn cut(&mut self, a: usize, b: usize) {
        self.block(a, b, Way::Datagrams);
        self.block(a, b, Way::Streams);
    }

    /// Lets only the other way through between two nodes.
    pub(super) fn block(&mut self, a: usize, b: usize, way: Way) {
        self.cut.extend([(a, b, way), (b, a, way)]);
    }

    fn is_cut(&self, from: usize, to: usize, way: Way) -> bool {
        self.cut.contains(&(from, to, way))
    }

    pub(super) fn mend(&mut self) {
        self.cut.clear();
    }

    /// Registers a key at a node.
    pub(super) fn register(&mut self, index: usize, name: &str, bytes: &[u8]) {
        self.write(index, |shelf, millis, by| {
            shelf.register(&key(name), millis, by, bytes)
        });
    }

    /// Has a node write something at its wall clock.
    pub(super) fn write(&mut self, index: usize, write: impl FnOnce(&mut Shelf, u64, Origin)) {
        let millis = 1_000_000 + u64::try_from(self.now.as_millis()).expect("it is early");
        self.at(index, |node, now| {
            let by = node.origin();
            write(node.replica_mut(), millis, by);
            node.wrote(now);
        });
    }

    pub(super) fn is_up(&self, index: usize) -> bool {
        !self.down.contains(&index)
    }

    pub(super) fn at(&mut self, index: usize, act: impl FnOnce(&mut Node<Shelf>, Duration)) {
        act(&mut self.nodes[index], self.now);
        self.tend(index);
    }

    pub(super) fn run(&mut self, millis: u64) {
        let end = self.now + Duration::from_millis(millis);
        while let Some((at, happening)) = self.queue.pop_due(end) {
            self.now = at;
            self.happen(happening);
        }
        self.now = end;
    }

    pub(super) fn has(&self, index: usize, name: &str) -> bool {
        let record = self.nodes[index].replica().records.get(&key(name));
        record.is_some_and(record::Record::live)
    }

    /// Whether all have seen and hold the same.
    pub(super) fn agree(&self) -> bool {
        let up = (0..self.nodes.len()).filter(|index| !self.down.contains(index));
        let state = |index: usize| {
            (
                self.nodes[index].vector().clone(),
                self.nodes[index].digest(),
            )
        };
        let states: Vec<_> = up.map(state).collect();
        states.windows(2).all(|pair| pair[0] == pair[1])
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Wake(index) => self.wake(index),
            Happening::Datagram(to, bytes) if !self.down.contains(&to) => {
                self.nodes[to].handle_datagram(self.now, &bytes);
                self.tend(to);
            }
            Happening::Dialled { by, link, to } => self.dialled(by, link, to),
            Happening::Bytes {
                to,
                link,
                bytes,
                from,
            } if self.is_cut(from.0, to, Way::Streams) || self.deaf.contains(&to) => {
                // A cut stream delivers when the cut is mended.
                let later = Happening::Bytes {
                    to,
                    link,
                    bytes,
                    from,
                };
                self.queue.set(self.now + Duration::from_millis(50), later);
            }
            Happening::Bytes {
                to,
                link,
                bytes,
                from,
            } => self.arrived(to, link, &bytes, from),
            Happening::Closed(index, link) if !self.down.contains(&index) => {
                self.nodes[index].closed(self.now, link);
                self.tend(index);
            }
            Happening::Datagram(..) | Happening::Closed(..) => {}
        }
    }

    fn wake(&mut self, index: usize) {
        let due = self.nodes[index]
            .next_deadline()
            .is_some_and(|due| due <= self.now);
        if due && !self.down.contains(&index) {
            self.nodes[index].handle_due(self.now);
            self.tend(index);
        }
    }

    fn dialled(&mut self, by: usize, link: LinkId, to: usize) {
        if self.is_cut(by, to, Way::Streams) || self.down.contains(&to) || to >= self.nodes.len() {
            return self.happen(Happening::Closed(by, link));
        }
        let end = self.nodes[to].accepted(self.now, address(by));
        self.ends.insert((by, link), (to, end));
        self.ends.insert((to, end), (by, link));
        self.nodes[by].connected(self.now, link);
        self.tend(to);
        self.tend(by);
    }

    fn arrived(&mut self, to: usize, link: LinkId, bytes: &[u8], (from, origin): (usize, LinkId)) {
        if !self.down.contains(&from) {
            self.nodes[from].sent(self.now, origin, bytes.len());
        }
        if !self.down.contains(&to) {
            self.nodes[to].handle_bytes(self.now, link, bytes);
            self.tend(to);
        }
    }

    /// Does what a node wants done, and wakes it when it asks to be.
    fn tend(&mut self, index: usize) {
        let later = self.now + LATENCY;
        while let Some(output) = self.nodes[index].poll_output() {
            match output {
                Output::Datagram(datagram) => {
                    let to = usize::from(datagram.to.port()) - 1;
                    if let Some(overheard) = &mut self.overheard {
                        overheard.push((to, datagram.bytes.clone()));
                    }
                    if !self.is_cut(index, to, Way::Datagrams) && to < self.nodes.len() {
                        self.queue
                            .set(later, Happening::Datagram(to, datagram.bytes));
                    }
                }
                Output::Dial(link, to) => {
                    let to = usize::from(to.port()) - 1;
                    self.queue.set(
                        later,
                        Happening::Dialled {
                            by: index,
                            link,
                            to,
                        },
                    );
                }
                Output::Send(link, bytes) => {
                    if let Some((to, end)) = self.ends.get(&(index, link)).copied() {
                        let from = (index, link);
                        self.queue.set(
                            later,
                            Happening::Bytes {
                                to,
                                link: end,
                                bytes,
                                from,
                            },
                        );
                    }
                }
                Output::Close(link) => {
                    if let Some((to, end)) = self.ends.remove(&(index, link)) {
                        self.queue.set(later, Happening::Closed(to, end));
                    }
                }
                Output::Event(event) => self.events.push((index, event)),
            }
        }
        if let Some(deadline) = self.nodes[index].next_deadline() {
            self.queue
                .set(deadline.max(self.now), Happening::Wake(index));
        }
    }
}
