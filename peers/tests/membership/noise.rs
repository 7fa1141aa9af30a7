//! What becomes of datagrams that nobody meant to send.

use crate::host::{Host, peer};
use crate::world::{SECOND, World};
use peers::envelope::{DATAGRAM_MAX, Envelope};
use peers::membership::Settings;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

/// A cluster of five of which one crashed and returned, and all datagrams that came to its first host.
fn overheard() -> (World, Vec<Vec<u8>>) {
    let mut world = World::formed(5, 1);
    world.crash(4);
    world.run(8 * SECOND);
    world.restart(4, 500);
    world.run(8 * SECOND);
    assert!(world.whole());
    let datagrams = std::mem::take(&mut world.hosts[0].overheard);
    (world, datagrams)
}

/// The same bytes with a few of them changed, removed or repeated.
fn spoilt(bytes: &[u8], chance: &mut ChaCha8Rng) -> Vec<u8> {
    let mut spoilt = bytes.to_vec();
    for _ in 0..chance.random_range(1..4) {
        let at = chance.random_range(0..=spoilt.len());
        match chance.random_range(0..4) {
            0 => spoilt.truncate(at),
            1 => spoilt.insert(at, chance.random()),
            2 => spoilt.extend_from_within(at..),
            _ => spoilt
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte = chance.random()),
        }
    }
    spoilt
}

#[test]
fn a_hundred_thousand_spoilt_datagrams_change_nothing() {
    let (mut world, datagrams) = overheard();
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    let member = &mut world.hosts[0].member;
    let before: Vec<_> = member.standings().cloned().collect();
    for number in 0..100_000 {
        let real = &datagrams[number % datagrams.len()];
        let spoilt = spoilt(real, &mut chance);
        if spoilt != *real {
            member.handle_datagram(world.now, &spoilt);
        }
    }
    assert!(member.standings().eq(&before));
    assert!(member.counts().datagrams_foreign > 90_000);
    assert_eq!((member.poll_datagram(), member.poll_event()), (None, None));
}

/// As a server of our own cluster might send them that has gone mad: they may change much, but break nothing.
#[test]
fn a_hundred_thousand_spoilt_datagrams_in_whole_envelopes_break_nothing() {
    let (world, datagrams) = overheard();
    let mut envelope = Envelope::new("test", None, 0);
    let mut chance = ChaCha8Rng::seed_from_u64(2);
    let mut malformed = 0;
    for _ in 0..100 {
        let settings = Settings::new(peer(0), 1_000, "test");
        let mut host = Host::new(world.now, &settings, ChaCha8Rng::from_rng(&mut chance));
        for number in 0..1_000_u32 {
            let real = &datagrams[chance.random_range(0..datagrams.len())];
            let spoilt = spoilt(&envelope.open(real).unwrap().content, &mut chance);
            let now = world.now + number * SECOND / 100;
            host.receive(now, envelope.seal(&spoilt));
            host.wake_up(now);
            let sent = host.outgoing(now);
            assert!(
                sent.iter()
                    .all(|datagram| datagram.bytes.len() <= DATAGRAM_MAX)
            );
        }
        let counts = host.member.counts();
        assert_eq!(counts.faults, 0);
        malformed += counts.datagrams_malformed;
    }
    assert!(malformed > 10_000, "{malformed}");
}
