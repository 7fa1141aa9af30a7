//! `peerage status`: one server in ten lines, and whether it is well.

use serde::Serialize;

use super::answer::{Answer, DONE, UNWELL};
use super::table::{plain, written};
use crate::cluster::view::{Cluster, Member, Protected, Server, Stage, Standing};
use crate::config::show::Output;
use crate::plural::counted;

/// What programs are told.
#[derive(Clone, Debug, Serialize)]
struct Status<'a> {
    healthy: bool,
    /// Why it is not.
    reasons: &'a [String],
    #[serde(flatten)]
    cluster: &'a Cluster,
}

/// What is said of a server, and whether it differs from others for good.
pub(super) fn answer(cluster: &Cluster, differs: bool, output: Output) -> Answer {
    let reasons = reasons(cluster, differs);
    let status = Status {
        healthy: reasons.is_empty(),
        reasons: &reasons,
        cluster,
    };
    Answer {
        text: written(output, || text(cluster, &reasons), &status, &[&status]),
        code: if reasons.is_empty() { DONE } else { UNWELL },
    }
}

/// What is not well.
fn reasons(cluster: &Cluster, differs: bool) -> Vec<String> {
    let server = &cluster.server;
    let guards: Vec<_> = cluster.protected.iter().map(guarded).collect();
    let not_ready = match server.stage {
        Stage::Ready => {
            "not ready (a fault has ended its exchange with peers: restart it)".to_owned()
        }
        _ => format!("not ready ({})", stage(server)),
    };
    let protecting = format!("protecting {}", guards.join(", "));
    let missing: Vec<_> = cluster.missing().map(|member| &*member.name).collect();
    let without = format!("without {}", missing.join(", "));
    let all = [
        (!server.ready, &*not_ready),
        (cluster.isolated_since.is_some(), "isolated from its peers"),
        (!missing.is_empty(), &without),
        (differs, "shows other instances than its peers"),
        (!guards.is_empty(), &protecting),
    ];
    let hold = all.iter().filter(|(holds, _)| *holds);
    hold.map(|(_, reason)| (*reason).to_owned()).collect()
}

fn text(cluster: &Cluster, reasons: &[String]) -> String {
    let Server {
        name,
        id,
        zone,
        version,
        url,
        state,
        instances,
        ..
    } = &cluster.server;
    let zone = if zone.is_empty() { "no zone" } else { zone };
    let lines = [
        (
            "server",
            format!("{name} ({id}), {zone}, release {version}"),
        ),
        ("at", at(url, cluster.server.address.as_deref())),
        (
            "since",
            format!(
                "{}, epoch {}",
                cluster.server.started_at, cluster.server.epoch
            ),
        ),
        (
            "state",
            format!("{}{}", stage(&cluster.server), closed(&cluster.server)),
        ),
        ("cluster", standings(cluster)),
        (
            "instances",
            format!(
                "{instances} shown, {} owned, {} of them silent",
                counted(state.leases_owned, "lease"),
                state.leases_silent
            ),
        ),
        (
            "heartbeats",
            format!("{} in the last minute", state.renewals_per_minute),
        ),
        ("protected", or(&cluster.protected, "nothing", protection)),
        (
            "orphans",
            or(&cluster.orphans, "none are kept", |kept| {
                format!(
                    "{} of {} until {}: {}",
                    kept.leases, kept.owner, kept.until, kept.why
                )
            }),
        ),
        ("verdict", or(reasons, "healthy", Clone::clone)),
    ];
    lines
        .iter()
        .map(|(name, said)| format!("{name:<11} {}\n", plain(said)))
        .collect()
}

fn at(url: &str, address: Option<&str>) -> String {
    match address {
        Some(address) => format!("{url}, peers at {address}"),
        None => format!("{url}, no peers"),
    }
}

fn stage(server: &Server) -> String {
    let stage = serde_json::to_value(server.stage).unwrap_or_default();
    stage.as_str().unwrap_or_default().to_owned()
}

/// What it does not serve.
fn closed(server: &Server) -> String {
    let serves = server.serves;
    let all = [
        (serves.lists, "lists"),
        (serves.not_found, "calls about unknown instances"),
        (serves.writes, "writes"),
        (serves.new_leases, "new instances"),
    ];
    let closed: Vec<_> = all
        .iter()
        .filter(|(open, _)| !open)
        .map(|(_, what)| *what)
        .collect();
    if closed.is_empty() {
        String::new()
    } else {
        format!(", refuses {}", closed.join(", "))
    }
}

/// Who is there of the cluster, and whether they agree.
fn standings(cluster: &Cluster) -> String {
    let Cluster { name, members, .. } = cluster;
    let stayed = members
        .iter()
        .filter(|member| member.standing != Standing::Left);
    if stayed.clone().next().is_none() {
        return "alone".to_owned();
    }
    let up = stayed
        .clone()
        .filter(|member| matches!(member.standing, Standing::Up | Standing::Behind));
    let agreed = if cluster.agreed {
        "all agree"
    } else {
        "not all agree"
    };
    let missing: Vec<_> = cluster.missing().map(missing).collect();
    let missing = if missing.is_empty() {
        String::new()
    } else {
        format!("; {}", missing.join(", "))
    };
    format!(
        "{name}: {} of {} up, {agreed}{missing}",
        up.count() + 1,
        stayed.count() + 1
    )
}

fn missing(member: &Member) -> String {
    let standing = if member.standing == Standing::Behind {
        "behind"
    } else {
        "down"
    };
    format!("{} {standing}", member.name)
}

fn guarded(protected: &Protected) -> String {
    match (protected.guard.as_str(), &protected.zone) {
        ("zone", Some(zone)) => format!("zone {zone}"),
        ("zone", None) => "instances without a zone".to_owned(),
        _ => "all instances".to_owned(),
    }
}

fn protection(protected: &Protected) -> String {
    let Protected {
        since, until, why, ..
    } = protected;
    format!(
        "{} since {since}, until {until} at the latest: {why}",
        guarded(protected)
    )
}

fn or<T>(all: &[T], nothing: &str, told: impl Fn(&T) -> String) -> String {
    match all {
        [] => nothing.to_owned(),
        _ => all.iter().map(told).collect::<Vec<_>>().join("; "),
    }
}
