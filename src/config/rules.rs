//! What must hold between settings that are each right alone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use peers::runtime::Seed;

use super::given::{Mistake, Place};
use super::settings::{ClusterSettings, Config};
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
        not_above(
            &["cluster.collect-min", "cluster.collect-max"],
            &config.cluster.collect_min,
            &config.cluster.collect_max,
        ),
        heard_beyond(&config.cluster),
        unheard_seed(&config.cluster),
        unheard_beyond(&config.cluster),
    ];
    ordered.into_iter().flatten().collect()
}

/// Without a key nothing proves who a peer is, so being heard by all the world has to be asked for in as many words.
fn heard_beyond(cluster: &ClusterSettings) -> Option<Broken> {
    let refused =
        !cluster.peer_listen.loopback() && !cluster.insecure && cluster.key_file.is_none();
    refused.then(|| Broken {
        keys: &["cluster.peer-listen"],
        message: format!(
            "peers would be heard at {} without any proof of who they are: whoever reaches that port could read and \
             write the whole registry; give all servers one key with --cluster-key-file (`peerage cluster-key` makes \
             one), or if the network lets nobody else in, say so with --insecure-cluster",
            cluster.peer_listen
        ),
    })
}

/// From an address of this machine alone no other machine is reached.
fn unheard_beyond(cluster: &ClusterSettings) -> Option<Broken> {
    let elsewhere = |seed: &&Seed| match seed {
        Seed::Host { host, .. } => host.parse::<IpAddr>().is_ok_and(|ip| !ip.is_loopback()),
        Seed::Dns { .. } => false,
    };
    let seed = cluster.join.0.iter().find(elsewhere)?;
    cluster.peer_listen.loopback().then(|| Broken {
        keys: &["cluster.join", "cluster.peer-listen"],
        message: format!(
            "{seed} is another machine, and peers are heard at {} only, which no other machine reaches; listen with \
             --peer-listen *:{} or one of this machine's addresses",
            cluster.peer_listen,
            Seed::PORT
        ),
    })
}

/// A seed that is not let in never answers.
fn unheard_seed(cluster: &ClusterSettings) -> Option<Broken> {
    let allowed = &cluster.allow.0;
    let outside = |seed: &&Seed| match seed {
        Seed::Host { host, .. } => host.parse::<IpAddr>().is_ok_and(|ip| {
            !allowed.is_empty() && !allowed.iter().any(|network| network.holds(ip))
        }),
        Seed::Dns { .. } => false,
    };
    let seed = cluster.join.0.iter().find(outside)?;
    Some(Broken {
        keys: &["cluster.allow", "cluster.join"],
        message: format!(
            "{seed} is to be joined, and in none of the networks that peers are in: add its network with --peer-allow"
        ),
    })
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
