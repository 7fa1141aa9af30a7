//! What needs attention: derived from the documents, one sentence each, the worst first.
//!
//! What must always hold: what is said here the API says too, and where a monitor could watch for it, the gauge is named.

use web_ui::frame::Frame;
use web_ui::links;
use web_ui::parts::{Level, Link, Need, When};

use super::situation::Situation;
use super::times::{self, when};
use crate::clock::Timestamp;
use crate::cluster::view::{Agreement, Blocked, Member, Orphans, Stage, Standing};
use crate::native::documents::{Guard, ServiceRow, Worst};
use crate::plural::counted;

/// So many services of one kind of trouble are named one by one.
const NAMED_MAX: usize = 5;

/// What needs attention.
pub(super) fn of(situation: &Situation, frame: &Frame) -> Vec<Need> {
    let mut needs = Vec::new();
    needs.extend(isolated(situation, frame));
    needs.extend(not_ready(situation, frame));
    needs.extend(
        situation
            .cluster
            .members
            .iter()
            .filter_map(|member| about(member, situation, frame)),
    );
    needs.extend(
        situation
            .protection
            .guards
            .iter()
            .map(|guard| guarded(guard, situation, frame)),
    );
    needs.extend(
        situation
            .cluster
            .orphans
            .iter()
            .map(|orphans| orphaned(orphans, situation, frame)),
    );
    needs.extend(of_services(situation, frame));
    // What is equally bad stays in this order: first whether this page can be believed, then what it says.
    needs.sort_by_key(|need| std::cmp::Reverse(need.level));
    needs
}

fn cluster(frame: &Frame, part: &str, text: &str) -> Link {
    Link::new(format!("{}cluster{part}", frame.pages), text)
}

fn isolated(situation: &Situation, frame: &Frame) -> Option<Need> {
    let since = situation.cluster.isolated_since.as_ref()?;
    Some(Need {
        level: Level::Bad,
        sentence: "This server has lost the others, and shows only what it knows itself".to_owned(),
        since: when(since, situation.now),
        link: cluster(frame, "", "Who sees whom"),
        gauge: "peerage_isolated",
        ..Need::default()
    })
}

fn not_ready(situation: &Situation, frame: &Frame) -> Option<Need> {
    let server = &situation.cluster.server;
    let doing = match server.stage {
        Stage::Ready if server.ready => return None,
        Stage::Ready => "its lists are closed for now",
        Stage::Joining => "it looks for its peers",
        Stage::Syncing => "it takes over what its peers have",
        Stage::Collecting => "it collects registrations until its list is whole",
        Stage::Draining => "it is about to leave",
    };
    Some(Need {
        level: Level::Warn,
        sentence: format!("This server is not ready: {doing}"),
        evidence: "clients are sent elsewhere meanwhile".to_owned(),
        link: cluster(frame, "", "Look at the servers"),
        gauge: "peerage_stage",
        ..Need::default()
    })
}

/// What is to be said of another server.
fn about(member: &Member, situation: &Situation, frame: &Frame) -> Option<Need> {
    let name = &member.name;
    let (level, sentence, gauge) = match (member.standing, member.blocked, member.agrees) {
        (Standing::Left, ..) => return None,
        (Standing::Down, ..) => (Level::Bad, format!("{name} is down"), "peerage_peer_state"),
        (Standing::Suspect, ..) => (
            Level::Warn,
            format!("{name} does not answer, and is given time to"),
            "peerage_peer_state",
        ),
        (Standing::Behind, ..) => (
            Level::Warn,
            format!("{name} has news that this server cannot get"),
            "peerage_peer_lag_writes",
        ),
        (_, Some(Blocked::Udp), _) => (
            Level::Warn,
            format!("Datagrams from {name} do not come through: look at UDP between the two"),
            "peerage_peer_silence_seconds",
        ),
        (_, Some(Blocked::Tcp), _) => (
            Level::Warn,
            format!("Streams to {name} do not come about: look at TCP between the two"),
            "peerage_peer_connected",
        ),
        (_, Some(Blocked::Both), _) => (
            Level::Warn,
            format!("{name} is reached by others only: look at the network between the two"),
            "peerage_peer_connected",
        ),
        (_, _, Agreement::No) => (
            Level::Bad,
            format!("{name} shows other instances, though it has seen the same writes"),
            "peerage_peer_digest_match",
        ),
        _ if !member.connected => (
            Level::Warn,
            format!("No stream stands to {name}: what it writes comes by way of others"),
            "peerage_peer_connected",
        ),
        _ => return None,
    };
    Some(Need {
        level,
        sentence,
        since: heard(member, situation.now),
        evidence: told_of(member),
        link: cluster(frame, "", "Who sees whom"),
        gauge,
        ..Need::default()
    })
}

/// A server that is away has been so since it was last heard.
fn heard(member: &Member, now: Timestamp) -> When {
    let away = matches!(member.standing, Standing::Down | Standing::Suspect);
    let Some(ago) = member.heard_ms_ago.filter(|_| away) else {
        return When::default();
    };
    let at = Timestamp::from_millis(now.as_millis().saturating_sub(ago));
    when(&at.to_string(), now)
}

fn told_of(member: &Member) -> String {
    let zone = match member.zone.as_str() {
        "" => String::new(),
        zone => format!("in {zone}"),
    };
    match member.lag {
        0 => zone,
        lag if zone.is_empty() => format!("{lag} of its writes are missing here"),
        lag => format!("{zone}, {lag} of its writes are missing here"),
    }
}

