//! Servers that start, alone and all at once.

use std::net::SocketAddr;

use super::clients::{assert_unbroken, crowd, instances, watch};
use super::eureka::Instance;
use super::http::Connection;
use super::patience::until;
use super::stage::Cluster;

/// Registers many, on one connection.
fn register_all(instances: &[Instance], at: SocketAddr) {
    let mut connection = Connection::open(at).unwrap();
    for instance in instances {
        let path = format!("/eureka/apps/{}", instance.app);
        assert!(
            connection
                .ask("POST", &path, &instance.body())
                .unwrap()
                .ok()
        );
    }
}

#[test]
fn a_fresh_peer_answers_with_the_whole_list_or_none() {
    let Some(mut cluster) = Cluster::of(3) else {
        return;
    };
    cluster.form();
    cluster.kill(2);
    let instances: Vec<_> = (0..3000)
        .map(|number| Instance::new("MANY", number))
        .collect();
    let (one, other) = instances.split_at(1500);
    register_all(one, cluster.http(0));
    register_all(other, cluster.http(1));
    cluster.await_each("all are at both", &[0, 1], |list| {
        list.len() == instances.len()
    });
    let known: Vec<_> = instances.iter().collect();
    for _ in 0..3 {
        let watch = watch(vec![cluster.http(2)], &known);
        cluster.start(2);
        cluster.await_ready(&[2]);
        watch.await_rounds(3);
        assert_unbroken(watch);
        cluster.kill(2);
    }
}

#[test]
fn servers_that_all_start_at_once_are_whole_before_they_show_lists() {
    let Some(mut cluster) = Cluster::formed(3) else {
        return;
    };
    let mut servers: Vec<_> = cluster.addresses();
    let clients = (0..30).map(|number| {
        servers.rotate_left(1);
        (
            Instance {
                lease_secs: 20,
                ..Instance::brief("COLD", number)
            },
            servers.clone(),
        )
    });
    let clients: Vec<_> = clients.collect();
    let instances = instances(&clients);
    let known: Vec<_> = instances.iter().collect();
    let crowd = crowd(clients);
    cluster.await_shown(&known, &cluster.all());
    let watch = watch(servers, &known);
    cluster
        .all()
        .into_iter()
        .for_each(|server| cluster.kill(server));
    cluster
        .all()
        .into_iter()
        .for_each(|server| cluster.start(server));
    cluster.await_ready(&cluster.all());
    cluster.await_shown(&known, &cluster.all());
    watch.await_rounds(5);
    assert_unbroken(watch);
    cluster.await_equal(&cluster.all());
    crowd.end();
}

#[test]
fn a_seed_that_does_not_resolve_is_tried_while_another_serves() {
    let Some(mut cluster) = Cluster::of(2) else {
        return;
    };
    let seeds = [
        "nobody.invalid:8764".to_owned(),
        "dns:nobody.invalid".to_owned(),
    ];
    let mut told = cluster.told(0);
    told.join.extend(seeds);
    cluster.start_as(0, &told);
    until("the seeds that fail are named", || {
        cluster.server(0).says(&["nobody.invalid"]) >= 2
    });
    until("a server whose seeds fail goes on alone", || {
        cluster.server(0).ready()
    });
    cluster.start(1);
    cluster.await_ready(&[1]);
    let instance = Instance::new("A", 1);
    assert!(instance.register(cluster.http(0)).unwrap().ok());
    cluster.await_shown(&[&instance], &[0, 1]);
    let lines = cluster.server(0).says(&["nobody.invalid"]);
    assert!(lines <= 4, "told once per change, not {lines} times");
}
