//! Random calls to three servers that exchange what they have in any order and repeatedly: in the end all store the
//! same, and every server's books say of it what they must.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;

use super::super::settings::RegistrySettings;
use super::super::status::Status;
use super::super::testing::{Stage, lasting, origin};
use super::super::{RelayAnswer, Relayed, lock};
use super::cluster::{Cluster, key};

const SERVERS: usize = 3;
const IDS: [&str; 2] = ["i", "j"];

#[derive(Clone, Debug)]
enum Step {
    Register(usize, &'static str, u32),
    Beat(usize, &'static str),
    Cancel(usize, &'static str),
    Override(usize, &'static str, Status),
    Sweep(usize),
    Tell(usize, usize),
    TellOne(usize, usize, &'static str),
    Relay(usize),
    /// One server takes all others for gone, or sees them again.
    Part(usize),
    Connect,
    /// Compare says that the others deleted it.
    Drop(usize, &'static str),
    Restate(usize),
    Pass(u64),
}

fn step(drops: bool) -> impl Strategy<Value = Step> {
    let at = || 0..SERVERS;
    let id = || select(&IDS[..]);
    let drop_weight = u32::from(drops) * 2 + 1;
    prop_oneof![
        4 => (at(), id(), select(&[30, 90][..])).prop_map(|(at, id, secs)| Step::Register(at, id, secs)),
        8 => (at(), id()).prop_map(|(at, id)| Step::Beat(at, id)),
        2 => (at(), id()).prop_map(|(at, id)| Step::Cancel(at, id)),
        1 => (at(), id()).prop_map(|(at, id)| Step::Override(at, id, Status::OutOfService)),
        4 => at().prop_map(Step::Sweep),
        6 => (at(), at()).prop_map(|(from, to)| Step::Tell(from, to)),
        4 => (at(), at(), id()).prop_map(|(from, to, id)| Step::TellOne(from, to, id)),
        3 => at().prop_map(Step::Relay),
        1 => at().prop_map(Step::Part),
        1 => Just(Step::Connect),
        drop_weight => (at(), id()).prop_map(move |(at, id)| if drops { Step::Drop(at, id) } else { Step::Beat(at, id) }),
        1 => at().prop_map(Step::Restate),
        6 => select(&[1, 900, 15_000, 31_000, 91_000][..]).prop_map(Step::Pass),
    ]
}

fn take(cluster: &mut Cluster, step: &Step) {
    // No two writes of one server fall into one millisecond: what it dropped it would write again under the version
    // it had before.
    cluster.pass(Duration::from_millis(1));
    match *step {
        Step::Register(at, id, secs) => drop(cluster.at[at].register(lasting(id, secs))),
        Step::Beat(at, id) => drop(cluster.at[at].beat(id)),
        Step::Cancel(at, id) => drop(cluster.at[at].cancel(id)),
        Step::Override(at, id, status) => drop(cluster.at[at].overrule(id, status)),
        Step::Sweep(at) => drop(cluster.at[at].sweep()),
        Step::Tell(from, to) if from != to => drop(cluster.tell_all(from, to)),
        Step::TellOne(from, to, id) if from != to && cluster.at[from].record(id).is_some() => {
            drop(cluster.tell(id, from, to));
        }
        Step::Tell(..) | Step::TellOne(..) => {}
        Step::Relay(at) => relay(cluster, at),
        Step::Part(at) => cluster.part(at, Some(2)),
        Step::Connect => cluster.connect(),
        Step::Drop(at, id) => drop_held(&cluster.at[at], id),
        Step::Restate(at) => {
            let stage = &cluster.at[at];
            let mut again = stage.registry.origin();
            again.epoch.0 += 1;
            stage.registry.restate(again, stage.now);
        }
        Step::Pass(millis) => cluster.pass(Duration::from_millis(millis)),
    }
}

/// Relays whose owner is some server's former self are lost.
fn relay(cluster: &Cluster, at: usize) {
    let stage = &cluster.at[at];
    for relay in stage.registry.take_relays(stage.now) {
        let owner = |other: &&Stage| other.registry.origin() == relay.owner;
        if let Some(owner) = cluster.at.iter().find(owner) {
            let relayed = owner.registry.relayed(&relay.key, relay.age, owner.now);
            let answer = match relayed {
                Relayed::Seen => RelayAnswer::Seen,
                Relayed::HeldOtherwise | Relayed::Unknown => RelayAnswer::Unknown,
            };
            stage.registry.relay_answered(&relay.key, answer, stage.now);
        }
    }
}

fn drop_held(stage: &Stage, id: &str) {
    if let Some(record) = stage.record(id) {
        stage
            .registry
            .drop_deleted(&key(id), record.lease.version, stage.now);
    }
}

/// Every live lease is kept here or counted as another's, and the lists, the census and the store agree.
fn books_agree(stage: &Stage) {
    let (registry, own) = (&stage.registry, stage.registry.origin());
    let live: Vec<_> = registry
        .store
        .all()
        .into_iter()
        .filter(|entry| entry.record().live())
        .collect();
    let owned = live.iter().filter(|entry| entry.owned_by(own)).count();
    let mut owners = BTreeMap::new();
    for entry in live.iter().filter(|entry| !entry.owned_by(own)) {
        *owners.entry(entry.record().owner()).or_default() += 1;
    }
    assert_eq!(registry.owned().0, owned);
    assert_eq!(lock(&registry.leases).watched(), owned);
    assert_eq!(registry.owners(), owners);
    assert_eq!(registry.census().live, live.len());
    let listed: Vec<_> = registry.refresh().registered.iter().cloned().collect();
    assert_eq!(listed.len(), live.len());
    assert!(
        listed
            .iter()
            .zip(&live)
            .all(|(listed, live)| Arc::ptr_eq(listed, live))
    );
}

proptest! {
    #[test]
    fn servers_that_exchange_what_they_have_store_the_same(
        steps in proptest::collection::vec(step(true), 1..80),
    ) {
        let mut cluster = Cluster::of(SERVERS);
        for step in &steps {
            take(&mut cluster, step);
            cluster.at.iter().for_each(books_agree);
        }
        cluster.settle();
        cluster.at.iter().for_each(books_agree);
    }

    #[test]
    fn servers_whose_clocks_differ_store_the_same(
        steps in proptest::collection::vec(step(false), 1..80),
        ahead in proptest::collection::vec(0..10_000u64, SERVERS),
    ) {
        let mut cluster = Cluster::of(SERVERS);
        for (stage, millis) in cluster.at.iter_mut().zip(ahead) {
            stage.pass(Duration::from_millis(millis));
        }
        steps.iter().for_each(|step| take(&mut cluster, step));
        cluster.settle();
        cluster.at.iter().for_each(books_agree);
    }

    #[test]
    fn the_order_in_which_records_come_does_not_matter(
        steps in proptest::collection::vec(step(false), 1..40),
        order in proptest::collection::vec((0..SERVERS, 0..IDS.len()), 0..20),
    ) {
        let mut cluster = Cluster::of(SERVERS);
        steps.iter().for_each(|step| take(&mut cluster, step));
        let told_in_order = |order: &mut dyn Iterator<Item = (usize, usize)>| {
            let mut fresh = Stage::of(origin(9), RegistrySettings::DEFAULT);
            fresh.now = cluster.at[0].now;
            for (from, id) in order {
                let Some(record) = cluster.at[from].record(IDS[id]) else { continue };
                fresh.registry.merge(&key(IDS[id]), record, Some(Duration::ZERO), fresh.now);
            }
            IDS.map(|id| fresh.record(id))
        };
        let all = || (0..SERVERS).flat_map(|from| (0..IDS.len()).map(move |id| (from, id)));
        let once = told_in_order(&mut all());
        let shuffled = told_in_order(&mut order.iter().copied().chain(all()).chain(order.iter().rev().copied()));
        prop_assert_eq!(once, shuffled);
    }
}
