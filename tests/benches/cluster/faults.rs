//! Servers that die, links that heal.

use std::net::SocketAddr;
use std::time::Duration;

use crate::Scale;
use crate::eureka::Instance;
use crate::http::ask;
use crate::load::{lasting, register};
use crate::measure::{Spread, await_all, short};
use crate::patience::{now, until};
use crate::stage::Cluster;
use crate::table::Row;

pub(crate) fn crash(scale: Scale) -> Vec<Row> {
    let rows = [3, 5].into_iter().take(scale.of(1, 2)).filter_map(|size| {
        let mut cluster = Cluster::formed(size)?;
        let samples =
            (0..scale.of(3, 10)).map(|round| crashed(&mut cluster, 1 + round % (size - 1)));
        let spread = Spread::of(samples.collect());
        Some(Row {
            what: format!("crash of an owner known by all, N={size}"),
            target: "p99 <= 8 s",
            java: "",
            ours: spread.to_string(),
            met: Some(spread.p99 <= Duration::from_secs(8)),
        })
    });
    rows.collect()
}

fn crashed(cluster: &mut Cluster, victim: usize) -> Duration {
    let others: Vec<_> = cluster
        .all()
        .into_iter()
        .filter(|server| *server != victim)
        .collect();
    let name = format!("server-{victim}");
    let said = |cluster: &Cluster| -> Vec<usize> {
        others
            .iter()
            .map(|server| cluster.server(*server).says(&["down", &name]))
            .collect()
    };
    let before = said(cluster);
    cluster.kill(victim);
    let took = until("all know of the crash", || {
        said(cluster)
            .iter()
            .zip(&before)
            .all(|(now, before)| now > before)
    });
    cluster.start(victim);
    cluster.await_ready(&[victim]);
    cluster.await_met();
    took
}

pub(crate) fn heal(scale: Scale) -> Vec<Row> {
    let sizes = [10_000, 100_000].into_iter().take(scale.of(1, 2));
    let rows = sizes.filter_map(|changes| {
        let took = healed(changes)?;
        let (target, bound) = match changes {
            10_000 => ("<= 1 s", 1),
            _ => ("<= 2 s", 2),
        };
        Some(Row {
            what: format!(
                "heal of {} k changes after a partition, N=3",
                changes / 1000
            ),
            target,
            java: if changes == 10_000 {
                "1.3 s for 130 (84 s to equal)"
            } else {
                ""
            },
            ours: short(took),
            met: Some(took <= Duration::from_secs(bound)),
        })
    });
    rows.collect()
}

fn shows(server: SocketAddr, instance: &Instance) -> bool {
    ask(server, "GET", &instance.path(), "").is_ok_and(|answer| answer.ok())
}

/// Half of the changes are written on either side of a partition that both sides have noticed.
fn healed(changes: usize) -> Option<Duration> {
    let cluster = Cluster::formed(3)?;
    cluster.links.part(&[0], &[1, 2]);
    let all = lasting("HEALED", changes);
    let (here, there) = all.split_at(changes / 2);
    register(here, &[cluster.http(0)]);
    register(there, &[cluster.http(1)]);
    until("both sides have noticed", || {
        cluster.server(0).says(&["down", "server-1"]) > 0
            && cluster.server(1).says(&["down", "server-0"]) > 0
    });
    let began = now();
    cluster.links.mend();
    // Cheap reads first: counting all again and again would take the time that is measured.
    let last: Vec<_> = here.last().into_iter().chain(there.last()).collect();
    until("the last of both sides are everywhere", || {
        let servers = cluster.all().into_iter().map(|server| cluster.http(server));
        servers
            .into_iter()
            .all(|server| last.iter().all(|instance| shows(server, instance)))
    });
    await_all(&cluster, changes);
    Some(began.elapsed())
}
