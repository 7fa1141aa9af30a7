//! Ends that meet, and those that do not.

use proptest::prelude::*;

use super::*;
use crate::keys::{ClusterKey, KEY_BYTES};

fn ring(keys: &[u8]) -> Option<Keyring> {
    Keyring::new(keys.iter().map(|key| ClusterKey::new([*key; KEY_BYTES]))).ok()
}

/// Both ends after the handshake, or the end that refused.
fn met(caller: &[u8], called: &[u8]) -> Result<[Channel; 2], &'static str> {
    let (caller, called) = (ring(caller), ring(called));
    let (mut one, first) = Channel::calling(caller.as_ref(), [1; 32]);
    let mut other = Channel::called(called.as_ref());
    if let Some(first) = first {
        let taken = other.take(&first, called.as_ref(), || [2; 32]);
        let reply = taken.or(Err("called"))?.reply.unwrap();
        let taken = one.take(&reply, caller.as_ref(), || [3; 32]);
        assert!(taken.or(Err("caller"))?.opened);
    }
    Ok([one, other])
}

fn hear(channel: &mut Channel, bytes: &[u8]) -> Result<Vec<u8>, Unproved> {
    let taken = channel.take(bytes, None, || [4; 32]);
    taken.map(|taken| taken.plain.into_owned())
}

proptest! {
    #[test]
    fn what_is_said_is_heard_however_the_stream_is_cut_up(
        lengths in prop::collection::vec(0..200_000usize, 1..4),
        cut in 1000..70_000usize,
        keyed in any::<bool>(),
    ) {
        let keys: &[u8] = if keyed { &[7] } else { &[] };
        let [mut one, mut other] = met(keys, keys).unwrap();
        let words: Vec<_> = (0..).zip(lengths).map(|(word, length)| vec![word; length]).collect();
        let said = words.iter().map(|word| one.seal(Bytes::from(word.clone())));
        let sealed = said.collect::<Vec<_>>().concat();
        let heard: Vec<u8> = sealed.chunks(cut).flat_map(|part| hear(&mut other, part).unwrap()).collect();
        prop_assert!(heard == words.concat());
    }

    #[test]
    fn a_changed_byte_ends_it(at in any::<prop::sample::Index>(), by in 1..=255u8) {
        let [mut one, mut other] = met(&[7], &[7]).unwrap();
        let mut sealed = one.seal(Bytes::from_static(b"hello")).to_vec();
        let at = at.index(sealed.len());
        sealed[at] ^= by;
        // A changed length may make it wait for more, which does not open either.
        let more = hear(&mut other, &sealed).and_then(|_| hear(&mut other, &[0; 1 << 16]));
        prop_assert_eq!(more, Err(Unproved));
    }

    #[test]
    fn what_is_cut_short_is_waited_for_and_never_heard(at in any::<prop::sample::Index>()) {
        let [mut one, mut other] = met(&[7], &[7]).unwrap();
        let sealed = one.seal(Bytes::from_static(b"hello"));
        let heard = hear(&mut other, &sealed[..at.index(sealed.len())]);
        prop_assert_eq!(heard, Ok(Vec::new()));
    }

    #[test]
    fn noise_ends_it(noise in prop::collection::vec(any::<u8>(), 50..200)) {
        let keys = ring(&[7]);
        let mut channel = Channel::called(keys.as_ref());
        let taken = channel.take(&noise, keys.as_ref(), || [1; 32]);
        prop_assert_eq!(taken.map(drop), Err(Unproved));
    }
}

#[test]
fn only_those_meet_who_have_a_key_that_the_other_accepts() {
    let keys = |pair: [Channel; 2]| pair.map(|channel| channel.key());
    let print = |key: u8| Some(ClusterKey::new([key; KEY_BYTES]).print());
    assert_eq!(met(&[1], &[1]).map(keys), Ok([print(1); 2]));
    assert_eq!(met(&[1], &[2, 1]).map(keys), Ok([print(1); 2]));
    assert_eq!(met(&[], &[]).map(keys), Ok([None; 2]));
    assert_eq!(met(&[1], &[2]).map(keys), Err("called"));
    assert_eq!(met(&[1, 2], &[2]).map(keys), Err("called"));
}

#[test]
fn who_repeats_a_call_it_has_heard_gets_nowhere() {
    let keys = ring(&[7]);
    let (mut one, first) = Channel::calling(keys.as_ref(), [1; 32]);
    let first = first.unwrap();
    let mut victim = Channel::called(keys.as_ref());
    let mut heard = Vec::new();
    let reply = victim
        .take(&first, keys.as_ref(), || [2; 32])
        .unwrap()
        .reply;
    one.take(&reply.unwrap(), keys.as_ref(), || [3; 32])
        .unwrap();
    heard.extend(one.seal(Bytes::from_static(b"hello")));
    let mut later = Channel::called(keys.as_ref());
    assert!(
        later
            .take(&first, keys.as_ref(), || [5; 32])
            .unwrap()
            .opened
    );
    assert_eq!(hear(&mut later, &heard), Err(Unproved));
}

#[test]
fn what_comes_back_to_who_said_it_ends_it() {
    let [mut one, mut other] = met(&[7], &[7]).unwrap();
    let said = one.seal(Bytes::from_static(b"hello"));
    assert_eq!(hear(&mut one, &said), Err(Unproved));
    let answered = other.seal(Bytes::from_static(b"hello"));
    assert_eq!(hear(&mut other, &answered), Err(Unproved));
    let keys = ring(&[7]);
    let (mut caller, first) = Channel::calling(keys.as_ref(), [1; 32]);
    let first = first.unwrap();
    let reflected = caller.take(&first, keys.as_ref(), || [2; 32]);
    assert_eq!(reflected.map(drop), Err(Unproved));
}

#[test]
fn what_was_said_once_is_not_heard_again() {
    let [mut one, mut other] = met(&[7], &[7]).unwrap();
    let sealed = one.seal(Bytes::from_static(b"hello"));
    assert_eq!(hear(&mut other, &sealed), Ok(b"hello".to_vec()));
    assert_eq!(hear(&mut other, &sealed), Err(Unproved));
}
