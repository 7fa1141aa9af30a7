//! What can be seen of a member from outside.

use super::config::PROBE_PERIOD;
use super::{Membership, Standing};
use crate::envelope::Refused;
use crate::heads::Heads;
use crate::health::Health;
use crate::identity::{Identity, Peer};
use crate::version::NodeId;
use std::time::Duration;

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Datagrams that were damaged, or another cluster's.
    pub datagrams_foreign: u64,
    /// Datagrams whose sender has no key of this cluster, or that were changed on their way.
    pub datagrams_forged: u64,
    /// Datagrams that were taken before, or are too old to tell.
    pub datagrams_replayed: u64,
    /// Datagrams dropped unread, since their sender has not introduced itself on a stream.
    pub datagrams_unknown: u64,
    /// Datagrams of this cluster that made no sense.
    pub datagrams_malformed: u64,
    /// Items that were too long, unreadable or too many.
    pub items_refused: u64,
    /// Items of kinds unknown here, passed on.
    pub items_unknown: u64,
    /// Verdicts held back because own health was in doubt.
    pub verdicts_held: u64,
    /// Steps the protocol refused to take; anything but zero is a mistake of ours.
    pub faults: u64,
}

impl Counts {
    pub(super) const fn refused(&mut self, refused: Refused) {
        match refused {
            Refused::Foreign => self.datagrams_foreign += 1,
            Refused::Forged => self.datagrams_forged += 1,
            Refused::Replayed => self.datagrams_replayed += 1,
            Refused::Unknown => self.datagrams_unknown += 1,
        }
    }

    /// Datagrams that no peer sends.
    pub const fn noise(&self) -> u64 {
        self.datagrams_foreign
            + self.datagrams_forged
            + self.datagrams_replayed
            + self.datagrams_malformed
    }
}

impl Counts {
    /// Datagrams that were dropped unread, for whatever reason.
    pub(super) const fn datagrams_refused(&self) -> u64 {
        self.datagrams_foreign
            + self.datagrams_forged
            + self.datagrams_replayed
            + self.datagrams_unknown
    }
}

impl Membership {
    /// How many datagrams bore a false tag.
    pub const fn datagrams_forged(&self) -> u64 {
        self.counts.datagrams_forged
    }

    /// How many datagrams were dropped unread.
    pub const fn datagrams_refused(&self) -> u64 {
        self.counts.datagrams_refused()
    }

    /// Whether a peer has told on a stream under which number it seals.
    pub fn knows_session_of(&self, node: NodeId) -> bool {
        self.sessions.contains_key(&node)
    }

    /// What this member goes by now. Its bump is worth remembering across restarts.
    pub const fn identity(&self) -> &Identity {
        self.foca.identity()
    }

    /// The other members, in the order of their names.
    pub fn peers(&self) -> Vec<Peer> {
        let mut peers: Vec<Peer> = self
            .foca
            .iter_members()
            .filter_map(|member| member.id().peer())
            .collect();
        peers.sort();
        peers
    }

    /// Whether a member does not answer, and is given time to gainsay.
    pub fn suspects(&self, node: NodeId) -> bool {
        let mut members = self.foca.iter_membership_state();
        members.any(|member| {
            member.state() == foca::State::Suspect
                && member.id().peer().is_some_and(|peer| peer.node == node)
        })
    }

    /// How long it takes at most until every member has probed every other one, and the next time begins.
    pub fn round(&self) -> Duration {
        PROBE_PERIOD * 2 * self.size
    }

    /// All that is known about others, the dead included: where to announce, and what to tell a peer on connecting.
    pub fn standings(&self) -> impl Iterator<Item = &Standing> {
        self.foca.iter_membership_state()
    }

    /// What was heard of everyone.
    pub const fn heads(&self) -> &Heads {
        &self.heads
    }

    /// The same, for what is heard on streams, restored from a snapshot, or no longer needed.
    pub const fn heads_mut(&mut self) -> &mut Heads {
        &mut self.heads
    }

    /// How many items wait to be passed on: at most one per kind and server.
    pub fn backlog(&self) -> usize {
        self.foca.custom_broadcast_backlog()
    }

    /// How far this server trusts its own senses.
    pub const fn health(&self) -> Health {
        self.outbox.health
    }

    /// What was counted.
    pub fn counts(&self) -> Counts {
        let intake = self.sorter.intake();
        Counts {
            items_refused: intake.refused,
            items_unknown: intake.unknown,
            ..self.counts
        }
    }
}
