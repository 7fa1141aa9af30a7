//! One entry per misfortune: its key, what goes with it, and which faults it comes to.

use std::time::Duration;

use peerage::registry::status::Status;
use toml_edit::Value;

use super::Deed;
use crate::stories::cast::Cast;
use crate::stories::source::Table;
use crate::stories::values;
use crate::world::fault::{Crowd, Fault, Keys, Memory, Release, Stalled};
use crate::world::network::{Between, Cut, Group, Ill, Protocol};

/// A kind of misfortune.
pub(super) struct Kind {
    /// The key that names it.
    pub(super) key: &'static str,
    /// What may be said beside it.
    pub(super) with: &'static [&'static str],
    /// What it comes to.
    pub(super) read: fn(&Cast, &Table<'_>) -> Option<Deed>,
}

macro_rules! kinds {
    ($($key:literal [$($with:literal),*] $read:path),+ $(,)?) => {
        &[$(Kind { key: $key, with: &[$($with),*], read: $read }),+]
    };
}

/// All kinds.
pub(super) const KINDS: &[Kind] = kinds![
    "cut" ["only"] cut,
    "link" ["loss", "twice", "late", "corrupt", "latency", "rate"] link,
    "break" [] break_streams,
    "crash" ["machine", "memory", "clock"] crash,
    "leave" ["release"] leave,
    "join" ["twin_of"] join,
    "stall" ["what"] stall,
    "step" ["by"] step,
    "drift" ["ppm"] drift,
    "rekey" ["keys"] rekey,
    "unreachable" ["clients"] unreachable,
    "silence" [] silence,
    "cancel" [] cancel,
    "register" [] register,
    "hurry" ["beats"] hurry,
    "move" ["to"] turn_to,
    "override" ["by", "status"] overrides,
    "note" ["by"] note,
];

const PROTOCOLS: &[(&str, Protocol)] = &[("udp", Protocol::Datagrams), ("tcp", Protocol::Streams)];
const MEMORIES: &[(&str, Memory)] = &[
    ("empty", Memory::Empty),
    ("old", Memory::Old),
    ("same", Memory::Same),
];
const STALLED: &[(&str, Stalled)] = &[
    ("all", Stalled::All),
    ("reader", Stalled::Reader),
    ("timers", Stalled::Timers),
];
const RELEASES: &[(&str, Release)] = &[("present", Release::Present), ("next", Release::Next)];
const RINGS: &[(&str, Keys)] = &[
    ("old", Keys::Old),
    ("old new", Keys::OldFirst),
    ("new old", Keys::NewFirst),
    ("new", Keys::New),
];
const STATUSES: &[(&str, Status)] = &[
    ("UP", Status::Up),
    ("DOWN", Status::Down),
    ("STARTING", Status::Starting),
    ("OUT_OF_SERVICE", Status::OutOfService),
    ("UNKNOWN", Status::Unknown),
];

/// Two groups of peers, and whether it goes both ways.
struct Sides(Vec<usize>, Vec<usize>, bool);

/// `A | B C`, both ways; or `A -> B`, one way.
fn sides(cast: &Cast, text: &str) -> Result<Sides, String> {
    let (mutual, halves) = match (text.split_once("->"), text.split_once('|')) {
        (Some(halves), None) => (false, halves),
        (None, Some(halves)) => (true, halves),
        _ => {
            return Err(format!(
                "\"{text}\" has to name two sides: \"A | B\" for both ways, \"A -> B\" for one"
            ));
        }
    };
    let one = cast.group(halves.0, &[])?;
    let other = cast.group(halves.1, &one)?;
    let both = one.iter().find(|peer| other.contains(peer));
    match both {
        Some(peer) if one.len() < cast.peers.len() || other.len() < cast.peers.len() => {
            let peer = crate::world::timeline::letter(*peer);
            Err(format!("{peer} is on both sides"))
        }
        _ => Ok(Sides(one, other, mutual)),
    }
}

/// Two sides, or everybody with everybody.
fn sides_or_all(cast: &Cast, text: &str) -> Result<Sides, String> {
    if text.contains('|') || text.contains("->") {
        return sides(cast, text);
    }
    let some = cast.group(text, &[])?;
    let all = cast.group("all", &[])?;
    Ok(Sides(some, all, true))
}

fn cut(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let Sides(from, to, mutual) = table.read("cut", |value| sides(cast, &values::text(value)?))?;
    let only = table.read("only", |value| values::one_of(value, PROTOCOLS));
    let cut = Cut {
        mutual,
        only,
        ..Cut::between(Group::of(&from), Group::of(&to))
    };
    Some(Deed::Faults(vec![Fault::Cut(cut)]))
}

fn link(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let Sides(from, to, mutual) =
        table.read("link", |value| sides_or_all(cast, &values::text(value)?))?;
    let between = Between {
        from: Group::of(&from),
        to: Group::of(&to),
        mutual,
    };
    let share = |key, ill: fn(f64) -> Ill| table.read(key, values::share).map(ill);
    let ills = [
        share("loss", Ill::Loss),
        share("twice", Ill::Twice),
        share("late", Ill::Late),
        share("corrupt", Ill::Corrupt),
        table
            .read("latency", values::span)
            .map(|range| Ill::Far(range.start, range.end)),
        table.read("rate", values::rate).map(Ill::Slow),
    ];
    let ills: Vec<Fault> = ills
        .into_iter()
        .flatten()
        .map(|ill| Fault::Ill(between, ill))
        .collect();
    if ills.is_empty() {
        table.mistake(
            "say what is wrong with the link: loss, twice, late, corrupt, latency or rate",
        );
    }
    Some(Deed::Faults(ills))
}

