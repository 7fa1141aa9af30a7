//! What every datagram is wrapped in.
//!
//! Here: how one is sealed for a cluster and opened again, with the cluster's key or, without one, by a mark that
//! keeps out accidents only. What must always hold: no datagram is longer than [`DATAGRAM_MAX`]; [`RESERVED`] bytes of
//! each belong to the envelope, used or not, so that the content has the same room either way; and what does not open
//! costs next to nothing.

mod plain;
mod sealed;
#[cfg(test)]
mod tests;
mod window;

use self::plain::Plain;
use self::sealed::Sealed;
use crate::keys::Keyring;
use serde::{Deserialize, Serialize};

/// The longest datagram: fits one packet on every IPv6 path that is not out of the ordinary.
pub const DATAGRAM_MAX: usize = 1300;

/// Bytes of every datagram kept for the envelope.
pub const RESERVED: usize = 34;

/// The longest content of an envelope.
pub const CONTENT_MAX: usize = DATAGRAM_MAX - RESERVED;

/// Seals what is sent to a cluster, and opens what comes from it.
pub struct Envelope(Kind);

enum Kind {
    Plain(Plain),
    Sealed(Box<Sealed>),
}

/// A datagram that was opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Opened {
    /// What was in it.
    pub content: Vec<u8>,
    /// The number its sender drew at its start; none without a key.
    pub session: Option<u64>,
}

/// What a sender has to tell on a stream before its datagrams are opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Introduction {
    /// The number it drew at its start; 0 without a key.
    pub session: u64,
    /// How many datagrams it has sealed until now.
    pub sealed: u64,
}

/// Why a datagram was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is damaged, noise, or another cluster's.
    Foreign,
    /// Its sender was not introduced.
    Unknown,
    /// Its sender does not have the key, or it was changed on its way.
    Forged,
    /// It was opened before, or is too old to tell.
    Replayed,
}

impl Envelope {
    /// The envelope of the cluster with this name, and with these keys if it has any. `session` has to be drawn at
    /// random at each start: with the same keys it must never come again.
    pub fn new(cluster_name: &str, keys: Option<Keyring>, session: u64) -> Self {
        Self(match keys {
            None => Kind::Plain(Plain::of(cluster_name)),
            Some(keys) => Kind::Sealed(Box::new(Sealed::new(cluster_name, keys, session))),
        })
    }

    /// Uses and accepts other keys from now on. Without a key from the start there will be none.
    pub fn rekey(&mut self, keys: Keyring) {
        if let Kind::Sealed(sealed) = &mut self.0 {
            sealed.rekey(keys);
        }
    }

    /// What peers have to be told on streams.
    pub fn introduction(&self) -> Introduction {
        match &self.0 {
            Kind::Plain(_) => Introduction::default(),
            Kind::Sealed(sealed) => sealed.introduction(),
        }
    }

    /// A peer has introduced itself.
    pub fn introduce(&mut self, introduction: Introduction) {
        if let Kind::Sealed(sealed) = &mut self.0 {
            sealed.introduce(introduction);
        }
    }

    /// Nothing more is expected of a session.
    pub fn forget(&mut self, session: u64) {
        if let Kind::Sealed(sealed) = &mut self.0 {
            sealed.forget(session);
        }
    }

    /// Wraps up `content`.
    pub fn seal(&mut self, content: &[u8]) -> Vec<u8> {
        match &mut self.0 {
            Kind::Plain(plain) => plain.seal(content),
            Kind::Sealed(sealed) => sealed.seal(content),
        }
    }

    /// Opens a datagram.
    ///
    /// # Errors
    ///
    /// If it was not sealed for this cluster by one that was introduced, is not whole, or is not new.
    pub fn open(&mut self, datagram: &[u8]) -> Result<Opened, Refused> {
        match &mut self.0 {
            Kind::Plain(plain) => {
                let content = plain.open(datagram).ok_or(Refused::Foreign)?.to_vec();
                let session = None;
                Ok(Opened { content, session })
            }
            Kind::Sealed(sealed) => {
                let (content, session) = sealed.open(datagram)?;
                let session = Some(session);
                Ok(Opened { content, session })
            }
        }
    }
}
