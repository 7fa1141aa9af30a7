//! How the rest of a server speaks to its node.
//!
//! Here: [`Handle`], and what it shares with the task that owns the node. What must always hold: nothing that a
//! request does on its way waits, allocates or takes a lock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, mpsc, oneshot, watch};

use crate::keys::Keyring;
use crate::node::Doors;
use crate::node::view::Cluster;
use crate::record::Key;
use crate::snapshot::{Part, Taken};
use crate::version::NodeId;

/// How long leaving may take: goodbyes are sent at once, and streams flushed within a second.
const LEAVE_MAX: Duration = Duration::from_secs(3);
/// Whoever asks again and again waits no longer than this.
const BRIEF: Duration = Duration::from_secs(1);

/// What is asked of a node.
#[derive(Debug)]
pub(super) enum Command {
    Seeds(Vec<std::net::SocketAddr>),
    View(oneshot::Sender<Cluster>),
    Ask(NodeId, Vec<u8>, oneshot::Sender<Option<Vec<u8>>>),
    Rekey(Keyring),
    BeginSnapshot(oneshot::Sender<Taken>),
    SnapshotPart(Option<Key>, oneshot::Sender<Part>),
    Drain(oneshot::Sender<()>),
    Leave,
}

/// Speaks to a node from anywhere.
#[derive(Clone, Debug)]
pub struct Handle {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
    ended: watch::Receiver<bool>,
}

impl Handle {
    pub(super) const fn new(
        shared: Arc<Shared>,
        commands: mpsc::Sender<Command>,
        ended: watch::Receiver<bool>,
    ) -> Self {
        Self {
            shared,
            commands,
            ended,
        }
    }

    /// The replica was written to. Costs an atomic exchange; writes that come together are one.
    pub fn wrote(&self) {
        self.shared.wrote();
    }

    /// What is served at present.
    pub fn doors(&self) -> Doors {
        self.shared.doors()
    }

    /// How many peers are up.
    pub fn peers_up(&self) -> usize {
        self.shared.peers_up.load(Ordering::Relaxed)
    }

    /// Whether a fault has ended the exchange with peers. What is served then grows old.
    pub fn broken(&self) -> bool {
        self.shared.broken.load(Ordering::Relaxed)
    }

    /// The cluster as it looks from here; none once the node has ended.
    pub async fn view(&self) -> Option<Cluster> {
        let (tell, told) = oneshot::channel();
        self.commands.send(Command::View(tell)).await.ok()?;
        told.await.ok()
    }

    /// Asks a peer; none if it cannot be asked or does not answer within two seconds.
    pub async fn ask(&self, peer: NodeId, question: Vec<u8>) -> Option<Vec<u8>> {
        let (tell, told) = oneshot::channel();
        let command = Command::Ask(peer, question, tell);
        self.commands.send(command).await.ok()?;
        told.await.ok().flatten()
    }

    /// Begins a snapshot of all that is held and was seen; none once the node has ended.
    pub async fn begin_snapshot(&self) -> Option<Taken> {
        let (tell, told) = oneshot::channel();
        let command = Command::BeginSnapshot(tell);
        self.commands.send(command).await.ok()?;
        told.await.ok()
    }

    /// The part of a snapshot that begins after a key; none once the node has ended.
    pub async fn snapshot_part(&self, after: Option<Key>) -> Option<Part> {
        let (tell, told) = oneshot::channel();
        let command = Command::SnapshotPart(after, tell);
        self.commands.send(command).await.ok()?;
        told.await.ok()
    }

    /// The cluster's keys are others from now on.
    pub async fn rekey(&self, keys: Keyring) {
        // A node that has ended speaks to nobody.
        drop(self.commands.send(Command::Rekey(keys)).await);
    }

    /// The same; none if it does not answer within a second.
    pub async fn ask_briefly(&self, peer: NodeId, question: Vec<u8>) -> Option<Vec<u8>> {
        let asking = self.ask(peer, question);
        tokio::time::timeout(BRIEF, asking).await.ok().flatten()
    }

    /// Takes no new leases from now on, and tells the others, so that they take over.
    pub async fn drain(&self) {
        let (tell, told) = oneshot::channel();
        if self.commands.send(Command::Drain(tell)).await.is_ok() {
            // A node that has ended has nothing to drain.
            drop(told.await);
        }
    }

    /// Says goodbye to the others and ends. Answers whether that was done in time.
    pub async fn leave(&self) -> bool {
        let mut ended = self.ended.clone();
        let left = async {
            // Both fail only where the node has ended already.
            drop(self.commands.send(Command::Leave).await);
            drop(ended.wait_for(|ended| *ended).await);
        };
        tokio::time::timeout(LEAVE_MAX, left).await.is_ok()
    }
}

/// What a node and its handles share.
#[derive(Debug)]
pub(super) struct Shared {
    written: AtomicBool,
    wake: Notify,
    doors: AtomicU8,
    peers_up: AtomicUsize,
    broken: AtomicBool,
}

impl Shared {
    const LISTS: u8 = 1;
    const NOT_FOUND: u8 = 2;
    const WRITES: u8 = 4;
    const NEW_LEASES: u8 = 8;

    pub(super) fn new(doors: Doors) -> Self {
        let shared = Self {
            written: AtomicBool::new(false),
            wake: Notify::new(),
            doors: AtomicU8::new(0),
            peers_up: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
        };
        shared.open(doors);
        shared
    }

    fn wrote(&self) {
        if !self.written.swap(true, Ordering::AcqRel) {
            self.wake.notify_one();
        }
    }

    /// Whether the replica was written to since this was last asked.
    pub(super) fn take_written(&self) -> bool {
        self.written.swap(false, Ordering::AcqRel)
    }

    /// Waits for the next write.
    pub(super) async fn written(&self) {
        self.wake.notified().await;
    }

    /// From now on this is served.
    pub(super) fn open(&self, doors: Doors) {
        let bit = |open: bool, bit: u8| if open { bit } else { 0 };
        let bits = bit(doors.lists, Self::LISTS)
            | bit(doors.not_found, Self::NOT_FOUND)
            | bit(doors.writes, Self::WRITES)
            | bit(doors.new_leases, Self::NEW_LEASES);
        self.doors.store(bits, Ordering::Release);
    }

    fn doors(&self) -> Doors {
        let bits = self.doors.load(Ordering::Acquire);
        Doors {
            lists: bits & Self::LISTS != 0,
            not_found: bits & Self::NOT_FOUND != 0,
            writes: bits & Self::WRITES != 0,
            new_leases: bits & Self::NEW_LEASES != 0,
        }
    }

    /// Whether any peer is known to be up.
    pub(super) fn in_company(&self) -> bool {
        self.peers_up.load(Ordering::Relaxed) > 0
    }

    /// So many peers are up.
    pub(super) fn count_up(&self, peers: usize) {
        self.peers_up.store(peers, Ordering::Relaxed);
    }

    pub(super) fn broke(&self) {
        self.broken.store(true, Ordering::Relaxed);
    }
}
