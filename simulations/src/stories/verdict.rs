//! Whether what was expected came about.
//!
//! Here: expectations as pure functions of a film, and what was measured. Not here: how they are written. What must
//! always hold: an expectation that nobody could be asked about is not met.

use std::time::Duration;

use super::expectation::{Expectation, What};
use super::story::Story;
use super::values;
use crate::report::{telling, text};
use crate::world::film::{Counts, Film, HostPicture, Picture, Running, Sight};
use crate::world::timeline::{Kind, letter};

/// Whether something came about, and what was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What was expected.
    pub told: String,
    /// Whether it came about.
    pub kept: bool,
    /// What was measured, for people.
    pub measured: String,
    /// What was measured, where that is a number with a limit.
    pub value: Option<f64>,
}

/// What became of all that a story expects; and of all promises, if the film is of Peerage.
pub fn all(story: &Story, film: &Film) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = story
        .expectations
        .iter()
        .map(|expectation| judge(expectation, story, film))
        .collect();
    if film.model == PEERAGE {
        verdicts.push(promises(story, film));
    }
    verdicts
}

/// What a film of real servers is called.
const PEERAGE: &str = "peerage";

/// No invariant was broken, but those that the story breaks on purpose.
fn promises(story: &Story, film: &Film) -> Verdict {
    let broken = film.broken.iter();
    let mut broken =
        broken.filter(|broken| !story.breaks.iter().any(|name| name == broken.invariant));
    let first = broken.next();
    Verdict {
        told: "no invariant is broken at any time".to_owned(),
        kept: first.is_none(),
        measured: first.map_or_else(|| "none was".to_owned(), ToString::to_string),
        value: None,
    }
}

/// What became of one expectation.
pub fn judge(expectation: &Expectation, story: &Story, film: &Film) -> Verdict {
    let court = Court {
        expectation,
        story,
        film,
    };
    match &expectation.what {
        What::Traffic(most) => court.traffic(*most),
        What::Registrations(most) => court.registrations(*most),
        What::Said(text) => court.said(text, true),
        What::Unsaid(text) => court.said(text, false),
        What::Missing(most) => court.most(*most, |host, _| host.missing),
        What::Stale(most) => court.most(*most, |host, _| host.stale),
        What::CachesMissing(most) => court.most(*most, |_, picture| picture.readers.missing),
        _ => court.states(),
    }
}

struct Court<'a> {
    expectation: &'a Expectation,
    story: &'a Story,
    film: &'a Film,
}

impl<'a> Court<'a> {
    fn verdict(&self, kept: bool, measured: String, value: Option<f64>) -> Verdict {
        Verdict {
            told: self.expectation.told.clone(),
            kept,
            measured,
            value,
        }
    }

    /// A moment of the story in the time of the world.
    fn world(&self, at: Duration) -> Duration {
        self.story.begins_at + at
    }

    /// A moment of the world, as the story tells it.
    fn told(&self, at: Duration) -> String {
        text::clock(at.saturating_sub(self.story.begins_at))
    }

