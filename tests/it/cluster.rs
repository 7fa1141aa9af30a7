//! Clusters of real processes on real sockets, with a broken network between them.
//!
//! Here: what only real processes show: starting, dying, links that are cut. Not here: what the simulated world shows
//! better, in thousands of orders (`simulations`). What must always hold: every test brings its own cluster, on loopback
//! addresses of its own, and all that is waited for is a condition.
//!
//! Before each server's peer port is a stand-in that peers are told of instead. Servers send from the address they
//! listen at, so the stand-in knows who talks to whom, and holds back what the test says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod clients;
mod clocks;
mod cuts;
mod deaths;
mod doors;
mod drained;
mod eureka;
mod explained;
pub(crate) mod http;
mod keys;
#[expect(dead_code, reason = "the benchmark measures by it")]
mod kills;
mod laggards;
#[expect(dead_code, reason = "the benchmark measures by it")]
mod links;
mod net;
mod newer;
pub(crate) mod patience;
mod places;
mod proxy;
mod returns;
#[expect(dead_code, reason = "the benchmark measures by it")]
mod server;
#[expect(dead_code, reason = "the benchmark measures by it")]
mod stage;
mod stalls;
mod starts;
mod strangers;
mod waits;

use std::net::SocketAddr;

use serde_json::Value;

use self::eureka::Instance;
use self::http::ask;
use self::stage::Cluster;

#[test]
fn what_is_registered_on_one_of_five_is_on_all() {
    let Some(cluster) = Cluster::formed(5) else {
        return;
    };
    let instances: Vec<_> = cluster
        .all()
        .into_iter()
        .map(|server| Instance::new("A", server))
        .collect();
    for (server, instance) in instances.iter().enumerate() {
        assert_eq!(instance.register(cluster.http(server)).unwrap().status, 204);
    }
    cluster.await_shown(&instances.iter().collect::<Vec<_>>(), &cluster.all());

    // Each word is said to another server than the registration was.
    assert!(
        instances[0]
            .override_by(cluster.http(1), "OUT_OF_SERVICE")
            .unwrap()
            .ok()
    );
    assert!(
        instances[1]
            .tell(cluster.http(2), "colour", "red")
            .unwrap()
            .ok()
    );
    assert!(instances[2].cancel(cluster.http(3)).unwrap().ok());
    cluster.await_gone(&[&instances[2]], &cluster.all());
    cluster.await_each(
        "an override and metadata are everywhere",
        &cluster.all(),
        |list| {
            let (status, overridden, _) = &list[&instances[0].id];
            let told = list[&instances[1].id].2.get("colour");
            status == "OUT_OF_SERVICE"
                && overridden == "OUT_OF_SERVICE"
                && told.is_some_and(|colour| colour == "red")
        },
    );
    assert_eq!(cluster.await_equal(&cluster.all()).len(), 4);
    for server in cluster.all() {
        assert_eq!(replicas(cluster.http(server), "registered"), 4);
        assert_eq!(replicas(cluster.http(server), "available"), 4);
    }
}

/// How many servers Eureka's status page lists.
fn replicas(server: SocketAddr, which: &str) -> usize {
    let page = ask(server, "GET", "/eureka/status", "").unwrap().body;
    let page: Value = serde_json::from_slice(&page).unwrap();
    let listed = &page["applicationStats"][format!("{which}-replicas")];
    listed.as_str().unwrap().matches("/eureka/").count()
}
