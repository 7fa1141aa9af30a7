//! `peerage diff A B`: which instances two servers show differently, and why.
//!
//! Here: reading both side by side, judging, telling. Not here: asking over the network. What must always hold: no
//! more than a page of each side and the differences are in memory, and those are bounded.

use std::iter;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::answer::{Answer, DONE, UNWELL};
use super::client::Failure;
use super::table::{table, written};
use crate::cluster::records::{Record, Records, Version};
use crate::config::show::Output;
use crate::plural::counted;

/// How many records to ask for at once.
const PAGE: usize = 2000;
/// How many differences are named; more are only counted.
const NAMED_MAX: usize = 10_000;
/// How many are looked at again; more will not pass by themselves.
const SETTLED_MAX: usize = 1000;

/// Both servers, each as a way to read a page of its records.
pub(super) struct Sides<'a> {
    /// The first.
    pub(super) a: &'a dyn Fn(&str) -> Result<Records, Failure>,
    /// The second.
    pub(super) b: &'a dyn Fn(&str) -> Result<Records, Failure>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Found {
    /// How many instances were compared.
    pub(super) compared: u64,
    /// How many are different beyond those named.
    pub(super) unnamed: u64,
    /// In the order of applications and ids.
    pub(super) differences: Vec<Difference>,
}

/// An instance that is shown differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Difference {
    app: String,
    id: String,
    reason: Reason,
    /// As the first server shows it.
    a: Option<Record>,
    /// As the second does.
    b: Option<Record>,
}

/// Why it is different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reason {
    OnlyAtA,
    OnlyAtB,
    /// Its status or override.
    StatusDiffers,
    /// Which write of one of its parts is in force.
    VersionDiffers,
}

/// Reads both servers side by side.
pub(super) fn find(sides: &Sides<'_>) -> Result<Found, Failure> {
    let (mut a, mut b) = (Reading::new(sides.a), Reading::new(sides.b));
    let mut found = Found::default();
    loop {
        let next = a.key()?.into_iter().chain(b.key()?).min();
        let Some(key) = next else {
            return Ok(found);
        };
        found.compared += 1;
        found.note(difference(a.take(&key), b.take(&key)));
    }
}

/// Looks again at what differed, and keeps what still does.
pub(super) fn settle(sides: &Sides<'_>, found: Found) -> Result<Found, Failure> {
    let mut settled = Found {
        differences: Vec::new(),
        ..found
    };
    for (place, difference) in found.differences.into_iter().enumerate() {
        if place < SETTLED_MAX {
            let path = difference.path();
            let one = |side: &dyn Fn(&str) -> Result<Records, Failure>| {
                side(&path).map(|page| page.records.into_iter().next())
            };
            settled.note(self::difference(one(sides.a)?, one(sides.b)?));
        } else {
            settled.note(Some(difference));
        }
    }
    Ok(settled)
}

/// What is said of it.
pub(super) fn answer(found: &Found, names: [&str; 2], output: Output) -> Answer {
    let people = || text(found, names);
    let different = !found.differences.is_empty();
    Answer {
        text: written(output, people, found, &found.differences),
        code: if different { UNWELL } else { DONE },
    }
}

/// One side, page by page.
struct Reading<'a> {
    read: &'a dyn Fn(&str) -> Result<Records, Failure>,
    page: iter::Peekable<std::vec::IntoIter<Record>>,
    /// The path of the next page. `None`: there is none.
    next: Option<String>,
}

type Key = (String, String);

impl<'a> Reading<'a> {
    fn new(read: &'a dyn Fn(&str) -> Result<Records, Failure>) -> Self {
        Self {
            read,
            page: Vec::new().into_iter().peekable(),
            next: Some(format!("/api/v1/cluster/records?limit={PAGE}")),
        }
    }

    /// The key of the next record.
    fn key(&mut self) -> Result<Option<Key>, Failure> {
        if self.page.peek().is_none()
            && let Some(path) = self.next.take()
        {
            let page = (self.read)(&path)?;
            let after = |key: String| format!("{}&after={}", first_part(&path), encoded(&key));
            self.next = page.next.map(after);
            self.page = page.records.into_iter().peekable();
        }
        let key = |next: &Record| (next.app.clone(), next.id.clone());
        Ok(self.page.peek().map(key))
    }

