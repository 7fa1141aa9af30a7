//! What a server shows, record by record with its versions: what two servers are compared by.
//!
//! Here: the pages of `GET /api/v1/cluster/records`, and cutting them. Not here: comparing (`cli`). What must always
//! hold: pages are in the order of applications and ids, so that two servers can be read side by side; and a page is
//! bounded.

use std::borrow::Cow;
use std::sync::Arc;

use peers::version::{Rank, Version as Written};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::registry::entry::Entry;
use crate::registry::listing::Leaf;
use crate::registry::snapshot::Snapshot;

/// How many records a page holds if nobody says.
pub const PAGE: usize = 500;
/// How many it holds at most: some two megabytes.
pub const PAGE_MAX: usize = 5000;

/// Some of the records a server shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Records {
    /// In the order of applications, then ids.
    pub records: Vec<Record>,
    /// What to give as `after` for the next page. `null`: there is none.
    pub next: Option<String>,
}

/// What is shown of an instance, and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Record {
    /// Its application.
    pub app: String,
    /// Its id there.
    pub id: String,
    /// The status it is shown in.
    pub status: String,
    /// The override in force. `null`: none.
    #[serde(rename = "override")]
    pub overridden: Option<String>,
    /// Of each of the three parts, which write of it is in force.
    pub versions: Versions,
}

/// Which write of each part of a record is in force.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Versions {
    /// The instance as registered.
    pub body: Version,
    /// Its lease. Its origin owns it.
    pub lease: Version,
    /// The override. `null`: never written.
    #[serde(rename = "override")]
    pub overriding: Option<Version>,
}

/// A write: the later clock wins, then the greater origin, then the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// Milliseconds since the Unix epoch, and a counter within them.
    pub clock: String,
    /// Who wrote: a server's id and its epoch.
    pub origin: String,
    /// Whether it is the `end` of what it names, or `live`.
    pub rank: String,
}

/// The records after a key, or from the first.
pub(crate) fn page(snapshot: &Snapshot, after: Option<&(String, String)>, limit: usize) -> Records {
    let leaves = snapshot.registered.leaves();
    let before = |leaf: &Arc<Leaf>| {
        leaf.entries
            .last()
            .is_some_and(|last| !is_past(last, after))
    };
    let first = leaves.partition_point(before);
    let entries = leaves.iter().skip(first).flat_map(|leaf| &leaf.entries);
    let mut past = entries.filter(|entry| is_past(entry, after)).peekable();
    let records: Vec<_> = past.by_ref().take(limit).map(record).collect();
    let next = past.peek().and(records.last()).map(Record::key);
    Records { records, next }
}

/// The one record of this key, if it is shown.
pub(crate) fn only(snapshot: &Snapshot, (app, id): &(String, String)) -> Records {
    let mut same = snapshot.registered.application(app);
    let found = same.find(|entry| *entry.key().id == **id);
    Records {
        records: found.into_iter().map(record).collect(),
        next: None,
    }
}

fn is_past(entry: &Entry, after: Option<&(String, String)>) -> bool {
    let key = entry.key();
    after.is_none_or(|(app, id)| (key.app.as_str(), &*key.id) > (app.as_str(), id.as_str()))
}

fn record(entry: &Arc<Entry>) -> Record {
    let (key, record) = (entry.key(), entry.record());
    Record {
        app: key.app.as_str().to_owned(),
        id: key.id.to_string(),
        status: record.status().to_string(),
        overridden: record.overridden().map(|status| status.to_string()),
        versions: Versions {
            body: version(record.body.version),
            lease: version(record.lease.version),
            overriding: record.overriding.as_ref().map(|set| version(set.version)),
        },
    }
}

pub(crate) fn version(written: Written) -> Version {
    let (clock, origin) = (written.clock, written.origin);
    let rank = match written.rank {
        Rank::Live => "live",
        Rank::Dead => "end",
    };
    Version {
        clock: format!("{}.{}", clock.millis(), clock.counter()),
        origin: origin.to_string(),
        rank: rank.to_owned(),
    }
}

impl Record {
    /// Names it in a query: `APP/ID`. Slashes and percent signs within either are escaped.
    pub fn key(&self) -> String {
        format!("{}/{}", escaped(&self.app), escaped(&self.id))
    }

    /// When the last of its parts was written, in milliseconds since the Unix epoch by the clock of who wrote it.
    pub(crate) fn written_at(&self) -> u64 {
        let Versions {
            body,
            lease,
            overriding,
        } = &self.versions;
        let parts = [Some(body), Some(lease), overriding.as_ref()];
        let millis = |version: &Version| version.clock.split('.').next()?.parse().ok();
        let written = parts.into_iter().flatten().filter_map(millis);
        written.max().unwrap_or_default()
    }
}

fn escaped(part: &str) -> String {
    part.replace('%', "%25").replace('/', "%2F")
}

/// The application and id that a key names. `None`: it is none.
pub(crate) fn parse_key(key: &str) -> Option<(String, String)> {
    let (app, id) = key.split_once('/')?;
    let plain = |part| percent_encoding::percent_decode_str(part).decode_utf8();
    let whole = |part: Cow<'_, str>| part.into_owned();
    Some((plain(app).ok().map(whole)?, plain(id).ok().map(whole)?))
}
