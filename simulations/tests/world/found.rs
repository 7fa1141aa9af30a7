//! Scenes of what seeds of earlier worlds have found, played in many variants. What was wrong stands in `FOUND.md`.

use std::time::Duration;

use simulations::world::client::{Behaviour, Manner};
use simulations::world::fault::{Crowd, Fault, Memory, Planned};
use simulations::world::network::{Cut, Group, Protocol};
use simulations::world::plan::Plan;
use simulations::world::run;

use crate::story::{MILLI, SECOND};

/// How many variants of a scene are played.
const VARIANTS: u64 = 40;

fn planned(at: Duration, until: Duration, fault: Fault) -> Planned {
    Planned {
        at,
        until: Some(until),
        fault,
    }
}

/// No variant of a scene breaks an invariant.
fn check(scene: impl Fn(u64) -> Plan) {
    for variant in 0..VARIANTS {
        let mut plan = scene(variant);
        plan.calm_at = 150 * SECOND;
        plan.end_at = 200 * SECOND;
        let outcome = run::play(plan);
        assert!(outcome.broken.is_empty(), "variant {variant}:\n{outcome}");
    }
}

fn without_streams(one: usize, other: usize) -> Fault {
    let only = Some(Protocol::Streams);
    let cut = Cut::between(Group::one(one), Group::one(other));
    Fault::Cut(Cut { only, ..cut })
}

/// Seeds 573, 1662, 1752, 3596: relays that a stalled stream had swallowed were never sent again.
#[test]
fn a_beat_relayed_into_a_stalled_stream_reaches_the_owner_by_way_of_another() {
    check(|variant| {
        let mut plan = Plan::quiet(variant, 3);
        let balanced = Manner {
            behaviour: Behaviour::Balanced,
            ..Manner::sticky(0).beating(5)
        };
        plan.clients = vec![balanced; 4];
        let begins = 60 * SECOND + MILLI * 125 * u32::try_from(variant).unwrap();
        let cut = without_streams(0, 2);
        plan.faults = vec![planned(begins, begins + 20 * SECOND, cut)];
        plan
    });
}

/// Seeds 4900, 6344, 7040: of two owners the one that lost kept the last beat for itself.
#[test]
fn after_a_cut_the_owner_that_wins_hears_of_beats_that_the_other_heard() {
    check(|variant| {
        let mut plan = Plan::quiet(variant, 2);
        let round = Manner {
            behaviour: Behaviour::RoundRobin,
            ..Manner::sticky(0).beating(5)
        };
        plan.clients = vec![round; 5];
        let ends = 118 * SECOND + MILLI * 125 * u32::try_from(variant).unwrap();
        plan.faults = vec![planned(81 * SECOND, ends, without_streams(0, 1))];
        plan
    });
}

/// Seed 5625: beats were relayed to an owner that had ended, again and again, and nobody took the lease over.
#[test]
fn a_beat_of_a_lease_whose_owner_has_ended_is_not_relayed_for_ever() {
    check(|variant| {
        let mut plan = Plan::quiet(variant, 2);
        plan.hosts[1].clock.off_millis = 2_965_000;
        plan.clients = vec![Manner::sticky(1)];
        let cut = Cut::between(Group::one(0), Group::one(1));
        let crash = Fault::Crash {
            host: 1,
            machine: true,
            memory: Memory::Empty,
            clock_off_millis: 0,
        };
        let ends = 105 * SECOND + MILLI * 500 * u32::try_from(variant).unwrap();
        let crowd = Crowd::one(0);
        plan.faults = vec![
            planned(20 * SECOND, ends, Fault::Cut(cut)),
            planned(22 * SECOND, 24 * SECOND, crash),
            planned(
                ends,
                ends,
                Fault::Move {
                    clients: crowd,
                    host: 1,
                },
            ),
        ];
        plan
    });
}

/// Seed 301247: an identity from before the last start, and a clock that was ahead once, led to an epoch that was used.
#[test]
fn an_old_identity_does_not_bring_back_the_epoch_of_the_last_life() {
    check(|variant| {
        let mut plan = Plan::quiet(variant, 3);
        plan.hosts[1].clock.off_millis = 2_867_000;
        let at = |number: u32| 18 * SECOND + MILLI * 250 * number;
        let stays = |number| Manner {
            starts_at: at(number),
            ..Manner::sticky(1).beating(5)
        };
        let round = |number| Manner {
            behaviour: Behaviour::RoundRobin,
            starts_at: at(number),
            ..Manner::sticky(0).beating(5)
        };
        plan.clients = (0..8)
            .flat_map(|number| [stays(number), round(number)])
            .collect();
        let crash = Fault::Crash {
            host: 1,
            machine: false,
            memory: Memory::Old,
            clock_off_millis: 0,
        };
        let again = 21 * SECOND + MILLI * 50 * u32::try_from(variant).unwrap();
        plan.faults = vec![
            planned(16 * SECOND, 17 * SECOND, crash),
            planned(again, again + SECOND, crash),
        ];
        plan
    });
}
