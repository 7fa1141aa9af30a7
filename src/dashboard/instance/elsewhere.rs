//! One instance at the other servers, and what the server that keeps its lease says of it.
//!
//! What must always hold: so many servers are asked, each for a second at most; and of one that does not answer nothing
//! is claimed.

use futures_util::future::join_all;
use web_ui::frame::Frame;
use web_ui::instance::Elsewhere;
use web_ui::parts::{Badge, Level, Link};

use crate::clock::Timestamp;
use crate::cluster::compare;
use crate::cluster::records::Record;
use crate::cluster::view::Standing;
use crate::dashboard::situation::Situation;
use crate::native::documents::Row;
use crate::server::State;

/// So many of the other servers are asked.
const ASKED_MAX: usize = 25;

/// What another server answered, if it did.
pub(super) struct Told {
    server: Link,
    seen: Option<compare::Seen>,
}

/// How the servers that are there see it.
pub(super) async fn told(
    state: &State,
    situation: &Situation,
    frame: &Frame,
    app: &str,
    id: &str,
) -> Vec<Told> {
    let there = situation
        .seen
        .members
        .iter()
        .zip(&situation.cluster.members);
    let there = there.filter(|(_, member)| member.standing != Standing::Left);
    let each = there.take(ASKED_MAX).map(async |(seen, member)| {
        let server = frame
            .servers
            .iter()
            .find(|server| server.name == member.name);
        let href = server.map(|server| server.href.clone()).unwrap_or_default();
        Told {
            server: Link::new(href, member.name.as_str()),
            seen: match member.connected {
                true => compare::one(state, seen.node, app, id).await,
                false => None,
            },
        }
    });
    let mut told = join_all(each).await;
    told.sort_by(|a, b| a.server.text.cmp(&b.server.text));
    told
}

/// What the server that keeps the lease says of it, where that is not this one.
pub(super) fn by_owner(row: &mut Row, told: &[Told], now: Timestamp) {
    if row.lease.owned_here {
        return;
    }
    let owner = told.iter().find(|told| told.server.text == row.lease.owner);
    let Some(seen) = owner.and_then(|owner| owner.seen.as_ref()) else {
        return;
    };
    let now = now.as_millis();
    let time = |at: u64| Timestamp::from_millis(at).to_string();
    let heard = seen.heard_ms_ago.map(|ago| time(now.saturating_sub(ago)));
    let deadline = seen.left_ms.map(|left| time(now.saturating_add(left)));
    row.lease.renewed_at = heard.or(row.lease.renewed_at.take());
    row.lease.deadline = deadline.or(row.lease.deadline.take());
}

pub(super) fn said(told: &Told, here: Option<&Record>) -> Elsewhere {
    let there = told.seen.as_ref().map(|seen| seen.record.as_ref());
    let (level, says) = match (there, here) {
        (None, _) => (Level::Warn, "does not answer"),
        (Some(None), None) => (Level::Good, "does not list it either"),
        (Some(None), Some(_)) => (Level::Bad, "does not list it"),
        (Some(Some(_)), None) => (Level::Bad, "lists it"),
        (Some(Some(there)), Some(here)) if there == here => (Level::Good, "the same"),
        (Some(Some(there)), Some(here)) if there.status == here.status => {
            (Level::Warn, "the same status, of another write")
        }
        (Some(Some(_)), Some(_)) => (Level::Bad, "differs"),
    };
    Elsewhere {
        server: told.server.clone(),
        badge: there.flatten().map(|there| Badge::named(&there.status)),
        says: says.to_owned(),
        level,
    }
}
