//! What peers are sent, and files that a server starts from.
//!
//! Here: datagrams before and after the envelope, streams, snapshots. Not here: records made of a client's words, which
//! come in by the other targets. What must always hold: nothing panics, nothing that lacks the key is taken, and what is
//! made of an input is bounded by its length.

mod seeds;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use peerage::clock::Timestamp;
use peerage::registry::Registry;
use peerage::registry::settings::RegistrySettings;
use peerage::replication::Replication;
use peers::envelope::{CONTENT_MAX, Envelope};
use peers::frame::Frame;
use peers::identity::Peer;
use peers::keys::{ClusterKey, KEY_BYTES, Keyring};
use peers::node::{Node, Output, Rules, Settings};
use peers::snapshot::{FORMAT, Snapshot};
use peers::version::{Epoch, NodeId, Origin};
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;
use ring::digest::{SHA256, digest};

pub use self::seeds::seeds;

const CLUSTER: &str = "fuzzed";
const NOW: Duration = Duration::from_secs(1);
const WALL: u64 = 1_700_000_000_000;
/// A node answers a datagram by a few.
const DATAGRAMS_MAX: usize = 64;
/// What a node says on a stream, beside its answers to what it was asked.
const SAID_MAX: usize = 64 << 10;
/// How many bytes are answered to each byte of a stream: a question for all records is short.
const GROWTH_MAX: usize = 256;

fn address(number: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], number))
}

fn ring() -> Keyring {
    Keyring::new([ClusterKey::new([7; KEY_BYTES])]).expect("one key is enough")
}

/// A server that has just started.
fn node(number: u16, keys: Option<Keyring>) -> Node<Replication> {
    server(number, keys).0
}

/// The same with its registry.
fn server(number: u16, keys: Option<Keyring>) -> (Node<Replication>, Arc<Registry>) {
    let origin = Origin {
        node: NodeId(number.into()),
        epoch: Epoch(WALL),
    };
    let registry = Arc::new(Registry::new(RegistrySettings::DEFAULT, origin));
    registry.on_write(|| {});
    let began = Timestamp::from_millis(WALL);
    let replica = Replication::new(registry.clone(), began, Arc::new(|_change| {}));
    let settings = Settings {
        peer: Peer {
            node: origin.node,
            address: address(number),
        },
        name: format!("peer-{number}"),
        zone: String::new(),
        url: String::new(),
        cluster_name: CLUSTER.to_owned(),
        keys,
        epoch: origin.epoch,
        wall_at_start: WALL,
        seeded: number > 1,
        rules: Rules::default(),
    };
    let chance = ChaCha8Rng::seed_from_u64(number.into());
    let node = Node::new(Duration::ZERO, settings, replica, chance);
    (node, registry)
}

/// Lets half a minute pass. Answers how many datagrams and bytes on streams were sent.
fn live_on(node: &mut Node<Replication>) -> (usize, usize) {
    let (mut datagrams, mut bytes) = (0, 0);
    let end = NOW + Duration::from_secs(30);
    let mut turns = 0;
    while let Some(due) = node.next_deadline().filter(|due| *due <= end) {
        node.handle_due(due.max(NOW));
        let (more, further) = sent(node);
        (datagrams, bytes, turns) = (datagrams + more, bytes + further, turns + 1);
        assert!(turns < 100_000, "it comes to an end");
    }
    (datagrams, bytes)
}

fn sent(node: &mut Node<Replication>) -> (usize, usize) {
    let (mut datagrams, mut bytes) = (0, 0);
    while let Some(output) = node.poll_output() {
        match output {
            Output::Datagram(_) => datagrams += 1,
            Output::Send(_, sent) => bytes += sent.len(),
            Output::Dial(..) | Output::Close(_) | Output::Event(_) => {}
        }
    }
    (datagrams, bytes)
}

/// A datagram as it comes from the network: without the key it is refused, whatever is in it.
pub fn datagram(input: &[u8]) {
    let mut keyed = node(1, Some(ring()));
    keyed.handle_datagram(NOW, input);
    assert_eq!(keyed.datagrams_refused(), 1);
    assert!(keyed.view(NOW).members.is_empty());
    let mut open = node(1, None);
    open.handle_datagram(NOW, input);
    assert!(sent(&mut open).0 <= DATAGRAMS_MAX);
}

/// What is in a datagram of one who belongs to the cluster, and says what it likes.
pub fn gossip(input: &[u8]) {
    let content = input.get(..CONTENT_MAX).unwrap_or(input);
    let mut node = node(1, None);
    node.handle_datagram(NOW, &Envelope::new(CLUSTER, None, 0).seal(content));
    assert_eq!(node.datagrams_refused(), 0);
    assert!(sent(&mut node).0 <= DATAGRAMS_MAX);
    // A member has a few bytes at least.
    assert!(node.view(NOW).members.len() <= content.len());
    live_on(&mut node);
}

/// What a peer says on a stream after its greeting. The first byte tells how it is cut up.
pub fn stream(input: &[u8]) {
    let (cut, said) = input.split_first().unwrap_or((&0, &[]));
    let mut node = node(1, None);
    let link = node.accepted(NOW, address(2));
    node.handle_bytes(NOW, link, &seeds::greeting());
    sent(&mut node);
    for chunk in said.chunks(usize::from(*cut).saturating_mul(16).max(1)) {
        node.handle_bytes(NOW, link, chunk);
    }
    let (_, answered) = sent(&mut node);
    assert!(answered <= SAID_MAX + GROWTH_MAX * said.len());
    node.handle_bytes(NOW, link, &Frame::Read(None).write());
    live_on(&mut node);
    drop(node.view(NOW));
}

/// A file that a server starts from: the items of one whose digest is right, or the file as it is.
pub fn snapshot(input: &[u8]) {
    drop(Snapshot::read(input));
    let mut file = [b"peerage snapshot\n", &FORMAT.to_le_bytes()[..], input].concat();
    let sum = digest(&SHA256, &file);
    file.extend_from_slice(sum.as_ref());
    let Ok(read) = Snapshot::read(&file) else {
        return;
    };
    assert_eq!(Snapshot::read(&read.write()).as_ref(), Ok(&read));
    for told in &read.records {
        drop(peerage::replication::told_of(told));
    }
    let mut node = node(1, None);
    node.restore(Duration::ZERO, Duration::from_secs(60), read);
    live_on(&mut node);
    let again = node.snapshot(NOW + Duration::from_secs(31));
    assert_eq!(Snapshot::read(&again.write()), Ok(again));
}
