//! What went wrong, told to somebody who was not there.
//!
//! Here: faults in words, with the names of a story. Not here: their short form for those who repair (`world::fault`).

use std::collections::BTreeMap;
use std::time::Duration;

use super::text;
use crate::stories::cast::Cast;
use crate::stories::values;
use crate::world::fault::{Crowd, Fault, Memory, Release, Stalled};
use crate::world::film::HostPicture;
use crate::world::network::{Between, Cut, Group, Ill, Protocol};
use crate::world::plan::Plan;
use crate::world::timeline::letter;

/// A fault in words: a clause that says what is the case.
pub fn fault(cast: &Cast, fault: &Fault) -> String {
    match *fault {
        Fault::Cut(cut) => told_cut(cast, &cut),
        Fault::Ill(between, ill) => told_ill(cast, &between, ill),
        Fault::Break(one, other) => {
            format!(
                "the connections between {} and {} break",
                letter(one),
                letter(other)
            )
        }
        Fault::Crash {
            host,
            machine,
            memory,
            ..
        } => crash(host, machine, memory),
        Fault::Leave { host, release } => match release {
            Release::Present => format!("{} leaves, to be restarted", letter(host)),
            Release::Next => format!("{} leaves, to be upgraded", letter(host)),
        },
        Fault::Stall { host, what } => {
            let what = match what {
                Stalled::All => "stands still",
                Stalled::Reader => "reads nothing from other peers",
                Stalled::Timers => "does nothing by the clock",
            };
            format!("{} {what}", letter(host))
        }
        Fault::Step { host, millis } => {
            format!("the clock of {} jumps {}", letter(host), jump(millis))
        }
        Fault::Drift { host, ppm } => format!("the clock of {} drifts by {ppm} ppm", letter(host)),
        Fault::Rekey { host, keys } => format!("{} has {keys}", letter(host)),
        _ => clients(cast, fault),
    }
}

/// Who joins after the story began, and when; those of one moment together.
pub fn joins(plan: &Plan, begins_at: Duration) -> Vec<(Duration, String)> {
    let mut joins: BTreeMap<(Duration, Option<usize>), Vec<String>> = BTreeMap::new();
    let late = plan.hosts.iter().enumerate();
    for (number, host) in late.filter(|(_, host)| host.starts_at > begins_at) {
        let together = joins.entry((host.starts_at, host.twin_of)).or_default();
        together.push(letter(number));
    }
    let told = joins.into_iter().map(|((at, twin_of), who)| {
        let verb = if who.len() == 1 { "joins" } else { "join" };
        let verb = format!("{} {verb}", who.join(" "));
        match twin_of {
            Some(twin) => (at, format!("{verb} under the id of {}", letter(twin))),
            None => (at, verb),
        }
    });
    told.collect()
}

/// What befalls clients, or is done about them.
fn clients(cast: &Cast, fault: &Fault) -> String {
    match *fault {
        Fault::Unreachable { clients, hosts } => {
            format!(
                "{} cannot reach {}",
                crowd(cast, clients),
                group(cast, hosts)
            )
        }
        Fault::Silence(clients) => does(cast, clients, "falls silent without a word"),
        Fault::Cancel(clients) => does(cast, clients, "stops in good order"),
        Fault::Register(clients) => does(cast, clients, "registers anew, all at once"),
        Fault::Reset { clients, millis } => {
            format!(
                "the clocks of {} jump {}",
                crowd(cast, clients),
                jump(millis)
            )
        }
        Fault::Hurry { clients, every } => does(
            cast,
            clients,
            &format!("beats every {}", values::told(every)),
        ),
        Fault::Move { clients, host } => does(cast, clients, &format!("turns to {}", letter(host))),
        Fault::Override {
            clients,
            host,
            status,
        } => format!(
            "an operator sets {} to {status}, at {}",
            crowd(cast, clients),
            letter(host)
        ),
        Fault::Note { clients, host } => {
            format!(
                "the metadata of {} are changed, at {}",
                crowd(cast, clients),
                letter(host)
            )
        }
        _ => fault.to_string(),
    }
}

