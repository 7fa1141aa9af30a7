//! Each invariant bites: with an old mistake put back, it is found.

use std::time::Duration;

use simulations::world::client::Manner;
use simulations::world::fault::{Fault, Planned};
use simulations::world::flaw::Flaw;
use simulations::world::network::{Cut, Group};
use simulations::world::plan::Plan;
use simulations::world::run;

use crate::story::SECOND;

/// A flaw that needs more seeds than this to be found is hidden too well.
const SEEDS: u64 = 60;

fn breaks(flaw: Flaw, plan: Plan, invariant: &str) -> bool {
    let flaw = Some(flaw);
    let broken = run::play(Plan { flaw, ..plan }).broken;
    broken.iter().any(|broken| broken.invariant == invariant)
}

fn check(flaw: Flaw, invariant: &str) {
    let found = (0..SEEDS).any(|seed| breaks(flaw, Plan::of(seed), invariant));
    assert!(found, "{flaw:?} does not break: {invariant}");
}

/// A client cancels while a host is cut off, for longer than the others remember that.
fn long_partition() -> Plan {
    let mut plan = Plan::quiet(1, 3);
    plan.clients = vec![Manner::sticky(0).beating(5)];
    plan.registry.delta_retention = 5 * SECOND;
    plan.registry.remember_dead = 20 * SECOND;
    let planned = |at: u32, until: Option<Duration>, fault| Planned {
        at: at * SECOND,
        until,
        fault,
    };
    let cut = Cut::between(Group::one(2), Group(0b011));
    plan.faults = vec![
        planned(10, Some(60 * SECOND), Fault::Cut(cut)),
        planned(15, None, Fault::Cancel(0)),
    ];
    plan.calm_at = 60 * SECOND;
    plan
}

#[test]
fn records_lost_on_the_way_are_found() {
    check(Flaw::LosesMerges(5), "equal after healing");
    check(Flaw::LosesMerges(5), "equal vectors, equal records");
    check(Flaw::LosesMerges(5), "a beating client is shown");
}

#[test]
fn beats_that_never_reach_the_owner_are_found() {
    check(Flaw::LosesRelays, "an end is honest");
}

#[test]
fn the_deleted_that_are_kept_are_found() {
    let invariant = "a cancelled one stays gone";
    assert!(breaks(Flaw::KeepsDeleted, long_partition(), invariant));
    assert!(run::play(long_partition()).broken.is_empty());
}

#[test]
fn deaths_nobody_hears_of_are_found() {
    check(Flaw::HidesTheDead, "a cancelled one stays gone");
}

#[test]
fn overrides_nobody_hears_of_are_found() {
    check(Flaw::HidesOverrides, "an acknowledged override is kept");
}
