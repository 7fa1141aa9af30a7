//! How a client is made.

use std::fmt;
use std::time::Duration;

use peerage::registry::instance::LeaseTerms;

use crate::world::timeline::letter;

/// Which server a client turns to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// The one that answered last.
    Sticky,
    /// Each in turn.
    RoundRobin,
    /// Any, as a balancer has it.
    Balanced,
    /// As Netflix's and Spring's clients do: the one that answered last, those of the own zone first; three tries a
    /// call, servers that failed are shunned until two thirds of all are, and a new choice about every twenty minutes.
    Java,
}

/// How a client is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Which server it turns to.
    pub behaviour: Behaviour,
    /// How often it says it beats, and how long its lease lasts.
    pub terms: LeaseTerms,
    /// How often it beats, if not as it says.
    pub beats_every: Option<Duration>,
    /// The first server it turns to.
    pub server: usize,
    /// In which of the zones it stands.
    pub zone: usize,
    /// When it starts.
    pub starts_at: Duration,
    /// Whether it believes to be registered already, from before the world began, and only beats.
    pub beats_only: bool,
    /// How often it reads the list, if it does.
    pub fetches: Option<Duration>,
}

impl Manner {
    /// A client that starts at once, stays with a server, in whose zone it stands if each has its own, and has
    /// Eureka's usual times.
    pub fn sticky(server: usize) -> Self {
        Self {
            behaviour: Behaviour::Sticky,
            terms: LeaseTerms::default(),
            beats_every: None,
            server,
            zone: server,
            starts_at: Duration::ZERO,
            beats_only: false,
            fetches: None,
        }
    }

    /// The same with a beat every so many seconds and a lease of three times that.
    #[must_use]
    pub const fn beating(self, interval_secs: u32) -> Self {
        let terms = LeaseTerms {
            interval_secs,
            duration_secs: 3 * interval_secs,
        };
        Self { terms, ..self }
    }
}

impl fmt::Display for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let behaviour = match self.behaviour {
            Behaviour::Sticky => "stays with",
            Behaviour::RoundRobin => "goes round, from",
            Behaviour::Balanced => "is balanced, first to",
            Behaviour::Java => "as Java's, first to",
        };
        let (server, starts_at) = (letter(self.server), self.starts_at);
        let (every, lease) = (self.terms.interval(), self.terms.duration());
        write!(
            f,
            "{behaviour} {server} since {starts_at:?}, beats every {every:?} for {lease:?}"
        )?;
        if self.beats_only {
            f.write_str(", believes to be registered")?;
        }
        if self.fetches.is_some() {
            f.write_str(", reads")?;
        }
        Ok(())
    }
}
