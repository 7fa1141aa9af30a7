//! What opens, and what does not.

use proptest::prelude::*;

use super::*;
use crate::keys::{ClusterKey, KEY_BYTES};

fn ring(keys: &[u8]) -> Option<Keyring> {
    Keyring::new(keys.iter().map(|key| ClusterKey::new([*key; KEY_BYTES]))).ok()
}

/// Two servers of one cluster, with these keys.
fn pair(keys: &[u8]) -> [Envelope; 2] {
    let mut pair = [1, 2].map(|session| Envelope::new("peerage", ring(keys), session));
    introduce(&mut pair);
    pair
}

fn introduce([one, other]: &mut [Envelope; 2]) {
    one.introduce(other.introduction());
    other.introduce(one.introduction());
}

fn open(envelope: &mut Envelope, datagram: &[u8]) -> Result<Vec<u8>, Refused> {
    envelope.open(datagram).map(|opened| opened.content)
}

proptest! {
    #[test]
    fn what_is_sealed_opens(
        content in prop::collection::vec(any::<u8>(), 0..CONTENT_MAX), keyed in any::<bool>(),
    ) {
        let [mut one, mut other] = pair(if keyed { &[7] } else { &[] });
        let datagram = one.seal(&content);
        prop_assert!(datagram.len() <= DATAGRAM_MAX);
        prop_assert_eq!(open(&mut other, &datagram), Ok(content));
    }

    #[test]
    fn a_damaged_datagram_does_not_open(
        content in prop::collection::vec(any::<u8>(), 0..64),
        at in any::<prop::sample::Index>(),
        by in 1..=255u8,
        keyed in any::<bool>(),
    ) {
        let [mut one, mut other] = pair(if keyed { &[7] } else { &[] });
        let mut datagram = one.seal(&content);
        let at = at.index(datagram.len());
        datagram[at] ^= by;
        prop_assert!(open(&mut other, &datagram).is_err());
    }

    #[test]
    fn what_is_cut_short_or_drawn_out_does_not_open(
        content in prop::collection::vec(any::<u8>(), 0..64),
        length in 0..200usize,
        keyed in any::<bool>(),
    ) {
        let [mut one, mut other] = pair(if keyed { &[7] } else { &[] });
        let mut datagram = one.seal(&content);
        prop_assume!(datagram.len() != length);
        datagram.resize(length, 0);
        prop_assert!(open(&mut other, &datagram).is_err());
    }

    #[test]
    fn noise_does_not_open(
        datagram in prop::collection::vec(any::<u8>(), 0..64), keyed in any::<bool>(),
    ) {
        let [mut one, _] = pair(if keyed { &[7] } else { &[] });
        prop_assert!(open(&mut one, &datagram).is_err());
    }
}

#[test]
fn another_cluster_s_datagram_does_not_open() {
    for keys in [ring(&[]), ring(&[7])] {
        let named = |name, session| Envelope::new(name, keys.clone(), session);
        let mut pair = [named("staging", 1), named("production", 2)];
        introduce(&mut pair);
        let [mut staging, mut production] = pair;
        assert!(open(&mut production, &staging.seal(b"hello")).is_err());
    }
}

#[test]
fn without_the_key_nothing_opens_and_nothing_is_opened() {
    let named = |keys, session| Envelope::new("peerage", ring(keys), session);
    let mut two = [named(&[7], 1), named(&[8], 2)];
    introduce(&mut two);
    let [mut one, mut other] = two;
    let [mut plain, _] = pair(&[]);
    let sealed = one.seal(b"hello");
    assert_eq!(open(&mut other, &sealed), Err(Refused::Forged));
    assert_eq!(open(&mut plain, &sealed), Err(Refused::Foreign));
    assert_eq!(open(&mut one, &plain.seal(b"hello")), Err(Refused::Foreign));
}

#[test]
fn a_datagram_opens_once_however_late_and_in_whatever_order() {
    let [mut one, mut other] = pair(&[7]);
    let datagrams: Vec<_> = (0..50).map(|_| one.seal(b"hello")).collect();
    for datagram in datagrams.iter().rev() {
        assert!(open(&mut other, datagram).is_ok());
    }
    for datagram in &datagrams {
        assert_eq!(open(&mut other, datagram), Err(Refused::Replayed));
    }
}

#[test]
fn what_was_sealed_before_the_introduction_does_not_open() {
    let [mut one, mut other] = pair(&[7]);
    let early = one.seal(b"hello");
    other.introduce(one.introduction());
    assert_eq!(open(&mut other, &early), Err(Refused::Replayed));
    assert!(open(&mut other, &one.seal(b"hello")).is_ok());
}

#[test]
fn a_datagram_that_comes_back_to_its_sender_does_not_open() {
    let [mut one, _] = pair(&[7]);
    let datagram = one.seal(b"hello");
    assert_eq!(open(&mut one, &datagram), Err(Refused::Unknown));
}

#[test]
fn a_sender_that_was_not_introduced_or_is_forgotten_is_not_even_tried() {
    let [mut one, mut other] = pair(&[7]);
    let mut stranger = Envelope::new("peerage", ring(&[7]), 9);
    assert_eq!(
        open(&mut one, &stranger.seal(b"hello")),
        Err(Refused::Unknown)
    );
    one.forget(2);
    assert_eq!(open(&mut one, &other.seal(b"hello")), Err(Refused::Unknown));
}

#[test]
fn keys_are_replaced_in_three_steps_and_each_pair_understands_each_other() {
    let steps: [&[u8]; 4] = [&[1], &[1, 2], &[2, 1], &[2]];
    let [mut old, mut new] = pair(steps[0]);
    for step in steps.windows(2) {
        new.rekey(ring(step[1]).unwrap());
        assert!(open(&mut new, &old.seal(b"to the new")).is_ok());
        assert!(open(&mut old, &new.seal(b"to the old")).is_ok());
        old.rekey(ring(step[1]).unwrap());
    }
    old.rekey(ring(steps[0]).unwrap());
    assert_eq!(open(&mut new, &old.seal(b"hello")), Err(Refused::Forged));
}
