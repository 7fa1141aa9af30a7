//! Servers that return from their data directories alone.

use super::eureka::Instance;
use super::kills::Kills;
use super::patience::until;
use super::places::Places;
use super::server::Told;
use super::stage::Cluster;

#[test]
fn a_cluster_that_was_killed_whole_finds_itself_again_without_seeds() {
    let Some(mut cluster) = Cluster::of(3) else {
        return;
    };
    let places = Places::new("returns");
    places.furnish(&mut cluster, "1h");
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

#[test]
fn what_was_registered_and_overridden_outlives_the_death_of_all_at_any_moment() {
    let Some(mut kills) = Kills::begin("kills", 9) else {
        return;
    };
    let rounds = [(); 3].map(|()| kills.round());
    let last = rounds.last().expect("there were three");
    assert!(last.back > 0 && last.overridden > 0, "{rounds:?}");
}
