//! What a server remembers in its data directory, if it was given one.
//!
//! Here: who it is at a start, where it knew its peers, and when that is written down again. Not here: the file
//! (`identity`). What must always hold: a disk that takes nothing is warned of and counted, and nothing else; and whom
//! a server knew it does not forget for being alone.

use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use peers::node::view::{Member, Standing};
use peers::runtime::Seed;
use peers::version::{Epoch, NodeId};
use tokio::task::{JoinHandle, spawn_blocking, spawn_local};
use tokio::time::timeout;
use tracing::{info, warn};

use super::State;
use super::state::name_hash;
use crate::clock::Timestamp;
use crate::config::{Config, Directory};
use crate::identity::{DataDir, Identity, Known, Unusable};

/// How often it is looked whether anything has changed of which nobody told, and what failed is tried again.
const LOOK: Duration = Duration::from_secs(10);
/// Of a disk that goes on taking nothing is told again after this.
const REMIND: Duration = Duration::from_secs(10 * 60);
/// Whoever was not seen for so long, though others were there, is not looked for at the next start.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// How many peers are remembered.
const KNOWN_MAX: usize = 64;

/// What a server remembers.
#[derive(Debug)]
pub(super) struct Memory {
    /// None: it remembers nothing.
    dir: Option<Arc<DataDir>>,
    /// What is to be remembered, and perhaps is.
    identity: Identity,
    written: bool,
    /// When it was last told that nothing can be written.
    warned: Option<Timestamp>,
}

impl Memory {
    /// Who this server is at this start.
    ///
    /// # Errors
    ///
    /// If the data directory is another's, or can be none, in words for whoever started the server.
    pub(super) fn recall(config: &Config, now: Timestamp) -> Result<Self, String> {
        let dir = config.data_dir.as_ref().map(open).transpose()?;
        let remembered = dir.as_ref().and_then(read);
        Ok(Self {
            identity: started(config, remembered, now),
            dir: dir.map(Arc::new),
            written: false,
            warned: None,
        })
    }

    /// Who it is, and where it knew others.
    pub(super) const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The data directory, if there is one.
    pub(super) fn dir(&self) -> Option<&DataDir> {
        self.dir.as_deref()
    }

    /// The same, to be kept.
    pub(super) fn shared_dir(&self) -> Option<Arc<DataDir>> {
        self.dir.clone()
    }

    /// Where peers are to be looked for beside where the settings say.
    pub(super) fn seeds(&self) -> Vec<Seed> {
        let known = self.identity.known.iter();
        known
            .filter_map(|known| known.address.to_string().parse().ok())
            .collect()
    }

    /// Writes this start down, before anything is done by it.
    pub(super) fn begin(&mut self, state: &State) {
        if let Some(dir) = self.dir.clone() {
            let outcome = dir.write(&self.identity).map_err(|error| error.to_string());
            self.wrote(state, outcome);
        }
    }

    /// Writes down whatever changes, until the task is aborted.
    pub(super) fn keep(mut self, state: &Data<State>) -> Option<JoinHandle<()>> {
        let (dir, state) = (self.dir.clone()?, state.clone());
        Some(spawn_local(async move {
            loop {
                // Whatever comes first: somebody tells of a change, or it is time to look.
                timeout(LOOK, state.to_remember.notified())
                    .await
                    .unwrap_or_default();
                let next = self.next(&state).await;
                if next == self.identity && self.written {
                    continue;
                }
                self.identity = next.clone();
                let dir = dir.clone();
                let outcome = spawn_blocking(move || dir.write(&next)).await;
                let outcome = outcome.map_err(|error| error.to_string());
                let outcome =
                    outcome.and_then(|outcome| outcome.map_err(|error| error.to_string()));
                self.wrote(&state, outcome);
            }
        }))
    }

    /// What is to be remembered now.
    async fn next(&self, state: &State) -> Identity {
        let view = match state.peers.get() {
            Some(peers) => peers.view().await,
            None => None,
        };
        let members = view.map(|view| view.members).unwrap_or_default();
        let lived = state.clock.now().since(state.started_at);
        Identity {
            epoch: state.registry.origin().epoch,
            known: known(&self.identity.known, &members, lived),
            ..self.identity.clone()
        }
    }

    fn wrote(&mut self, state: &State, outcome: Result<(), String>) {
        let now = state.clock.now();
        self.written = outcome.is_ok();
        state.metrics.remembered(self.written);
        match outcome {
            Ok(()) if self.warned.take().is_some() => {
                info!(
                    event = "identity_written",
                    "the data directory takes what is to be remembered again"
                );
            }
            Ok(()) => {}
            Err(_) if self.warned.is_some_and(|warned| now.since(warned) < REMIND) => {}
            Err(error) => {
                self.warned = Some(now);
                warn!(
                    event = "identity_unwritten",
                    "cannot remember who this server is and whom it knows: {error}: it goes on, and tries again; make \
                     room in the data directory, or let it be written to"
                );
            }
        }
    }
}

fn open(directory: &Directory) -> Result<DataDir, String> {
    let path = directory.path();
    let at = path.display();
    let dir = DataDir::open(path).map_err(|unusable| match unusable {
        Unusable::Taken => format!(
            "the data directory {at} is in use by another server; stop that one, or give each its own with --data-dir"
        ),
        Unusable::Impossible(error) => {
            format!("there can be no data directory at {at}: {error}; choose another with --data-dir")
        }
    })?;
    if let Some(error) = dir.unlocked() {
        warn!(
            event = "data_dir_unlocked",
            "cannot lock the data directory {at}: {error}; see to it that no other server uses it"
        );
    }
    Ok(dir)
}

