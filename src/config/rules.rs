//! What must hold between settings that are each right alone.

use std::collections::{BTreeMap, BTreeSet};

use super::given::{Mistake, Place};
use super::settings::Config;
use super::value::{Value, write};

/// A rule that does not hold.
#[derive(Debug)]
pub(super) struct Broken {
    /// The settings it is about. The first that somebody gave is blamed.
    keys: &'static [&'static str],
    message: String,
}

impl Broken {
    /// Whether it is about any of these settings.
    pub(super) fn is_about(&self, settings: &BTreeSet<String>) -> bool {
        self.keys.iter().any(|key| settings.contains(*key))
    }

    /// The mistake, at the place where somebody made it.
    pub(super) fn into_mistake(self, origins: &BTreeMap<String, Place>) -> Mistake {
        let place = self
            .keys
            .iter()
            .filter_map(|key| origins.get(*key))
            .find(|place| **place != Place::Default);
        Mistake::at(place.unwrap_or(&Place::Default), self.message)
    }
}

/// All rules that do not hold.
pub(super) fn broken(config: &Config) -> Vec<Broken> {
    let limits = &config.limits;
    let preservation = &config.preservation;
    let ordered = [
        not_above(
            &["lease.sweep-interval", "lease.quota-window"],
            &config.lease.sweep_interval,
            &config.lease.quota_window,
        ),
        not_above(
            &["preservation.limit-short", "preservation.limit-long"],
            &preservation.limit_short,
            &preservation.limit_long,
        ),
        not_above(
            &["limits.body", "limits.batch-body"],
            &limits.body,
            &limits.batch_body,
        ),
        not_above(&["limits.path", "limits.head"], &limits.path, &limits.head),
        not_above(
            &["limits.metadata-size", "limits.body"],
            &limits.metadata_size,
            &limits.body,
        ),
    ];
    ordered.into_iter().flatten().collect()
}

fn not_above<T: Value + PartialOrd>(
    keys: &'static [&'static str; 2],
    lesser: &T,
    greater: &T,
) -> Option<Broken> {
    let [lesser_key, greater_key] = keys;
    (lesser > greater).then(|| Broken {
        keys,
        message: format!(
            "{lesser_key} ({}) must not be above {greater_key} ({})",
            write(lesser),
            write(greater)
        ),
    })
}
