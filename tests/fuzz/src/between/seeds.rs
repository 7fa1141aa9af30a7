//! What two servers really say to each other, for a beginning.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use peerage::clock::Timestamp;
use peerage::eureka::{Format, Limits, registration};
use peerage::registry::Registry;
use peerage::registry::change::Sender;
use peerage::registry::instance::AppName;
use peerage::replication::Replication;
use peers::envelope::Introduction;
use peers::frame::{Frame, Hello, PROTOCOL, PROTOCOL_OLDEST};
use peers::node::{LinkId, Node, Output};
use peers::version::{Epoch, NodeId, Origin};

use super::{CLUSTER, WALL, address, ring, server};

/// Bytes of the envelope in front of what is in a datagram without a key.
const ENVELOPE: usize = 9;
/// In front of the items of a snapshot, and behind them.
const FRONT: usize = 21;
const DIGEST: usize = 32;
/// Twenty seconds, in steps.
const STEP: Duration = Duration::from_millis(50);
const STEPS: u32 = 400;

/// How whoever calls greets.
pub(super) fn greeting() -> Vec<u8> {
    let origin = Origin {
        node: NodeId(2),
        epoch: Epoch(5),
    };
    let hello = Hello {
        cluster_name: CLUSTER.to_owned(),
        protocol: PROTOCOL,
        oldest: PROTOCOL_OLDEST,
        origin,
        introduction: Introduction::default(),
        started: origin.epoch,
        address: address(2),
        name: "peer-2".to_owned(),
        zone: String::new(),
        url: String::new(),
    };
    Frame::Hello(hello).write().to_vec()
}

/// First inputs, by the target they are for.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let mut open = Pair::meeting(false);
    let mut seeds: Vec<_> = Pair::meeting(true)
        .datagrams
        .into_iter()
        .map(|datagram| ("datagram", datagram))
        .collect();
    for datagram in &open.datagrams {
        seeds.push(("datagram", datagram.clone()));
        seeds.push((
            "gossip",
            datagram.get(ENVELOPE..).unwrap_or_default().to_vec(),
        ));
    }
    for said in open.said.values() {
        // Frame by frame, and all of it.
        seeds.extend(
            said.iter()
                .map(|part| ("stream", [&[255], &part[..]].concat())),
        );
        seeds.push(("stream", [&[255][..], &said.concat()].concat()));
    }
    let snapshot = open.nodes[0].snapshot(STEP * STEPS).write();
    let items = snapshot.get(FRONT..snapshot.len() - DIGEST);
    seeds.push(("snapshot", items.unwrap_or_default().to_vec()));
    seeds.push(("snapshot", snapshot));
    seeds.sort();
    seeds.dedup();
    seeds
}

/// Two servers and all that goes by between them.
struct Pair {
    nodes: [Node<Replication>; 2],
    registries: [Arc<Registry>; 2],
    datagrams: Vec<Vec<u8>>,
    said: BTreeMap<(usize, LinkId), Vec<Vec<u8>>>,
    ends: BTreeMap<(usize, LinkId), LinkId>,
}

impl Pair {
    fn meeting(keyed: bool) -> Self {
        let keys = keyed.then(ring);
        let [(one, its), (other, theirs)] = [1, 2].map(|number| server(number, keys.clone()));
        let mut pair = Self {
            nodes: [one, other],
            registries: [its, theirs],
            datagrams: Vec::new(),
            said: BTreeMap::new(),
            ends: BTreeMap::new(),
        };
        pair.nodes[1].seeds(Duration::ZERO, vec![address(1)]);
        for step in 0..STEPS {
            let now = STEP * step;
            for node in 0..2 {
                if step == STEPS / 2 {
                    pair.write(now, node);
                }
                pair.nodes[node].handle_due(now);
                pair.carry(now, node);
            }
        }
        pair
    }

    /// Two registrations at either server.
    fn write(&mut self, now: Duration, node: usize) {
        let at = Timestamp::from_millis(WALL) + now;
        let app = AppName::new("A");
        for id in ["a", "b"] {
            let body = format!(
                r#"{{"instance": {{"app": "A", "instanceId": "{id}-{node}", "hostName": "h", "ipAddr": "10.0.0.1",
                    "status": "UP", "dataCenterInfo": {{"name": "MyOwn"}}, "metadata": {{"k": "v"}}}}}}"#
            );
            let limits = Limits::default();
            let read = registration(Format::Json, body.as_bytes(), &app, &limits, at);
            let registration = read.expect("it is well-formed");
            self.registries[node].register(registration, Sender::Client, at);
        }
        self.nodes[node].wrote(now);
    }

    fn carry(&mut self, now: Duration, from: usize) {
        let to = 1 - from;
        while let Some(output) = self.nodes[from].poll_output() {
            match output {
                Output::Datagram(datagram) => {
                    self.nodes[to].handle_datagram(now, &datagram.bytes);
                    self.datagrams.push(datagram.bytes);
                }
                Output::Dial(link, _) => {
                    let end = self.nodes[to].accepted(now, address(9));
                    self.ends.insert((from, link), end);
                    self.ends.insert((to, end), link);
                    self.nodes[from].connected(now, link);
                }
                Output::Send(link, bytes) => {
                    let said = self.said.entry((from, link)).or_default();
                    said.push(bytes.to_vec());
                    if let Some(end) = self.ends.get(&(from, link)).copied() {
                        self.nodes[to].handle_bytes(now, end, &bytes);
                    }
                }
                Output::Close(link) => {
                    if let Some(end) = self.ends.remove(&(from, link)) {
                        self.nodes[to].closed(now, end);
                    }
                }
                Output::Event(_) => {}
            }
        }
    }
}