/// A guard that protects, with what it holds and how it ends.
fn guarded(guard: &Guard, situation: &Situation, frame: &Frame) -> Need {
    let whom = match (guard.guard.as_str(), guard.zone.as_deref()) {
        ("zone", Some("")) => "The leases without a zone".to_owned(),
        ("zone", Some(zone)) => format!("The leases of {zone}"),
        _ => "All leases of this server".to_owned(),
    };
    Need {
        level: Level::Bad,
        sentence: format!("{whom} are protected: {}", guard.why),
        since: when(&guard.since, situation.now),
        until: when(&guard.until, situation.now),
        evidence: format!("{} over and held", guard.held),
        link: cluster(frame, "#protection", "See what is held"),
        gauge: "peerage_self_preservation_active",
    }
}

fn orphaned(orphans: &Orphans, situation: &Situation, frame: &Frame) -> Need {
    Need {
        level: Level::Warn,
        sentence: format!(
            "{} instances of a server that is gone are kept in doubt: {}",
            orphans.leases, orphans.why
        ),
        since: when(&orphans.since, situation.now),
        evidence: "released step by step later".to_owned(),
        until: When::default(),
        link: Link::new(frame.instances("code:orphan_kept"), "List them"),
        gauge: "peerage_leases_orphaned_kept",
    }
}

fn of_services(situation: &Situation, frame: &Frame) -> Vec<Need> {
    let all = &situation.services.services;
    let of = |worst: Worst| all.iter().filter(move |service| service.worst == worst);
    let mut needs = named(
        of(Worst::NoneUp),
        |service| none_up(service, situation, frame),
        |more| {
            summed(
                Level::Bad,
                format!("{more} more services have no instance up"),
                frame,
            )
        },
    );
    needs.extend(named(
        of(Worst::ZoneWithoutUp),
        |service| zone_without(service, situation, frame),
        |more| {
            summed(
                Level::Warn,
                format!("{more} more services have no instance up in one of their zones"),
                frame,
            )
        },
    ));
    let down: u64 = all.iter().map(|service| service.down).sum();
    if down > 0 {
        needs.push(some_down(
            down,
            all.iter().filter(|service| service.down > 0).count(),
            frame,
        ));
    }
    needs
}

/// The first few one by one, the rest in one sentence.
fn named<'a>(
    services: impl Iterator<Item = &'a ServiceRow>,
    need: impl Fn(&ServiceRow) -> Need,
    rest: impl Fn(usize) -> Need,
) -> Vec<Need> {
    let services: Vec<_> = services.collect();
    let mut needs: Vec<_> = services
        .iter()
        .take(NAMED_MAX)
        .map(|service| need(service))
        .collect();
    let more = services.len().saturating_sub(NAMED_MAX);
    needs.extend((more > 0).then(|| rest(more)));
    needs
}

fn summed(level: Level, sentence: String, frame: &Frame) -> Need {
    Need {
        level,
        sentence,
        link: Link::new(format!("{}services", frame.pages), "List services"),
        gauge: "peerage_instances",
        ..Need::default()
    }
}

fn none_up(service: &ServiceRow, situation: &Situation, frame: &Frame) -> Need {
    Need {
        level: Level::Bad,
        sentence: format!("{} has no instance up", service.name),
        since: When::default(),
        evidence: format!(
            "{} listed, {}; last changed {}",
            service.instances,
            statuses(service),
            ago(service, situation.now)
        ),
        link: Link::new(frame.service(&service.name), "Look at it"),
        gauge: "eureka_server_instances",
        ..Need::default()
    }
}

fn zone_without(service: &ServiceRow, situation: &Situation, frame: &Frame) -> Need {
    let zones = service
        .zones
        .iter()
        .filter(|(_, statuses)| !statuses.contains_key("UP"));
    let zones: Vec<_> = zones.map(|(zone, _)| zone.as_str()).collect();
    Need {
        level: Level::Warn,
        sentence: format!(
            "{} has no instance up in {}",
            service.name,
            zones.join(", ")
        ),
        evidence: format!(
            "{} of {} up in all; last changed {}",
            service.up,
            service.instances,
            ago(service, situation.now)
        ),
        link: Link::new(frame.service(&service.name), "Look at it"),
        gauge: "eureka_server_instances",
        ..Need::default()
    }
}

fn some_down(down: u64, services: usize, frame: &Frame) -> Need {
    let sentence = match down {
        1 => "1 instance says that it is down".to_owned(),
        down => {
            let of = counted(services as u64, "service");
            format!("{down} instances of {of} say that they are down")
        }
    };
    Need {
        level: Level::Warn,
        sentence,
        link: Link::new(frame.instances(&links::term("status", "DOWN")), "List them"),
        gauge: "peerage_instances",
        ..Need::default()
    }
}

fn statuses(service: &ServiceRow) -> String {
    let counts = [
        (service.down, "down"),
        (service.starting, "starting"),
        (service.out_of_service, "out of service"),
        (service.unknown, "unknown"),
    ];
    let said = counts.into_iter().filter(|(count, _)| *count > 0);
    let said: Vec<_> = said
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    said.join(", ")
}

fn ago(service: &ServiceRow, now: Timestamp) -> String {
    let at = times::millis(&service.updated_at);
    at.map_or_else(String::new, |at| web_ui::times::words(at, now.as_millis()))
}
