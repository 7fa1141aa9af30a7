//! Who sees whom: every server that answers tells how it sees the others.

use futures_util::future::join_all;
use peers::version::NodeId;
use web_ui::cluster::{Matrix, MatrixCell, MatrixRow};
use web_ui::parts::Level;

use super::{soon, stands};
use crate::cluster::view::{Cluster, Member, Standing};
use crate::cluster::{self, VIEW};
use crate::dashboard::situation::Situation;
use crate::server::State;

/// So many servers are shown: the matrix grows with their square.
const SERVERS_MAX: usize = 25;

/// A server by its id and its name.
type Named = (String, String);

pub(super) async fn of(state: &State, situation: &Situation) -> Matrix {
    let own = &situation.cluster;
    let mut servers = vec![(own.server.id.clone(), own.server.name.clone())];
    let others = situation.seen.members.iter().zip(&own.members);
    let others = others.filter(|(_, member)| member.standing != Standing::Left);
    let mut others: Vec<_> = others.collect();
    others.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    let more = (others.len() + 1).saturating_sub(SERVERS_MAX);
    let asked = &others[..others.len() - more];
    let known = asked
        .iter()
        .map(|(_, member)| (member.id.clone(), member.name.clone()));
    servers.extend(known);
    let views = asked
        .iter()
        .map(|(seen, member)| view(state, seen.node, member));
    let views = join_all(views).await;
    let rows = servers
        .iter()
        .zip(std::iter::once(Some(own)).chain(views.iter().map(Option::as_ref)));
    Matrix {
        names: servers.iter().map(|(_, name)| name.clone()).collect(),
        rows: rows
            .map(|(server, view)| row(server, view, &servers))
            .collect(),
        more,
    }
}

async fn view(state: &State, node: NodeId, member: &Member) -> Option<Cluster> {
    if !member.connected {
        return None;
    }
    let answer = soon(cluster::ask(state, node, VIEW)).await?;
    serde_json::from_slice(&answer).ok()
}

fn row(server: &Named, view: Option<&Cluster>, servers: &[Named]) -> MatrixRow {
    let cells = |view: &Cluster| {
        servers
            .iter()
            .map(|other| cell(server, view, other))
            .collect()
    };
    MatrixRow {
        name: server.1.clone(),
        cells: view.map(cells).unwrap_or_default(),
        answers: view.is_some(),
    }
}

fn cell(server: &Named, view: &Cluster, other: &Named) -> MatrixCell {
    if server.0 == other.0 {
        return MatrixCell {
            word: "·",
            title: "itself".to_owned(),
            ..MatrixCell::default()
        };
    }
    let Some(seen) = view.members.iter().find(|member| member.id == other.0) else {
        return MatrixCell {
            level: Some(Level::Warn),
            word: "unknown",
            title: format!("{} does not know {}", server.1, other.1),
        };
    };
    let (level, word) = match (seen.standing, seen.blocked.is_some(), seen.connected) {
        (Standing::Up, true, _) => (Level::Warn, "half"),
        (Standing::Up, _, false) => (Level::Warn, "no stream"),
        (standing, ..) => stands(standing),
    };
    MatrixCell {
        level: Some(level),
        word,
        title: told(server, seen),
    }
}

fn told(server: &Named, seen: &Member) -> String {
    let mut told = format!("{} sees {}", server.1, seen.name);
    if let Some(epoch) = seen.epoch {
        told = format!("{told}, start {epoch}");
    }
    if let Some(ago) = seen.heard_ms_ago {
        told = format!("{told}, heard {ago} ms ago");
    }
    if let Some(ms) = seen.round_trip_ms {
        told = format!("{told}, round trip {ms:.1} ms");
    }
    format!("{told}, {} writes missing", seen.lag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(id: &str) -> Named {
        (id.to_owned(), format!("server-{id}"))
    }

    fn seen(id: &str, standing: Standing, connected: bool) -> Member {
        Member {
            id: id.to_owned(),
            standing,
            connected,
            ..Member::default()
        }
    }

    #[test]
    fn a_row_tells_how_its_server_sees_each_other_one() {
        let view = Cluster {
            members: vec![
                seen("b", Standing::Up, true),
                seen("c", Standing::Up, false),
                seen("d", Standing::Down, false),
            ],
            ..Cluster::default()
        };
        let servers: Vec<_> = ["a", "b", "c", "d", "e"].map(named).into();
        let row = row(&named("a"), Some(&view), &servers);
        let words: Vec<_> = row.cells.iter().map(|cell| cell.word).collect();
        assert_eq!(words, ["·", "up", "no stream", "down", "unknown"]);
    }

    #[test]
    fn of_a_server_that_does_not_answer_nothing_is_told() {
        let row = row(&named("a"), None, &[named("b")]);
        assert!(!row.answers && row.cells.is_empty());
    }
}
