//! Each invariant bites: with the mistake it is for put back, at most 256 seeds find it.

use std::time::Duration;

use simulations::world::client::Manner;
use simulations::world::fault::{Crowd, Fault, Memory, Planned};
use simulations::world::flaw::Flaw;
use simulations::world::network::{Cut, Group};
use simulations::world::plan::Plan;
use simulations::world::run;

use crate::story::SECOND;

/// A flaw that needs more seeds than this to be found is hidden too well.
const SEEDS: u64 = 256;

/// The invariants that a plan breaks with a flaw.
fn broken(flaw: Flaw, plan: Plan) -> impl Iterator<Item = &'static str> {
    let flaw = Some(flaw);
    let broken = run::play(Plan { flaw, ..plan }).broken.into_iter();
    broken.map(|broken| broken.invariant)
}

/// Each of these invariants is broken by some seed, with this flaw.
fn check(flaw: Flaw, invariants: &[&str]) {
    let mut unbroken = invariants.to_vec();
    for seed in 0..SEEDS {
        for found in broken(flaw, Plan::of(seed)) {
            unbroken.retain(|invariant| *invariant != found);
        }
        if unbroken.is_empty() {
            return;
        }
    }
    panic!("{flaw:?} does not break: {unbroken:?}");
}

fn planned(at: u32, until: Option<u32>, fault: Fault) -> Planned {
    Planned {
        at: at * SECOND,
        until: until.map(|until| until * SECOND),
        fault,
    }
}

/// A client cancels while a host is cut off, for longer than the others remember that.
fn long_partition() -> Plan {
    let mut plan = Plan::quiet(1, 3);
    plan.clients = vec![Manner::sticky(0).beating(5)];
    plan.registry.delta_retention = 5 * SECOND;
    plan.registry.remember_dead = 20 * SECOND;
    let cut = Cut::between(Group::one(2), Group::bits(0b011));
    plan.faults = vec![
        planned(10, Some(60), Fault::Cut(cut)),
        planned(15, None, Fault::Cancel(Crowd::one(0))),
    ];
    plan.calm_at = 60 * SECOND;
    plan.end_at = 110 * SECOND;
    plan
}

/// A host starts anew, and then nothing happens for more than a day.
fn long_calm() -> Plan {
    let mut plan = Plan::quiet(1, 2);
    let starts_at = 5 * SECOND;
    plan.clients = (0..2)
        .map(|server| Manner {
            starts_at,
            ..Manner::sticky(server)
        })
        .collect();
    let crash = Fault::Crash {
        host: 1,
        machine: false,
        memory: Memory::Empty,
        clock_off_millis: 0,
    };
    plan.faults = vec![planned(100, Some(120), crash)];
    plan.calm_at = 200 * SECOND;
    plan.end_at = Duration::from_secs(27 * 60 * 60);
    plan.every = 60 * SECOND;
    plan
}

#[test]
fn records_lost_on_the_way_are_found() {
    let invariants = [
        "equal after healing",
        "equal vectors, equal records",
        "a beating client is shown",
        "what is covered was applied",
    ];
    check(Flaw::LosesMerges(5), &invariants);
}

#[test]
fn merges_by_order_of_arrival_are_found() {
    check(Flaw::LastArrivalWins, &["versions never go down"]);
}

#[test]
fn records_garbled_on_the_way_are_found() {
    let invariants = [
        "equal hosts hold the same bytes",
        "equal registries, equal lists",
    ];
    check(Flaw::GarblesBodies, &invariants);
}

#[test]
fn beats_that_never_reach_the_owner_are_found() {
    check(Flaw::LosesRelays, &["an end is honest"]);
}

#[test]
fn the_deleted_that_are_kept_are_found() {
    let invariant = "a cancelled one stays gone";
    assert!(broken(Flaw::KeepsDeleted, long_partition()).any(|found| found == invariant));
    assert_eq!(run::play(long_partition()).broken, []);
}

#[test]
fn deaths_nobody_hears_of_are_found() {
    check(Flaw::HidesTheDead, &["a cancelled one stays gone"]);
}

#[test]
fn overrides_nobody_hears_of_are_found() {
    check(Flaw::HidesOverrides, &["an acknowledged override is kept"]);
}

#[test]
fn orphans_nobody_ends_are_found() {
    check(Flaw::NoSteward, &["nothing is unowned for ever"]);
}

#[test]
fn lists_served_too_early_are_found() {
    check(Flaw::OpensAtOnce, &["no partial registry"]);
    check(Flaw::OpensCold, &["an honest cold start"]);
}

#[test]
fn a_minority_that_refuses_writes_is_found() {
    check(Flaw::ClosesAlone, &["who was ready answers"]);
}

#[test]
fn calls_acknowledged_and_not_done_are_found() {
    check(Flaw::IgnoresCalls(5), &["the acknowledged is written"]);
}

#[test]
fn a_404_for_what_another_keeps_is_found() {
    check(Flaw::KnowsOnlyItsOwn, &["no storm of 404"]);
}

#[test]
fn leases_that_last_twice_as_long_are_found() {
    check(Flaw::DoublesLeases, &["a lease ends when it says"]);
}

#[test]
fn evictions_in_mass_silence_are_found() {
    check(Flaw::NoProtection, &["mass silence ends nobody"]);
}

#[test]
fn evictions_above_the_quota_are_found() {
    check(Flaw::NoQuota, &["the quota holds"]);
}

#[test]
fn protection_without_end_is_found() {
    check(Flaw::ProtectsForEver, &["protection ends"]);
}

#[test]
fn dead_records_kept_for_ever_are_found() {
    check(Flaw::RemembersForEver, &["the dead are forgotten"]);
}

#[test]
fn datagrams_that_fit_no_packet_are_found() {
    check(Flaw::LongDatagrams, &["bounds hold"]);
}

#[test]
fn vectors_that_grow_with_every_start_are_found() {
    let invariant = "vectors stay small";
    assert!(broken(Flaw::NamesTheGone, long_calm()).any(|found| found == invariant));
    assert_eq!(run::play(long_calm()).broken, []);
}
