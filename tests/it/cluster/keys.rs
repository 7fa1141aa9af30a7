//! Servers that prove by a key that they belong together.

use std::fs;
use std::path::PathBuf;

use rustix::process::Signal;

use super::eureka::Instance;
use super::http;
use super::patience::until;
use super::stage::Cluster;

/// The key files of a cluster, which are gone after the test.
struct Files(PathBuf);

impl Files {
    fn new(name: &str) -> Self {
        let name = format!("peerage-it-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder).expect("the temporary directory can be written to");
        Self(folder)
    }

    fn of(&self, server: usize) -> PathBuf {
        self.0.join(server.to_string())
    }

    fn write(&self, server: usize, keys: &[&str]) {
        let lines: Vec<_> = keys.iter().map(|key| key.repeat(32)).collect();
        fs::write(self.of(server), lines.join("\n")).expect("it can be written");
    }

    /// Three servers that have been told of their files.
    fn cluster(&self) -> Option<Cluster> {
        let mut cluster = Cluster::of(3)?;
        for server in cluster.all() {
            let setting = format!("PEERAGE__CLUSTER__KEY_FILE={}", self.of(server).display());
            cluster.precede(server, &["env", &setting]);
        }
        Some(cluster)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The keys by which a server's streams are sealed.
fn keys_used(cluster: &Cluster, server: usize) -> Vec<String> {
    let answer = http::ask(cluster.http(server), "GET", "/api/v1/cluster", "");
    let body = answer.map(|answer| answer.body).unwrap_or_default();
    let view: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let members = view["members"].as_array().cloned().unwrap_or_default();
    let keys = members.iter().filter_map(|member| member["key"].as_str());
    keys.map(str::to_owned).collect()
}

#[test]
fn a_key_is_replaced_while_all_stay_together() {
    let files = Files::new("rekeyed");
    let Some(mut cluster) = files.cluster() else {
        return;
    };
    cluster
        .all()
        .into_iter()
        .for_each(|server| files.write(server, &["a1"]));
    cluster.form();
    let before = keys_used(&cluster, 0);
    assert_eq!(before.len(), 2);
    for (step, keys) in [&["a1", "b2"][..], &["b2", "a1"], &["b2"]]
        .into_iter()
        .enumerate()
    {
        for server in cluster.all() {
            files.write(server, keys);
            cluster.server(server).signal(Signal::HUP);
            until("it has read its keys", || {
                cluster.server(server).says(&["cluster_keys_read"]) > step
            });
        }
        let instance = Instance::new("REKEYED", format!("step-{step}"));
        instance.register(cluster.http(step)).expect("it serves");
        cluster.await_shown(&[&instance], &cluster.all());
    }
    until("all streams are sealed with the new key", || {
        let keys = keys_used(&cluster, 0);
        keys.len() == 2 && keys.iter().all(|key| !before.contains(key))
    });
    for server in cluster.all() {
        assert_eq!(cluster.server(server).says(&["is down"]), 0);
    }
}

#[test]
fn who_has_another_key_stays_out_until_it_has_the_right_one() {
    let files = Files::new("strange-key");
    let Some(mut cluster) = files.cluster() else {
        return;
    };
    files.write(0, &["a1"]);
    files.write(1, &["a1"]);
    files.write(2, &["b2"]);
    cluster
        .all()
        .into_iter()
        .for_each(|server| cluster.start(server));
    cluster.await_ready(&[0, 1]);
    until("both sides tell of the key", || {
        cluster.server(0).says(&["key_refused"]) > 0 && cluster.server(2).says(&["key_refused"]) > 0
    });
    let instance = Instance::new("SEALED", "a");
    instance.register(cluster.http(0)).expect("it serves");
    cluster.await_shown(&[&instance], &[0, 1]);
    let shown = cluster.server(2).list().unwrap_or_default();
    assert!(shown.is_empty(), "{shown:?}");
    files.write(2, &["a1"]);
    cluster.server(2).signal(Signal::HUP);
    cluster.await_shown(&[&instance], &[2]);
}
