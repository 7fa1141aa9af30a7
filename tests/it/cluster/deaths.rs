//! Servers that stop, die and come back.

use std::net::SocketAddr;
use std::time::Duration;

use super::clients::{assert_unbroken, crowd, instances, watch};
use super::eureka::Instance;
use super::patience::pass;
use super::stage::Cluster;

/// What must survive a kill was acknowledged so long before it.
const ACKNOWLEDGED: Duration = Duration::from_millis(50);

/// Clients that begin at this server and know all others.
fn moving(cluster: &Cluster, home: usize, count: usize) -> Vec<(Instance, Vec<SocketAddr>)> {
    let mut servers: Vec<_> = cluster.addresses();
    servers.rotate_left(home);
    let client = |number| {
        (
            Instance::brief(&format!("MOVING-{home}"), number),
            servers.clone(),
        )
    };
    (0..count).map(client).collect()
}

#[test]
fn servers_that_stop_and_return_in_turn_take_nobody_with_them() {
    let Some(mut cluster) = Cluster::formed(3) else {
        return;
    };
    let clients: Vec<_> = cluster
        .all()
        .into_iter()
        .flat_map(|home| moving(&cluster, home, 5))
        .collect();
    let instances = instances(&clients);
    let known: Vec<_> = instances.iter().collect();
    let crowd = crowd(clients);
    cluster.await_shown(&known, &cluster.all());
    let watch = watch(cluster.addresses(), &known);
    for server in cluster.all() {
        cluster.stop(server);
        crowd.await_rounds(2);
        cluster.start(server);
        cluster.await_ready(&[server]);
    }
    for server in cluster.all() {
        cluster.kill(server);
        crowd.await_rounds(2);
        cluster.start(server);
        cluster.await_ready(&[server]);
    }
    crowd.await_rounds(6);
    assert_unbroken(watch);
    assert_eq!(crowd.end(), Vec::<String>::new());
    assert_eq!(cluster.await_equal(&cluster.all()).len(), instances.len());
}

#[test]
fn the_death_of_an_owner_loses_nothing_it_has_acknowledged() {
    let Some(mut cluster) = Cluster::formed(3) else {
        return;
    };
    let clients = moving(&cluster, 0, 30);
    let instances = instances(&clients);
    let known: Vec<_> = instances.iter().collect();
    let crowd = crowd(clients);
    cluster.await_shown(&known, &cluster.all());
    let others = [1, 2];
    let watch = watch(others.map(|server| cluster.http(server)).into(), &known);
    let fresh: Vec<_> = (0..20)
        .map(|number| Instance::new("FRESH", number))
        .collect();
    for instance in &fresh {
        assert!(instance.register(cluster.http(0)).unwrap().ok());
    }
    pass(ACKNOWLEDGED);
    cluster.kill(0);
    let shown = others.map(|server| cluster.server(server).list().unwrap());
    for (list, instance) in shown
        .iter()
        .flat_map(|list| fresh.iter().map(move |fresh| (list, fresh)))
    {
        assert!(list.contains_key(&instance.id), "{} is lost", instance.id);
    }
    // Three leases.
    crowd.await_rounds(16);
    assert_unbroken(watch);
    assert_eq!(crowd.end(), Vec::<String>::new());
    let fresh: Vec<_> = fresh.iter().collect();
    cluster.await_shown(&fresh, &others);
}

#[test]
fn a_client_that_dies_is_gone_from_all_when_its_lease_ends() {
    let Some(cluster) = Cluster::formed(3) else {
        return;
    };
    // Enough who live, so that one death is nothing to be protected from.
    let crowd = crowd(moving(&cluster, 0, 30));
    let dead = Instance::brief("DEAD", 1);
    assert!(dead.register(cluster.http(0)).unwrap().ok());
    cluster.await_shown(&[&dead], &cluster.all());
    cluster.await_gone(&[&dead], &cluster.all());
    assert_eq!(cluster.await_equal(&cluster.all()).len(), 30);
    assert_eq!(crowd.end(), Vec::<String>::new());
}
