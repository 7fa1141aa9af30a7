//! Nodes on real sockets of this machine.

mod names;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;

use super::{Admission, Handle, Names, Seed, Sockets, Start, start};
use crate::gate::Network;
use crate::identity::Peer;
use crate::node::view::Cluster;
use crate::node::{Event, Rules, Settings};
use crate::record::{Bytes, Key, Record, Register};
use crate::replica::{Leases, Relayed, Replica};
use crate::surroundings::Surroundings;
use crate::version::{Epoch, Hlc, NodeId, Origin, Rank, Version};

const PATIENCE: Duration = Duration::from_secs(20);

/// Records that anybody may write, and nobody owns.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    records: BTreeMap<Key, Record>,
    written: Vec<Key>,
    /// Whether asking for what was written is a fault.
    faulty: bool,
}

impl Notes {
    fn write(&self, key: &str, by: Origin) {
        let version = Version {
            clock: Hlc::at(1),
            origin: by,
            rank: Rank::Live,
        };
        let register = Register {
            version,
            bytes: Bytes::from(key.as_bytes()),
        };
        let key = Key(Bytes::from(key.as_bytes()));
        let record = Record {
            body: Some(register.clone()),
            lease: Some(register),
            ..Record::default()
        };
        let mut held = self.0.lock().unwrap();
        held.records.insert(key.clone(), record);
        held.written.push(key);
    }

    fn keys(&self) -> BTreeSet<Key> {
        self.0.lock().unwrap().records.keys().cloned().collect()
    }
}

impl Replica for Notes {
    fn take_written(&mut self) -> Vec<Key> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(!held.faulty, "a fault that a test wants");
        std::mem::take(&mut held.written)
    }

    fn read(&self, _now: Duration, key: &Key) -> Option<Record> {
        self.0.lock().unwrap().records.get(key).cloned()
    }

    fn merge(&mut self, _now: Duration, key: &Key, theirs: Record) {
        let mut held = self.0.lock().unwrap();
        held.records.entry(key.clone()).or_default().merge(&theirs);
    }

    fn drop_deleted(&mut self, _now: Duration, key: &Key, _lease: Version) -> bool {
        self.0.lock().unwrap().records.remove(key).is_some()
    }

    fn take_relays(&mut self, _now: Duration) -> Vec<(Origin, Key, Duration)> {
        Vec::new()
    }

    fn relayed(&mut self, _now: Duration, _key: &Key, _age: Duration) -> Relayed {
        Relayed::Unknown
    }

    fn relay_answered(&mut self, _now: Duration, _key: &Key, _answer: Relayed) {}

    fn surround(&mut self, _now: Duration, _surroundings: &Surroundings) {}

    fn leases(&self) -> Leases {
        Leases::default()
    }

    fn unreadable(&self) -> u64 {
        0
    }

    fn owners(&self) -> BTreeMap<Origin, u32> {
        BTreeMap::new()
    }

    fn restate(&mut self, _now: Duration, _origin: Origin) {}

    fn answer(&self, _now: Duration, question: &[u8], _cluster: &Cluster) -> Vec<u8> {
        question.to_vec()
    }
}

/// A node with its records, as the rest of a server has it.
struct Server {
    origin: Origin,
    address: SocketAddr,
    handle: Handle,
    notes: Notes,
    events: Arc<Mutex<Vec<Event>>>,
}

impl Server {
    fn start(number: u64, seeds: &[SocketAddr]) -> Self {
        let seeds = seeds.iter().map(seed).collect();
        Self::start_with(number, seeds, Names::OfSystem)
    }

    fn start_with(number: u64, seeds: Vec<Seed>, names: Names) -> Self {
        Self::start_among(number, seeds, names, Vec::new())
    }

    /// One whose peers are in these networks.
    fn start_among(number: u64, seeds: Vec<Seed>, names: Names, networks: Vec<Network>) -> Self {
        let sockets = Sockets::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = sockets.address();
        let origin = Origin {
            node: NodeId(number),
            epoch: Epoch(1),
        };
        let (notes, events) = (Notes::default(), Arc::<Mutex<Vec<Event>>>::default());
        let told = events.clone();
        let handle = start(
            Start {
                sockets,
                settings: settings(origin, address, !seeds.is_empty()),
                seeds,
                names,
                memory: None,
                admission: Admission {
                    networks,
                    streams_max: 64,
                },
                chance: ChaCha8Rng::seed_from_u64(number),
                clock: clock(),
                tell: Box::new(move |event| told.lock().unwrap().push(event)),
            },
            notes.clone(),
        );
        Self {
            origin,
            address,
            handle: handle.unwrap(),
            notes,
            events,
        }
    }

    fn write(&self, key: &str) {
        self.notes.write(key, self.origin);
        self.handle.wrote();
    }

    fn heard(&self, wanted: fn(&Event) -> bool) -> bool {
        self.events.lock().unwrap().iter().any(wanted)
    }
}

