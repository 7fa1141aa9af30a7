//! How far a drain has come: at the peers, and with the clients that read from any of them.
//!
//! What must always hold: what is not known counts as not done; ages are told to peers, never times.

use std::time::Duration;

use peers::node::view::Standing;
use peers::version::NodeId;
use serde::{Deserialize, Serialize};

use super::{Begun, Taken, written};
use crate::clock::Timestamp;
use crate::cluster;
use crate::native::acting::FETCH_INTERVAL;
use crate::native::documents::{Drain, DrainState, Drained, Fetched, PropagatedTo};
use crate::native::explain::spoken;
use crate::registry::entry::Key;
use crate::registry::instance::AppName;
use crate::registry::status::Status;
use crate::server::State;

/// How a question about a drain begins. The rest is [`Question`] as JSON, and so is the answer.
const DRAINED: &[u8] = b"drained ";
/// So many instances are asked about; of more only these.
const ASKED_MAX: usize = 10_000;
/// So many clients are named that have not read.
const NAMED_MAX: usize = 20;
/// Lists are at most so much older than the moment in which they are read.
const LIST_AGE_MAX: Duration = Duration::from_millis(200);

/// What a peer is asked.
#[derive(Debug, Serialize, Deserialize)]
struct Question {
    /// The instances: application and id.
    keys: Vec<(String, String)>,
    /// How long ago the drain began.
    age_ms: u64,
}

/// What a peer answers.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Reply {
    /// Whether it shows none of them as up.
    shown: bool,
    clients: u64,
    fetched: u64,
    waiting: Vec<String>,
}

/// Whether a peer asks about a drain.
pub(crate) fn is_question(question: &[u8]) -> bool {
    question.starts_with(DRAINED)
}

/// The answer to it; empty if it makes no sense.
pub(crate) fn answer(state: &State, question: &[u8]) -> Vec<u8> {
    let asked = question
        .strip_prefix(DRAINED)
        .and_then(|rest| serde_json::from_slice::<Question>(rest).ok());
    let reply = asked.map(|asked| reply(state, &asked));
    reply
        .and_then(|reply| serde_json::to_vec(&reply).ok())
        .unwrap_or_default()
}

fn reply(state: &State, asked: &Question) -> Reply {
    let up = |(app, id): &(String, String)| {
        let key = Key {
            app: AppName::new(app),
            id: id.as_str().into(),
        };
        shown(state, &key) == Some(Status::Up)
    };
    let now = state.clock.now();
    let began = Timestamp::default()
        + now.since(Timestamp::default() + Duration::from_millis(asked.age_ms));
    let progress = state.fetches.since(began + LIST_AGE_MAX, now, NAMED_MAX);
    Reply {
        shown: !asked.keys.iter().any(up),
        clients: progress.clients,
        fetched: progress.fetched,
        waiting: progress.waiting,
    }
}

/// The status an instance is shown in. `None`: it is gone.
fn shown(state: &State, key: &Key) -> Option<Status> {
    let entry = state
        .registry
        .stored(key)
        .filter(|entry| entry.record().live())?;
    Some(entry.record().status())
}

/// A drain, as far as it has come.
pub(super) async fn document(state: &State, begun: &Begun) -> Drain {
    let instances: Vec<_> = begun
        .instances
        .iter()
        .map(|taken| drained(state, taken))
        .collect();
    let now = state.clock.now();
    let ended = instances.iter().all(|each| !each.holds);
    let gone = instances.iter().all(|each| each.status.is_none());
    let (propagated_to, fetched_since) = match ended {
        true => (PropagatedTo::default(), Fetched::default()),
        false => reached(state, begun, now).await,
    };
    let out = instances
        .iter()
        .all(|each| each.status.as_deref() != Some(Status::Up.name()));
    let seen_long_enough = now.since(begun.since.max(state.started_at)) >= FETCH_INTERVAL
        || now.since(state.started_at) >= FETCH_INTERVAL * 3;
    let safe = gone
        || !ended
            && out
            && propagated_to.shown_by == propagated_to.peers
            && fetched_since.fetched == fetched_since.clients
            && seen_long_enough;
    let state_of = match () {
        () if gone => DrainState::Stopped,
        () if ended || begun.undone() => DrainState::Ended,
        () if safe => DrainState::Drained,
        () => DrainState::Draining,
    };
    let mut drain = Drain {
        id: begun.id,
        state: state_of,
        revision: begun.revision.clone(),
        query: begun.query.clone(),
        by: begun.by.clone(),
        reason: begun.reason.clone(),
        since: begun.since.to_string(),
        until: begun.until.map(|until| until.to_string()),
        instances,
        propagated_to,
        fetched_since,
        safe_to_stop: safe,
        sentence: String::new(),
    };
    drain.sentence = sentence(&drain, begun, seen_long_enough, now);
    drain
}

