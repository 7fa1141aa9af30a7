//! The task that owns a node.
//!
//! Here: its turns: take in what waits, do what is due, carry out what the node wants, wait. What must always hold:
//! what waits is taken in before anything that is due is done, or a server that was busy would accuse its peers of its
//! own silence; and no turn is longer than its bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{mpsc, oneshot};

use super::accept::accept;
use super::handle::{Command, Shared};
use super::links::{Arrival, Links};
use super::sockets::{as_heard_by, plain};
use super::{Aborted, Admission, Clock, Sockets, Tell};
use crate::gate::{Distrust, Gate};
use crate::membership::Datagram;
use crate::node::{Event, Node, Output};
use crate::replica::Replica;
use crate::version::NodeId;

/// Datagrams taken in at once.
const DATAGRAMS_PER_TURN: usize = 256;
/// Things from streams taken in at once.
const ARRIVALS_PER_TURN: usize = 128;
/// The longest datagram there is.
const DATAGRAM_BYTES: usize = 64 << 10;
/// A node without anything due is looked at this often anyway.
const IDLE: Duration = Duration::from_secs(1);

const DATAGRAMS: usize = 0;
const STREAMS: usize = 1;

/// A node and what it is surrounded by.
pub(super) struct Turns<R> {
    node: Node<R>,
    datagrams: UdpSocket,
    /// The same socket, to send without waiting.
    out: std::net::UdpSocket,
    address: SocketAddr,
    buffer: Vec<u8>,
    gate: Gate,
    /// Of those whose datagrams were forged, and of those whose streams came to nothing.
    distrust: [Distrust; 2],
    links: Links,
    accepting: Aborted,
    commands: mpsc::Receiver<Command>,
    asked: BTreeMap<u64, oneshot::Sender<Option<Vec<u8>>>>,
    up: BTreeSet<NodeId>,
    shared: Arc<Shared>,
    clock: Clock,
    tell: Tell,
    left: bool,
}

/// What ended a wait.
enum Woken {
    Anyway,
    Arrival(Option<Arrival>),
    Command(Option<Command>),
}

impl<R: Replica> Turns<R> {
    pub(super) fn new(
        node: Node<R>,
        sockets: Sockets,
        admission: Admission,
        commands: mpsc::Receiver<Command>,
        shared: Arc<Shared>,
        clock: Clock,
        tell: Tell,
    ) -> io::Result<Self> {
        let links = Links::new(sockets.address);
        let listener = TcpListener::from_std(sockets.streams)?;
        let accepting = Aborted::spawn(accept(listener, admission.streams_max, links.sender()));
        Ok(Self {
            node,
            out: sockets.datagrams.try_clone()?,
            datagrams: UdpSocket::from_std(sockets.datagrams)?,
            address: sockets.address,
            buffer: vec![0; DATAGRAM_BYTES],
            gate: Gate::new(admission.networks),
            distrust: Default::default(),
            links,
            accepting,
            commands,
            asked: BTreeMap::new(),
            up: BTreeSet::new(),
            shared,
            clock,
            tell,
            left: false,
        })
    }

    /// Runs until the node has left.
    pub(super) async fn run(mut self) {
        while !self.left {
            let more = self.take_in();
            self.node.handle_due((self.clock)());
            self.carry_out();
            self.shared.open(self.node.doors());
            if more {
                tokio::task::yield_now().await;
            } else if !self.left {
                self.wait().await;
            }
        }
        drop(self.accepting);
        self.links.finish().await;
    }

    /// Takes in what waits. Answers whether there may be more.
    fn take_in(&mut self) -> bool {
        let overrun = self.take_datagrams();
        if overrun {
            self.node.strained();
        }
        let more = self.take_arrivals() || overrun;
        while let Ok(command) = self.commands.try_recv() {
            self.command(command);
        }
        if self.shared.take_written() {
            self.node.wrote((self.clock)());
            self.carry_out();
        }
        more
    }

