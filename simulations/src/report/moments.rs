//! What a person would tell of a run: what went wrong, and what could be seen to change.
//!
//! Here: pictures compared with the one before, peers that tell the same told as one. Not here: every line of the
//! world's own timeline, which JSON has. What must always hold: moments are in the order of time, and what is told of
//! one moment is in one order.

use std::collections::BTreeMap;
use std::time::Duration;

use super::spans::While;
use super::{Account, Played, telling};
use crate::world::film::{HostPicture, Picture, Running, Sight};
use crate::world::timeline::{Kind, letter};

/// Something that could be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When, in the time of the story.
    pub at: Duration,
    /// At which peers; nowhere for what concerns all.
    pub who: Vec<usize>,
    /// What kind of thing.
    pub what: Change,
    /// What.
    pub text: String,
}

/// What kind of thing could be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Something went wrong.
    Fault,
    /// It is over.
    Over,
    /// A peer runs, stands still, serves, or does not.
    Standing,
    /// A peer sees another otherwise than before.
    Sight,
    /// A peer protects something, or no longer.
    Protection,
    /// What is listed changed.
    Listing,
    /// Peers became equal, or differ.
    Equality,
    /// An invariant was broken.
    Broken,
}

/// Peers that differ for less than this are in the middle of a write.
const WRITING: Duration = Duration::from_secs(1);

/// Everything worth telling of a run.
pub fn of(account: &Account, run: &Played) -> Vec<Moment> {
    let mut moments = planned(account, run);
    let pictures: Vec<&Picture> = account.pictures(run).collect();
    for pair in pictures.windows(2) {
        if let [before, now] = pair {
            moments.extend(between(account, before, now));
        }
    }
    moments.extend(equality(account, run));
    moments.extend(wrong(account, run, "living", "lacks", |host| host.missing));
    moments.extend(wrong(account, run, "dead", "lists", |host| host.stale));
    moments.sort_by_key(|moment| (moment.at, moment.what));
    moments
}

/// What went wrong, and when that was over; and what was broken, as the world tells it.
fn planned(account: &Account, run: &Played) -> Vec<Moment> {
    let mut moments = Vec::new();
    for misfortune in account.misfortunes() {
        for (at, until) in &misfortune.whiles {
            let over =
                until.map(|until| (until, Change::Over, format!("over: {}", misfortune.text)));
            let begins = (*at, Change::Fault, misfortune.text.clone());
            let told = [Some(begins), over].into_iter().flatten();
            moments.extend(told.map(|(at, what, text)| whole(at, what, text)));
        }
    }
    let lines = run
        .film
        .lines
        .iter()
        .filter(|line| line.kind == Kind::Broken);
    moments
        .extend(lines.map(|line| whole(account.since(line.at), Change::Broken, line.text.clone())));
    moments
}

/// Something that concerns all.
const fn whole(at: Duration, what: Change, text: String) -> Moment {
    Moment {
        at,
        who: Vec::new(),
        what,
        text,
    }
}

/// What is told of peers between two pictures, peers that tell the same together.
fn between(account: &Account, before: &Picture, now: &Picture) -> Vec<Moment> {
    let mut told: BTreeMap<(Change, String), Vec<usize>> = BTreeMap::new();
    for (peer, (before, now)) in before.hosts.iter().zip(&now.hosts).enumerate() {
        for (what, text) in changes(account, peer, before, now) {
            told.entry((what, text)).or_default().push(peer);
        }
    }
    let moments = told.into_iter().map(|((what, text), who)| Moment {
        at: account.since(now.at),
        who,
        what,
        text,
    });
    moments.collect()
}

fn changes(
    account: &Account,
    peer: usize,
    before: &HostPicture,
    now: &HostPicture,
) -> Vec<(Change, String)> {
    let mut told = Vec::new();
    let mut tell = |what: Change, text: String| told.push((what, text));
    if before.power != now.power {
        tell(Change::Standing, power(now.power).to_owned());
    }
    if now.power != Running::Up {
        return told;
    }
    if before.ready != now.ready {
        let text = if now.ready {
            "serves lists"
        } else {
            "does not serve lists"
        };
        tell(Change::Standing, text.to_owned());
    }
    if before.isolated != now.isolated {
        let text = if now.isolated {
            "holds that most others are cut off"
        } else {
            "is together with the others again"
        };
        tell(Change::Standing, text.to_owned());
    }
    for text in sights(peer, before, now) {
        tell(Change::Sight, text);
    }
    let (was, is) = (
        telling::protected_kinds(before),
        telling::protected_kinds(now),
    );
    if was != is {
        let text = match is.is_empty() {
            true => "protects nothing any more".to_owned(),
            false => format!("protects {}", is.join(" and ")),
        };
        tell(Change::Protection, text);
    }
    if before.ready && now.ready {
        let listed = listings(account, before, now);
        listed
            .into_iter()
            .for_each(|text| tell(Change::Listing, text));
    }
    told
}

const fn power(power: Running) -> &'static str {
    match power {
        Running::Up => "runs",
        Running::Stalled => "stands still",
        Running::Down => "is down",
    }
}