    fn pictures(&self, from: Duration) -> impl Iterator<Item = &'a Picture> {
        let (from, until) = (self.world(from), self.world(self.expectation.until));
        let pictures = self.film.pictures.iter();
        pictures.filter(move |picture| (from..=until).contains(&picture.at))
    }

    /// The peers that can be asked in a picture.
    fn asked<'p>(&'p self, picture: &'p Picture) -> impl Iterator<Item = (usize, &'p HostPicture)> {
        let peers = self.expectation.peers.iter();
        let asked = peers.filter_map(|peer| Some((*peer, picture.hosts.get(*peer)?)));
        asked.filter(|(_, host)| self.answers(host))
    }

    /// A peer that does not run is asked for nothing but whether it serves, nor is one for a list that it refuses.
    fn answers(&self, host: &HostPicture) -> bool {
        match self.expectation.what {
            What::Ready(_) => true,
            What::Sees(..) => host.power == Running::Up,
            _ => host.power == Running::Up && host.ready,
        }
    }

    /// Something holds in every picture, but for blinks.
    fn states(&self) -> Verdict {
        let Expectation { from, within, .. } = *self.expectation;
        let due = self.world(from + within);
        let pictures = self
            .pictures(from)
            .filter_map(|picture| Some((picture.at, self.failure(picture)?)));
        let pictures: Vec<(Duration, Option<String>)> = pictures.collect();
        let asked = pictures.iter().filter(|(at, _)| *at >= due).count();
        let failures = self.failures(&pictures);
        let settled = failures
            .last()
            .map_or(self.world(from), |failure| failure.until);
        let kept = asked > 0 && settled <= due;
        let after = settled.saturating_sub(self.world(from));
        let measured = match failures.iter().find(|failure| failure.until > due) {
            _ if asked == 0 => "nobody could be asked".to_owned(),
            Some(failure) => self.failed(failure),
            None if within > Duration::ZERO => format!("after {}", values::told(after)),
            None => "throughout".to_owned(),
        };
        let timed = within > Duration::ZERO && asked > 0;
        self.verdict(kept, measured, timed.then_some(after.as_secs_f64()))
    }

    fn failed(&self, failure: &Failure) -> String {
        let (since, until) = (self.told(failure.since), self.told(failure.until));
        match failure.until < self.world(self.expectation.until) {
            true => format!("from {since} to {until} {}", failure.text),
            false => format!("from {since} on {}", failure.text),
        }
    }

    /// The times in which something did not hold, longer than a blink.
    fn failures(&self, pictures: &[(Duration, Option<String>)]) -> Vec<Failure> {
        let mut failures: Vec<Failure> = Vec::new();
        let mut failed_before = false;
        for (at, failure) in pictures {
            let until = *at + self.film.plan.every;
            match (failure, failures.last_mut()) {
                (Some(_), Some(open)) if failed_before => open.until = until,
                (Some(text), _) => failures.push(Failure {
                    since: *at,
                    until,
                    text: text.clone(),
                }),
                (None, _) => {}
            }
            failed_before = failure.is_some();
        }
        // What is not there yet at the beginning is no blink.
        let first = pictures.first().map(|(at, _)| *at);
        let blink = self.expectation.blink;
        failures.retain(|failure| {
            Some(failure.since) == first || failure.until - failure.since > blink
        });
        failures
    }

    /// What does not hold in a picture: `None` if nobody can be asked, `Some(None)` if all holds.
    fn failure(&self, picture: &Picture) -> Option<Option<String>> {
        if let What::Equal(equal) = self.expectation.what {
            let text = if equal {
                "they differ"
            } else {
                "they are equal"
            };
            return Some((picture.equal != equal).then(|| text.to_owned()));
        }
        let mut asked = self.asked(picture).peekable();
        asked.peek()?;
        Some(asked.find_map(|(peer, host)| {
            let failure = self.failure_of(host)?;
            Some(format!("{} {failure}", letter(peer)))
        }))
    }

    fn failure_of(&self, host: &HostPicture) -> Option<String> {
        match &self.expectation.what {
            What::Shown(crowds) => self.listed(host, crowds, |counts, all| {
                (counts.shown, counts.shown == all)
            }),
            What::Gone(crowds) => {
                self.listed(host, crowds, |counts, _| (counts.shown, counts.shown == 0))
            }
            What::InService(crowds) => {
                self.listed(host, crowds, |counts, all| (counts.up, counts.up == all))
            }
            What::OutOfService(crowds) => self.listed(host, crowds, |counts, all| {
                (
                    counts.shown - counts.up,
                    counts.up == 0 && counts.shown == all,
                )
            }),
            What::Protects(what) => {
                let found = host
                    .protects
                    .iter()
                    .any(|held| what == "anything" || held.contains(what));
                (!found).then(|| format!("protects {}", listed(&telling::protected_kinds(host))))
            }
            What::ProtectsNothing => (!host.protects.is_empty())
                .then(|| format!("protects {}", listed(&telling::protected_kinds(host)))),
            What::Ready(ready) => {
                said_otherwise(serves(host), *ready, "serves lists", "does not serve lists")
            }
            What::Isolated(isolated) => said_otherwise(
                host.isolated,
                *isolated,
                "holds that most others are cut off",
                "holds that it is together with the others",
            ),
            What::Sees(how, whom) => {
                let mut whom = whom.iter().filter(|whom| host.sees.get(**whom).is_some());
                let other = whom.find(|whom| {
                    !how.contains(&host.sees[**whom]) && host.sees[**whom] != Sight::Itself
                })?;
                Some(format!(
                    "sees {} as {:?}",
                    letter(*other),
                    host.sees[*other]
                ))
            }
            _ => None,
        }
    }

    /// How many of some crowds a host lists, if that is not what it should be.
    fn listed(
        &self,
        host: &HostPicture,
        crowds: &[usize],
        right: fn(&Counts, usize) -> (usize, bool),
    ) -> Option<String> {
        crowds.iter().find_map(|crowd| {
            let (name, all) = &self.story.cast.crowds[*crowd];
            let (number, right) = right(&host.crowds[*crowd], all.count);
            (!right).then(|| format!("has {number} of {} {name}", all.count))
        })
    }

    /// The greatest number in any picture stays within a limit.
    fn most(&self, most: f64, of: fn(&HostPicture, &Picture) -> usize) -> Verdict {
        let from = self.expectation.from + self.expectation.within;
        let mut greatest: Option<(usize, Duration, usize)> = None;
        for picture in self.pictures(from) {
            for (peer, host) in self.asked(picture) {
                let number = of(host, picture);
                if greatest.is_none_or(|(_, _, before)| number > before) {
                    greatest = Some((peer, picture.at, number));
                }
            }
        }
        let Some((peer, at, number)) = greatest else {
            return self.verdict(false, "nobody could be asked".to_owned(), None);
        };
        let value = count(number);
        let measured = match number {
            0 => "none at any time".to_owned(),
            _ => format!("at most {number}, at {} by {}", self.told(at), letter(peer)),
        };
        self.verdict(value <= most, measured, Some(value))
    }

    /// What a peer sends on average, the one that sends most.
    fn traffic(&self, most: f64) -> Verdict {
        let mut ends: Vec<Option<[(Duration, u64); 2]>> = vec![None; self.film.plan.hosts.len()];
        for picture in self.pictures(self.expectation.from + self.expectation.within) {
            for peer in &self.expectation.peers {
                let now = (picture.at, picture.hosts[*peer].sent);
                ends[*peer].get_or_insert([now, now])[1] = now;
            }
        }
        let rates = ends.iter().enumerate().filter_map(|(peer, ends)| {
            let [(since, before), (until, after)] = (*ends)?;
            let seconds = (until - since).as_secs_f64();
            (seconds > 0.0).then(|| (peer, bytes(after - before) / seconds))
        });
        match rates.max_by(|(_, one), (_, other)| one.total_cmp(other)) {
            None => self.verdict(false, "nobody could be asked".to_owned(), None),
            Some((peer, rate)) => {
                let measured = format!("at most {rate:.0} bytes/s, by {}", letter(peer));
                self.verdict(rate <= most, measured, Some(rate))
            }
        }
    }

    /// The share of instances that registered, in per cent; more than a hundred if some did so again and again.
    fn registrations(&self, most: f64) -> Verdict {
        let (from, until) = self.window();
        let lines = self.film.lines.iter();
        let lines =
            lines.filter(|line| line.kind == Kind::Client && (from..=until).contains(&line.at));
        let number = lines.filter(|line| line.text.contains("registers")).count();
        let share = count(number) * 100.0 / count(self.film.plan.clients.len().max(1));
        let measured = format!("{number} registrations, {share:.1} %");
        self.verdict(share <= most, measured, Some(share))
    }

    fn said(&self, text: &str, wanted: bool) -> Verdict {
        let (from, until) = self.window();
        let mut lines = self.film.lines.iter();
        let found = lines.find(|line| {
            let asked = line
                .whose
                .is_none_or(|whose| self.expectation.peers.contains(&whose));
            asked && (from..=until).contains(&line.at) && line.text.contains(text)
        });
        let measured = found.map_or_else(
            || "nobody did".to_owned(),
            |line| {
                let who = line.whose.map_or_else(|| "it was".to_owned(), letter);
                format!("{who} at {}: {}", self.told(line.at), line.text)
            },
        );
        self.verdict(found.is_some() == wanted, measured, None)
    }

    fn window(&self) -> (Duration, Duration) {
        (
            self.world(self.expectation.from),
            self.world(self.expectation.until),
        )
    }
}

/// A time in which something did not hold.
#[derive(Debug)]
struct Failure {
    since: Duration,
    until: Duration,
    text: String,
}

fn serves(host: &HostPicture) -> bool {
    host.power == Running::Up && host.ready
}

fn said_otherwise(is: bool, expected: bool, yes: &str, no: &str) -> Option<String> {
    (is != expected).then(|| if is { yes } else { no }.to_owned())
}

fn listed(protected: &[String]) -> String {
    match protected.is_empty() {
        true => "nothing".to_owned(),
        false => protected.join(" and "),
    }
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
const fn count(number: usize) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
const fn bytes(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests;
