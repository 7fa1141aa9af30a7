//! Who was told what: the memory that outlives every host.
//!
//! Here: what hosts heard of clients, and whether they acknowledged it. Not here: what ought to follow from it
//! (`invariants`). What must always hold: everything a host's registry was asked to change is here.

use std::time::Duration;

use peerage::registry::status::Status;

use super::bonds::Bond;
use super::calls::Ask;

/// What hosts heard, client by client.
#[derive(Clone, Debug, Default)]
pub struct Oracle {
    heard: Vec<Vec<Heard>>,
    /// What hosts held of clients, other than that they live; oldest first.
    pub verdicts: Vec<Verdict>,
}

/// A host held that a client does not live.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// When.
    pub at: Duration,
    /// Where.
    pub host: usize,
    /// Of whom.
    pub name: String,
    /// Whether it ended the lease; else it told the client that it is unknown.
    pub evicted: bool,
    /// With whom that host was connected then, and since when.
    pub bonds: Vec<Bond>,
}

/// Something a host heard of a client.
#[derive(Clone, Debug)]
pub struct Heard {
    /// When.
    pub at: Duration,
    /// Where.
    pub host: usize,
    /// At which start of that host.
    pub start: u64,
    /// What it was.
    pub deed: Deed,
    /// Whether somebody was told that it was done.
    pub acknowledged: bool,
    /// With whom that host was connected then, and since when.
    pub bonds: Vec<Bond>,
}

/// What a host heard of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A sign of life: a registration or a heartbeat.
    Life,
    /// That it goes.
    Cancel,
    /// That it is to be shown in this status, or in its own again.
    Override(Option<Status>),
    /// Something else about it.
    Other,
}

impl Deed {
    /// What a call comes to.
    pub const fn of(ask: &Ask) -> Self {
        match ask {
            Ask::Register(_) | Ask::Beat(_) => Self::Life,
            Ask::Cancel => Self::Cancel,
            Ask::Override(status) => Self::Override(*status),
            Ask::Note(_) => Self::Other,
        }
    }
}

impl Oracle {
    /// Remembers something about a client.
    pub fn remember(&mut self, client: usize, heard: Heard) {
        if self.heard.len() <= client {
            self.heard.resize_with(client + 1, Vec::new);
        }
        self.heard[client].push(heard);
    }

    /// Who was evicted, oldest first.
    pub fn evicted(&self) -> impl Iterator<Item = &str> {
        let evicted = self.verdicts.iter().filter(|verdict| verdict.evicted);
        evicted.map(|verdict| &*verdict.name)
    }

    /// What was heard of a client, oldest first.
    pub fn of(&self, client: usize) -> &[Heard] {
        self.heard.get(client).map_or(&[], Vec::as_slice)
    }
}
