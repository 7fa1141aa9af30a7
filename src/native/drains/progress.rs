//! How far a drain has come: at the peers, and with the clients that read from any of them.

use std::sync::Arc;
use std::time::Duration;

use super::asking::ask_all;
use super::book::Heard;
use super::{ends, holds};
use crate::clock::Timestamp;
use crate::native::documents::{Drain, DrainState, Drained, Fetched, PropagatedTo};
use crate::native::explain::spoken;
use crate::native::fetches::Told;
use crate::native::rows::server_name;
use crate::plural::counted;
use crate::registry::entry::Key;
use crate::registry::instance::Text;
use crate::registry::status::Status;
use crate::server::State;

/// So many clients are named that have not read.
pub(super) const NAMED_MAX: usize = 20;

/// A drain and all that its standing follows from.
pub(super) struct Progress<'a> {
    heard: &'a Heard,
    now: Timestamp,
    server: String,
    revision: String,
    instances: Vec<Drained>,
    peers: PropagatedTo,
    clients: Fetched,
    fetch_interval: Duration,
    /// Whether every client of this server can have read once since it shows the drain.
    seen_long_enough: bool,
}

/// The status an instance is shown in. `None`: it is gone.
pub(super) fn shown(state: &State, key: &Key) -> Option<Status> {
    let entry = state
        .registry
        .stored(key)
        .filter(|entry| entry.record().live())?;
    Some(entry.record().status())
}

impl<'a> Progress<'a> {
    pub(super) async fn of(state: &State, heard: &'a Heard) -> Self {
        let now = state.clock.now();
        let instance = |(key, zone): (&Arc<Key>, &Text)| Drained {
            app: key.app.as_str().to_owned(),
            id: key.id.to_string(),
            zone: zone.to_string(),
            status: shown(state, key).map(|status| status.to_string()),
            holds: holds(state, key, heard.number),
        };
        let fetch_interval = state.config.drain.fetch_interval;
        let running = now.since(state.started_at);
        let mut progress = Self {
            heard,
            now,
            server: server_name(state, heard.origin.node),
            revision: state.account.at(heard.event).to_string(),
            instances: heard.instances.iter().map(instance).collect(),
            peers: PropagatedTo::default(),
            clients: Fetched::default(),
            fetch_interval,
            seen_long_enough: running.min(heard.shown_for(now)) >= fetch_interval
                || running >= fetch_interval * 3,
        };
        if !progress.ended() {
            progress.reach(state).await;
        }
        progress
    }

    /// Finds out how far peers and clients have come.
    async fn reach(&mut self, state: &State) {
        let shown = Told {
            at: self.heard.shown_at,
            event: Some(self.heard.event),
        };
        let own = state.fetches.reached(shown, self.now, NAMED_MAX);
        self.clients = Fetched {
            clients: own.clients,
            fetched: own.fetched,
            waiting_for: own.waiting,
        };
        for (member, reply) in ask_all(state, self.heard, self.now).await {
            self.peers.peers += 1;
            match &reply {
                Some(reply) if reply.shown => self.peers.shown_by += 1,
                _ => self.peers.waiting_for.push(member.name),
            }
            let reply = reply.unwrap_or_default();
            self.clients.clients += reply.clients;
            self.clients.fetched += reply.fetched;
            self.clients.waiting_for.extend(reply.waiting);
        }
        self.clients.waiting_for.truncate(NAMED_MAX);
    }

    fn ended(&self) -> bool {
        self.instances.iter().all(|each| !each.holds)
    }

    fn state(&self) -> DrainState {
        let (up, gone) = (Some(Status::Up.name()), |each: &Drained| {
            each.status.is_none()
        });
        let out = self
            .instances
            .iter()
            .all(|each| each.status.as_deref() != up);
        let told = self.peers.shown_by == self.peers.peers
            && self.clients.fetched == self.clients.clients
            && self.seen_long_enough;
        match () {
            () if self.instances.iter().all(gone) => DrainState::Stopped,
            () if self.ended() => DrainState::Ended,
            () if out && told => DrainState::Drained,
            () => DrainState::Draining,
        }
    }

    pub(super) fn document(self) -> Drain {
        let (state, sentence) = (self.state(), self.sentence());
        let text = |text: &Option<Text>| text.as_deref().unwrap_or_default().to_owned();
        Drain {
            id: self.heard.number,
            state,
            revision: self.revision,
            server: self.server,
            query: self.heard.query.clone(),
            by: text(&self.heard.by),
            reason: text(&self.heard.reason),
            since: self.heard.since.to_string(),
            until: self.heard.until.map(|until| until.to_string()),
            instances: self.instances,
            propagated_to: self.peers,
            fetched_since: self.clients,
            safe_to_stop: matches!(state, DrainState::Drained | DrainState::Stopped),
            sentence,
        }
    }

    fn sentence(&self) -> String {
        let ends = ends(self.heard, self.now).map_or_else(String::new, |until| {
            let left = spoken(until.since(self.now));
            format!(" The drain ends by itself in {left}.")
        });
        let instances = counted(self.instances.len() as u64, "instance");
        let clients = &self.clients;
        match self.state() {
            DrainState::Stopped => "All its instances are gone.".to_owned(),
            DrainState::Ended => "The drain is over: its instances are shown in their own statuses, or in what was set since.".to_owned(),
            DrainState::Drained => format!(
                "{instances} can be stopped: out of service at every server, and all who read the registry have read so, {} of them. Clients that keep what they read for longer may still call.{ends}",
                clients.clients
            ),
            DrainState::Draining => format!(
                "{instances} out of service; {}read by {} of {}: {}.{ends}",
                self.shown(),
                clients.fetched,
                counted(clients.clients, "client"),
                self.waits()
            ),
        }
    }

    /// How far the peers have come, if there are any.
    fn shown(&self) -> String {
        match self.peers.peers {
            0 => String::new(),
            peers => format!(
                "shown by {} of {}, ",
                self.peers.shown_by,
                counted(peers, "peer")
            ),
        }
    }

    fn waits(&self) -> String {
        match (self.seen_long_enough, self.peers.waiting_for.is_empty()) {
            (_, false) => format!("waiting for {}", self.peers.waiting_for.join(", ")),
            (true, true) => "waiting for clients to read it".to_owned(),
            (false, true) => format!(
                "waiting until every client can have read once, which takes {}",
                spoken(self.fetch_interval)
            ),
        }
    }
}
