//! How many are in which status, as one bar.

use std::collections::BTreeMap;

use askama::Template;
use askama::filters::HtmlSafe;

use super::Status;

/// How many are in which status: a bar for the eye, words for the ear.
#[derive(Clone, Debug, Default, PartialEq, Template)]
#[template(path = "parts/bar.html")]
pub struct Bar {
    shares: Vec<Share>,
    total: u64,
}

impl HtmlSafe for Bar {}

/// Those of one status.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// The status.
    pub status: Status,
    /// How many.
    pub count: u64,
    /// Where it begins in the bar, in percent.
    from: f64,
    /// How much of the bar it has, in percent.
    width: f64,
}

/// A share so small that it could not be seen is drawn this wide, in percent: one bad instance among thousands counts.
const SEEN_MIN: f64 = 1.5;

impl Bar {
    /// A bar of these counts.
    pub fn of(counts: impl IntoIterator<Item = (Status, u64)>) -> Self {
        let mut by_status: BTreeMap<Status, u64> = BTreeMap::new();
        for (status, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            *by_status.entry(status).or_default() += count;
        }
        let counts: Vec<_> = by_status.into_iter().collect();
        let total: u64 = counts.iter().map(|(_, count)| count).sum();
        #[expect(clippy::cast_precision_loss, reason = "a drawing is not that precise")]
        let width = |count: u64| (count as f64 * 100.0 / total as f64).max(SEEN_MIN);
        let all: f64 = counts.iter().map(|(_, count)| width(*count)).sum();
        let mut from = 0.0;
        let shares = counts.into_iter().map(|(status, count)| {
            let share = Share {
                status,
                count,
                from,
                width: width(count) * 100.0 / all,
            };
            from += share.width;
            share
        });
        Self {
            shares: shares.collect(),
            total,
        }
    }

    /// All of them.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Those of each status there is.
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }

    fn words(&self) -> String {
        if self.shares.is_empty() {
            return "none".to_owned();
        }
        let said = self.shares.iter();
        let said: Vec<_> = said
            .map(|share| format!("{} {}", share.count, share.status.word()))
            .collect();
        said.join(", ")
    }
}

impl Share {
    fn x(&self) -> String {
        format!("{:.2}%", self.from)
    }

    fn wide(&self) -> String {
        format!("{:.2}%", self.width)
    }
}
