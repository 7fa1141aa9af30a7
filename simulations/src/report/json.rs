//! What is told of runs, as JSON for programs.
//!
//! Here: the shape of the document, which `simulations/stories/README.md` describes. Not here: what happened. What
//! must always hold: a document says which version of its shape it has, and a change that would break a reader counts
//! that up.

use std::time::Duration;

use serde::Serialize;

use super::moments::{self, Change, Moment};
use super::{Account, Played, model_name, telling, text};
use crate::stories::verdict::Verdict;
use crate::world::film::{HostPicture, Picture, Running, Sight};
use crate::world::timeline::{Kind, Line, letter};

/// What documents say they are.
const FORMAT: &str = "peerage-simulation";
/// The version of their shape.
const VERSION: u32 = 1;
/// No more values than this tell the traffic of a peer.
const TRAFFIC_MAX: u32 = 600;

#[derive(Debug, Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    story: About<'a>,
    misfortunes: Vec<Trouble>,
    runs: Vec<Run<'a>>,
}

#[derive(Debug, Serialize)]
struct About<'a> {
    name: &'a str,
    title: &'a str,
    about: &'a str,
    command: &'a str,
    seed: u64,
    lasts: f64,
    step: f64,
    instances: usize,
    peers: Vec<Peer<'a>>,
    crowds: Vec<Crowd<'a>>,
}

#[derive(Debug, Serialize)]
struct Peer<'a> {
    name: String,
    zone: &'a str,
}

#[derive(Debug, Serialize)]
struct Crowd<'a> {
    name: &'a str,
    count: usize,
}

#[derive(Debug, Serialize)]
struct Trouble {
    at: f64,
    until: Option<f64>,
    kind: &'static str,
    text: String,
}

#[derive(Debug, Serialize)]
struct Run<'a> {
    model: &'static str,
    name: &'a str,
    trace: String,
    verdicts: Vec<Judged<'a>>,
    pictures: Vec<Shot>,
    traffic: Traffic,
    moments: Vec<Told>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<Told>,
}

#[derive(Debug, Serialize)]
struct Judged<'a> {
    expected: &'a str,
    kept: bool,
    measured: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
}

/// A picture in which something is otherwise than in the one before; peers that are not are `null`.
#[derive(Debug, Serialize)]
struct Shot {
    at: f64,
    equal: bool,
    alive: usize,
    readers: [usize; 3],
    peers: Vec<Option<State>>,
}

#[derive(Debug, PartialEq, Serialize)]
struct State {
    power: &'static str,
    ready: bool,
    isolated: bool,
    shown: usize,
    missing: usize,
    stale: usize,
    crowds: Vec<[usize; 4]>,
    sees: String,
    protects: Vec<String>,
    owned: usize,
    silent: usize,
}

/// Bytes per second sent to other servers, on average over so many seconds; a list per peer.
#[derive(Debug, Serialize)]
struct Traffic {
    step: f64,
    sent: Vec<Vec<u64>>,
}

#[derive(Debug, Serialize)]
struct Told {
    at: f64,
    who: Vec<String>,
    kind: &'static str,
    text: String,
}

/// The document. `lines`: with every line of the world's own timeline.
///
/// # Errors
/// Never: everything in it can be written.
pub fn document(account: &Account, lines: bool) -> serde_json::Result<String> {
    let document = Document {
        format: FORMAT,
        version: VERSION,
        story: about(account),
        misfortunes: misfortunes(account),
        runs: account
            .runs
            .iter()
            .map(|played| run(account, played, lines))
            .collect(),
    };
    serde_json::to_string(&document)
}

fn about(account: &Account) -> About<'_> {
    let (plan, cast) = (account.plan(), &account.cast);
    let peers = cast.peers.iter().enumerate().map(|(number, zone)| Peer {
        name: letter(number),
        zone: &cast.zones[*zone],
    });
    let crowds = cast.crowds.iter().map(|(name, crowd)| Crowd {
        name,
        count: crowd.count,
    });
    About {
        name: &account.name,
        title: &account.title,
        about: &account.about,
        command: &account.command,
        seed: plan.seed,
        lasts: account.lasts.as_secs_f64(),
        step: plan.every.as_secs_f64(),
        instances: plan.clients.len(),
        peers: peers.collect(),
        crowds: crowds.collect(),
    }
}

fn misfortunes(account: &Account) -> Vec<Trouble> {
    let all = account.misfortunes();
    let mut troubles: Vec<Trouble> = all
        .iter()
        .flat_map(|one| {
            one.whiles.iter().map(|(at, until)| Trouble {
                at: at.as_secs_f64(),
                until: until.map(|until| until.as_secs_f64()),
                kind: one.kind,
                text: one.text.clone(),
            })
        })
        .collect();
    troubles.sort_by(|one, other| one.at.total_cmp(&other.at));
    troubles
}

fn run<'a>(account: &Account, played: &'a Played, lines: bool) -> Run<'a> {
    let film = &played.film;
    let told = film
        .lines
        .iter()
        .filter(|line| lines && line.at >= account.begins_at);
    Run {
        model: film.model,
        name: model_name(film.model),
        trace: format!("{:016x}", film.trace),
        verdicts: played.verdicts.iter().map(judged).collect(),
        pictures: shots(account, played),
        traffic: Traffic {
            step: traffic_step(account).as_secs_f64(),
            sent: traffic(account, played),
        },
        moments: moments::of(account, played).iter().map(moment).collect(),
        lines: told.map(|told| line(account, told)).collect(),
    }
}

