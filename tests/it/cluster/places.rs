//! The data directories of a cluster.

use std::fs;
use std::path::PathBuf;

use peers::snapshot::{Snapshot, Unusable};

use super::stage::Cluster;

/// Data directories, which are gone after the test.
pub(crate) struct Places(PathBuf);

impl Places {
    pub(crate) fn new(name: &str) -> Self {
        let name = format!("peerage-it-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    pub(crate) fn of(&self, server: usize) -> PathBuf {
        self.0.join(server.to_string())
    }

    /// Gives each server of a cluster its own, and has it write down what it holds this often.
    pub(crate) fn furnish(&self, cluster: &mut Cluster, interval: &str) {
        for server in cluster.all() {
            let directory = format!("PEERAGE__DATA_DIR={}", self.of(server).display());
            let often = format!("PEERAGE__SNAPSHOT__INTERVAL={interval}");
            cluster.precede(server, &["env", &directory, &often]);
        }
    }

    /// How many peers a server remembers.
    pub(crate) fn known(&self, server: usize) -> usize {
        let file = fs::read(self.of(server).join("identity.json")).unwrap_or_default();
        let written: serde_json::Value = serde_json::from_slice(&file).unwrap_or_default();
        written["known"].as_array().map_or(0, Vec::len)
    }

    /// What a server wrote down last; none if it never did.
    pub(crate) fn snapshot(&self, server: usize) -> Option<Result<Snapshot, Unusable>> {
        let bytes = fs::read(self.of(server).join("registry.snapshot")).ok()?;
        Some(Snapshot::read(&bytes))
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
