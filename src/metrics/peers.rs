//! The part of the page that is about the other servers.
//!
//! Here: every metric about peers, once, with its name, unit and help. Not here: where the values come from
//! (`cluster`). What must always hold: a peer is labelled by its name, and no name comes twice.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use peers::node::Stage;
use peers::node::view::{Cluster, Counts, Member, Standing};

use super::page::{Labels, Sheet};

const STANDINGS: [(Standing, &str); 5] = [
    (Standing::Up, "up"),
    (Standing::Suspect, "suspect"),
    (Standing::Behind, "behind"),
    (Standing::Down, "down"),
    (Standing::Left, "left"),
];

const STAGES: [(Stage, &str); 5] = [
    (Stage::Joining, "joining"),
    (Stage::Syncing, "syncing"),
    (Stage::Collecting, "collecting"),
    (Stage::Ready, "ready"),
    (Stage::Draining, "draining"),
];

/// Prints what is seen of the cluster.
pub(super) fn encode(sheet: &mut Sheet<'_>, seen: &Cluster) -> fmt::Result {
    this_server(sheet, seen)?;
    let members: BTreeMap<_, _> = seen
        .members
        .iter()
        .map(|each| (&*each.name, each))
        .collect();
    let members: Vec<_> = members.into_values().collect();
    standings(sheet, &members)?;
    progress(sheet, &members, seen)?;
    links(sheet, &members)?;
    agreement(sheet, &seen.counts)?;
    relays(sheet, &seen.counts)?;
    dropped(sheet, &seen.counts)?;
    traffic(sheet, &seen.counts)
}

fn this_server(sheet: &mut Sheet<'_>, seen: &Cluster) -> fmt::Result {
    let stage = |(stage, name): (Stage, &str)| {
        (
            vec![("stage", name.to_owned())],
            truth(stage == seen.me.stage),
        )
    };
    let help = "How far this server has come: 1 at its stage";
    sheet.gauges("peerage_stage", help, STAGES.map(stage))?;
    let help = "Whether all peers that are up have seen and show the same; it may be 0 for moments";
    sheet.gauge("peerage_cluster_agreed", help, truth(seen.agreed))?;
    let help = "Whether this server has lost the others";
    sheet.gauge(
        "peerage_isolated",
        help,
        truth(seen.isolated_since.is_some()),
    )?;
    let help = "How much reason this server has to doubt its own senses, from 0 to 8";
    sheet.gauge("peerage_self_doubt", help, seen.me.doubt.into())
}

/// Whether a peer is not known to be gone.
pub(super) const fn is_there(member: &Member) -> bool {
    !matches!(member.standing, Standing::Down | Standing::Left)
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn standings(sheet: &mut Sheet<'_>, members: &[&Member]) -> fmt::Result {
    let count = |standing| {
        members
            .iter()
            .filter(|each| each.standing == standing)
            .count()
    };
    let row = |(standing, name): (Standing, &str)| {
        (vec![("state", name.to_owned())], count(standing) as f64)
    };
    let help = "Other servers, by whether they are there";
    sheet.gauges("peerage_peers", help, STANDINGS.map(row))?;
    let rows = members.iter().flat_map(|member| {
        STANDINGS.map(|(standing, name)| {
            let mut labels = peer(member);
            labels.push(("zone", member.zone.clone()));
            labels.push(("state", name.to_owned()));
            (labels, truth(standing == member.standing))
        })
    });
    sheet.gauges(
        "peerage_peer_state",
        "Whether a peer is there: 1 at its state",
        rows,
    )
}

fn peer(member: &Member) -> Labels<'static> {
    vec![("peer", member.name.clone())]
}

/// Writes a gauge of all peers of which the value is known.
fn each(
    sheet: &mut Sheet<'_>,
    name: &str,
    help: &str,
    members: &[&Member],
    value: impl Fn(&Member) -> Option<f64>,
) -> fmt::Result {
    let rows = members
        .iter()
        .filter_map(|member| Some((peer(member), value(member)?)));
    sheet.gauges(name, help, rows)
}

fn progress(sheet: &mut Sheet<'_>, members: &[&Member], seen: &Cluster) -> fmt::Result {
    let mine = seen.me.state;
    let help = "Writes of a peer that are known to be missing here";
    each(sheet, "peerage_peer_lag_writes", help, members, |member| {
        Some(member.lag as f64)
    })?;
    let help = "Whether a peer shows the same instances";
    each(
        sheet,
        "peerage_peer_digest_match",
        help,
        members,
        |member| {
            member
                .state
                .map(|theirs| truth(theirs.digest == mine.digest))
        },
    )?;
    let help = "Leases a peer says it keeps";
    each(
        sheet,
        "peerage_peer_leases_owned",
        help,
        members,
        |member| member.state.map(|theirs| f64::from(theirs.leases_owned)),
    )
}

