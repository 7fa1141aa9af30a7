//! What grows with the number of instances, and what must not.

use std::time::Duration;

use rustix::process::Signal;

use crate::Scale;
use crate::http::Connection;
use crate::load::{lasting, register};
use crate::measure::{await_all, instances, resident, short};
use crate::patience::{now, pass, until};
use crate::stage::Cluster;
use crate::table::Row;

/// For so long bytes are counted.
const COUNTED: Duration = Duration::from_secs(15);
/// Until a cluster that was just written to is quiet again.
const QUIET: Duration = Duration::from_secs(12);

pub(crate) fn join(scale: Scale) -> Vec<Row> {
    let count = scale.of(10_000, 100_000);
    let Some(mut cluster) = Cluster::formed(3) else {
        return Vec::new();
    };
    cluster.kill(2);
    register(
        &lasting("JOINED", count),
        &[cluster.http(0), cluster.http(1)],
    );
    until("both have all", || {
        [0, 1]
            .iter()
            .all(|server| instances(cluster.http(*server)) == count)
    });
    let began = now();
    cluster.start(2);
    cluster.await_ready(&[2]);
    let took = began.elapsed();
    assert_eq!(instances(cluster.http(2)), count, "who is ready has all");
    vec![Row {
        what: format!("a peer joins {} k instances: ready after", count / 1000),
        target: "<= 1 s (1 M: 10 s)",
        java: "19-33 s, and not always whole",
        ours: short(took),
        met: Some(took <= Duration::from_secs(1)),
    }]
}

pub(crate) fn idle(scale: Scale) -> Vec<Row> {
    let counts = [0, 10_000, 100_000].into_iter().take(scale.of(2, 3));
    let mut first = None;
    let rows = counts.filter_map(|count| {
        let sent = idle_with(count)?;
        let before = *first.get_or_insert(sent);
        Some(Row {
            what: format!("sent per peer, idle with {} k instances, N=3", count / 1000),
            target: "<= 1 KB/s, does not grow",
            java: if count == 0 {
                "0.3-0.7 KB/s, and 496 B per beat"
            } else {
                ""
            },
            ours: format!("{sent:.0} B/s with headers"),
            met: Some(sent <= 1024.0 && sent <= before * 1.2),
        })
    });
    rows.collect()
}

fn idle_with(count: usize) -> Option<f64> {
    let cluster = Cluster::formed(3)?;
    let servers: Vec<_> = cluster
        .all()
        .into_iter()
        .map(|server| cluster.http(server))
        .collect();
    if count > 0 {
        register(&lasting("IDLE", count), &servers);
    }
    await_all(&cluster, count);
    pass(QUIET);
    let (began, before) = (now(), cluster.links.carried());
    pass(COUNTED);
    let carried = u32::try_from(cluster.links.carried() - before).expect("it is idle");
    Some(f64::from(carried) / began.elapsed().as_secs_f64() / 3.0)
}

pub(crate) fn deaf(scale: Scale) -> Vec<Row> {
    let writes = scale.of(20_000, 200_000);
    let Some([hearing, deaf]) = written(writes, false)
        .zip(written(writes, true))
        .map(|(a, b)| [a, b])
    else {
        return Vec::new();
    };
    vec![Row {
        what: format!(
            "memory of a writer, {} k writes, one peer reads nothing",
            writes / 1000
        ),
        target: "about 1 MiB per deaf peer",
        java: "",
        ours: format!("+{deaf:.1} MiB, where all read +{hearing:.1} MiB"),
        met: Some(deaf <= hearing + 8.0),
    }]
}

/// How much a server's memory grows at most by so many writes to the same instances.
fn written(writes: usize, deaf: bool) -> Option<f64> {
    let cluster = Cluster::formed(3)?;
    let all = lasting("WRITTEN", 1000);
    register(&all, &[cluster.http(0)]);
    cluster.await_each("all have all", &cluster.all(), |list| {
        list.len() == all.len()
    });
    let process = cluster.server(0).process_id();
    let before = resident(process);
    if deaf {
        cluster.server(2).signal(Signal::STOP);
    }
    let mut connection = Connection::open(cluster.http(0)).expect("the server is reached");
    let mut most = before;
    for number in 0..writes {
        let path = format!(
            "{}/metadata?number={number}",
            all[number % all.len()].path()
        );
        assert!(
            connection
                .ask("PUT", &path, "")
                .expect("the server answers")
                .ok()
        );
        if number % 500 == 0 {
            most = most.max(resident(process));
        }
    }
    if deaf {
        cluster.server(2).signal(Signal::CONT);
    }
    Some(most - before)
}
