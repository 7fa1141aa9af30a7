//! What servers say of each other's instances: the codes that take peers, told alike by the API and the command line,
//! and operators' words as they reach everybody.
//!
//! Here: real servers that die and are cut off. Not here: the codes one server alone can come to (`native::explain`).

use std::net::{SocketAddr, ToSocketAddrs as _};

use serde_json::{Value, json};

use super::eureka::Instance;
use super::http::ask;
use super::patience::until;
use super::stage::Cluster;
use crate::command_line::reading::explained_alike;

pub(super) fn get(at: SocketAddr, path: &str) -> Value {
    let answer = ask(at, "GET", &format!("/api/v1{path}"), "").unwrap();
    serde_json::from_slice(&answer.body).unwrap_or_default()
}

pub(super) fn act(at: SocketAddr, method: &str, path: &str, body: &Value) -> Value {
    let answer = ask(at, method, &format!("/api/v1{path}"), &body.to_string()).unwrap();
    let document: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(answer.status, 200, "{path}: {document}");
    document
}

fn explained(at: SocketAddr, instance: &Instance) -> Value {
    get(at, &format!("/explain/{}/{}", instance.app, instance.id))
}

fn await_code(at: SocketAddr, instance: &Instance, code: &str) -> Value {
    until(code, || explained(at, instance)["code"] == code);
    explained(at, instance)
}

/// A registered instance whose lease lasts so long, and whose client never beats.
pub(super) fn silent(cluster: &Cluster, server: usize, id: usize, lease_secs: u32) -> Instance {
    let instance = Instance {
        lease_secs,
        ..Instance::new("SILENT", id)
    };
    assert!(instance.register(cluster.http(server)).unwrap().ok());
    instance
}

/// Waits for a code, and holds what the command line says against what the API says.
fn await_alike(at: SocketAddr, instance: &Instance, code: &str) {
    let name = format!("{}/{}", instance.app, instance.id);
    until(code, || explained_alike(at, &name) == code);
}

#[test]
fn an_instance_is_learned_from_the_server_that_keeps_it_and_orphaned_with_its_death() {
    let Some(mut cluster) = Cluster::formed(3) else {
        return;
    };
    let long: Vec<_> = (0..4).map(|id| silent(&cluster, 0, id, 90)).collect();
    cluster.await_shown(&long.iter().collect::<Vec<_>>(), &cluster.all());
    let other = cluster.http(1);
    let told = await_code(other, &long[0], "learned_from_peer");
    assert!(
        told["sentence"]
            .as_str()
            .unwrap()
            .starts_with("server-0 keeps its lease"),
        "{told}"
    );
    assert_eq!(explained(cluster.http(0), &long[0])["code"], "fresh");
    assert_eq!(get(other, "/instances?query=owner:server-0")["matched"], 4);
    let steps = told["actions"].as_array().unwrap().iter();
    let asks = steps.filter_map(|step| step["cli"].as_str()?.split_once(" --addr "));
    let [(_, keeper)] = *asks.collect::<Vec<_>>() else {
        panic!("{told}");
    };
    let keeper = keeper.trim_matches('\'').strip_prefix("http://").unwrap();
    let keeper = keeper.trim_end_matches('/').to_socket_addrs().unwrap();
    assert_eq!(
        keeper.last().unwrap().port(),
        cluster.http(0).port(),
        "{told}"
    );
    await_alike(other, &long[0], "learned_from_peer");

    let brief: Vec<_> = (10..20).map(|id| silent(&cluster, 0, id, 8)).collect();
    cluster.await_shown(&brief.iter().collect::<Vec<_>>(), &cluster.all());
    cluster.kill(0);
    let told = await_code(other, &long[0], "orphan_awaiting_adoption");
    assert!(told["next"]["at"].is_string(), "{told}");
    // Adopted by the server its client turns to.
    assert!(long[0].beat(other).unwrap().ok());
    await_code(other, &long[0], "fresh");
    // Too many to be dead: they are kept in doubt once their own leases have passed.
    let told = await_code(other, &brief[0], "orphan_kept");
    assert!(
        told["sentence"]
            .as_str()
            .unwrap()
            .contains("more than clients that live would leave"),
        "{told}"
    );
    await_alike(other, &brief[0], "orphan_kept");
    await_alike(other, &long[1], "orphan_awaiting_adoption");
    let row = get(
        other,
        &format!("/instances/{}/{}", brief[0].app, brief[0].id),
    );
    assert_eq!(
        (&row["code"], &row["lease"]["state"]),
        (&json!("orphan_kept"), &json!("over"))
    );
}

#[test]
fn a_server_that_is_cut_off_says_that_it_protects_for_that() {
    let Some(cluster) = Cluster::formed_with(3, &[("CLUSTER__ISOLATION", "1s")]) else {
        return;
    };
    cluster.links.part(&[0], &[1, 2]);
    until("it knows that it is cut off", || {
        get(cluster.http(0), "/cluster")["isolated_since"].is_string()
    });
    let instance = silent(&cluster, 0, 0, 2);
    let told = await_code(cluster.http(0), &instance, "protected_isolated");
    assert!(told["next"]["at"].is_string(), "{told}");
    await_alike(cluster.http(0), &instance, "protected_isolated");
    let protection = get(cluster.http(0), "/protection");
    let guards = protection["guards"].as_array().unwrap();
    assert!(
        guards.iter().any(|guard| guard["guard"] == "isolation"),
        "{protection}"
    );
    cluster.links.mend();
}

#[test]
fn an_operators_word_is_at_every_server_with_its_reason_and_its_end() {
    let Some(cluster) = Cluster::formed(3) else {
        return;
    };
    let instance = silent(&cluster, 0, 0, 90);
    cluster.await_shown(&[&instance], &cluster.all());
    let key = format!("{}/{}", instance.app, instance.id);
    let body =
        json!({"status": "OUT_OF_SERVICE", "by": "ann", "reason": "new disk", "ttl_ms": 3000});
    act(
        cluster.http(1),
        "PUT",
        &format!("/instances/{key}/override"),
        &body,
    );
    let held =
        |server: usize| get(cluster.http(server), &format!("/instances/{key}"))["override"].clone();
    until("everybody knows who, why and until when", || {
        cluster.all().into_iter().all(|server| {
            let held = held(server);
            held["by"] == "ann"
                && held["reason"] == "new disk"
                && held["until"].is_string()
                && held["set_on"] == "server-1"
        })
    });
    until("it ends by itself everywhere", || {
        cluster
            .all()
            .into_iter()
            .all(|server| held(server).is_null())
    });
    cluster.await_equal(&cluster.all());
    let events = get(cluster.http(2), &format!("/instances/{key}"))["events"].clone();
    let told: Vec<_> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["override_expired", "overridden", "registered"]);
    assert_eq!(
        (&events[1]["actor"], &events[1]["cause"], &events[1]["from"]),
        (&json!("ann"), &json!("replication"), &json!("server-1"))
    );
}
