//! The cluster a server belongs to, as people and programs are told of it.
//!
//! Here: what this server knows of the others, gathered and put in the words of the public API, and the lines of the
//! log when something becomes of them. Not here: agreement itself (`peers`), answering (`api`, `cli`). What must
//! always hold: a server without peers is a cluster of one, and is told of in the same words.

pub(crate) mod compare;
mod made;
pub mod records;
pub(crate) mod tell;
mod urls;
pub mod view;

use std::net::{Ipv4Addr, SocketAddr};

use peers::node::Stage;
use peers::node::view as seen;

use peers::version::NodeId;

use self::made::Own;
pub(crate) use self::made::{id, why};
pub(crate) use self::urls::Urls;
use crate::native::drains;
use crate::registry::change::What;
use crate::server::State;

/// What a peer is asked for its view of the cluster. The answer is the document of [`view::Cluster`] as JSON.
pub(crate) const VIEW: &[u8] = b"view";

/// The cluster as this server sees it now.
pub(crate) async fn view(state: &State) -> view::Cluster {
    document(state, &seen(state).await)
}

/// What the node sees; without one this server is alone.
pub(crate) async fn seen(state: &State) -> seen::Cluster {
    let seen = match state.peers.get() {
        Some(peers) => peers.view().await,
        None => None,
    };
    seen.unwrap_or_else(|| alone(state))
}

/// The document, from what the node sees and what the registry says.
pub(crate) fn document(state: &State, seen: &seen::Cluster) -> view::Cluster {
    let registry = &state.registry;
    let own = Own {
        started_at: state.started_at,
        ready: state.ready(),
        doors: state.doors(),
        instances: registry.census().live as u64,
        protections: registry.protections(),
        orphans: registry.kept_orphans(),
        adoptions: state.metrics.changes(What::Adopted),
        refutations: state.metrics.changes(What::Refuted),
    };
    made::cluster(seen, own)
}

/// Asks a peer. `None`: it could not be asked, or did not answer in time.
pub(crate) async fn ask(state: &State, peer: NodeId, question: &[u8]) -> Option<Vec<u8>> {
    state.peers.get()?.ask(peer, question.to_vec()).await
}

/// The same, for what is asked again and again: it would rather go without than wait.
pub(crate) async fn ask_briefly(state: &State, peer: NodeId, question: &[u8]) -> Option<Vec<u8>> {
    let peers = state.peers.get()?;
    peers.ask_briefly(peer, question.to_vec()).await
}

/// Answers what a peer asks. `seen` is what the node last saw. A question of a later release has an empty answer.
pub(crate) fn answer(state: &State, seen: &seen::Cluster, question: &[u8]) -> Vec<u8> {
    match question {
        VIEW => serde_json::to_vec(&document(state, seen)).unwrap_or_default(),
        question if drains::is_question(question) => drains::answer(state, question),
        question if compare::is_question(question) => compare::answer(state, question),
        _ => Vec::new(),
    }
}

/// A server without peers, as a node would see itself. One whose node was ended by a fault is no longer sure of them.
fn alone(state: &State) -> seen::Cluster {
    let config = &state.config;
    let port = state
        .address
        .get()
        .map_or(config.listen.port(), SocketAddr::port);
    seen::Cluster {
        name: config.cluster.name.clone(),
        me: seen::Me {
            origin: state.registry.origin(),
            name: config.name.clone(),
            zone: config.zone.clone().unwrap_or_default(),
            url: format!("http://localhost:{port}/"),
            address: (Ipv4Addr::UNSPECIFIED, 0).into(),
            stage: stage(state),
            doors: state.doors(),
            state: own_state(state),
            doubt: 0,
            key: None,
        },
        members: Vec::new(),
        agreed: state.in_touch(),
        isolated_since: None,
        counts: seen::Counts::default(),
    }
}

fn stage(state: &State) -> Stage {
    match (state.draining(), state.lists_open()) {
        (true, _) => Stage::Draining,
        (false, true) => Stage::Ready,
        (false, false) => Stage::Collecting,
    }
}

fn own_state(state: &State) -> seen::State {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (owned, silent) = state.registry.owned();
    seen::State {
        leases_owned: count(owned),
        leases_silent: count(silent),
        renewals_per_minute: u32::try_from(state.metrics.renewals_last_minute())
            .unwrap_or(u32::MAX),
        ..seen::State::default()
    }
}
