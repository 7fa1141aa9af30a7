//! What is told of runs, as one page that opens from disk.
//!
//! Here: films, as what the page of `web-ui` asks for. Not here: how it looks.

use std::time::Duration;

use web_ui::report::{Expected, Level, Mark, Misfortune, Moment, Outcome, Peer, Report, Run, Span};

use super::spans::While;
use super::{Account, Played, json, model_name, moments, telling, text};
use crate::stories::values;
use crate::world::film::{HostPicture, Picture, Running, Sight};
use crate::world::timeline::letter;

/// The page.
///
/// # Errors
/// What kept it from being written, as text; nothing ever does.
pub fn page(account: &Account) -> Result<String, String> {
    let data = json::document(account, false).map_err(|cause| cause.to_string())?;
    let report = Report {
        title: account.title.clone(),
        about: account.about.split("\n\n").map(str::to_owned).collect(),
        facts: account.facts(),
        command: account.command.clone(),
        lasts: account.lasts.as_secs_f64(),
        instances: account.plan().clients.len(),
        misfortunes: account.misfortunes().iter().map(misfortune).collect(),
        expectations: expectations(account),
        runs: account
            .runs
            .iter()
            .map(|played| run(account, played))
            .collect(),
        data,
    };
    report.page().map_err(|cause| cause.to_string())
}

fn misfortune(one: &super::Misfortune) -> Misfortune {
    let seconds = |time: &Duration| time.as_secs_f64();
    let whiles = one.whiles.iter();
    Misfortune {
        when: when(&one.whiles),
        text: one.text.clone(),
        whiles: whiles
            .map(|(at, until)| (seconds(at), until.as_ref().map(seconds)))
            .collect(),
    }
}

/// When something was wrong, for people.
fn when(whiles: &[(Duration, Option<Duration>)]) -> String {
    let [(first, until), others @ ..] = whiles else {
        return String::new();
    };
    let from = text::clock(*first);
    match (others.last(), until) {
        (None, None) => format!("at {from}"),
        (None, Some(until)) => {
            let lasted = values::told(tenths(*until - *first));
            format!("{from} to {}, for {lasted}", text::clock(*until))
        }
        (Some((last, _)), _) => format!(
            "{} times, from {from} to {}",
            whiles.len(),
            text::clock(*last)
        ),
    }
}

/// No finer than pictures are.
fn tenths(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis() / 100 * 100).unwrap_or(u64::MAX))
}

/// Each expectation once, with what every run made of it.
fn expectations(account: &Account) -> Vec<Expected> {
    let mut expected: Vec<Expected> = Vec::new();
    for (number, run) in account.runs.iter().enumerate() {
        for verdict in &run.verdicts {
            let known = expected.iter().position(|known| known.text == verdict.told);
            let place = known.unwrap_or_else(|| {
                expected.push(Expected {
                    text: verdict.told.clone(),
                    outcomes: vec![None; account.runs.len()],
                });
                expected.len() - 1
            });
            expected[place].outcomes[number] = Some(Outcome {
                kept: verdict.kept,
                measured: verdict.measured.clone(),
            });
        }
    }
    expected
}

fn run(account: &Account, played: &Played) -> Run {
    let traffic = json::traffic(account, played);
    let peers = (0..account.cast.peers.len()).zip(traffic);
    Run {
        model: model_name(played.film.model).to_owned(),
        remark: remark(played.film.model).to_owned(),
        peers: peers
            .map(|(number, sent)| peer(account, played, number, &sent))
            .collect(),
        equal: spans(
            account.whiles(played, |picture| picture.equal),
            |equal| match *equal {
                true => (Mark::Good, "all peers are equal".to_owned()),
                false => (Mark::Doubt, "peers differ".to_owned()),
            },
        ),
        traffic_step: json::traffic_step(account).as_secs_f64(),
        moments: moments::of(account, played)
            .iter()
            .map(|told| moment(account, told))
            .collect(),
    }
}

fn remark(model: &str) -> &'static str {
    match model {
        "java" => {
            "How a cluster of Netflix's servers replicates, modelled: every heartbeat to every peer, no memory \
                   of the dead, one guard over all."
        }
        _ => {
            "The servers of Peerage themselves: one peer keeps a lease, changes travel as they happen, the dead are \
             remembered, and guards watch every zone."
        }
    }
}

