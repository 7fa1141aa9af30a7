//! The registry's snapshot in the data directory: read at the start, written again and again.
//!
//! Here: whether what was remembered may be used, when it is written anew, and what is said of it. Not here: its bytes
//! (`::peers::snapshot`), the file (`identity`), how it is taken (`taking`). What must always hold: only a server that
//! shows all there is writes one, for a part would be shown as the whole at the next start; a file that cannot be used is
//! set aside, and a disk that takes nothing is warned of and counted, and nothing else.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use peers::runtime::Handle;
use peers::snapshot::Snapshot;
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, spawn_blocking, spawn_local};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::{info, warn};

use super::State;
use super::taking::Taking;
use crate::clock::Timestamp;
use crate::config::Config;
use crate::draft::Draft;
use crate::identity::DataDir;
use crate::plural::counted;

/// Of a disk that goes on taking nothing is told again after this.
const REMIND: Duration = Duration::from_secs(10 * 60);
/// A server that stops waits no longer for its last snapshot than this.
const LAST_MAX: Duration = Duration::from_secs(10);

/// What was remembered, and how old it is; none where there is nothing that may be used.
pub(super) fn recall(
    dir: Option<&DataDir>,
    config: &Config,
    now: Timestamp,
) -> Option<(Duration, Snapshot)> {
    let dir = dir?;
    let bytes = match dir.snapshot() {
        Ok(bytes) => bytes?,
        Err(error) => {
            let file = dir.snapshot_file();
            refuse(dir, &format!("{} cannot be read: {error}", file.display()));
            return None;
        }
    };
    match usable(&bytes, config, now) {
        Ok((age, snapshot)) => {
            info!(
                event = "snapshot_read",
                records = snapshot.records.len(),
                age_ms = u64::try_from(age.as_millis()).unwrap_or(u64::MAX),
                "begins with {} of {:.1} s ago",
                counted(snapshot.records.len(), "record"),
                age.as_secs_f64()
            );
            Some((age, snapshot))
        }
        Err(why) => {
            refuse(dir, &format!("{} {why}", dir.snapshot_file().display()));
            None
        }
    }
}

fn refuse(dir: &DataDir, why: &str) {
    let aside = dir.set_aside(&dir.snapshot_file());
    warn!(
        event = "snapshot_unusable",
        "{why}; {aside}; this server begins without what was registered before"
    );
}

/// The snapshot in these bytes, if it is one of this cluster and young enough.
fn usable(bytes: &[u8], config: &Config, now: Timestamp) -> Result<(Duration, Snapshot), String> {
    let snapshot = Snapshot::read(bytes).map_err(|unusable| unusable.to_string())?;
    let (theirs, own) = (&snapshot.taken.cluster_name, &config.cluster.name);
    if theirs != own {
        return Err(format!(
            "is of the cluster {theirs}, and this server belongs to {own}"
        ));
    }
    let at = Timestamp::from_millis(snapshot.taken.at);
    let (age, ahead, max) = (now.since(at), at.since(now), config.snapshot.age_max);
    if age.max(ahead) > max {
        let far = age.max(ahead).as_secs();
        let side = if ahead > age {
            "ahead of the clock"
        } else {
            "old"
        };
        return Err(format!(
            "is {far} s {side}, which is more than the {} s of snapshot.age-max",
            max.as_secs()
        ));
    }
    Ok((age, snapshot))
}

/// Writes snapshots, one at a time.
pub(crate) struct Snapshots {
    dir: Arc<DataDir>,
    /// When it was last told that nothing can be written. Held while one is written.
    warned: Mutex<Option<Timestamp>>,
}

impl Snapshots {
    pub(super) fn into(dir: Arc<DataDir>) -> Self {
        Self {
            dir,
            warned: Mutex::default(),
        }
    }

    /// Writes one now, and then at every interval, until the task is aborted.
    pub(super) fn keep(self: &Arc<Self>, state: &Data<State>) -> JoinHandle<()> {
        let (snapshots, state) = (self.clone(), state.clone());
        spawn_local(async move {
            let mut ticks = interval(state.config.snapshot.interval);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            ticks.tick().await;
            loop {
                ticks.tick().await;
                snapshots.write(&state).await;
            }
        })
    }

