//! Links that are cut, and what becomes of both sides.

use std::time::Duration;

use super::clients::{assert_unbroken, crowd, instances, watch};
use super::eureka::Instance;
use super::links::Rule;
use super::patience::{until, within};
use super::stage::Cluster;

/// Rounds of beats, each of a second: twice a brief lease, so that what is not renewed across a cut would end.
const TWO_LEASES: usize = 11;

/// Clients that beat at each server, with no other to go to.
fn rooted(cluster: &Cluster, each: usize) -> Vec<(Instance, Vec<std::net::SocketAddr>)> {
    let servers = cluster.all().into_iter();
    let clients = servers.flat_map(|server| {
        let client = move |number| {
            (
                Instance::brief(&format!("ROOTED-{server}"), number),
                vec![cluster.http(server)],
            )
        };
        (0..each).map(client)
    });
    clients.collect()
}

#[test]
fn a_cut_between_two_is_bridged_by_the_third_and_removes_nobody() {
    let Some(cluster) = Cluster::formed(3) else {
        return;
    };
    let clients = rooted(&cluster, 4);
    let instances = instances(&clients);
    let known: Vec<_> = instances.iter().collect();
    let crowd = crowd(clients);
    cluster.await_shown(&known, &cluster.all());
    let watch = watch(cluster.addresses(), &known);

    cluster.links.between(0, 1, Rule::CUT);
    for (number, [here, there]) in [[0, 1], [1, 0]].into_iter().enumerate() {
        let new = Instance::new("NEW", number);
        assert!(new.register(cluster.http(here)).unwrap().ok());
        cluster.await_shown(&[&new], &[there]);
    }
    crowd.await_rounds(TWO_LEASES);
    cluster.links.mend();
    // One way only is as good as none, and another way is found as well.
    cluster.links.set(0, 1, Rule::CUT);
    let new = Instance::new("NEW", "one-way");
    assert!(new.register(cluster.http(0)).unwrap().ok());
    cluster.await_shown(&[&new], &[1]);
    cluster.links.mend();
    cluster.await_equal(&cluster.all());
    assert_unbroken(watch);
    assert_eq!(crowd.end(), Vec::<String>::new());
}

#[test]
fn both_sides_of_a_partition_go_on_and_are_equal_afterwards_by_the_newest_word() {
    let Some(cluster) = Cluster::formed(3) else {
        return;
    };
    let clients = rooted(&cluster, 4);
    let instances = instances(&clients);
    let known: Vec<_> = instances.iter().collect();
    let crowd = crowd(clients);
    let [contested, theirs, leaving] =
        ["contested", "theirs", "leaving"].map(|id| Instance::new("KEPT", id));
    for instance in [&contested, &theirs, &leaving] {
        assert!(instance.register(cluster.http(0)).unwrap().ok());
    }
    cluster.await_shown(&[&contested, &theirs, &leaving], &cluster.all());
    cluster.await_shown(&known, &cluster.all());
    let watch = watch(cluster.addresses(), &known);

    cluster.links.part(&[0], &[1, 2]);
    let [here, there] = [cluster.http(0), cluster.http(1)];
    let [mine, other] = ["mine", "other"].map(|id| Instance::new("NEW", id));
    assert!(mine.register(here).unwrap().ok());
    assert!(other.register(there).unwrap().ok());
    assert!(contested.override_by(here, "OUT_OF_SERVICE").unwrap().ok());
    assert!(theirs.override_by(there, "OUT_OF_SERVICE").unwrap().ok());
    assert!(leaving.cancel(there).unwrap().ok());
    // Twice a lease: both sides take each other for lost meanwhile, and keep what they cannot hear.
    crowd.await_rounds(TWO_LEASES);
    assert!(contested.override_by(there, "DOWN").unwrap().ok());
    assert!(
        !cluster.server(1).list().unwrap().contains_key(&mine.id),
        "the cut holds"
    );

    cluster.links.mend();
    let took = until("the newest word holds everywhere", || {
        let settled = |server: &usize| {
            cluster.server(*server).list().is_some_and(|list| {
                let status = |instance: &Instance| {
                    list.get(&instance.id).map(|(status, ..)| status.as_str())
                };
                status(&contested) == Some("DOWN")
                    && status(&theirs) == Some("OUT_OF_SERVICE")
                    && [&mine, &other]
                        .iter()
                        .all(|instance| list.contains_key(&instance.id))
                    && !list.contains_key(&leaving.id)
            })
        };
        cluster.all().iter().all(settled)
    });
    eprintln!("healed in {took:?}");
    cluster.await_equal(&cluster.all());
    assert_unbroken(watch);
    assert_eq!(crowd.end(), Vec::<String>::new());
}

#[test]
fn what_was_cancelled_while_a_server_was_away_stays_gone() {
    let Some(mut cluster) = Cluster::formed(3) else {
        return;
    };
    let [kept, gone] = ["kept", "gone"].map(|id| Instance::new("A", id));
    for instance in [&kept, &gone] {
        assert!(instance.register(cluster.http(2)).unwrap().ok());
    }
    cluster.await_shown(&[&kept, &gone], &cluster.all());
    cluster.links.part(&[2], &[0, 1]);
    assert!(gone.cancel(cluster.http(0)).unwrap().ok());
    cluster.await_gone(&[&gone], &[0, 1]);
    assert!(cluster.server(2).list().unwrap().contains_key(&gone.id));
    cluster.links.mend();
    cluster.await_gone(&[&gone], &cluster.all());
    cluster.kill(2);
    cluster.start(2);
    cluster.await_ready(&[2]);
    let back = within(Duration::from_secs(3), || {
        let shows = |server: usize| {
            cluster
                .server(server)
                .list()
                .is_some_and(|list| list.contains_key(&gone.id))
        };
        cluster.all().into_iter().any(shows)
    });
    assert!(!back, "it came back");
    assert_eq!(
        cluster
            .await_equal(&cluster.all())
            .into_keys()
            .collect::<Vec<_>>(),
        [kept.id]
    );
}
