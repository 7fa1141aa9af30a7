//! What is registered, written down by real processes and read at their next start.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::Command;

use peers::snapshot::{Snapshot, Taken};
use peers::vector::Vector;
use peers::version::{Epoch, NodeId, Origin};
use rustix::process::Signal;
use serde_json::Value;

use crate::process::{Server, line};
use crate::remembering::{Place, metric, warned_of};

const NEVER: &str = "24h";
const OFTEN: &str = "100ms";

/// A server that writes down what it holds this often.
fn start(place: &Place, interval: &str) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerage"));
    command.env("PEERAGE__SNAPSHOT__INTERVAL", interval);
    command.args(["--data-dir", place.path(), "--name", "a"]);
    Server::start_by(command)
}

fn file(place: &Place) -> PathBuf {
    place.0.join("registry.snapshot")
}

fn register(server: &Server, id: &str) {
    let body = format!(
        r#"{{"instance": {{"instanceId": "{id}", "hostName": "h", "app": "ORDERS", "ipAddr": "10.0.0.1", "status": "UP",
            "dataCenterInfo": {{"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"}},
            "metadata": {{"colour": "red", "password": "hidden"}}}}}}"#
    );
    assert_eq!(server.ask("POST", "/eureka/apps/ORDERS", &body).0, 204);
}

/// What a server shows of an instance; none if it shows nothing.
fn shown(server: &Server, id: &str) -> Option<Value> {
    let (status, answer) = server.ask("GET", &format!("/eureka/apps/ORDERS/{id}"), "");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (status == 200).then(|| serde_json::from_str(body).unwrap())
}

/// Waits until a snapshot holds an instance.
fn written_down(place: &Place, id: &str) {
    let held = || {
        let bytes = fs::read(file(place)).ok()?;
        let snapshot = Snapshot::read(&bytes).expect("it is whole at any moment");
        let keys = snapshot
            .records
            .iter()
            .filter_map(peerage::replication::told_of);
        Some(keys.into_iter().any(|(key, _)| *key.id == *id))
    };
    while held() != Some(true) {
        std::thread::yield_now();
    }
}

#[test]
fn what_is_registered_and_overridden_outlives_the_only_server() {
    let place = Place::new("outlives");
    let first = start(&place, OFTEN);
    register(&first, "o-1");
    let path = "/eureka/apps/ORDERS/o-1/status?value=OUT_OF_SERVICE";
    assert_eq!(first.ask("PUT", path, "").0, 200);
    register(&first, "o-2");
    written_down(&place, "o-2");
    let before = shown(&first, "o-1").unwrap();
    // Without a word.
    drop(first);
    let mode = fs::metadata(file(&place)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let second = start(&place, NEVER);
    let after = shown(&second, "o-1").unwrap();
    assert_eq!(after["instance"]["status"], "OUT_OF_SERVICE");
    assert_eq!(
        after["instance"]["metadata"],
        before["instance"]["metadata"]
    );
    assert!(shown(&second, "o-2").is_some());
    let explained = second.ask("GET", "/api/v1/explain/ORDERS/o-2", "").1;
    assert!(
        explained.contains("orphan_awaiting_adoption"),
        "{explained}"
    );
    assert_eq!(second.ask("PUT", "/eureka/apps/ORDERS/o-2", "").0, 200);
}

#[test]
fn a_server_that_stops_in_order_writes_down_what_it_holds() {
    let place = Place::new("stops");
    let mut first = start(&place, NEVER);
    register(&first, "o-1");
    first.signal(Signal::TERM);
    line(&mut first.log, &["stopped"]);
    let second = start(&place, NEVER);
    assert!(shown(&second, "o-1").is_some());
}

/// An empty snapshot of this cluster, taken at this time.
fn snapshot(cluster: &str, at: u64) -> Vec<u8> {
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
fn a_file_that_cannot_be_used_is_set_aside_and_the_server_starts() {
    let whole = snapshot("peerage", 1);
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let mut newer = whole.clone();
    newer["peerage snapshot\n".len()] = 2;
    let place = Place::new("unusable");
    for (content, why) in [
        (whole[..whole.len() / 2].to_vec(), "was cut short"),
        (flipped, "changed since it was written"),
        (newer, "in format 2"),
        (snapshot("another", 1), "is of the cluster another"),
        (whole, "snapshot.age-max"),
        (Vec::new(), "is no snapshot"),
    ] {
        fs::create_dir_all(&place.0).unwrap();
        fs::write(file(&place), &content).unwrap();
        let server = start(&place, NEVER);
        let told = server.beginning.iter();
        let mut told = told.filter(|line| line["event"] == "snapshot_unusable");
        let message = told.next().unwrap()["message"].as_str().unwrap();
        assert!(message.contains(why), "{message}");
        assert_eq!(server.ask("GET", "/readyz", "").0, 200);
        let aside = place.0.join("registry.snapshot.set-aside");
        assert_eq!(fs::read(aside).unwrap(), content);
        assert!(!file(&place).exists());
    }
}

#[test]
fn a_disk_that_takes_no_snapshot_is_warned_of_and_counted_until_it_does() {
    let place = Place::new("takes-none");
    fs::create_dir_all(&place.0).unwrap();
    let next = place.0.join("registry.snapshot.next");
    symlink("/dev/full", &next).unwrap();
    let mut server = start(&place, OFTEN);
    register(&server, "o-1");
    line(&mut server.log, &["snapshot_unwritten"]);
    assert!(!warned_of(&server, "identity_unwritten"));
    assert!(metric(&server, "peerage_snapshot_failures_total ") >= 1.0);
    assert_eq!(server.ask("GET", "/readyz", "").0, 200);
    fs::remove_file(&next).unwrap();
    let told = line(&mut server.log, &["snapshot_unwritten", "snapshot_written"]);
    assert_eq!(told["event"], "snapshot_written", "it is warned of once");
    written_down(&place, "o-1");
    assert!(metric(&server, "peerage_snapshot_records ") >= 1.0);
}

/// What a command prints, once it has done what it was told.
fn done(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerage"));
    let output = command.args(arguments).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}{complaint}");
    said
}

#[test]
fn a_snapshot_is_saved_from_a_server_and_looked_into_without_one() {
    let place = Place::new("saved");
    let server = Server::start_with(&["--name", "a"]);
    register(&server, "o-1");
    fs::create_dir_all(&place.0).unwrap();
    let saved = place.0.join("saved");
    let (saved, at) = (saved.to_str().unwrap(), server.address.to_string());
    done(&["snapshot", "save", saved, "--addr", &at]);
    drop(server);
    let text = done(&["snapshot", "inspect", saved, "--instances", "-o", "table"]);
    assert!(text.contains("1 live, 0 dead"), "{text}");
    assert!(text.contains("ORDERS/o-1"), "{text}");
    let json = done(&["snapshot", "inspect", saved, "-o", "json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["instances"][0]["metadata"]["colour"], "red");
    assert!(!json.to_string().contains("hidden"), "{json}");
    fs::write(saved, "something").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_peerage"));
    let refused = command.args(["snapshot", "inspect", saved]).output();
    let refused = refused.unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("is no snapshot"), "{said}");
}
