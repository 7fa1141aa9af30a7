//! Many clients at once: registering, beating, writing.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use crate::Scale;
use crate::eureka::Instance;
use crate::http::Connection;
use crate::measure::cpu;
use crate::patience::{now, pass};
use crate::stage::Cluster;
use crate::table::Row;

/// Connections at a time to one server.
const CONNECTIONS: usize = 2;
/// Clients beat this often.
const INTERVAL_SECS: u32 = 30;
/// For so long processor time is counted.
const COUNTED: Duration = Duration::from_secs(12);

/// Instances whose leases outlast every measurement.
pub(crate) fn lasting(app: &str, count: usize) -> Vec<Instance> {
    let lasting = |number| Instance {
        lease_secs: 3600,
        ..Instance::new(app, number)
    };
    (0..count).map(lasting).collect()
}

/// Registers many, each part of them at its server.
pub(crate) fn register(instances: &[Instance], servers: &[SocketAddr]) {
    let parts = servers.len() * CONNECTIONS;
    thread::scope(|scope| {
        for (number, part) in instances
            .chunks(instances.len().div_ceil(parts).max(1))
            .enumerate()
        {
            let server = servers[number / CONNECTIONS % servers.len()];
            scope.spawn(move || {
                each(part, server, |connection, instance| {
                    connection.ask(
                        "POST",
                        &format!("/eureka/apps/{}", instance.app),
                        &instance.body(),
                    )
                })
            });
        }
    });
}

fn each(
    instances: &[Instance],
    server: SocketAddr,
    call: impl Fn(&mut Connection, &Instance) -> std::io::Result<crate::http::Answer>,
) {
    let mut connection = Connection::open(server).expect("the server is reached");
    for instance in instances {
        let answer = call(&mut connection, instance).expect("the server answers");
        assert!(answer.ok(), "{} {}", answer.status, instance.id);
    }
}

/// Calls at a steady pace from one thread, each at its time, until it is over. Answers how many were made.
pub(crate) fn paced(rate: u32, over: &AtomicBool, mut call: impl FnMut(u64)) -> u64 {
    let (began, mut made) = (now(), 0);
    while !over.load(Ordering::Relaxed) {
        call(made);
        made += 1;
        let due = Duration::from_micros(made * 1_000_000 / u64::from(rate));
        pass(due.saturating_sub(began.elapsed()));
    }
    made
}

/// Processor time per server while so many instances beat, spread evenly over one, three and five servers. Beside each
/// cluster stand as many servers that know nothing of each other and hear the same beats: what they spend is what beats cost
/// on this machine, on which servers and clients take each other's caches.
pub(crate) fn beats(scale: Scale) -> Vec<Row> {
    let mut rows = Vec::new();
    for count in [10_000, 100_000].into_iter().take(scale.of(1, 2)) {
        for size in [1, 3, 5] {
            let (Some(strangers), Some(peers)) =
                (beating(size, count, false), beating(size, count, true))
            else {
                return rows;
            };
            rows.push(row(size, count, strangers, peers));
        }
    }
    rows
}

fn row(size: usize, count: usize, strangers: Share, peers: Share) -> Row {
    let [fair, beats] = [strangers, peers].map(|share| share.all - share.idle);
    let measured_of_java = size == 3 && count == 10_000;
    Row {
        what: format!(
            "CPU per server, {} k instances beating, N={size}",
            count / 1000
        ),
        target: "as strangers with 1/N of the beats",
        java: if measured_of_java {
            "1 k: 9-10 %, idle 6-7 %, 12 KB/s"
        } else {
            ""
        },
        ours: format!(
            "beats {beats:.2} %, of strangers {fair:.2} %, with idle {:.2} %; {:+.0} B/s between all",
            peers.all, peers.sent
        ),
        // A tenth of a percent of a core is below what can be told apart.
        met: (size > 1).then_some(beats <= fair * 1.3 + 0.1),
    }
}

/// Percents of a core.
#[derive(Clone, Copy)]
struct Share {
    all: f64,
    idle: f64,
    /// How many bytes more all servers together sent to each other in a second of beats than in one without.
    sent: f64,
}

fn beating(size: usize, count: usize, peers: bool) -> Option<Share> {
    let mut cluster = Cluster::of(size)?;
    let cores = thread::available_parallelism().map_or(1, usize::from);
    for server in cluster.all() {
        cluster.precede(server, &["taskset", "-c", &(server % cores).to_string()]);
    }
    if peers {
        cluster.form();
    } else {
        cluster.form_apart();
    }
    let servers: Vec<_> = cluster
        .all()
        .into_iter()
        .map(|server| cluster.http(server))
        .collect();
    let instances = lasting("BEATING", count);
    register(&instances, &servers);
    pass(Duration::from_secs(3));
    let carried = || u32::try_from(cluster.links.carried()).expect("little is sent for the living");
    let before = carried();
    let idle = counted(&cluster, || pass(COUNTED));
    let quiet = carried() - before;
    let rate = u32::try_from(count).expect("it is small") / INTERVAL_SECS;
    let part = instances.len().div_ceil(servers.len());
    let failed = AtomicU64::new(0);
    let all = counted(&cluster, || {
        beat_for(COUNTED, &instances, part, &servers, rate, &failed)
    });
    assert_eq!(failed.load(Ordering::Relaxed), 0, "beats are taken");
    let beating = carried() - before - quiet;
    let per_second = |bytes| f64::from(bytes) / COUNTED.as_secs_f64();
    let [quiet, beating] = [quiet, beating].map(per_second);
    let sent = beating - quiet;
    Some(Share { all, idle, sent })
}

/// Beats of all instances at this rate together, each at its own server, over kept connections.
fn beat_for(
    time: Duration,
    instances: &[Instance],
    part: usize,
    servers: &[SocketAddr],
    rate: u32,
    failed: &AtomicU64,
) {
    let over = AtomicBool::new(false);
    let each = rate / u32::try_from(servers.len()).expect("it is small");
    thread::scope(|scope| {
        for (own, server) in instances.chunks(part).zip(servers) {
            let over = &over;
            scope.spawn(move || {
                let mut connection = Connection::open(*server).expect("the server is reached");
                paced(each, over, |number| {
                    let instance = &own[usize::try_from(number).expect("it is small") % own.len()];
                    let answer = connection
                        .ask("PUT", &instance.path(), "")
                        .expect("the server answers");
                    failed.fetch_add(u64::from(!answer.ok()), Ordering::Relaxed);
                });
            });
        }
        pass(time);
        over.store(true, Ordering::Relaxed);
    });
}

/// Percents of a core that each server took on average meanwhile.
fn counted(cluster: &Cluster, run: impl FnOnce()) -> f64 {
    let took = || -> Duration {
        cluster
            .all()
            .into_iter()
            .map(|server| cpu(cluster.server(server).process_id()))
            .sum()
    };
    let (began, before) = (now(), took());
    run();
    let (time, ran) = (began.elapsed(), took() - before);
    #[expect(clippy::cast_precision_loss, reason = "clusters are small")]
    let size = cluster.size() as f64;
    ran.as_secs_f64() / time.as_secs_f64() / size * 100.0
}