fn drained(state: &State, taken: &Taken) -> Drained {
    Drained {
        app: taken.key.app.as_str().to_owned(),
        id: taken.key.id.to_string(),
        zone: taken.zone.clone(),
        status: shown(state, &taken.key).map(|status| status.to_string()),
        holds: written(state, &taken.key) == Some(taken.written),
    }
}

/// How far peers and clients have come.
async fn reached(state: &State, begun: &Begun, now: Timestamp) -> (PropagatedTo, Fetched) {
    let own = state
        .fetches
        .since(begun.since + LIST_AGE_MAX, now, NAMED_MAX);
    let mut fetched = Fetched {
        clients: own.clients,
        fetched: own.fetched,
        waiting_for: own.waiting,
    };
    let mut propagated = PropagatedTo::default();
    let Some(question) = question(begun, now) else {
        return (propagated, fetched);
    };
    let cluster = cluster::seen(state).await;
    let there = |standing| {
        matches!(
            standing,
            Standing::Up | Standing::Suspect | Standing::Behind
        )
    };
    let peers: Vec<_> = cluster
        .members
        .iter()
        .filter(|member| there(member.standing))
        .collect();
    let asked = peers
        .iter()
        .map(|member| ask(state, member.node, &question));
    let replies = futures_util::future::join_all(asked).await;
    for (member, reply) in peers.iter().zip(replies) {
        propagated.peers += 1;
        match &reply {
            Some(reply) if reply.shown => propagated.shown_by += 1,
            _ => propagated.waiting_for.push(member.name.clone()),
        }
        let reply = reply.unwrap_or_default();
        fetched.clients += reply.clients;
        fetched.fetched += reply.fetched;
        fetched.waiting_for.extend(reply.waiting);
    }
    fetched.waiting_for.truncate(NAMED_MAX);
    (propagated, fetched)
}

fn question(begun: &Begun, now: Timestamp) -> Option<Vec<u8>> {
    let keys = begun
        .instances
        .iter()
        .take(ASKED_MAX)
        .map(|taken| (taken.key.app.as_str().to_owned(), taken.key.id.to_string()));
    let age_ms = u64::try_from(begun.lasted(now).as_millis()).unwrap_or(u64::MAX);
    let mut question = DRAINED.to_vec();
    question.extend(
        serde_json::to_vec(&Question {
            keys: keys.collect(),
            age_ms,
        })
        .ok()?,
    );
    Some(question)
}

async fn ask(state: &State, peer: NodeId, question: &[u8]) -> Option<Reply> {
    let answer = cluster::ask_briefly(state, peer, question).await?;
    serde_json::from_slice(&answer).ok()
}

fn sentence(drain: &Drain, begun: &Begun, seen_long_enough: bool, now: Timestamp) -> String {
    let instances = drain.instances.len();
    let ends = begun
        .until
        .filter(|until| *until > now)
        .map(|until| format!(" The drain ends by itself in {}.", spoken(until.since(now))));
    let ends = ends.unwrap_or_default();
    let (peers, clients) = (&drain.propagated_to, &drain.fetched_since);
    match drain.state {
        DrainState::Stopped => "All its instances are gone.".to_owned(),
        DrainState::Ended => "The drain is over: its instances are shown in their own statuses, or in what was set since.".to_owned(),
        DrainState::Drained => format!(
            "All {instances} are out of service at every server, and all {} clients have read so: they can be stopped. Clients that keep what they read for longer may still call.{ends}",
            clients.clients
        ),
        DrainState::Draining => {
            let waits = match (seen_long_enough, peers.waiting_for.is_empty()) {
                (_, false) => format!("waiting for {}", peers.waiting_for.join(", ")),
                (true, true) => "waiting for clients to read it".to_owned(),
                (false, true) => format!("waiting until every client can have read once, which takes {}", spoken(FETCH_INTERVAL)),
            };
            format!(
                "Of {instances}, shown by {} of {} peers and read by {} of {} clients: {waits}.{ends}",
                peers.shown_by, peers.peers, clients.fetched, clients.clients
            )
        }
    }
}