fn spans<T>(whiles: Vec<While<T>>, look: impl Fn(&T) -> (Mark, String)) -> Vec<Span> {
    let spans = whiles.into_iter().map(|one| {
        let (mark, text) = look(&one.what);
        Span {
            from: one.from.as_secs_f64(),
            until: one.until.as_secs_f64(),
            mark,
            text,
        }
    });
    spans.collect()
}

fn peer(account: &Account, played: &Played, number: usize, sent: &[u64]) -> Peer {
    let of = |picture: &Picture| picture.hosts.get(number).cloned();
    let zone = &account.cast.zones[account.cast.peers[number]];
    let protects = account.whiles(played, |picture| {
        of(picture).map(|host| protected(&host)).unwrap_or_default()
    });
    let away = account.whiles(played, |picture| of(picture).as_ref().and_then(away));
    let others = (0..account.cast.peers.len()).filter(|other| *other != number);
    Peer {
        name: letter(number),
        zone: zone.clone(),
        levels: levels(account, played, number),
        away: spans(present(away), |why| (Mark::Away, (*why).to_owned())),
        protects: spans(
            protects
                .into_iter()
                .filter(|one| !one.what.is_empty())
                .collect(),
            |what| (Mark::Held, format!("protects {what}")),
        ),
        sees: others
            .map(|other| (letter(other), seen(account, played, number, other)))
            .collect(),
        sent: sent.iter().map(|bytes| rate(*bytes)).collect(),
    }
}

/// The whiles in which there was something.
fn present<T>(whiles: Vec<While<Option<T>>>) -> Vec<While<T>> {
    let present = whiles.into_iter().filter_map(|one| {
        Some(While {
            from: one.from,
            until: one.until,
            what: one.what?,
        })
    });
    present.collect()
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
const fn rate(bytes: u64) -> f64 {
    bytes as f64
}

fn levels(account: &Account, played: &Played, number: usize) -> Vec<Level> {
    let whiles = account.whiles(played, |picture| {
        let host = picture.hosts.get(number)?;
        Some((
            host.shown.saturating_sub(host.stale),
            host.missing,
            host.stale,
        ))
    });
    let levels = whiles.into_iter().map(|one| {
        let (living, missing, stale) = one.what.unwrap_or_default();
        Level {
            at: one.from.as_secs_f64(),
            living,
            missing,
            stale,
        }
    });
    levels.collect()
}

fn protected(host: &HostPicture) -> String {
    telling::protected_kinds(host).join(" and ")
}

/// Why a peer does not serve, if it does not.
fn away(host: &HostPicture) -> Option<&'static str> {
    match host.power {
        Running::Down => Some("is down"),
        Running::Stalled => Some("stands still"),
        Running::Up if !host.ready => Some("does not serve lists"),
        Running::Up => None,
    }
}

fn seen(account: &Account, played: &Played, number: usize, other: usize) -> Vec<Span> {
    let whiles = account.whiles(played, |picture| {
        let host = picture
            .hosts
            .get(number)
            .filter(|host| host.power == Running::Up);
        host.and_then(|host| host.sees.get(other).copied())
    });
    spans(whiles, |sight| match sight {
        None => (Mark::Away, "nobody to ask".to_owned()),
        Some(Sight::Up | Sight::Itself) => (Mark::Good, "up".to_owned()),
        Some(Sight::Suspect) => (Mark::Doubt, "in doubt".to_owned()),
        Some(Sight::Behind) => (Mark::Doubt, "behind".to_owned()),
        Some(Sight::Down) => (Mark::Bad, "down".to_owned()),
        Some(Sight::Left) => (Mark::Away, "left".to_owned()),
        Some(Sight::Unknown) => (Mark::Away, "unknown".to_owned()),
    })
}

fn moment(account: &Account, told: &moments::Moment) -> Moment {
    Moment {
        at: told.at.as_secs_f64(),
        when: text::clock(told.at),
        who: text::who(account, &told.who),
        text: text::told(told),
        kind: json::change(told.what).to_owned(),
    }
}