fn told_cut(cast: &Cast, cut: &Cut) -> String {
    let (from, to) = (group(cast, cut.from), group(cast, cut.to));
    let what = match cut.only {
        None => "nothing",
        Some(Protocol::Datagrams) => "no UDP",
        Some(Protocol::Streams) => "no TCP",
    };
    match (cut.mutual, from == to) {
        (true, true) => format!("{what} gets through between peers"),
        (true, false) => format!("{what} gets through between {from} and {to}"),
        (false, _) => format!("{what} gets through from {from} to {to}"),
    }
}

fn told_ill(cast: &Cast, between: &Between, ill: Ill) -> String {
    let (from, to) = (group(cast, between.from), group(cast, between.to));
    let between = match (between.mutual, from == to) {
        (true, true) => "between peers".to_owned(),
        (true, false) => format!("between {from} and {to}"),
        (false, _) => format!("from {from} to {to}"),
    };
    let percent = |share: f64| share * 100.0;
    match ill {
        Ill::Loss(share) => format!("{:.0} % of packets are lost {between}", percent(share)),
        Ill::Twice(share) => format!("{:.0} % of packets arrive twice {between}", percent(share)),
        Ill::Late(share) => format!("{:.0} % of packets are overtaken {between}", percent(share)),
        Ill::Corrupt(share) => format!("{:.0} % of packets are damaged {between}", percent(share)),
        Ill::Far(_, most) => format!("packets take up to {} {between}", values::told(most)),
        Ill::Slow(bytes) => format!("only {bytes} bytes/s {between}"),
    }
}

fn crash(host: usize, machine: bool, memory: Memory) -> String {
    let what = if machine { "machine" } else { "process" };
    let memory = match memory {
        Memory::Empty => "",
        Memory::Old => ", to come back with an old disk",
        Memory::Same => ", to come back with what it had on disk",
    };
    format!("the {what} of {} dies{memory}", letter(host))
}

/// By how much a clock jumps, and where to.
fn jump(millis: i64) -> String {
    let time = values::told(Duration::from_millis(millis.unsigned_abs()));
    let way = if millis < 0 { "back" } else { "ahead" };
    format!("{way} by {time}")
}

fn group(cast: &Cast, group: Group) -> String {
    let peers = 0..cast.peers.len();
    let peers: Vec<usize> = peers.filter(|peer| group.has(*peer)).collect();
    cast.told(&peers)
}

/// What some clients do, one or several.
fn does(cast: &Cast, clients: Crowd, what: &str) -> String {
    let what = match clients.count {
        1 => what.to_owned(),
        _ => text::plural(what),
    };
    format!("{} {what}", crowd(cast, clients))
}

/// Clients for people: their crowd, if they are one, or how many.
fn crowd(cast: &Cast, crowd: Crowd) -> String {
    let known = cast.crowds.iter().find(|(_, known)| *known == crowd);
    match known {
        Some((name, _)) => format!("{name} ({})", crowd.count),
        None if crowd.count == 1 => format!("instance {}", crowd.first),
        None => format!("{} instances", crowd.count),
    }
}

/// What a peer holds back from expiry, for people: `all instances`, `zone west`, `16 instances of C`.
pub fn protected(host: &HostPicture) -> Vec<String> {
    let told = host.protects.iter().map(|text| match orphans(text) {
        Some(("1", owner)) => format!("1 instance of {owner}"),
        Some((number, owner)) => format!("{number} instances of {owner}"),
        None => text.clone(),
    });
    told.collect()
}

/// The same without how many, those of several peers together.
pub fn protected_kinds(host: &HostPicture) -> Vec<String> {
    let owners = host
        .protects
        .iter()
        .filter_map(|text| Some(orphans(text)?.1));
    let mut owners: Vec<String> = owners.collect();
    owners.sort_unstable();
    owners.dedup();
    let others = host.protects.iter().filter(|text| orphans(text).is_none());
    let mut kinds: Vec<String> = others.cloned().collect();
    if !owners.is_empty() {
        kinds.push(format!("the instances of {}", owners.join(" ")));
    }
    kinds
}

/// How many instances of a peer that is gone are kept, and whose they were; if that is what is protected.
fn orphans(text: &str) -> Option<(&str, String)> {
    let (number, owner) = text.split_once(" orphans of ")?;
    let node = owner.split_once('.').map_or(owner, |(node, _)| node);
    let number_of_node = usize::from_str_radix(node, 16).ok();
    let host = number_of_node
        .filter(|_| node.len() > 1)
        .and_then(|node| node.checked_sub(1));
    Some((number, host.map_or_else(|| owner.to_owned(), letter)))
}