fn links(sheet: &mut Sheet<'_>, members: &[&Member]) -> fmt::Result {
    let help = "Whether there is a stream to a peer";
    each(sheet, "peerage_peer_connected", help, members, |member| {
        Some(truth(member.connected))
    })?;
    let help = "Bytes that wait to be sent to a peer";
    each(sheet, "peerage_peer_queue_bytes", help, members, |member| {
        Some(member.queued_bytes as f64)
    })?;
    let help = "Time an answer takes on the stream to a peer";
    each(
        sheet,
        "peerage_peer_round_trip_seconds",
        help,
        members,
        |member| member.round_trip.as_ref().map(Duration::as_secs_f64),
    )?;
    let help = "Time since anything came from a peer";
    each(
        sheet,
        "peerage_peer_silence_seconds",
        help,
        members,
        |member| member.heard_ago.as_ref().map(Duration::as_secs_f64),
    )?;
    let help = "How far the clock of a peer is ahead";
    each(
        sheet,
        "peerage_peer_clock_offset_seconds",
        help,
        members,
        |member| member.clock_offset_millis.map(|millis| millis as f64 / 1e3),
    )
}

fn agreement(sheet: &mut Sheet<'_>, counts: &Counts) -> fmt::Result {
    let all = [
        (
            "peerage_pulls",
            "Times that missing writes were asked for",
            counts.pulls,
        ),
        (
            "peerage_writes_pushed",
            "Writes sent to peers as they happened, counted per peer",
            counts.pushed_writes,
        ),
        (
            "peerage_writes_applied",
            "Writes of peers applied",
            counts.applied_writes,
        ),
        (
            "peerage_compares",
            "Comparisons of all records with a peer",
            counts.compares,
        ),
        (
            "peerage_digest_mismatches",
            "Times that a peer had seen the same writes and showed other instances",
            counts.digest_mismatches,
        ),
        (
            "peerage_records_unreadable",
            "Records of peers that could not be read",
            counts.records_unreadable,
        ),
        (
            "peerage_verdicts_held",
            "Verdicts on peers held back, since this server doubted itself",
            counts.verdicts_held,
        ),
    ];
    all.into_iter()
        .try_for_each(|(name, help, count)| sheet.counter(name, help, count))
}

fn relays(sheet: &mut Sheet<'_>, counts: &Counts) -> fmt::Result {
    let help = "Heartbeats passed on to the owners of their leases";
    let rows = [
        ("sent", counts.relays_sent),
        ("received", counts.relays_received),
    ];
    sheet.counters("peerage_relays", help, rows.map(|row| by("direction", row)))
}

fn by(label: &'static str, (name, count): (&str, u64)) -> (Labels<'static>, u64) {
    (vec![(label, name.to_owned())], count)
}

fn dropped(sheet: &mut Sheet<'_>, counts: &Counts) -> fmt::Result {
    let help =
        "Datagrams, items within datagrams, and streams unasked for that were dropped, by reason";
    let rows = [
        ("foreign", counts.datagrams_foreign),
        ("forged", counts.datagrams_forged),
        ("replayed", counts.datagrams_replayed),
        ("unknown", counts.datagrams_unknown),
        ("malformed", counts.datagrams_malformed),
        ("outside", counts.outside),
        ("distrusted", counts.distrusted),
        ("item_refused", counts.items_refused),
    ];
    sheet.counters(
        "peerage_datagrams_dropped",
        help,
        rows.map(|row| by("reason", row)),
    )?;
    let help = "Streams closed because they carried what made no sense";
    sheet.counter("peerage_streams_senseless", help, counts.links_senseless)?;
    let help = "Streams closed because the two ends had no cluster key in common";
    sheet.counter("peerage_streams_key_refused", help, counts.links_unproved)
}

fn traffic(sheet: &mut Sheet<'_>, counts: &Counts) -> fmt::Result {
    let row = |transport: &str, direction: &str, bytes| {
        let labels = [("transport", transport), ("direction", direction)];
        (
            labels
                .map(|(label, name)| (label, name.to_owned()))
                .to_vec(),
            bytes,
        )
    };
    let rows = [
        row("datagram", "sent", counts.datagram_bytes_sent),
        row("stream", "sent", counts.stream_bytes_sent),
        row("stream", "received", counts.stream_bytes_received),
    ];
    sheet.counters(
        "peerage_peer_traffic_bytes",
        "Bytes exchanged with peers",
        rows,
    )?;
    let help = "Streams with peers opened or accepted";
    sheet.counter("peerage_streams_opened", help, counts.links_opened)
}
