//! What a peer stores of the instance, and what it remembers of its client.
//!
//! Here: two of a record's three registers, with nothing in them that no rule of ownership asks for. Not here: how they
//! are merged (`writes`).

use peers::version::{Origin, Version};

/// When something happened: in which interval, and in which order within all that happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// How many intervals had passed.
    pub interval: u8,
    /// How many things had happened.
    pub turn: u8,
}

/// Which write made a lease what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The client registered.
    Registration,
    /// A peer that heard the client took it over.
    Adoption,
    /// A peer that heard the client gainsaid its death.
    Refutation,
}

/// Why a lease is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedBy {
    /// The client cancelled it.
    Cancel,
    /// It ran out.
    Eviction,
}

/// The end of a lease. Its moment stands for the age that travels with a dead record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why it is over.
    pub by: EndedBy,
    /// Since when.
    pub at: Moment,
}

/// The lease register. The owner is the origin in its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who wrote it, and when.
    pub version: Version,
    /// By which kind of write.
    pub written: Written,
    /// How it ended, if it did.
    pub ended: Option<Ended>,
}

/// The body register. Its content is the turn in which the client said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body {
    /// Who wrote it, and when.
    pub version: Version,
    /// When the client said it.
    pub said: u8,
}

/// What a peer stores of the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its lease.
    pub lease: Lease,
    /// What it said of itself.
    pub body: Body,
}

impl Record {
    /// Whether the instance is shown.
    pub const fn live(&self) -> bool {
        self.lease.ended.is_none()
    }

    /// When it was cancelled, if that is how it ended.
    pub fn cancelled_at(&self) -> Option<Moment> {
        let ended = self.lease.ended?;
        (ended.by == EndedBy::Cancel).then_some(ended.at)
    }

    /// Whose lease it is.
    pub const fn owner(&self) -> Origin {
        self.lease.version.origin
    }

    pub(super) fn newest(&self) -> Version {
        self.lease.version.max(self.body.version)
    }
}

/// A beat or registration that a peer heard from the client itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// When.
    pub at: Moment,
    /// Which lease the peer held once it had answered.
    pub holding: Version,
}