fn break_streams(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let Sides(from, to, _) = table.read("break", |value| sides(cast, &values::text(value)?))?;
    let pairs = from
        .iter()
        .flat_map(|one| to.iter().map(|other| Fault::Break(*one, *other)));
    Some(Deed::Faults(pairs.collect()))
}

/// The peers that the value of a key names, each with a fault of its own.
fn each(cast: &Cast, table: &Table<'_>, key: &str, fault: impl Fn(usize) -> Fault) -> Option<Deed> {
    let hosts = peers(cast, table, key)?;
    Some(Deed::Faults(hosts.into_iter().map(fault).collect()))
}

fn peers(cast: &Cast, table: &Table<'_>, key: &str) -> Option<Vec<usize>> {
    table.read(key, |value| cast.group(&values::text(value)?, &[]))
}

/// One peer.
fn peer(cast: &Cast, table: &Table<'_>, key: &str) -> Option<usize> {
    table.require(key, |value| {
        match cast.group(&values::text(value)?, &[])?[..] {
            [host] => Ok(host),
            _ => Err("this has to be one peer".to_owned()),
        }
    })
}

fn crash(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let machine = table.read("machine", values::truth).unwrap_or(false);
    let memory = table.read("memory", |value| values::one_of(value, MEMORIES));
    let clock_off_millis = table.read("clock", values::offset).unwrap_or(0);
    each(cast, table, "crash", |host| Fault::Crash {
        host,
        machine,
        memory: memory.unwrap_or(Memory::Empty),
        clock_off_millis,
    })
}

fn leave(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let release = table.read("release", |value| values::one_of(value, RELEASES));
    let release = release.unwrap_or(Release::Present);
    each(cast, table, "leave", |host| Fault::Leave { host, release })
}

fn join(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let hosts = peers(cast, table, "join")?;
    if hosts.contains(&0) {
        table.mistake_at(
            "join",
            "A is there from the beginning; let another one join",
        );
    }
    let twin_of = table.has("twin_of").then(|| peer(cast, table, "twin_of"));
    Some(Deed::Joins(hosts, twin_of.flatten()))
}

fn stall(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let what = table.read("what", |value| values::one_of(value, STALLED));
    let what = what.unwrap_or(Stalled::All);
    each(cast, table, "stall", |host| Fault::Stall { host, what })
}

fn step(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let millis = table.require("by", values::offset)?;
    each(cast, table, "step", |host| Fault::Step { host, millis })
}

fn drift(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let ppm = table.require("ppm", parts_per_million)?;
    each(cast, table, "drift", |host| Fault::Drift { host, ppm })
}

fn parts_per_million(value: &Value) -> Result<i32, String> {
    let ppm = value.as_integer().and_then(|ppm| i32::try_from(ppm).ok());
    ppm.filter(|ppm| ppm.abs() <= 100_000)
        .ok_or_else(|| "this is a whole number from -100000 to 100000".to_owned())
}

fn rekey(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let keys = table.require("keys", |value| values::one_of(value, RINGS))?;
    each(cast, table, "rekey", |host| Fault::Rekey { host, keys })
}

/// The crowds that the value of a key names, each with a fault of its own.
fn every(
    cast: &Cast,
    table: &Table<'_>,
    key: &str,
    fault: impl Fn(Crowd) -> Fault,
) -> Option<Deed> {
    let crowds = table.require(key, |value| cast.crowds(&values::text(value)?))?;
    let crowds = crowds.into_iter().map(|crowd| cast.crowds[crowd].1);
    Some(Deed::Faults(crowds.map(fault).collect()))
}

fn unreachable(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let hosts = Group::of(&peers(cast, table, "unreachable")?);
    every(cast, table, "clients", |clients| Fault::Unreachable {
        clients,
        hosts,
    })
}

fn silence(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    every(cast, table, "silence", Fault::Silence)
}

fn cancel(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    every(cast, table, "cancel", Fault::Cancel)
}

fn register(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    every(cast, table, "register", Fault::Register)
}

fn hurry(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let beats = table.require("beats", values::duration)?;
    let beats = beats.max(Duration::from_millis(1));
    every(cast, table, "hurry", |clients| Fault::Hurry {
        clients,
        every: beats,
    })
}

fn turn_to(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let host = peer(cast, table, "to")?;
    every(cast, table, "move", |clients| Fault::Move { clients, host })
}

fn overrides(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let host = peer(cast, table, "by")?;
    let status = table.require("status", |value| values::one_of(value, STATUSES))?;
    every(cast, table, "override", |clients| Fault::Override {
        clients,
        host,
        status,
    })
}

fn note(cast: &Cast, table: &Table<'_>) -> Option<Deed> {
    let host = peer(cast, table, "by")?;
    every(cast, table, "note", |clients| Fault::Note { clients, host })
}
