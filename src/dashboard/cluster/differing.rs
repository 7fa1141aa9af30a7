//! How the other servers differ from this one, row by row.
//!
//! A server that can be asked is compared with. One that cannot is not known to differ in anything; what was written
//! since it was last heard it can hardly know, and that is told.

use futures_util::future::join_all;
use peers::version::NodeId;
use web_ui::cluster::{DifferenceLine, DifferencesOf};
use web_ui::frame::Frame;
use web_ui::parts::{Link, Status};

use super::soon;
use crate::clock::Timestamp;
use crate::cluster::compare::{self, Difference, Differences};
use crate::cluster::records::Record;
use crate::cluster::view::{Agreement, Member, Standing};
use crate::dashboard::situation::Situation;
use crate::dashboard::times::when;
use crate::server::State;

/// So many servers are compared with at once.
const SERVERS_MAX: usize = 5;
/// What a server was told just before it was last heard may not have come; counted with it, in milliseconds.
const UNSURE_MS: u64 = 1000;

pub(super) async fn of(state: &State, situation: &Situation, frame: &Frame) -> Vec<DifferencesOf> {
    let others = situation
        .seen
        .members
        .iter()
        .zip(&situation.cluster.members);
    let unlike = others.filter(|(_, member)| {
        member.standing != Standing::Left
            && (member.agrees != Agreement::Yes || member.standing != Standing::Up)
    });
    let each = unlike.take(SERVERS_MAX).map(async |(seen, member)| {
        let (says, found, known) = compared(state, seen.node, member, situation.now).await;
        let rows = found.rows.iter();
        DifferencesOf {
            name: member.name.clone(),
            says,
            rows: rows.map(|row| line(row, known, frame, situation)).collect(),
            more: found.more,
        }
    });
    let mut found = join_all(each).await;
    found.retain(|found| !found.says.is_empty());
    found
}

/// What there is to say, the rows, and whether it is known what that server shows. Nothing to say: no difference.
async fn compared(
    state: &State,
    node: NodeId,
    member: &Member,
    now: Timestamp,
) -> (String, Differences, bool) {
    let asked = match member.connected {
        true => soon(compare::with(state, node)).await,
        false => None,
    };
    if let Some(found) = asked {
        let says = match (found.rows.is_empty(), member.agrees) {
            (true, _) => String::new(),
            (false, Agreement::No) => {
                "It has seen the same writes, and shows other instances: both compare all records now.".to_owned()
            }
            (false, _) => "Writes are on their way.".to_owned(),
        };
        return (says, found, true);
    }
    let Some(ago) = member.heard_ms_ago else {
        return (
            "It does not answer, and was never heard.".to_owned(),
            Differences::default(),
            false,
        );
    };
    let heard = now.as_millis().saturating_sub(ago);
    let found = compare::since(state, heard.saturating_sub(UNSURE_MS));
    let says = match found.rows.is_empty() {
        true => {
            "It does not answer, so nobody here knows what it shows. Nothing was written here since it was last heard."
        }
        false => {
            "It does not answer, so nobody here knows what it shows. These were written since it was last heard; it has \
             them only if another server told it."
        }
    };
    (says.to_owned(), found, false)
}

fn line(row: &Difference, known: bool, frame: &Frame, situation: &Situation) -> DifferenceLine {
    let (here, there) = (row.here.as_ref(), row.there.as_ref());
    let later = [here, there]
        .into_iter()
        .flatten()
        .max_by_key(|record| record.written_at());
    let Some(later) = later else {
        return DifferenceLine::default();
    };
    let at = Timestamp::from_millis(later.written_at()).to_string();
    DifferenceLine {
        link: Link::new(
            frame.instance(&later.app, &later.id),
            format!("{}/{}", later.app, later.id),
        ),
        here: shown(here, "not listed"),
        there: shown(there, if known { "not listed" } else { "not known" }),
        reason: reason(here, there, known),
        written: when(&at, situation.now),
        writer: writer(later, situation),
    }
}

fn shown(record: Option<&Record>, none: &str) -> String {
    let words = record.map(|record| {
        let status = Status::named(&record.status);
        format!("{} {}", status.sign(), status.word())
    });
    words.unwrap_or_else(|| none.to_owned())
}

fn reason(here: Option<&Record>, there: Option<&Record>, known: bool) -> &'static str {
    match (here, there) {
        _ if !known => "written since it was last heard",
        (Some(_), None) => "only here",
        (None, _) => "only there",
        (Some(here), Some(there)) if here.status != there.status => "the status differs",
        (Some(here), Some(there)) if here.overridden != there.overridden => "the override differs",
        (Some(here), Some(there)) if here.versions.body != there.versions.body => {
            "another registration is in force"
        }
        (Some(here), Some(there)) if here.versions.lease != there.versions.lease => {
            "another write of the lease is in force"
        }
        (Some(_), Some(_)) => "another write of the override is in force",
    }
}

/// Who wrote the latest of the parts of a record, by name where it is known.
fn writer(record: &Record, situation: &Situation) -> String {
    let versions = &record.versions;
    let parts = [
        Some(&versions.body),
        Some(&versions.lease),
        versions.overriding.as_ref(),
    ];
    let latest = parts
        .into_iter()
        .flatten()
        .max_by(|a, b| clock(&a.clock).cmp(&clock(&b.clock)));
    let origin = latest
        .map(|latest| latest.origin.as_str())
        .unwrap_or_default();
    let server = &situation.cluster.server;
    let members = situation
        .cluster
        .members
        .iter()
        .map(|member| (&member.id, &member.name));
    let mut known = members.chain([(&server.id, &server.name)]);
    let named = known.find(|(id, _)| !id.is_empty() && origin.starts_with(id.as_str()));
    named.map_or_else(|| origin.to_owned(), |(_, name)| name.clone())
}

fn clock(text: &str) -> (u64, u64) {
    let (millis, counter) = text.split_once('.').unwrap_or((text, ""));
    (
        millis.parse().unwrap_or_default(),
        counter.parse().unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_server_that_does_not_answer_nothing_is_claimed() {
        assert_eq!(reason(None, None, false), "written since it was last heard");
        assert_eq!(shown(None, "not known"), "not known");
    }

    #[test]
    fn clocks_are_compared_as_numbers() {
        assert!(clock("10.2") > clock("9.11") && clock("9.11") > clock("9.2"));
        assert_eq!(clock("nonsense"), (0, 0));
    }
}
