//! What a cluster makes of crashes, cuts and servers that do not listen.

use crate::host::{Host, index_of, peer};
use crate::world::{SECOND, World};
use foca::State;
use peers::health::HOLDS_MAX;
use peers::membership::Event;
use std::time::Duration;

/// How long it takes until all know of a crash, in all of many runs, the shortest first.
fn crash_known_after(size: usize) -> Vec<Duration> {
    let after = |seed: u32| {
        let mut world = World::formed(size, seed.into());
        world.run(3 * SECOND + seed * SECOND / 100);
        let start = world.now;
        world.crash(size - 1);
        world.run_until(start + 60 * SECOND, World::whole);
        world.now - start
    };
    let mut times: Vec<Duration> = (0..300).map(after).collect();
    times.sort();
    times
}

#[test]
fn a_crash_is_known_to_all_within_eight_seconds() {
    for size in [2, 3, 5, 10] {
        let times = crash_known_after(size);
        let latest = times[times.len() * 99 / 100 - 1];
        assert!(
            latest <= 8 * SECOND,
            "{size} hosts: in 1 of 100 cases after {latest:?}"
        );
    }
}

/// Cuts a cluster into parts for a while, and tells how long it takes to be whole again.
fn healed_after(size: usize, seed: u64, cut: Duration, part: impl Fn(usize) -> usize) -> Duration {
    let mut world = World::formed(size, seed);
    world.network.cut(size, part);
    world.run(cut);
    world.network.heal();
    let healed = world.now;
    world.run_until(healed + 60 * SECOND, World::whole);
    assert!(world.whole(), "still apart after a minute; seed {seed}");
    world.now - healed
}

#[test]
fn a_cluster_cut_in_half_is_whole_again_soon_after() {
    for (size, seconds) in [(4, 30), (10, 30), (10, 300), (50, 30)] {
        let slowest = (0..5)
            .map(|seed| healed_after(size, seed, seconds * SECOND, |host| host % 2))
            .max();
        assert!(
            slowest < Some(10 * SECOND),
            "{size} hosts after {seconds} s: {slowest:?}"
        );
    }
}

#[test]
fn a_cluster_of_which_everybody_was_alone_is_whole_again_soon_after() {
    for size in [2, 3, 5, 10] {
        let slowest = (0..5)
            .map(|seed| healed_after(size, seed, 60 * SECOND, |host| host))
            .max();
        assert!(slowest < Some(10 * SECOND), "{size} hosts: {slowest:?}");
    }
}

#[test]
fn three_servers_outlast_a_fifth_of_all_datagrams_lost() {
    let mut world = World::formed(3, 1);
    world.network.loss = 0.2;
    world.run(600 * SECOND);
    world.network.loss = 0.0;
    world.run(10 * SECOND);
    assert!(world.whole());
}

/// How often a healthy server was taken for dead while the first ones read their packets late.
fn false_deaths(size: usize, deaf: usize, holds_max: u8) -> usize {
    let mut world = World::with(size, 3, |settings| settings.holds_max = holds_max).form();
    let start = world.now;
    for _ in 0..10 {
        (0..deaf).for_each(|index| world.deafen(index, 10 * SECOND));
        world.run(15 * SECOND);
    }
    let healthy =
        |event: &Event| matches!(event, Event::Down(peer) if index_of(peer.address) >= deaf);
    world
        .events_since(start)
        .filter(|(_, event)| healthy(event))
        .count()
}

#[test]
fn a_server_that_reads_late_and_doubts_itself_brings_down_no_healthy_one() {
    for (size, deaf) in [(5, 1), (10, 2), (50, 4)] {
        let trusting = false_deaths(size, deaf, 0);
        let doubting = false_deaths(size, deaf, HOLDS_MAX);
        assert!(trusting >= 40, "without doubt {trusting}");
        assert!(
            doubting * 40 <= trusting,
            "without doubt {trusting}, with it {doubting}"
        );
    }
}

#[test]
fn a_server_under_strain_doubts_itself_until_others_have_answered() {
    let mut world = World::formed(3, 1);
    world.at(0, |host, _| host.member.strained());
    assert!(world.hosts[0].member.health().doubtful());
    world.run(5 * SECOND);
    assert!(!world.hosts[0].member.health().doubtful());
}

fn suspects(host: &Host) -> usize {
    let standings = host.member.standings();
    standings
        .filter(|standing| standing.state() != State::Alive)
        .count()
}

#[test]
fn a_server_that_stood_still_for_a_while_accuses_nobody() {
    for seed in 0..10 {
        let mut world = World::formed(5, seed);
        // Far apart, so that answers are often on their way when it stops.
        world.network.latency = SECOND / 20..SECOND / 10;
        for _ in 0..20 {
            world.freeze(0, 2 * SECOND);
            world.run(2 * SECOND + SECOND / 10);
            let accused = suspects(&world.hosts[0]);
            assert_eq!(accused, 0, "seed {seed}");
            world.run(3 * SECOND);
        }
    }
}

#[test]
fn a_server_that_was_taken_for_dead_insists_and_is_back() {
    let mut world = World::formed(5, 1);
    let (start, bump) = (world.now, world.hosts[0].member.identity().bump());
    world.freeze(0, 20 * SECOND);
    world.run(20 * SECOND);
    assert!(!world.hosts[1].member.peers().contains(&peer(0)));
    world.run_until(world.now + 10 * SECOND, World::whole);
    assert!(world.whole());
    assert!(world.hosts[0].member.identity().bump() > bump);
    let happened: Vec<_> = world.events_since(start).collect();
    assert!(happened.contains(&(0, &Event::Rejoined)));
    assert!(happened.contains(&(
        1,
        &Event::Renewed {
            old: peer(0),
            new: peer(0)
        }
    )));
}
