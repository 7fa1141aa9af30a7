//! A node among real sockets and real time.
//!
//! Here: the task that owns a [`Node`], what feeds it, and the [`Handle`] by which the rest of a server speaks to it.
//! Not here: any decision; what the time is, which is handed in. What must always hold: one task owns the node; what
//! the sockets hold comes before what is due; every queue that others can fill is bounded.

mod accept;
mod handle;
mod links;
mod seeds;
mod sockets;
#[cfg(test)]
mod tests;
mod turn;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;
use tokio::sync::{mpsc, watch};

pub use self::handle::Handle;
use self::handle::Shared;
pub use self::seeds::{Names, Seed};
pub use self::sockets::Sockets;
use self::turn::Turns;
use crate::gate::Network;
use crate::node::{Event, Node, Settings};
use crate::replica::Replica;
use crate::snapshot::Snapshot;

/// Commands that wait for the node.
const COMMANDS_MAX: usize = 64;

/// Tells the time since the start of the server, on a clock that never goes back and counts suspend.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Is told of what happens. Called by the task that owns the node, so it must be quick.
pub type Tell = Box<dyn FnMut(Event) + Send>;

/// What a node is started with.
pub struct Start {
    /// Where it listens.
    pub sockets: Sockets,
    /// What it is told.
    pub settings: Settings,
    /// Where to look for the others, for ever.
    pub seeds: Vec<Seed>,
    /// Who is asked for the names of seeds.
    pub names: Names,
    /// What it held before, and how long ago that was.
    pub memory: Option<(Duration, Snapshot)>,
    /// Whom it lets in.
    pub admission: Admission,
    /// Chance.
    pub chance: ChaCha8Rng,
    /// Time.
    pub clock: Clock,
    /// Who is told of what happens.
    pub tell: Tell,
}

/// Whom a node lets in, before anything is known of them.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Where the others are; everywhere if nothing is said.
    pub networks: Vec<Network>,
    /// How many streams that others opened may be open at once: a full mesh needs as many as there are peers, and
    /// again as many for those that linger.
    pub streams_max: usize,
}

/// Starts a node, within a tokio runtime.
///
/// # Errors
///
/// If the system does not let the sockets be waited for.
pub fn start<R: Replica + Send + 'static>(start: Start, replica: R) -> io::Result<Handle> {
    let mut chance = start.chance;
    let jitter = ChaCha8Rng::from_rng(&mut chance);
    let (commands, asked) = mpsc::channel(COMMANDS_MAX);
    let (end, ended) = watch::channel(false);
    let now = (start.clock)();
    let mut node = Node::new(now, start.settings, replica, chance);
    if let Some((age, snapshot)) = start.memory {
        node.restore(now, age, snapshot);
    }
    let shared = Arc::new(Shared::new(node.doors()));
    let looking = seeds::look(
        start.seeds,
        start.names,
        jitter,
        shared.clone(),
        commands.clone(),
    );
    let turns = Turns::new(
        node,
        start.sockets,
        start.admission,
        asked,
        shared.clone(),
        start.clock,
        start.tell,
    )?;
    tokio::spawn(watched(turns, looking, shared.clone(), end));
    Ok(Handle::new(shared, commands, ended))
}

/// Runs a node to its end. A panic in it is the end of its part in the cluster, and not of the server.
async fn watched<R: Replica + Send + 'static>(
    turns: Turns<R>,
    looking: Aborted,
    shared: Arc<Shared>,
    end: watch::Sender<bool>,
) {
    if let Err(error) = tokio::spawn(turns.run()).await {
        tracing::error!(
            event = "peers_lost",
            "a fault ended the exchange with peers, restart this server: {error}"
        );
        shared.broke();
    }
    drop(looking);
    end.send_replace(true);
}

/// A task that ends with its owner.
#[derive(Debug)]
struct Aborted(tokio::task::AbortHandle);

impl Aborted {
    fn spawn(task: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(task).abort_handle())
    }
}

impl Drop for Aborted {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Start")
            .field("sockets", &self.sockets)
            .field("settings", &self.settings)
            .field("seeds", &self.seeds)
            .finish_non_exhaustive()
    }
}
