//! Lists of instances: in pages of rows, or all in the compact form.
//!
//! Here: what can be asked of a list, and answering it with a page in one pass over a snapshot. Not here: rows (`rows`),
//! queries (`query`). What must always hold: a page goes on where the one before ended, whatever changed meanwhile: nobody who
//! was there all the time is left out or told twice, as long as what they are sorted by stays.

mod compact;
mod order;
mod place;

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::compact::compact;
pub use self::order::{GroupBy, Sort, SortBy};
pub use self::place::Cursor;
use self::place::{Placed, compare};
use super::documents::{AsOf, Group, Instances};
use super::query::Query;
use super::rows::Rows;
use crate::registry::snapshot::Snapshot;
use crate::server::State;

/// How many rows a page has if nobody says.
pub const PAGE: usize = 500;
/// How many it has at most: some four megabytes.
pub const PAGE_MAX: usize = 5000;

/// What is asked of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// Which instances.
    pub query: Query,
    /// By what they are put together.
    pub group_by: Option<GroupBy>,
    /// By what they are sorted, within groups.
    pub sort: Sort,
    /// After which row the page begins.
    pub after: Option<Cursor>,
    /// How many rows at most; 0: as many as usual.
    pub limit: usize,
}

/// A page of instances.
pub fn list(state: &State, ask: &Ask) -> Instances {
    let (revision, snapshot) = moment(state);
    let rows = Rows::of(state);
    let total = snapshot.registered.iter().count();
    let mut placed = place(&rows, &snapshot, ask);
    placed.sort_by(|a, b| compare(a.place(), b.place(), ask.sort.descending));
    let groups = if ask.group_by.is_some() {
        groups(&placed)
    } else {
        Vec::new()
    };
    let limit = if ask.limit == 0 {
        PAGE
    } else {
        ask.limit.min(PAGE_MAX)
    };
    let begins = ask.after.as_ref().map_or(0, |after| {
        placed.partition_point(|each| {
            compare(each.place(), after.place(), ask.sort.descending) != Ordering::Greater
        })
    });
    let page: Vec<_> = placed.iter().skip(begins).take(limit).collect();
    let next = (begins + page.len() < placed.len())
        .then(|| page.last().map(|last| last.cursor().write()))
        .flatten();
    Instances {
        revision: AsOf(revision),
        as_of: AsOf(rows.now().to_string()),
        total: total as u64,
        matched: placed.len() as u64,
        next,
        groups,
        instances: page
            .into_iter()
            .map(|each| rows.row(each.seen.entry()))
            .collect(),
    }
}

/// The revision, and a list in which every change up to it is found.
pub(crate) fn moment(state: &State) -> (String, Arc<Snapshot>) {
    let revision = state.account.revision().to_string();
    (revision, state.registry.refresh())
}

fn place<'a>(rows: &'a Rows, snapshot: &'a Snapshot, ask: &Ask) -> Vec<Placed<'a>> {
    let all = snapshot.registered.iter().map(|entry| rows.seen(entry));
    let matching = all.filter(|seen| {
        ask.query.is_empty() || ask.query.matches(&seen.subject(rows.secrets(), rows.now()))
    });
    let placed = matching.map(|seen| Placed {
        group: ask
            .group_by
            .as_ref()
            .map_or("", |group| group.value(rows, &seen)),
        value: ask.sort.by.value(&seen),
        seen,
    });
    placed.collect()
}

/// How many there are in each group, in their order.
fn groups(placed: &[Placed<'_>]) -> Vec<Group> {
    let chunks = placed.chunk_by(|a, b| a.group == b.group);
    let group = |chunk: &[Placed<'_>]| {
        let mut statuses: BTreeMap<String, u64> = BTreeMap::new();
        for each in chunk {
            *statuses
                .entry(each.seen.entry().record().status().to_string())
                .or_default() += 1;
        }
        Group {
            value: chunk
                .first()
                .map(|first| first.group.to_owned())
                .unwrap_or_default(),
            instances: chunk.len() as u64,
            statuses,
        }
    };
    chunks.map(group).collect()
}
