//! `GET cluster`: the servers, who sees whom, how they differ, what is protected.

mod differing;
mod guards;
mod matrix;

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use web_ui::cluster::{ClusterPage, MemberLine, ZoneLane};
use web_ui::frame::{Frame, Place};
use web_ui::parts::{Level, Link, When};

use super::asked::Asked;
use super::frame::About;
use super::situation::Situation;
use super::times::when;
use super::{answer, frame};
use crate::api::v1::rights;
use crate::clock::Timestamp;
use crate::cluster::view::{self, Agreement, Blocked, Member, Stage, Standing};
use crate::native::rows::NO_ZONE;
use crate::server::State;

/// So many digits of a digest are shown: enough to see that two are unlike.
const DIGEST_SHOWN: usize = 8;

/// A server that has not answered for so long is told of as silent: the page would rather go without than wait.
const ANSWER_MAX: Duration = Duration::from_millis(500);

/// What a server answers, if it does so soon.
async fn soon<T>(answer: impl Future<Output = Option<T>>) -> Option<T> {
    tokio::time::timeout(ANSWER_MAX, answer)
        .await
        .ok()
        .flatten()
}

pub(super) async fn show(state: web::Data<State>, request: HttpRequest) -> HttpResponse {
    let asked = Asked::new(&state, &request);
    let situation = Situation::of(&state).await;
    let about = About {
        place: Place::Cluster,
        cli: "peerage members".to_owned(),
        api: "/api/v1/cluster".to_owned(),
        watches: "registry cluster",
        ..About::default()
    };
    let frame = frame::of(&asked, &situation, about);
    let (matrix, differences) = futures_util::future::join(
        matrix::of(&state, &situation),
        differing::of(&state, &situation, &frame),
    )
    .await;
    let page = ClusterPage {
        agreement: agreement(&situation),
        lanes: lanes(&situation),
        members: members(&frame, &situation),
        matrix,
        differences,
        protection: guards::of(&situation, &frame),
        may_act: rights::actions_here(&state, &request),
        frame,
    };
    answer::html(&asked, &page)
}

fn agreement(situation: &Situation) -> (Level, String) {
    let cluster = &situation.cluster;
    let there = cluster.members.iter();
    let there = there.filter(|member| member.standing != Standing::Left);
    let (all, missing) = (there.count(), cluster.missing().count());
    match (all, missing) {
        _ if cluster.isolated_since.is_some() => (
            Level::Bad,
            "This server has lost the others: it answers with what it has, and evicts nobody in doubt.".to_owned(),
        ),
        (0, _) => (Level::Good, "One server, alone.".to_owned()),
        (all, 0) if cluster.agreed => (
            Level::Good,
            format!("All {} servers have seen the same and show the same.", all + 1),
        ),
        (_, 0) => (
            Level::Warn,
            "Writes are on their way: the servers do not show the same at this moment.".to_owned(),
        ),
        (all, missing) => (
            Level::Bad,
            format!("{missing} of {} servers cannot be followed from here.", all + 1),
        ),
    }
}

