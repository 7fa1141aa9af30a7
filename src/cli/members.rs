//! `peerage members`: who is in the cluster, as one server sees it.

use serde::Serialize;

use super::answer::{Answer, DONE, UNWELL};
use super::table::{table, written};
use crate::cluster::view::{Agreement, Blocked, Cluster, Member, Standing, State};
use crate::config::show::Output;

const HEADER: [&str; 14] = [
    "NAME",
    "ZONE",
    "STATE",
    "ADDRESS",
    "HEARD",
    "RTT",
    "LAG",
    "OWNED",
    "SILENT",
    "RENEWALS/MIN",
    "QUEUE",
    "OFFSET",
    "KEY",
    "AGREES",
];

/// A server of the cluster.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Row {
    name: String,
    id: String,
    zone: String,
    state: String,
    address: String,
    url: String,
    /// Whether it is the server that was asked.
    asked: bool,
    heard_ms_ago: Option<u64>,
    round_trip_ms: Option<f64>,
    lag: u64,
    leases_owned: Option<u32>,
    leases_silent: Option<u32>,
    renewals_per_minute: Option<u32>,
    queued_bytes: u64,
    clock_offset_ms: Option<i64>,
    /// What the cluster key it uses may be called.
    key: Option<String>,
    agrees: Agreement,
}

/// What is said of a cluster, and whether its servers differ for good.
pub(super) fn answer(cluster: &Cluster, differs: bool, output: Output) -> Answer {
    let others = cluster.members.iter().map(other);
    let rows: Vec<_> = std::iter::once(asked(cluster)).chain(others).collect();
    let people = || table(HEADER, &rows.iter().map(cells).collect::<Vec<_>>());
    Answer {
        text: written(output, people, &rows, &rows),
        code: if differs || cluster.missing().next().is_some() {
            UNWELL
        } else {
            DONE
        },
    }
}

fn asked(cluster: &Cluster) -> Row {
    let server = &cluster.server;
    let protecting = !cluster.protected.is_empty();
    let isolated = cluster.isolated_since.is_some();
    let stage = serde_json::to_value(server.stage).unwrap_or_default();
    let marks = [(protecting, "protecting"), (isolated, "isolated")];
    Row {
        name: server.name.clone(),
        id: server.id.clone(),
        zone: server.zone.clone(),
        state: marked(stage.as_str().unwrap_or_default(), &marks),
        address: server.address.clone().unwrap_or_default(),
        url: server.url.clone(),
        asked: true,
        heard_ms_ago: None,
        round_trip_ms: None,
        lag: 0,
        queued_bytes: 0,
        clock_offset_ms: None,
        agrees: Agreement::Yes,
        key: server.key.clone(),
        leases_owned: Some(server.state.leases_owned),
        leases_silent: Some(server.state.leases_silent),
        renewals_per_minute: Some(server.state.renewals_per_minute),
    }
}

fn other(member: &Member) -> Row {
    let told = |of: fn(&State) -> u32| member.state.as_ref().map(of);
    Row {
        name: member.name.clone(),
        id: member.id.clone(),
        zone: member.zone.clone(),
        state: state(member),
        address: member.address.clone(),
        url: member.url.clone(),
        asked: false,
        heard_ms_ago: member.heard_ms_ago,
        round_trip_ms: member.round_trip_ms,
        lag: member.lag,
        leases_owned: told(|state| state.leases_owned),
        leases_silent: told(|state| state.leases_silent),
        renewals_per_minute: told(|state| state.renewals_per_minute),
        queued_bytes: member.queued_bytes,
        clock_offset_ms: member.clock_offset_ms,
        agrees: member.agrees,
        key: member.key.clone(),
    }
}

/// Its standing; of one that is there also what it told of itself.
fn state(member: &Member) -> String {
    let there = |standing| {
        let marks = [
            (!member.ready && !member.draining, "not ready"),
            (member.draining, "draining"),
            (member.preserving, "protecting"),
            (member.isolated, "isolated"),
            (member.blocked == Some(Blocked::Udp), "no UDP"),
            (member.blocked == Some(Blocked::Tcp), "no TCP"),
            (member.blocked == Some(Blocked::Both), "cut off from here"),
        ];
        marked(standing, &marks)
    };
    match member.standing {
        Standing::Up => there("up"),
        Standing::Suspect => there("suspect"),
        Standing::Behind => there("behind"),
        Standing::Down => "down".to_owned(),
        Standing::Left => "left".to_owned(),
    }
}

fn marked(state: &str, marks: &[(bool, &str)]) -> String {
    let marks = marks
        .iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, mark)| *mark);
    std::iter::once(state)
        .chain(marks)
        .collect::<Vec<_>>()
        .join(", ")
}

fn cells(row: &Row) -> [String; 14] {
    let count = |count: Option<u32>| or_dash(count.as_ref());
    [
        row.name.clone(),
        filled(&row.zone),
        row.state.clone(),
        filled(&row.address),
        dashed(row.heard_ms_ago, |ago| {
            format!("{:.1} s ago", ago as f64 / 1e3)
        }),
        dashed(row.round_trip_ms, |millis| format!("{millis:.1} ms")),
        row.lag.to_string(),
        count(row.leases_owned),
        count(row.leases_silent),
        count(row.renewals_per_minute),
        bytes(row.queued_bytes),
        dashed(row.clock_offset_ms, |millis| format!("{millis:+} ms")),
        filled(row.key.as_deref().unwrap_or_default()),
        agrees(row).to_owned(),
    ]
}

fn filled(text: &str) -> String {
    if text.is_empty() { "-" } else { text }.to_owned()
}

fn dashed<T>(value: Option<T>, shown: impl FnOnce(T) -> String) -> String {
    value.map_or("-".to_owned(), shown)
}

fn or_dash(value: Option<&impl ToString>) -> String {
    dashed(value, ToString::to_string)
}

fn bytes(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

const fn agrees(row: &Row) -> &'static str {
    match row.agrees {
        _ if row.asked => "(asked)",
        Agreement::Yes => "yes",
        Agreement::NotYet => "not yet",
        Agreement::No => "no",
        Agreement::Unknown => "-",
    }
}