    /// The next record, if it is this one.
    fn take(&mut self, (app, id): &Key) -> Option<Record> {
        self.page.next_if(|next| next.app == *app && next.id == *id)
    }
}

fn first_part(path: &str) -> &str {
    path.split('&').next().unwrap_or(path)
}

fn encoded(key: &str) -> String {
    utf8_percent_encode(key, NON_ALPHANUMERIC).to_string()
}

impl Found {
    fn note(&mut self, difference: Option<Difference>) {
        let Some(difference) = difference else {
            return;
        };
        if self.differences.len() < NAMED_MAX {
            self.differences.push(difference);
        } else {
            self.unnamed += 1;
        }
    }
}

/// How two records differ, if they do.
fn difference(a: Option<Record>, b: Option<Record>) -> Option<Difference> {
    let reason = match (&a, &b) {
        (Some(_), None) => Reason::OnlyAtA,
        (None, Some(_)) => Reason::OnlyAtB,
        (Some(a), Some(b)) if (&a.status, &a.overridden) != (&b.status, &b.overridden) => {
            Reason::StatusDiffers
        }
        (Some(a), Some(b)) if a.versions != b.versions => Reason::VersionDiffers,
        _ => return None,
    };
    let known = a.as_ref().or(b.as_ref())?;
    Some(Difference {
        app: known.app.clone(),
        id: known.id.clone(),
        reason,
        a,
        b,
    })
}

impl Difference {
    /// The path that shows just this instance.
    fn path(&self) -> String {
        let known = self.a.as_ref().or(self.b.as_ref());
        let key = known.map(Record::key).unwrap_or_default();
        format!("/api/v1/cluster/records?key={}", encoded(&key))
    }

    fn why(&self, [a, b]: [&str; 2]) -> String {
        match (self.reason, &self.a, &self.b) {
            (Reason::OnlyAtA, ..) => format!("only at {a}"),
            (Reason::OnlyAtB, ..) => format!("only at {b}"),
            (Reason::StatusDiffers, Some(a), Some(b)) => {
                format!("status: {} | {}", status(a), status(b))
            }
            (Reason::VersionDiffers, Some(a), Some(b)) => versions(a, b),
            _ => String::new(),
        }
    }
}

fn status(record: &Record) -> String {
    match &record.overridden {
        Some(overridden) => format!("{}, overridden {overridden}", record.status),
        None => record.status.clone(),
    }
}

/// The parts whose writes differ.
fn versions(a: &Record, b: &Record) -> String {
    let (a, b) = (&a.versions, &b.versions);
    let parts = [
        ("body", Some(&a.body), Some(&b.body)),
        ("lease", Some(&a.lease), Some(&b.lease)),
        ("override", a.overriding.as_ref(), b.overriding.as_ref()),
    ];
    let differ = parts.iter().filter(|(_, a, b)| a != b);
    let told = differ.map(|(part, a, b)| format!("{part}: {} | {}", version(*a), version(*b)));
    told.collect::<Vec<_>>().join("; ")
}

fn version(version: Option<&Version>) -> String {
    version.map_or("never written".to_owned(), |version| {
        let Version { clock, origin, .. } = version;
        format!("{clock} by {origin}")
    })
}

fn text(found: &Found, names: [&str; 2]) -> String {
    let (compared, differ) = (
        found.compared,
        found.differences.len() as u64 + found.unnamed,
    );
    if differ == 0 {
        return format!("equal: {}\n", counted(compared, "instance"));
    }
    let row = |each: &Difference| [each.app.clone(), each.id.clone(), each.why(names)];
    let rows: Vec<_> = found.differences.iter().map(row).collect();
    format!(
        "{}different: {differ} of {}\n",
        table(["APPLICATION", "INSTANCE", "WHY"], &rows),
        counted(compared, "instance")
    )
}

#[cfg(test)]
mod tests;
