//! The network of a story, while nothing is wrong with it, and the few settings a story may change.
//!
//! Here: `[links]` and `[settings]`. Not here: links that become worse for a while (`misfortunes`).

use super::cast::Cast;
use super::source::Table;
use super::values;
use crate::world::network::{Latency, Link};
use crate::world::plan::Plan;

const KEYS: &[&str] = &["inside", "across"];
const LINK_KEYS: &[&str] = &[
    "latency", "worst", "loss", "twice", "late", "corrupt", "rate",
];
const SETTINGS: &[&str] = &["remember_dead"];

/// Reads how hosts are linked, and what is set.
pub(super) fn read(table: &Table<'_>, plan: &mut Plan) {
    if let Some(links) = table.table("links", Some(KEYS)) {
        for (key, link) in [
            ("inside", &mut plan.links.inside),
            ("across", &mut plan.links.across),
        ] {
            if let Some(table) = links.table(key, Some(LINK_KEYS)) {
                read_link(&table, link);
            }
        }
    }
    if let Some(settings) = table.table("settings", Some(SETTINGS))
        && let Some(memory) = settings.read("remember_dead", values::duration)
    {
        plan.registry.remember_dead = memory;
        plan.registry.remember_overridden = memory;
        plan.registry.delta_retention = plan.registry.delta_retention.min(memory / 2);
    }
}

/// Reads how far clocks are off from the beginning: `B = "+1h"`, or a whole zone.
pub(super) fn read_clocks(table: &Table<'_>, cast: &Cast, plan: &mut Plan) {
    let Some(clocks) = table.table("clocks", None) else {
        return;
    };
    for key in clocks.keys() {
        let off = clocks.read(key, values::offset);
        match cast.group(key, &[]) {
            Ok(peers) => peers
                .into_iter()
                .for_each(|peer| plan.hosts[peer].clock.off_millis = off.unwrap_or_default()),
            Err(text) => clocks.mistake_at_key(key, text),
        }
    }
}

fn read_link(table: &Table<'_>, link: &mut Link) {
    if let Some(range) = table.read("latency", values::span) {
        link.latency = Latency::Between(range.start, range.end);
        if let Some(worst) = table.read("worst", values::duration) {
            link.latency = Latency::LongTailed {
                usual: range.end,
                worst,
            };
        }
    }
    let shares: [(&str, &mut f64); 4] = [
        ("loss", &mut link.loss),
        ("twice", &mut link.twice),
        ("late", &mut link.late),
        ("corrupt", &mut link.corrupt),
    ];
    for (key, share) in shares {
        *share = table.read(key, values::share).unwrap_or(*share);
    }
    link.bandwidth = table.read("rate", values::rate).unwrap_or(link.bandwidth);
}