    /// The last one of a server that stops.
    pub(super) async fn write_last(&self, state: &State) {
        if timeout(LAST_MAX, self.write(state)).await.is_err() {
            warn!(
                event = "snapshot_late",
                "the last snapshot was not written in time; the one before stays"
            );
        }
    }

    /// Writes one, unless this server does not show all there is.
    async fn write(&self, state: &State) {
        let mut warned = self.warned.lock().await;
        let whole = |peers: &&Handle| peers.doors().lists;
        let Some(peers) = state.peers.get().filter(whole) else {
            return;
        };
        let begun = state.clock.ticks();
        let outcome = self.take(peers).await;
        let took = state.clock.ticks().saturating_sub(begun);
        let now = state.clock.now();
        state.metrics.snapshots.written(now, took, outcome.as_ref());
        match outcome {
            Ok(_) if warned.take().is_some() => info!(
                event = "snapshot_written",
                "the data directory takes snapshots of the registry again"
            ),
            Ok(_) => {}
            Err(_) if warned.is_some_and(|warned| now.since(warned) < REMIND) => {}
            Err(error) => {
                *warned = Some(now);
                warn!(
                    event = "snapshot_unwritten",
                    "cannot write down what is registered: {error}: it goes on, and tries again; make room in the data \
                     directory, or let it be written to"
                );
            }
        }
    }

    async fn take(&self, peers: &Handle) -> io::Result<Size> {
        let mut taking = Taking::begin(peers).await.map_err(io::Error::other)?;
        let dir = self.dir.clone();
        let mut draft = aside(move || dir.draft_snapshot()).await?;
        let mut bytes = 0;
        while let Some(chunk) = taking.next().await.map_err(io::Error::other)? {
            bytes += chunk.len();
            draft = aside(move || append(draft, &chunk)).await?;
        }
        aside(move || draft.finish()).await?;
        let records = taking.records;
        Ok(Size { records, bytes })
    }
}

/// How large a snapshot is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

fn append(mut draft: Draft, chunk: &[u8]) -> io::Result<Draft> {
    draft.write(chunk)?;
    Ok(draft)
}

/// Does what waits for a disk where nothing else waits for it.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Tells that nothing will be written, though there is where.
pub(super) fn tell_of_none(dir: &DataDir) {
    warn!(
        event = "snapshot_off",
        "no part in a cluster, and so no {}: listen for peers somewhere with --peer-listen",
        dir.snapshot_file().display()
    );
}

#[cfg(test)]
mod tests {
    use peers::snapshot::Taken;
    use peers::vector::Vector;
    use peers::version::{Epoch, NodeId, Origin};

    use super::*;

    fn taken(cluster: &str, at: u64) -> Vec<u8> {
        let origin = Origin {
            node: NodeId(1),
            epoch: Epoch(2),
        };
        let taken = Taken {
            cluster_name: cluster.to_owned(),
            origin,
            name: "a".to_owned(),
            at,
            vector: Vector::default(),
            heads: Vec::new(),
        };
        let records = Vec::new();
        Snapshot { taken, records }.write()
    }

    #[test]
    fn only_what_is_of_this_cluster_and_young_enough_is_used() {
        let config = Config::default();
        let minute = 60_000;
        let now = Timestamp::from_millis(100 * minute);
        let read = |bytes: &[u8]| usable(bytes, &config, now).map(|(age, _)| age);
        assert_eq!(
            read(&taken("peerage", 91 * minute)),
            Ok(Duration::from_secs(9 * 60))
        );
        assert_eq!(read(&taken("peerage", 101 * minute)), Ok(Duration::ZERO));
        for (bytes, why) in [
            (taken("peerage", 89 * minute), "is 660 s old"),
            (taken("peerage", 200 * minute), "ahead of the clock"),
            (taken("another", 99 * minute), "is of the cluster another"),
            (b"{}".to_vec(), "is no snapshot"),
            (b"peerage snapshot\n\x02\0\0\0".to_vec(), "in format 2"),
        ] {
            let refused = read(&bytes).unwrap_err();
            assert!(refused.contains(why), "{refused}");
        }
    }
}
