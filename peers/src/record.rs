//! What peers agree on: records of three registers, as versions and bytes.
//!
//! Here: keys, dots, registers and their merge. Not here: what the bytes mean, which is the server's business. What
//! must always hold: merge is commutative, associative and idempotent, and whether a record is there is told by its
//! lease register alone.

use std::sync::Arc;

use crate::version::{Origin, Rank, Version};

/// Names a record. What it is made of is the server's business.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub Arc<[u8]>);

/// Names a write, for transport: the n-th of an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dot {
    /// Who wrote.
    pub origin: Origin,
    /// Which of its writes, from 1.
    pub sequence: u64,
}

/// A register as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// Decides which of two registers wins.
    pub version: Version,
    /// The write that brought it.
    pub dot: Dot,
    /// What was written.
    pub bytes: Arc<[u8]>,
}

/// A record: up to three registers, each last-writer-wins on its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The instance as registered.
    pub body: Option<Register>,
    /// Who keeps it, and whether it is there.
    pub lease: Option<Register>,
    /// A status set from outside.
    pub overriding: Option<Register>,
}

impl Record {
    /// Takes the greater of each register. Answers whether anything was taken.
    pub fn merge(&mut self, other: &Self) -> bool {
        let body = take_greater(&mut self.body, &other.body);
        let lease = take_greater(&mut self.lease, &other.lease);
        let overriding = take_greater(&mut self.overriding, &other.overriding);
        body || lease || overriding
    }

    /// Whether it is there: its lease is held and has not ended.
    pub fn live(&self) -> bool {
        let lease = self.lease.as_ref();
        lease.is_some_and(|lease| lease.version.rank == Rank::Live)
    }

    /// The registers that were written.
    pub fn registers(&self) -> impl Iterator<Item = &Register> {
        [&self.body, &self.lease, &self.overriding]
            .into_iter()
            .flatten()
    }

    /// The versions, register by register.
    pub fn versions(&self) -> [Option<Version>; 3] {
        [&self.body, &self.lease, &self.overriding]
            .map(|register| register.as_ref().map(|register| register.version))
    }
}

fn take_greater(held: &mut Option<Register>, other: &Option<Register>) -> bool {
    let version = |register: &Option<Register>| register.as_ref().map(|register| register.version);
    let greater = version(other) > version(held);
    if greater {
        held.clone_from(other);
    }
    greater
}
