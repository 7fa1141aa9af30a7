//! What peers agree on: records of three registers, as versions and bytes.
//!
//! Here: keys, dots, registers and their merge. Not here: what the bytes mean, which is the server's business. What
//! must always hold: merge is commutative, associative and idempotent, and whether a record is there is told by its
//! lease register alone.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::version::{Origin, Rank, Version};

/// Names a record. What it is made of is the server's business.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key(pub Bytes);

/// Bytes that are shared, and nobody changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub Arc<[u8]>);

/// Names a write, for transport: the n-th of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Dot {
    /// Who wrote.
    pub origin: Origin,
    /// Which of its writes, from 1.
    pub sequence: u64,
}

/// A register as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// Decides which of two registers wins.
    pub version: Version,
    /// What was written.
    pub bytes: Bytes,
}

/// A record: up to three registers, each last-writer-wins on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The instance as registered.
    pub body: Option<Register>,
    /// Who keeps it, and whether it is there.
    pub lease: Option<Register>,
    /// A status set from outside.
    pub overriding: Option<Register>,
    /// For how long the lease has been over, if it is. Ages are summed from hop to hop, since the wall clocks of two
    /// machines cannot be subtracted.
    pub ended_for: Option<Duration>,
}

impl Record {
    /// Takes the greater of each register. Answers whether anything was taken.
    pub fn merge(&mut self, other: &Self) -> bool {
        let body = take_greater(&mut self.body, &other.body);
        let lease = take_greater(&mut self.lease, &other.lease);
        let overriding = take_greater(&mut self.overriding, &other.overriding);
        if lease {
            self.ended_for = other.ended_for;
        }
        body || lease || overriding
    }

    /// Whether it is there: its lease is held and has not ended.
    pub fn live(&self) -> bool {
        let lease = self.lease.as_ref();
        lease.is_some_and(|lease| lease.version.rank == Rank::Live)
    }

    /// The versions, register by register.
    pub fn versions(&self) -> Versions {
        [&self.body, &self.lease, &self.overriding]
            .map(|register| register.as_ref().map(|register| register.version))
    }
}

/// The versions of a record's three registers: body, lease, override.
pub type Versions = [Option<Version>; 3];

fn take_greater(held: &mut Option<Register>, other: &Option<Register>) -> bool {
    let version = |register: &Option<Register>| register.as_ref().map(|register| register.version);
    let greater = version(other) > version(held);
    if greater {
        held.clone_from(other);
    }
    greater
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed;
        impl serde::de::Visitor<'_> for Borrowed {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes::from(bytes))
            }
        }
        deserializer.deserialize_bytes(Borrowed)
    }
}