/// The servers by zones, in the order of names.
fn lanes(situation: &Situation) -> Vec<ZoneLane> {
    let cluster = &situation.cluster;
    let here = (
        cluster.server.zone.as_str(),
        cluster.server.name.clone(),
        Level::Good,
        "this server",
    );
    let others = cluster.members.iter();
    let others = others.filter(|member| member.standing != Standing::Left);
    let others = others.map(|member| {
        let (level, word) = stands(member.standing);
        (member.zone.as_str(), member.name.clone(), level, word)
    });
    let mut lanes = std::collections::BTreeMap::<&str, Vec<_>>::new();
    for (zone, name, level, word) in others.chain([here]) {
        lanes.entry(zone).or_default().push((name, level, word));
    }
    let lane = |(zone, mut servers): (&str, Vec<(String, Level, &'static str)>)| {
        servers.sort_by(|a, b| a.0.cmp(&b.0));
        ZoneLane {
            zone: if zone.is_empty() { NO_ZONE } else { zone }.to_owned(),
            servers,
        }
    };
    lanes.into_iter().map(lane).collect()
}

const fn stands(standing: Standing) -> (Level, &'static str) {
    match standing {
        Standing::Up => (Level::Good, "up"),
        Standing::Suspect => (Level::Warn, "silent"),
        Standing::Behind => (Level::Warn, "behind"),
        Standing::Down => (Level::Bad, "down"),
        Standing::Left => (Level::Good, "left"),
    }
}

fn members(frame: &Frame, situation: &Situation) -> Vec<MemberLine> {
    let others = situation.cluster.members.iter();
    let others = others.map(|member| line(member, frame, situation));
    let mut lines: Vec<_> = others.collect();
    lines.sort_by(|a, b| a.link.text.cmp(&b.link.text));
    lines.insert(0, own(situation));
    lines
}

/// The server that made the page.
fn own(situation: &Situation) -> MemberLine {
    let server = &situation.cluster.server;
    let stage = match server.stage {
        Stage::Ready => (Level::Good, "up"),
        Stage::Joining => (Level::Warn, "up, joining"),
        Stage::Syncing => (Level::Warn, "up, taking over the list"),
        Stage::Collecting => (Level::Warn, "up, collecting registrations"),
        Stage::Draining => (Level::Warn, "about to leave"),
    };
    MemberLine {
        link: Link::new("", server.name.as_str()),
        zone: server.zone.clone(),
        here: true,
        standing: (stage.0, stage.1.to_owned()),
        agrees: (Level::Good, "–"),
        digest: short(&server.state.digest),
        leases: leases(&server.state),
        address: server.address.clone().unwrap_or_default(),
        ..MemberLine::default()
    }
}

fn line(member: &Member, frame: &Frame, situation: &Situation) -> MemberLine {
    let viewed = frame.servers.iter().find(|each| each.name == member.name);
    let href = viewed.map(|each| each.href.clone()).unwrap_or_default();
    let state = member.state.as_ref();
    MemberLine {
        link: Link::new(href, member.name.as_str()),
        zone: member.zone.clone(),
        here: false,
        standing: standing(member),
        heard: heard(member, situation.now),
        round_trip: member
            .round_trip_ms
            .map_or_else(String::new, |ms| format!("{ms:.1} ms")),
        lag: member.lag,
        queued: match member.queued_bytes {
            0 => String::new(),
            bytes => format!("{} kB", bytes.div_ceil(1000)),
        },
        agrees: agrees(member.agrees),
        digest: state.map_or_else(String::new, |state| short(&state.digest)),
        leases: state.map_or_else(String::new, leases),
        clock: member
            .clock_offset_ms
            .map_or_else(String::new, |ms| format!("{ms:+} ms")),
        address: member.address.clone(),
    }
}

/// How a server stands, with all that is odd about it.
fn standing(member: &Member) -> (Level, String) {
    let (level, word) = stands(member.standing);
    let blocked = match member.blocked {
        Some(Blocked::Udp) => ", but its datagrams do not come through",
        Some(Blocked::Tcp) => ", but no stream to it comes about",
        Some(Blocked::Both) => ", but only others reach it",
        None => "",
    };
    let odd = [
        (
            !member.ready && member.standing == Standing::Up,
            ", not ready",
        ),
        (member.draining, ", about to leave"),
        (member.preserving, ", protects"),
        (member.isolated, ", has lost the others"),
    ];
    let odd: String = odd
        .iter()
        .filter_map(|(so, word)| so.then_some(*word))
        .collect();
    let worst = match blocked.is_empty() && odd.is_empty() {
        true => level,
        false => level.max(Level::Warn),
    };
    (worst, format!("{word}{blocked}{odd}"))
}

fn heard(member: &Member, now: Timestamp) -> When {
    let at = member
        .heard_ms_ago
        .map(|ago| now.as_millis().saturating_sub(ago));
    let at = at.map(|at| Timestamp::from_millis(at).to_string());
    at.map(|at| when(&at, now)).unwrap_or_default()
}

const fn agrees(agrees: Agreement) -> (Level, &'static str) {
    match agrees {
        Agreement::Yes => (Level::Good, "✓ the same"),
        Agreement::NotYet => (Level::Warn, "▲ not yet the same"),
        Agreement::No => (Level::Bad, "✕ other instances"),
        Agreement::Unknown => (Level::Warn, "? unknown"),
    }
}

fn short(digest: &str) -> String {
    digest.chars().take(DIGEST_SHOWN).collect()
}

fn leases(state: &view::State) -> String {
    match state.leases_silent {
        0 => format!("{} kept", state.leases_owned),
        silent => format!("{} kept, {silent} silent", state.leases_owned),
    }
}