    fn take_datagrams(&mut self) -> bool {
        for _ in 0..DATAGRAMS_PER_TURN {
            match self.datagrams.try_recv_from(&mut self.buffer) {
                Ok((length, from)) => {
                    self.take_datagram(length, plain(from));
                    self.carry_out();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                // What the system says of datagrams sent earlier; nothing came.
                Err(_) => {}
            }
        }
        true
    }

    fn take_datagram(&mut self, length: usize, from: SocketAddr) {
        let now = (self.clock)();
        if !self.admits(now, from, DATAGRAMS) {
            return;
        }
        let datagram = self.buffer.get(..length).unwrap_or_default();
        let forged = self.node.datagrams_forged();
        self.node.handle_datagram(now, datagram);
        if self.node.datagrams_forged() > forged {
            self.distrust[DATAGRAMS].failed(now, from.ip());
        }
    }

    /// Whether anything that comes from this address by that way is looked at.
    fn admits(&mut self, now: Duration, from: SocketAddr, way: usize) -> bool {
        let inside = self.gate.holds(from.ip());
        let trusted = self.distrust[way].trusts(now, from.ip());
        if !inside {
            self.node.count_outside();
        } else if !trusted {
            self.node.count_distrusted();
        }
        inside && trusted
    }

    fn take_arrivals(&mut self) -> bool {
        for _ in 0..ARRIVALS_PER_TURN {
            match self.links.arrivals.try_recv() {
                Ok(arrival) => self.arrive(arrival),
                Err(_) => return false,
            }
        }
        true
    }

    fn arrive(&mut self, arrival: Arrival) {
        let now = (self.clock)();
        match arrival {
            Arrival::Accepted(_, from, _) if !self.admits(now, from, STREAMS) => {}
            Arrival::Accepted(stream, from, place) => {
                let link = self.node.accepted(now, from);
                self.links.open(link, stream, Some(place));
            }
            Arrival::Connected(link, stream) if self.links.knows(link) => {
                self.links.open(link, stream, None);
                self.node.connected(now, link);
            }
            Arrival::Bytes(link, bytes) if self.links.knows(link) => {
                self.node.handle_bytes(now, link, &bytes);
            }
            Arrival::Sent(link, bytes) if self.links.knows(link) => {
                self.node.sent(now, link, bytes);
            }
            Arrival::Ended(link) if self.links.knows(link) => {
                self.links.forget(link);
                self.node.closed(now, link);
            }
            Arrival::Connected(..) | Arrival::Bytes(..) | Arrival::Sent(..) | Arrival::Ended(_) => {
            }
        }
        self.carry_out();
    }

    fn command(&mut self, command: Command) {
        let now = (self.clock)();
        match command {
            Command::Seeds(addresses) => self.node.seeds(now, addresses),
            // Whoever asked may have gone.
            Command::View(tell) => drop(tell.send(self.node.view(now))),
            Command::Ask(peer, question, tell) => {
                let id = self.node.ask(now, peer, question);
                self.asked.insert(id, tell);
            }
            Command::BeginSnapshot(tell) => drop(tell.send(self.node.begin_snapshot(now))),
            Command::SnapshotPart(after, tell) => {
                drop(tell.send(self.node.snapshot_part(now, after.as_ref())));
            }
            Command::Rekey(keys) => self.node.rekey(now, keys),
            Command::Drain(tell) => {
                self.node.drain(now);
                tell.send(()).ok();
            }
            Command::Leave => self.node.leave(now),
        }
        self.carry_out();
    }

    /// Does all the node wants.
    fn carry_out(&mut self) {
        while let Some(output) = self.node.poll_output() {
            match output {
                Output::Datagram(datagram) => self.send(&datagram),
                Output::Dial(link, address) => self.links.dial(link, address),
                Output::Send(link, bytes) => self.links.send(link, bytes),
                Output::Close(link) => self.links.close(link),
                Output::Event(event) => self.happened(event),
            }
        }
    }

    fn send(&self, datagram: &Datagram) {
        let to = as_heard_by(self.address, datagram.to);
        if let Err(error) = self.out.send_to(&datagram.bytes, to) {
            // Gossip is made to be lost now and then.
            tracing::debug!(event = "datagram_unsent", %to, "a datagram could not be sent: {error}");
        }
    }

    fn happened(&mut self, event: Event) {
        match &event {
            Event::Up(peer) => {
                self.up.insert(peer.node);
            }
            Event::Down { peer, .. } => {
                self.up.remove(&peer.node);
            }
            Event::Left => self.left = true,
            Event::Unproved(from) | Event::Senseless(from) => {
                self.distrust[STREAMS].failed((self.clock)(), from.ip());
            }
            _ => {}
        }
        self.shared.count_up(self.up.len());
        match event {
            Event::Answered(id, answer) => self.answered(id, answer),
            event => (self.tell)(event),
        }
    }

    fn answered(&mut self, id: u64, answer: Option<Vec<u8>>) {
        if let Some(tell) = self.asked.remove(&id) {
            // Whoever asked may have gone.
            drop(tell.send(answer));
        }
    }

    /// Waits until there is something to take in or to do.
    async fn wait(&mut self) {
        let due = self.node.next_deadline();
        let now = (self.clock)();
        let idle = due.map_or(IDLE, |due| due.saturating_sub(now).min(IDLE));
        let woken = tokio::select! {
            _ = self.datagrams.readable() => Woken::Anyway,
            arrival = self.links.arrivals.recv() => Woken::Arrival(arrival),
            command = self.commands.recv() => Woken::Command(command),
            () = self.shared.written() => Woken::Anyway,
            () = tokio::time::sleep(idle) => Woken::Anyway,
        };
        match woken {
            Woken::Arrival(Some(arrival)) => self.arrive(arrival),
            Woken::Command(Some(command)) => self.command(command),
            Woken::Anyway | Woken::Arrival(None) | Woken::Command(None) => {}
        }
    }
}