fn settings(origin: Origin, address: SocketAddr, seeded: bool) -> Settings {
    Settings {
        peer: Peer {
            node: origin.node,
            address,
        },
        name: format!("node-{}", origin.node.0),
        zone: String::new(),
        url: String::new(),
        cluster_name: "test".to_owned(),
        epoch: origin.epoch,
        wall_at_start: 1_700_000_000_000,
        seeded,
        keys: None,
        rules: Rules::default(),
    }
}

fn seed(address: &SocketAddr) -> Seed {
    address.to_string().parse().unwrap()
}

/// Real time since now.
fn clock() -> super::Clock {
    let began = UNIX_EPOCH.elapsed().unwrap();
    Arc::new(move || UNIX_EPOCH.elapsed().unwrap().saturating_sub(began))
}

/// Waits until something holds.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    assert!(waited.is_ok(), "{what} did not come true");
}

#[tokio::test]
async fn two_nodes_on_real_sockets_agree_and_part() {
    let one = Server::start(1, &[]);
    let other = Server::start(2, &[one.address]);
    until("they have met", || {
        one.handle.peers_up() == 1 && other.handle.peers_up() == 1
    })
    .await;
    one.write("of one");
    until("the other has it", || {
        other.notes.keys() == one.notes.keys()
    })
    .await;
    until("writes are allowed", || other.handle.doors().writes).await;
    other.write("of the other");
    until("both have both", || one.notes.keys().len() == 2).await;
    let view = other.handle.view().await.unwrap();
    assert_eq!(view.me.name, "node-2");
    other.handle.drain().await;
    until("no new leases", || !other.handle.doors().new_leases).await;
    assert!(other.handle.leave().await, "it left in time");
    assert!(other.heard(|event| *event == Event::Left));
    until("the other is gone", || one.handle.peers_up() == 0).await;
    assert!(other.handle.view().await.is_none(), "it has ended");
    assert!(!other.handle.broken());
}

#[tokio::test]
async fn a_node_that_is_alone_leaves_at_once() {
    let alone = Server::start(1, &[]);
    assert!(alone.handle.leave().await);
}

#[tokio::test]
async fn a_fault_ends_the_exchange_with_peers_and_nothing_else() {
    let server = Server::start(1, &[]);
    let doors = server.handle.doors();
    server.notes.0.lock().unwrap().faulty = true;
    server.handle.wrote();
    until("the fault is known", || server.handle.broken()).await;
    assert_eq!(server.handle.doors(), doors);
    assert!(server.handle.view().await.is_none());
    assert!(
        server.handle.leave().await,
        "there is nothing left to wait for"
    );
    assert!(Sockets::bind(server.address).is_ok(), "the ports are free");
}

#[tokio::test]
async fn a_question_to_nobody_is_answered_by_nothing() {
    let alone = Server::start(1, &[]);
    assert_eq!(alone.handle.ask(NodeId(7), b"view".to_vec()).await, None);
}

#[tokio::test]
async fn strangers_that_flood_both_ports_hinder_nobody() {
    let one = Server::start(1, &[]);
    let garbage = vec![0xa5; 1300];
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    for length in 0..2000 {
        stranger
            .send_to(&garbage[..length % garbage.len()], one.address)
            .unwrap();
    }
    let mut silent = Vec::new();
    for number in 0..20_usize {
        let mut stream = TcpStream::connect(one.address).unwrap();
        if number % 2 == 0 {
            // It may be closed already.
            stream.write_all(&garbage).unwrap_or_default();
        }
        silent.push(stream);
        tokio::task::yield_now().await;
    }
    let other = Server::start(2, &[one.address]);
    until("they have met", || one.handle.peers_up() > 0).await;
    one.write("through the noise");
    until("the other has it", || !other.notes.keys().is_empty()).await;
    drop(silent);
}

#[tokio::test]
async fn who_is_not_where_peers_are_is_not_listened_to() {
    let elsewhere = vec!["10.0.0.0/8".parse().unwrap()];
    let closed = Server::start_among(1, Vec::new(), Names::OfSystem, elsewhere);
    let open = Server::start(2, &[closed.address]);
    let mut outside = 0;
    while outside < 10 {
        let view = closed.handle.view().await.unwrap();
        assert!(view.members.is_empty());
        outside = view.counts.outside;
        tokio::task::yield_now().await;
    }
    assert_eq!(open.handle.peers_up(), 0);
}

#[tokio::test]
async fn a_port_that_is_any_is_free_for_both_protocols() {
    let sockets = Sockets::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = sockets.address();
    assert_ne!(address.port(), 0);
    assert_eq!(sockets.datagrams.local_addr().unwrap(), address);
    assert_eq!(sockets.streams.local_addr().unwrap(), address);
    assert!(Sockets::bind(address).is_err(), "it is taken");
}