fn read(dir: &DataDir) -> Option<Identity> {
    dir.read().unwrap_or_else(|why| {
        warn!(
            event = "identity_unreadable",
            "{why}; this server starts as if for the first time, and goes by the id of its name"
        );
        None
    })
}

/// Who a server is that starts now.
fn started(config: &Config, remembered: Option<Identity>, now: Timestamp) -> Identity {
    let now = Epoch(now.as_millis());
    let cluster = config.cluster.name.clone();
    match remembered {
        None => Identity {
            node: NodeId(name_hash(&config.name)),
            epoch: now,
            cluster,
            known: Vec::new(),
        },
        Some(last) => Identity {
            node: last.node,
            epoch: last.next_epoch(now),
            known: if last.cluster == cluster {
                last.known
            } else {
                Vec::new()
            },
            cluster,
        },
    }
}

/// Whom to look for at the next start: those who are or were there, and of those known before all who may come back.
fn known(before: &[Known], members: &[Member], lived: Duration) -> Vec<Known> {
    let seen = members.iter().filter(|member| member.heard_ago.is_some());
    let seen = seen.map(|member| Known {
        node: member.node,
        address: member.address,
    });
    let mut known: Vec<_> = seen.collect();
    let anybody_up = members
        .iter()
        .any(|member| !matches!(member.standing, Standing::Down | Standing::Left));
    if lived < FORGOTTEN_AFTER || !anybody_up {
        for old in before {
            let replaced = |new: &Known| new.node == old.node || new.address == old.address;
            if !known.iter().any(replaced) {
                known.push(*old);
            }
        }
    }
    known.truncate(KNOWN_MAX);
    known.sort_unstable();
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(60 * 60);

    fn at(node: u64, port: u16) -> Known {
        Known {
            node: NodeId(node),
            address: ([10, 0, 0, 1], port).into(),
        }
    }

    fn member(known: Known, standing: Standing) -> Member {
        Member {
            node: known.node,
            address: known.address,
            standing,
            origin: None,
            name: String::new(),
            zone: String::new(),
            url: String::new(),
            ready: true,
            draining: false,
            preserving: false,
            isolated: false,
            state: None,
            applied: 0,
            lag: 0,
            round_trip: None,
            heard_ago: Some(Duration::ZERO),
            connected: true,
            blocked: None,
            pushed: true,
            queued_bytes: 0,
            clock_offset_millis: None,
            protocol: None,
            key: None,
        }
    }

    fn up(known: Known) -> Member {
        member(known, Standing::Up)
    }

    #[test]
    fn those_who_left_or_died_are_remembered_beside_those_who_are_there() {
        let members = [
            member(at(3, 3), Standing::Left),
            up(at(1, 1)),
            member(at(2, 2), Standing::Down),
        ];
        assert_eq!(known(&[], &members, HOUR), [at(1, 1), at(2, 2), at(3, 3)]);
    }

    #[test]
    fn a_server_that_finds_nobody_forgets_nobody() {
        let before = [at(1, 1), at(2, 2)];
        assert_eq!(known(&before, &[], 100 * HOUR), before);
        let dead = [member(at(1, 1), Standing::Down)];
        assert_eq!(known(&before, &dead, 100 * HOUR), before);
    }

    #[test]
    fn whoever_moved_is_known_by_the_new_address_and_whoever_took_the_place_instead() {
        let moved = [up(at(1, 9)), up(at(3, 2))];
        assert_eq!(
            known(&[at(1, 1), at(2, 2)], &moved, HOUR),
            [at(1, 9), at(3, 2)]
        );
    }

    #[test]
    fn whoever_does_not_come_back_within_a_day_is_forgotten_while_others_are_there() {
        let (before, there) = ([at(1, 1), at(2, 2)], [up(at(1, 1))]);
        assert_eq!(known(&before, &there, HOUR), before);
        assert_eq!(known(&before, &there, 25 * HOUR), [at(1, 1)]);
    }

    #[test]
    fn those_of_whom_others_only_talk_are_not_remembered() {
        let rumoured = Member {
            heard_ago: None,
            ..up(at(1, 1))
        };
        assert_eq!(known(&[], &[rumoured], HOUR), []);
    }

    #[test]
    fn no_more_are_remembered_than_there_may_be_and_those_seen_come_first() {
        let before: Vec<_> = (0..100)
            .map(|node| at(node, 1000 + u16::try_from(node).unwrap()))
            .collect();
        let remembered = known(&before, &[up(at(1000, 1))], HOUR);
        assert_eq!(remembered.len(), KNOWN_MAX);
        assert!(remembered.contains(&at(1000, 1)));
    }

    #[test]
    fn a_server_that_joins_another_cluster_looks_for_nobody_of_the_old_one() {
        let config = Config::default();
        let last = Identity {
            node: NodeId(7),
            epoch: Epoch(8),
            cluster: "another".to_owned(),
            known: vec![at(1, 1)],
        };
        let now = Timestamp::from_millis(5);
        let identity = started(&config, Some(last.clone()), now);
        assert_eq!(
            (identity.node, identity.epoch, identity.known),
            (NodeId(7), Epoch(9), vec![])
        );
        let same = Identity {
            cluster: config.cluster.name.clone(),
            ..last
        };
        assert_eq!(started(&config, Some(same), now).known, [at(1, 1)]);
    }
}
