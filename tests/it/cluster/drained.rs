//! Drains as every server tells of them: how far they have come, and what becomes of them without the server that was
//! asked.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::eureka::Instance;
use super::explained::{act, get, silent};
use super::patience::until;
use super::stage::Cluster;

/// What a server tells of a drain, if it knows it.
fn drain(at: SocketAddr, id: &Value) -> Value {
    get(at, &format!("/drains/{id}"))
}

fn begin(at: SocketAddr, instance: &Instance) -> Value {
    let body = json!({"app": instance.app, "id": instance.id, "by": "ann", "reason": "new kernel"});
    act(at, "POST", "/drain", &body)
}

/// Waits until a server says that a drain is done, while its clients read from every server that is there.
fn await_done(cluster: &Cluster, servers: &[usize], at: SocketAddr, id: &Value) {
    until("every reader has read it", || {
        servers
            .iter()
            .for_each(|server| drop(cluster.server(*server).list()));
        drain(at, id)["state"] == "drained"
    });
    let fetched = drain(at, id)["fetched_since"].clone();
    assert!(
        fetched["clients"].as_u64() >= Some(servers.len() as u64),
        "{fetched}"
    );
    assert_eq!(fetched["clients"], fetched["fetched"]);
}

#[test]
fn a_drain_is_followed_to_every_peer() {
    let Some(cluster) = Cluster::formed(3) else {
        return;
    };
    let instances: Vec<_> = (0..2).map(|id| silent(&cluster, 0, id, 90)).collect();
    cluster.await_shown(&instances.iter().collect::<Vec<_>>(), &cluster.all());
    cluster.links.part(&[2], &[0, 1]);
    let at = cluster.http(0);
    let begun = begin(at, &instances[0]);
    let id = &begun["id"];
    assert_eq!(begun["safe_to_stop"], false);
    until(
        "one peer knows, and the other is waited for or taken for gone",
        || drain(at, id)["propagated_to"]["shown_by"] == 1,
    );
    cluster.links.mend();
    until("both peers know", || {
        let peers = drain(at, id)["propagated_to"].clone();
        peers["shown_by"] == 2 && peers["waiting_for"] == json!([])
    });
    // Lists that the test reads itself count as clients: they have read since, at every server.
    cluster.await_each("everybody shows it", &cluster.all(), |list| {
        list[&instances[0].id].0 == "OUT_OF_SERVICE"
    });
    await_done(&cluster, &cluster.all(), at, id);
    until("its end is noted", || {
        get(at, "/events?limit=1")["events"][0]["kind"] == "drain_done"
    });
    act(
        at,
        "DELETE",
        &format!("/drains/{id}"),
        &json!({"by": "ann"}),
    );
    cluster.await_each("it serves again", &cluster.all(), |list| {
        list[&instances[0].id].0 == "UP"
    });
}

#[test]
fn a_drain_outlives_the_server_that_was_asked_and_can_be_followed_and_undone_at_others() {
    let Some(mut cluster) = Cluster::formed(3) else {
        return;
    };
    let instances: Vec<_> = (0..2).map(|id| silent(&cluster, 1, id, 90)).collect();
    cluster.await_shown(&instances.iter().collect::<Vec<_>>(), &cluster.all());
    let begun = begin(cluster.http(0), &instances[0]);
    let (id, other) = (&begun["id"], cluster.http(1));
    until("another server tells of it", || {
        drain(other, id)["id"] == *id
    });
    let told = drain(other, id);
    for field in ["server", "by", "reason", "since", "until", "instances"] {
        assert_eq!(told[field], begun[field], "{field}");
    }
    assert_eq!(
        (&begun["query"].is_string(), &told["query"]),
        (&true, &Value::Null)
    );
    cluster.kill(0);
    await_done(&cluster, &[1, 2], other, id);
    let drains = get(cluster.http(2), "/drains")["drains"].clone();
    assert_eq!(drains[0]["server"], "server-0", "{drains}");
    let path = format!("/drains/{id}");
    let undone = act(cluster.http(2), "DELETE", &path, &json!({"by": "bob"}));
    assert_eq!(undone["state"], "ended");
    until("everybody knows that it is over", || {
        drain(other, id)["state"] == "ended"
    });
}
