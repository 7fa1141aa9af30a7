//! A peer of a later release, made by hand.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use peers::envelope::Introduction;
use peers::frame::{Bye, Frame, FrameReader, Hello, PROTOCOL, Seen};
use peers::vector::Vector;
use peers::version::{Epoch, NodeId, Origin};

use super::eureka::Instance;
use super::http;
use super::patience::{PATIENCE, until};
use super::stage::Cluster;

/// A kind of frame that this release does not know.
const KIND_UNKNOWN: u8 = 120;

/// How often a stream may bring something else than what is waited for: it is pinged every other second.
const READS_MAX: usize = 30;

/// A stream to a server.
struct Peer {
    stream: TcpStream,
    reader: FrameReader,
}

impl Peer {
    /// Calls a server and says who it is: one that speaks the next release, and all from `oldest` on.
    fn call(server: SocketAddr, own: SocketAddr, oldest: u16) -> Self {
        let stream = TcpStream::connect(server).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let hello = Hello {
            cluster_name: "tested".to_owned(),
            protocol: PROTOCOL + 1,
            oldest,
            origin: Origin {
                node: NodeId(77),
                epoch: Epoch(1),
            },
            started: Epoch(1),
            address: own,
            name: "newer".to_owned(),
            zone: String::new(),
            url: String::new(),
            introduction: Introduction::default(),
        };
        let reader = FrameReader::default();
        let mut peer = Self { stream, reader };
        peer.say(&appended(&Frame::Hello(hello)));
        peer
    }

    fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    /// What it is told until a frame is the one that is wanted. Questions whether it is alive are answered.
    fn hears(&mut self, wanted: impl Fn(&Frame) -> bool) -> Frame {
        for _ in 0..READS_MAX {
            while let Some(frame) = self.reader.next_frame().unwrap() {
                if let Frame::Ping(theirs) = &frame {
                    self.say(&appended(&Frame::Pong(*theirs, *theirs)));
                }
                if wanted(&frame) {
                    return frame;
                }
            }
            let mut bytes = [0; 4096];
            let length = self.stream.read(&mut bytes).unwrap();
            assert!(length > 0, "the stream ended");
            self.reader.push(&bytes[..length]);
        }
        panic!("it was told other things only");
    }
}

/// A frame to whose body a later release has appended something.
fn appended(frame: &Frame) -> Vec<u8> {
    let mut bytes = frame.write().to_vec();
    bytes.extend(b"more");
    let length = u32::try_from(bytes.len() - 4).unwrap();
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    bytes
}

/// How a server sees the peer, if it does.
fn seen(server: SocketAddr) -> Option<serde_json::Value> {
    let answer = http::ask(server, "GET", "/api/v1/cluster", "").ok()?;
    let document: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    let members = document["members"].as_array()?;
    members
        .iter()
        .find(|member| member["name"] == "newer")
        .cloned()
}

#[test]
fn a_peer_of_the_next_release_is_spoken_to_in_this_one() {
    let Some(cluster) = Cluster::formed(1) else {
        return;
    };
    let own = cluster.advertised(7);
    let mut peer = Peer::call(cluster.peers(0), own, PROTOCOL);
    peer.say(&[5, 0, 0, 0, KIND_UNKNOWN, 1, 2, 3, 4]);
    let answer = peer.hears(|frame| matches!(frame, Frame::Hello(_)));
    assert!(
        matches!(answer, Frame::Hello(hello) if hello.name == "server-0" && hello.protocol == PROTOCOL)
    );
    peer.hears(|frame| matches!(frame, Frame::Ping(_)));
    peer.say(&[1, 0, 0, 0, KIND_UNKNOWN]);
    let seen_nothing = Seen {
        vector: Vector::default(),
        epoch: None,
        answer: true,
    };
    peer.say(&appended(&Frame::Seen(seen_nothing)));
    until("the server knows it", || {
        let member = seen(cluster.http(0));
        member.is_some_and(|member| member["connected"] == true && member["protocol"] == PROTOCOL)
    });
    let instance = Instance::new("A", 1);
    assert!(instance.register(cluster.http(0)).unwrap().ok());
    peer.hears(|frame| matches!(frame, Frame::Delta(_)));
    assert_eq!(cluster.server(0).says(&["senseless"]), 0);
}

#[test]
fn a_peer_that_speaks_only_later_releases_is_told_and_named_in_the_log() {
    let Some(cluster) = Cluster::formed(1) else {
        return;
    };
    let mut peer = Peer::call(cluster.peers(0), cluster.advertised(7), PROTOCOL + 1);
    let bye = peer.hears(|frame| matches!(frame, Frame::Bye(_)));
    assert_eq!(bye, Frame::Bye(Bye::ForeignProtocol(PROTOCOL)));
    peer.stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let mut rest = Vec::new();
    peer.stream.read_to_end(&mut rest).unwrap();
    let number = (PROTOCOL + 1).to_string();
    until("the log says what to do", || {
        let words = ["foreign_protocol", "update this server", &number];
        cluster.server(0).says(&words) == 1
    });
    assert!(seen(cluster.http(0)).is_none());
    let instance = Instance::new("A", 1);
    assert!(instance.register(cluster.http(0)).unwrap().ok());
    cluster.await_shown(&[&instance], &[0]);
}
