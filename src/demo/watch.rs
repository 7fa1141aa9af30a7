//! What the servers of the demo make of it, read where everybody can: from `/api/v1/cluster`.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::sleep;

use super::http::Connection;
use super::say;
use super::servers::SERVERS;
use crate::cluster::view::{Cluster, Standing};

/// How often servers are asked.
const PERIOD: Duration = Duration::from_secs(1);
/// After how many periods all numbers are told.
const PERIODS_PER_SUMMARY: u32 = 30;

/// Tells of every change, for ever.
pub(super) async fn tell(servers: [SocketAddr; SERVERS]) {
    let mut connections = servers.map(Connection::to);
    let mut before = BTreeSet::new();
    let mut periods = 0;
    loop {
        sleep(PERIOD).await;
        let mut seen = Vec::new();
        for connection in &mut connections {
            seen.extend(ask(connection).await);
        }
        let now = seen.iter().flat_map(facts).collect();
        changes(&before, &now).iter().for_each(|change| say(change));
        before = now;
        periods += 1;
        if periods % PERIODS_PER_SUMMARY == 0 {
            say(&summary(&seen));
        }
    }
}

async fn ask(connection: &mut Connection) -> Option<Cluster> {
    let answer = connection.send("GET", "/api/v1/cluster", "").await.ok()?;
    serde_json::from_slice(&answer.body).ok()
}

/// What holds at a server, each in words that fit before "no longer".
fn facts(cluster: &Cluster) -> Vec<String> {
    let name = &cluster.server.name;
    let mut facts = Vec::new();
    if cluster.server.ready {
        facts.push(format!("{name} is ready"));
    }
    if cluster.isolated_since.is_some() {
        facts.push(format!("{name} is isolated"));
    }
    let up = cluster
        .members
        .iter()
        .filter(|member| member.standing == Standing::Up && member.name != member.id);
    facts.extend(up.map(|member| format!("{name} sees {}", member.name)));
    let protected = cluster.protected.iter();
    facts.extend(protected.map(|guard| match &guard.zone {
        Some(zone) => format!("{name} protects {zone}"),
        None => format!("{name} protects all its instances"),
    }));
    facts
}

/// What began and what ended.
fn changes(before: &BTreeSet<String>, now: &BTreeSet<String>) -> Vec<String> {
    let began = now.difference(before).cloned();
    let ended = before
        .difference(now)
        .map(|fact| format!("no longer: {fact}"));
    began.chain(ended).collect()
}

fn summary(seen: &[Cluster]) -> String {
    let server = |cluster: &Cluster| {
        let server = &cluster.server;
        format!(
            "{} shows {} and keeps {}",
            server.name, server.instances, server.state.leases_owned
        )
    };
    let agreed = if seen.iter().all(|cluster| cluster.agreed) {
        "all agree"
    } else {
        "changes are on their way"
    };
    let servers: Vec<_> = seen.iter().map(server).collect();
    format!("{}; {agreed}", servers.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::view::{Member, Protected, Server};

    #[test]
    fn what_began_and_what_ended_is_told() {
        let server = Server {
            name: "server-a".to_owned(),
            ready: true,
            ..Server::default()
        };
        let mut cluster = Cluster {
            server,
            ..Cluster::default()
        };
        let before = facts(&cluster).into_iter().collect();
        cluster.server.ready = false;
        cluster.members.push(Member {
            name: "server-b".to_owned(),
            standing: Standing::Up,
            ..Member::default()
        });
        cluster.protected.push(Protected {
            zone: Some("zone-a".to_owned()),
            ..Protected::default()
        });
        let now = facts(&cluster).into_iter().collect();
        insta::assert_snapshot!(changes(&before, &now).join("\n"), @r"
        server-a protects zone-a
        server-a sees server-b
        no longer: server-a is ready
        ");
    }
}
