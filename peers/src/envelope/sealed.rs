//! Datagrams that only servers of one cluster can make and read.
//!
//! Here: AES-256-GCM under a key of the sender's own, which HKDF makes of the cluster's key and of a number the sender
//! drew at its start; a counter is the nonce. Only senders that were introduced are tried: they have named their number,
//! and how far they had counted, on a stream, which cannot be a recording. Not here: who a sender is. What must always
//! hold: no nonce is used twice; nothing is decoded before its tag was right; nothing that was sealed before the
//! introduction, or was opened since, is taken; and the header, the cluster's name included, is part of what is
//! authenticated.
//!
//! Random nonces under one shared key would reach their bound of 2³² messages in weeks in a large cluster; a key for
//! each start of each sender has none that matters.
//!
//! | bytes | |
//! |---|---|
//! | 1 | version of the envelope |
//! | 1 | which key: the first byte of its fingerprint |
//! | 8 | the sender's session |
//! | 8 | counter |
//! | … | content |
//! | 16 | tag |

use std::collections::BTreeMap;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};

use super::window::Window;
use super::{DATAGRAM_MAX, Introduction, RESERVED, Refused};
use crate::keys::{ClusterKey, Keyring};

const VERSION: u8 = 2;
const HEADER_BYTES: usize = 18;
const TAG_BYTES: usize = 16;
const _: () = assert!(HEADER_BYTES + TAG_BYTES == RESERVED);

/// What is in front of every sealed datagram.
#[derive(Clone, Copy)]
struct Header {
    key: u8,
    session: u64,
    counter: u64,
}

/// Seals and opens with a ring of keys.
pub(super) struct Sealed {
    cluster_name: String,
    keys: Keyring,
    session: u64,
    counter: u64,
    own: LessSafeKey,
    senders: BTreeMap<u64, Sender>,
}

/// One that was introduced: a key of its own for each that is accepted, and what was taken of it.
struct Sender {
    keys: Vec<(u8, LessSafeKey)>,
    window: Window,
}

impl Sealed {
    /// `session` has to be drawn at random at each start.
    pub(super) fn new(cluster_name: &str, keys: Keyring, session: u64) -> Self {
        Self {
            cluster_name: cluster_name.to_owned(),
            own: sender_key(keys.used(), session),
            keys,
            session,
            counter: 0,
            senders: BTreeMap::new(),
        }
    }

    pub(super) const fn introduction(&self) -> Introduction {
        Introduction {
            session: self.session,
            sealed: self.counter,
        }
    }

    pub(super) fn introduce(&mut self, introduction: Introduction) {
        let sender = Sender {
            keys: sender_keys(&self.keys, introduction.session),
            window: Window::after(introduction.sealed),
        };
        self.senders.insert(introduction.session, sender);
    }

    pub(super) fn forget(&mut self, session: u64) {
        self.senders.remove(&session);
    }

    /// Other keys from now on. The counter goes on, for an old key may be used again.
    pub(super) fn rekey(&mut self, keys: Keyring) {
        self.own = sender_key(keys.used(), self.session);
        for (session, sender) in &mut self.senders {
            sender.keys = sender_keys(&keys, *session);
        }
        self.keys = keys;
    }

    pub(super) fn seal(&mut self, content: &[u8]) -> Vec<u8> {
        let header = Header {
            key: mark(self.keys.used()),
            session: self.session,
            counter: self.counter,
        };
        self.counter += 1;
        let mut datagram = header.write().to_vec();
        let mut body = content.to_vec();
        self.own
            .seal_in_place_append_tag(header.nonce(), header.aad(&self.cluster_name), &mut body)
            .expect("a datagram is shorter than what can be sealed");
        datagram.append(&mut body);
        datagram
    }

    /// The content, and the session of whoever sealed it.
    pub(super) fn open(&mut self, datagram: &[u8]) -> Result<(Vec<u8>, u64), Refused> {
        let (header, body) = Header::read(datagram).ok_or(Refused::Foreign)?;
        let sender = self.senders.get_mut(&header.session);
        let sender = sender.ok_or(Refused::Unknown)?;
        if !sender.window.is_fresh(header.counter) {
            return Err(Refused::Replayed);
        }
        let keys = sender.keys.iter().filter(|(mark, _)| *mark == header.key);
        let content = keys
            .filter_map(|(_, key)| header.open(key, &self.cluster_name, body))
            .next()
            .ok_or(Refused::Forged)?;
        sender.window.take(header.counter);
        Ok((content, header.session))
    }
}

impl Header {
    fn write(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let parts = [VERSION, self.key]
            .into_iter()
            .chain(self.session.to_be_bytes())
            .chain(self.counter.to_be_bytes());
        bytes
            .iter_mut()
            .zip(parts)
            .for_each(|(to, byte)| *to = byte);
        bytes
    }

    fn read(datagram: &[u8]) -> Option<(Self, &[u8])> {
        let (&[version, key], rest) = datagram.split_first_chunk()?;
        let (session, rest) = rest.split_first_chunk()?;
        let (counter, body) = rest.split_first_chunk()?;
        let header = Self {
            key,
            session: u64::from_be_bytes(*session),
            counter: u64::from_be_bytes(*counter),
        };
        let fits = datagram.len() <= DATAGRAM_MAX && body.len() >= TAG_BYTES;
        // The greatest counter has no successor.
        let counts = header.counter < u64::MAX;
        (version == VERSION && fits && counts).then_some((header, body))
    }

    fn open(self, key: &LessSafeKey, cluster_name: &str, body: &[u8]) -> Option<Vec<u8>> {
        let mut body = body.to_vec();
        let aad = self.aad(cluster_name);
        let length = key.open_in_place(self.nonce(), aad, &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }

    fn nonce(self) -> Nonce {
        let mut nonce = [0; 12];
        let places = nonce.iter_mut().skip(4);
        places
            .zip(self.counter.to_be_bytes())
            .for_each(|(to, byte)| *to = byte);
        Nonce::assume_unique_for_key(nonce)
    }

    fn aad(self, cluster_name: &str) -> Aad<Vec<u8>> {
        Aad::from([&self.write()[..], cluster_name.as_bytes()].concat())
    }
}

fn mark(key: &ClusterKey) -> u8 {
    key.print().0[0]
}

fn sender_keys(keys: &Keyring, session: u64) -> Vec<(u8, LessSafeKey)> {
    let accepted = keys.accepted();
    accepted
        .map(|key| (mark(key), sender_key(key, session)))
        .collect()
}

fn sender_key(key: &ClusterKey, session: u64) -> LessSafeKey {
    let extracted = Salt::new(HKDF_SHA256, &session.to_be_bytes()).extract(key.secret());
    let expanded = extracted.expand(&[b"peerage datagrams"], &AES_256_GCM);
    LessSafeKey::new(UnboundKey::from(expanded.expect("a key is short")))
}
