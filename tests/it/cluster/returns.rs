//! Servers that return from their data directories alone.

use std::fs;
use std::path::PathBuf;

use super::eureka::Instance;
use super::patience::until;
use super::server::Told;
use super::stage::Cluster;

/// The data directories of a cluster, which are gone after the test.
struct Places(PathBuf);

impl Places {
    fn new(name: &str) -> Self {
        let name = format!("peerage-it-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn of(&self, server: usize) -> PathBuf {
        self.0.join(server.to_string())
    }

    /// How many peers a server remembers.
    fn known(&self, server: usize) -> usize {
        let file = fs::read(self.of(server).join("identity.json")).unwrap_or_default();
        let written: serde_json::Value = serde_json::from_slice(&file).unwrap_or_default();
        written["known"].as_array().map_or(0, Vec::len)
    }
}

impl Drop for Places {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[test]
fn a_cluster_that_was_killed_whole_finds_itself_again_without_seeds() {
    let Some(mut cluster) = Cluster::of(3) else {
        return;
    };
    let places = Places::new("returns");
    for server in cluster.all() {
        let setting = format!("PEERAGE__DATA_DIR={}", places.of(server).display());
        cluster.precede(server, &["env", &setting]);
    }
    cluster.form();
    until("each remembers both others", || {
        cluster
            .all()
            .into_iter()
            .all(|server| places.known(server) == 2)
    });
    cluster
        .all()
        .into_iter()
        .for_each(|server| cluster.kill(server));
    for server in cluster.all() {
        let join = Vec::new();
        let told = cluster.told(server);
        cluster.start_as(server, &Told { join, ..told });
    }
    cluster.await_ready(&cluster.all());
    cluster.await_met();
    let instance = Instance::new("A", 1);
    assert!(instance.register(cluster.http(1)).unwrap().ok());
    cluster.await_shown(&[&instance], &cluster.all());
    cluster.await_equal(&cluster.all());
}