/// Whom a peer sees otherwise than before, those together who are seen alike. That a newcomer is not up yet is no news.
fn sights(peer: usize, before: &HostPicture, now: &HostPicture) -> Vec<String> {
    let mut whom: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (other, (was, is)) in before.sees.iter().zip(&now.sees).enumerate() {
        let new = (*was, *is) == (Sight::Unknown, Sight::Down);
        let (was, is) = (sight(*was), sight(*is));
        if was != is && !is.is_empty() && !new {
            whom.entry(is).or_default().push(other);
        }
    }
    let others = now.sees.len() - 1;
    let named = |whom: Vec<usize>| match whom.len() {
        all if all == others && all > 1 && !whom.contains(&peer) => "all others".to_owned(),
        _ => {
            let letters: Vec<String> = whom.into_iter().map(letter).collect();
            letters.join(" ")
        }
    };
    whom.into_iter()
        .map(|(how, whom)| format!("sees {} {how}", named(whom)))
        .collect()
}

/// Nobody tells of a mere doubt.
const fn sight(sight: Sight) -> &'static str {
    match sight {
        Sight::Up | Sight::Suspect => "up",
        Sight::Behind => "ahead, and cannot follow",
        Sight::Down => "down",
        Sight::Left => "leave",
        Sight::Itself | Sight::Unknown => "",
    }
}

/// What changed in a list, crowd by crowd: when it becomes whole, begins not to be, or has nobody left.
fn listings(account: &Account, before: &HostPicture, now: &HostPicture) -> Vec<String> {
    let crowds = account.cast.crowds.iter().enumerate();
    let texts = crowds.filter_map(|(number, (name, crowd))| {
        let (was, is) = (
            before.crowds.get(number)?.shown,
            now.crowds.get(number)?.shown,
        );
        match (was, is) {
            _ if was == is => None,
            (_, 0) if crowd.count == 1 => Some(format!("does not list {name} any more")),
            (0, 1) if crowd.count == 1 => Some(format!("lists {name}")),
            (_, 0) => Some(format!("lists none of {name}")),
            (_, is) if is == crowd.count => Some(format!("lists all {is} of {name}")),
            (was, is) if was == crowd.count || was == 0 => {
                Some(format!("lists {is} of {} {name}", crowd.count))
            }
            _ => None,
        }
    });
    texts.collect()
}

/// When peers became equal, and when they ceased to be for longer than a write takes.
fn equality(account: &Account, run: &Played) -> Vec<Moment> {
    let whiles = account.whiles(run, |picture| picture.equal);
    let whiles = whiles
        .into_iter()
        .filter(|one| one.what || one.until - one.from >= WRITING);
    let mut moments: Vec<(Duration, bool)> = Vec::new();
    for one in whiles {
        if moments.last().is_none_or(|(_, equal)| *equal != one.what) {
            moments.push((one.from, one.what));
        }
    }
    let moments = moments.into_iter().map(|(at, equal)| {
        let text = if equal {
            "all peers are equal"
        } else {
            "peers differ"
        };
        whole(at, Change::Equality, text.to_owned())
    });
    moments.collect()
}

/// What is gone within this is not worth telling: owners look for the dead once a second.
const SWEPT: Duration = Duration::from_millis(1_500);

/// When lists of peers began to be wrong, and when they ceased to be.
fn wrong(
    account: &Account,
    run: &Played,
    whom: &str,
    verb: &str,
    number: fn(&HostPicture) -> usize,
) -> Vec<Moment> {
    let mut told: BTreeMap<(Duration, String), Vec<usize>> = BTreeMap::new();
    for peer in 0..account.cast.peers.len() {
        let whiles = account.whiles(run, |picture| {
            let host = picture
                .hosts
                .get(peer)
                .filter(|host| host.power == Running::Up && host.ready);
            host.map_or(0, number) > 0
        });
        let long = |one: &&While<bool>| one.what && one.until - one.from >= SWEPT;
        for one in whiles.iter().filter(long) {
            let mut tell = |at, text: String| told.entry((at, text)).or_default().push(peer);
            let most = account.most(run, peer, one, number);
            tell(one.from, format!("{verb} {whom} instances, {most} at most"));
            if one.until < account.lasts {
                tell(one.until, format!("{verb} no {whom} instance any more"));
            }
        }
    }
    let moments = told.into_iter().map(|((at, text), who)| Moment {
        at,
        who,
        what: Change::Listing,
        text,
    });
    moments.collect()
}

impl Account {
    /// The greatest number of something at a peer within a while.
    fn most(
        &self,
        run: &Played,
        peer: usize,
        within: &While<bool>,
        number: fn(&HostPicture) -> usize,
    ) -> usize {
        let pictures = self.pictures(run);
        let pictures = pictures
            .filter(|picture| (within.from..within.until).contains(&self.since(picture.at)));
        pictures
            .filter_map(|picture| picture.hosts.get(peer).map(number))
            .max()
            .unwrap_or(0)
    }
}
