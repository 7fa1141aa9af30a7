//! How soon one change is at all peers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::Scale;
use crate::eureka::Instance;
use crate::http::Connection;
use crate::links::Rule;
use crate::load::{lasting, paced, register};
use crate::measure::Spread;
use crate::patience::{PATIENCE, now};
use crate::stage::Cluster;
use crate::table::Row;

const JAVA: &str = "590/1720 ms (p50/p99)";
/// Writes a second, over all servers.
const WRITES: u32 = 1000;

pub(crate) fn idle(scale: Scale) -> Vec<Row> {
    let sizes = [3, 5, 10].into_iter();
    let rows = sizes.filter_map(|size| {
        let cluster = direct(size)?;
        let spread = Spread::of(samples(
            &cluster,
            &cluster.all(),
            &cluster.all(),
            scale.of(200, 1000),
        ));
        Some(Row {
            what: format!("one change at all peers, N={size}, idle"),
            target: "p50 <= 2 ms, p99 <= 10 ms",
            java: if size == 3 { JAVA } else { "" },
            ours: spread.to_string(),
            met: Some(
                spread.p50 <= Duration::from_millis(2) && spread.p99 <= Duration::from_millis(10),
            ),
        })
    });
    rows.collect()
}

pub(crate) fn under_writes(scale: Scale) -> Vec<Row> {
    let sizes = [3, 5, 10].into_iter();
    let rows = sizes.filter_map(|size| {
        let cluster = direct(size)?;
        let (samples, made, took) = while_writing(&cluster, scale.of(200, 1000));
        let spread = Spread::of(samples);
        Some(Row {
            what: format!(
                "one change at all peers, N={size}, {:.0} writes/s",
                made / took.as_secs_f64()
            ),
            target: "p99 <= 50 ms",
            java: "",
            ours: spread.to_string(),
            met: Some(spread.p99 <= Duration::from_millis(50)),
        })
    });
    rows.collect()
}

pub(crate) fn across_a_cut(scale: Scale) -> Vec<Row> {
    let Some(cluster) = Cluster::formed(3) else {
        return Vec::new();
    };
    cluster.links.between(0, 1, Rule::CUT);
    let spread = Spread::of(samples(&cluster, &[0], &[1], scale.of(100, 400)));
    vec![Row {
        what: "one change at a peer behind a cut link, N=3".to_owned(),
        target: "p99 <= 300 ms",
        java: "never (0 of 5)",
        ours: spread.to_string(),
        met: Some(spread.p99 <= Duration::from_millis(300)),
    }]
}

/// A cluster without stand-ins.
fn direct(size: usize) -> Option<Cluster> {
    let mut cluster = Cluster::of(size)?;
    cluster.go_direct();
    cluster.form();
    Some(cluster)
}

fn while_writing(cluster: &Cluster, count: usize) -> (Vec<Duration>, f64, Duration) {
    let instances = lasting("WRITTEN", 1000);
    register(&instances, &[cluster.http(0)]);
    let over = AtomicBool::new(false);
    let began = now();
    thread::scope(|scope| {
        let writing = scope.spawn(|| write(cluster, &instances, &over));
        let samples = samples(cluster, &cluster.all(), &cluster.all(), count);
        over.store(true, Ordering::Relaxed);
        let made = writing.join().expect("writes are taken");
        (samples, made, began.elapsed())
    })
}

fn write(cluster: &Cluster, instances: &[Instance], over: &AtomicBool) -> f64 {
    let open = |server| Connection::open(cluster.http(server)).expect("the server is reached");
    let mut connections: Vec<_> = cluster.all().into_iter().map(open).collect();
    let made = paced(WRITES, over, |number| {
        let number = usize::try_from(number).expect("it is small");
        let at = number % connections.len();
        let path = format!(
            "{}/metadata?number={number}",
            instances[number % instances.len()].path()
        );
        let answer = connections[at]
            .ask("PUT", &path, "")
            .expect("the server answers");
        assert!(answer.ok(), "{}", answer.status);
    });
    #[expect(
        clippy::cast_precision_loss,
        reason = "a benchmark does not run for years"
    )]
    let made = made as f64;
    made
}

/// Registers at one server after another, and takes the time from the acknowledgement until each of those who are to
/// show it does, by a read of the single instance.
fn samples(cluster: &Cluster, from: &[usize], to: &[usize], count: usize) -> Vec<Duration> {
    let open =
        |server: usize| Connection::open(cluster.http(server)).expect("the server is reached");
    let mut connections: Vec<_> = cluster.all().into_iter().map(open).collect();
    let samples = (0..count).map(|number| {
        let (instance, at) = (Instance::new("SAMPLE", number), from[number % from.len()]);
        let answer = connections[at].ask("POST", "/eureka/apps/SAMPLE", &instance.body());
        assert!(answer.expect("the server answers").ok());
        let began = now();
        for server in to {
            while connections[*server]
                .ask("GET", &instance.path(), "")
                .expect("the server answers")
                .status
                != 200
            {
                assert!(began.elapsed() < PATIENCE, "{} never came", instance.id);
            }
        }
        began.elapsed()
    });
    samples.collect()
}