fn judged(verdict: &Verdict) -> Judged<'_> {
    Judged {
        expected: &verdict.told,
        kept: verdict.kept,
        measured: &verdict.measured,
        value: verdict.value,
    }
}

fn shots(account: &Account, played: &Played) -> Vec<Shot> {
    let mut before: Vec<Option<State>> = Vec::new();
    let mut shots: Vec<Shot> = Vec::new();
    for picture in account.pictures(played) {
        before.resize_with(picture.hosts.len(), || None);
        let mut peers = Vec::new();
        for (host, before) in picture.hosts.iter().zip(&mut before) {
            let now = state(host);
            let changed = before.as_ref() != Some(&now);
            peers.push(changed.then(|| state(host)));
            *before = Some(now);
        }
        let shot = shot(account, picture, peers);
        let same = shots.last().is_some_and(|last| same(last, &shot));
        if !same {
            shots.push(shot);
        }
    }
    shots
}

fn shot(account: &Account, picture: &Picture, peers: Vec<Option<State>>) -> Shot {
    let readers = &picture.readers;
    Shot {
        at: account.since(picture.at).as_secs_f64(),
        equal: picture.equal,
        alive: picture.alive,
        readers: [readers.caches, readers.missing, readers.stale],
        peers,
    }
}

fn same(last: &Shot, now: &Shot) -> bool {
    let common = |shot: &Shot| (shot.equal, shot.alive, shot.readers);
    common(last) == common(now) && now.peers.iter().all(Option::is_none)
}

fn state(host: &HostPicture) -> State {
    let crowds = host.crowds.iter();
    State {
        power: power(host.power),
        ready: host.ready,
        isolated: host.isolated,
        shown: host.shown,
        missing: host.missing,
        stale: host.stale,
        crowds: crowds
            .map(|counts| [counts.shown, counts.up, counts.missing, counts.stale])
            .collect(),
        sees: host.sees.iter().map(|sight| sight_letter(*sight)).collect(),
        protects: telling::protected(host),
        owned: host.owned,
        silent: host.silent,
    }
}

const fn power(power: Running) -> &'static str {
    match power {
        Running::Up => "up",
        Running::Stalled => "stalled",
        Running::Down => "down",
    }
}

const fn sight_letter(sight: Sight) -> char {
    match sight {
        Sight::Itself => 'I',
        Sight::Up => 'U',
        Sight::Suspect => 'S',
        Sight::Behind => 'B',
        Sight::Down => 'D',
        Sight::Left => 'L',
        Sight::Unknown => 'N',
    }
}

/// The time over which traffic is averaged: a second, or more in long stories.
pub fn traffic_step(account: &Account) -> Duration {
    let second = Duration::from_secs(1);
    let steps = (account.lasts / TRAFFIC_MAX).as_secs() + 1;
    second * u32::try_from(steps).unwrap_or(1)
}

/// Bytes per second that each peer sent, step by step.
pub fn traffic(account: &Account, played: &Played) -> Vec<Vec<u64>> {
    let step = traffic_step(account);
    let peers = account.cast.peers.len();
    let mut sent = vec![Vec::new(); peers];
    let mut before: Option<(Duration, Vec<u64>)> = None;
    for picture in account.pictures(played) {
        let now: Vec<u64> = picture.hosts.iter().map(|host| host.sent).collect();
        let (since, was) = before.get_or_insert_with(|| (picture.at, now.clone()));
        if picture.at >= *since + step {
            let millis = (picture.at - *since).as_millis().max(1);
            for (sent, (was, now)) in sent.iter_mut().zip(was.iter().zip(&now)) {
                let bytes = u128::from(now.saturating_sub(*was)) * 1_000 / millis;
                sent.push(u64::try_from(bytes).unwrap_or(u64::MAX));
            }
            before = Some((picture.at, now));
        }
    }
    sent
}

fn moment(moment: &Moment) -> Told {
    Told {
        at: moment.at.as_secs_f64(),
        who: moment.who.iter().map(|peer| letter(*peer)).collect(),
        kind: change(moment.what),
        text: text::told(moment),
    }
}

/// A kind of change as a word.
pub const fn change(change: Change) -> &'static str {
    match change {
        Change::Fault => "fault",
        Change::Over => "over",
        Change::Standing => "standing",
        Change::Sight => "sight",
        Change::Protection => "protection",
        Change::Listing => "listing",
        Change::Equality => "equality",
        Change::Broken => "broken",
    }
}

fn line(account: &Account, line: &Line) -> Told {
    Told {
        at: account.since(line.at).as_secs_f64(),
        who: line.whose.map(letter).into_iter().collect(),
        kind: kind(line.kind),
        text: line.text.clone(),
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Fault => "fault",
        Kind::Over => "over",
        Kind::Client => "client",
        Kind::Peer => "peer",
        Kind::Stage => "stage",
        Kind::Change => "change",
        Kind::Evicted => "evicted",
        Kind::Stream => "stream",
        Kind::Broken => "broken",
        Kind::Other => "other",
    }
}
