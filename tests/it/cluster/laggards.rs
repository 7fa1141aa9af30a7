//! Bad days with peers and clients that lag or hurry: the log says so, and nobody else waits for them.

use std::time::Duration;

use rustix::process::Signal;

use super::clients::{assert_unbroken, crowd, instances, watch};
use super::eureka::Instance;
use super::http::Connection;
use super::links::Rule;
use super::patience::{now, pass, until};
use super::stage::Cluster;

#[test]
fn where_only_one_protocol_passes_the_log_names_the_other_and_all_goes_on() {
    let Some(cluster) = Cluster::formed(3) else {
        return;
    };
    cluster.links.between(0, 1, Rule::NO_STREAMS);
    for other in [0, 1] {
        cluster.links.between(other, 2, Rule::NO_DATAGRAMS);
    }
    let instances: Vec<_> = cluster
        .all()
        .into_iter()
        .map(|server| Instance::new("A", server))
        .collect();
    for (server, instance) in instances.iter().enumerate() {
        assert!(instance.register(cluster.http(server)).unwrap().ok());
    }
    cluster.await_shown(&instances.iter().collect::<Vec<_>>(), &cluster.all());
    for [here, there] in [[0, 1], [1, 0], [0, 2], [2, 0], [1, 2], [2, 1]] {
        let name = format!("server-{there}");
        until("each names whom one protocol does not reach", || {
            cluster.server(here).says(&["blocked", &name]) > 0
        });
    }
    cluster.links.mend();
    cluster.await_equal(&cluster.all());
}

#[test]
fn a_peer_with_one_hundredth_of_the_bandwidth_delays_nobody_else() {
    const BYTES_PER_SECOND: u32 = 100_000;
    let Some(cluster) = Cluster::formed(3) else {
        return;
    };
    for other in [0, 1] {
        cluster
            .links
            .between(other, 2, Rule::slow(BYTES_PER_SECOND));
    }
    let many: Vec<_> = (0..1500)
        .map(|number| Instance::new("MANY", number))
        .collect();
    let mut connection = Connection::open(cluster.http(0)).unwrap();
    for (number, instance) in many.iter().enumerate() {
        assert!(
            connection
                .ask("POST", "/eureka/apps/MANY", &instance.body())
                .unwrap()
                .ok()
        );
        if number % 300 == 299 {
            let began = now();
            cluster.await_shown(&[instance], &[1]);
            let took = began.elapsed();
            assert!(
                took < Duration::from_secs(3),
                "the healthy peer waited {took:?}"
            );
        }
    }
    assert_eq!(cluster.await_equal(&cluster.all()).len(), many.len());
}

#[test]
fn a_peer_that_stands_still_delays_nobody_and_catches_up() {
    let Some(cluster) = Cluster::formed(3) else {
        return;
    };
    let servers = cluster.addresses();
    let clients = (0..12).map(|number| {
        let mut servers = servers.clone();
        servers.rotate_left(number % 3);
        (Instance::brief("MOVING", number), servers)
    });
    let clients: Vec<_> = clients.collect();
    let instances = instances(&clients);
    let known: Vec<_> = instances.iter().collect();
    let crowd = crowd(clients);
    cluster.await_shown(&known, &cluster.all());
    let watch = watch(servers[..2].to_vec(), &known);
    cluster.server(2).signal(Signal::STOP);
    for number in 0..40 {
        let new = Instance::new("NEW", number);
        assert!(new.register(cluster.http(0)).unwrap().ok());
        cluster.await_shown(&[&new], &[1]);
    }
    crowd.await_rounds(8);
    cluster.server(2).signal(Signal::CONT);
    let took = until("it catches up", || {
        cluster.server(2).list().is_some_and(|list| {
            list.len() == 52 && known.iter().all(|it| list.contains_key(&it.id))
        })
    });
    eprintln!("caught up in {took:?}");
    crowd.await_rounds(3);
    cluster.await_equal(&cluster.all());
    assert_unbroken(watch);
    assert_eq!(crowd.end(), Vec::<String>::new());
}

#[test]
fn a_client_that_beats_all_the_time_keeps_no_one_waiting() {
    let Some(cluster) = Cluster::formed(3) else {
        return;
    };
    let eager = Instance::new("EAGER", 1);
    assert!(eager.register(cluster.http(1)).unwrap().ok());
    cluster.await_shown(&[&eager], &cluster.all());
    let mut connection = Connection::open(cluster.http(0)).unwrap();
    // Fifty beats a second at a server that does not own the lease, and a registration with every tenth.
    for number in 0..150 {
        let began = now();
        assert_eq!(
            connection.ask("PUT", &eager.path(), "").unwrap().status,
            200
        );
        if number % 10 == 0 {
            let new = Instance::new("NEW", number);
            assert!(new.register(cluster.http(0)).unwrap().ok());
            cluster.await_shown(&[&new], &cluster.all());
        }
        pass(Duration::from_millis(20).saturating_sub(began.elapsed()));
    }
    assert_eq!(cluster.await_equal(&cluster.all()).len(), 16);
}
