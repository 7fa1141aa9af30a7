//! What servers ask each other of a drain.
//!
//! What must always hold: what is not known counts as not done; ages are told to peers, never times.

use std::time::Duration;

use peers::node::view::{Member, Standing};
use peers::version::NodeId;
use serde::{Deserialize, Serialize};

use super::book::Heard;
use super::progress::{NAMED_MAX, shown};
use crate::clock::Timestamp;
use crate::cluster;
use crate::native::fetches::{Reached, Told};
use crate::registry::entry::Key;
use crate::registry::instance::AppName;
use crate::registry::status::Status;
use crate::server::State;

/// How a question about a drain begins. The rest is [`Question`] as JSON, and so is the answer.
const DRAINED: &[u8] = b"drained ";
/// So many instances are asked about; of more only these.
const ASKED_MAX: usize = 10_000;

/// What a peer is asked.
#[derive(Debug, Serialize, Deserialize)]
struct Question {
    /// The drain, by its number.
    #[serde(default)]
    number: u64,
    /// The instances: application and id.
    keys: Vec<(String, String)>,
    /// How long ago the drain began.
    age_ms: u64,
}

/// What a peer answers.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Reply {
    /// Whether it shows none of them as up.
    pub(super) shown: bool,
    pub(super) clients: u64,
    pub(super) fetched: u64,
    pub(super) waiting: Vec<String>,
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
    // Whoever read here before this server heard of the drain has read too early.
    let heard = state.drains.find(asked.number);
    let shown = Told {
        at: heard
            .as_ref()
            .map_or(began, |heard| heard.shown_at.max(began)),
        event: heard.map(|heard| heard.event),
    };
    let reached = state.fetches.reached(shown, now, NAMED_MAX);
    let Reached {
        clients,
        fetched,
        waiting,
    } = reached;
    Reply {
        shown: !asked.keys.iter().any(up),
        clients,
        fetched,
        waiting,
    }
}

/// Asks all peers that are there. Of one that does not answer there is no reply.
pub(super) async fn ask_all(
    state: &State,
    heard: &Heard,
    now: Timestamp,
) -> Vec<(Member, Option<Reply>)> {
    let there = |member: &Member| {
        let Member { standing, .. } = member;
        matches!(
            standing,
            Standing::Up | Standing::Suspect | Standing::Behind
        )
    };
    let members = cluster::seen(state).await.members;
    let peers: Vec<_> = members.into_iter().filter(there).collect();
    if peers.is_empty() {
        return Vec::new();
    }
    let question = question(heard, now);
    let asked = peers
        .iter()
        .map(|member| ask(state, member.node, &question));
    let replies = futures_util::future::join_all(asked).await;
    peers.into_iter().zip(replies).collect()
}

fn question(heard: &Heard, now: Timestamp) -> Vec<u8> {
    let keys = heard
        .instances
        .keys()
        .take(ASKED_MAX)
        .map(|key| (key.app.as_str().to_owned(), key.id.to_string()));
    let question = Question {
        number: heard.number,
        keys: keys.collect(),
        age_ms: u64::try_from(heard.shown_for(now).as_millis()).unwrap_or(u64::MAX),
    };
    let written = serde_json::to_vec(&question);
    debug_assert!(written.is_ok(), "texts and numbers can be written");
    [DRAINED, &written.unwrap_or_default()].concat()
}

async fn ask(state: &State, peer: NodeId, question: &[u8]) -> Option<Reply> {
    let answer = cluster::ask_briefly(state, peer, question).await?;
    serde_json::from_slice(&answer).ok()
}
