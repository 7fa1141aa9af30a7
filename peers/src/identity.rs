//! Who a peer is to the membership protocol.
//!
//! Here: the identity that travels in datagrams, and what becomes of it when the others take its bearer for dead.
//! Not here: starts and restarts; a renewed identity is no restart, for after a long cut every peer on both sides
//! renews. What must always hold: of two identities in one slot, both sides find the same one to be the survivor.

use crate::version::NodeId;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// A peer as the others see it: which server, and where its datagrams go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer {
    /// Which server.
    pub node: NodeId,
    /// Where it listens, for datagrams and streams alike.
    pub address: SocketAddr,
}

/// A peer's name in the membership protocol: server, address, and how often it had to insist on being alive.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Identity {
    node: Option<NodeId>,
    address: SocketAddr,
    bump: u64,
    #[serde(skip)]
    renewals: u32,
}

impl Identity {
    /// Renewal steps double up to this power of two: in milliseconds, 35 years.
    const STEP_BITS_MAX: u32 = 40;

    /// The identity of a server. Its `bump` should exceed that of its former life: wall time in milliseconds, or
    /// one more than what it remembers, whichever is greater.
    pub const fn new(peer: Peer, bump: u64) -> Self {
        Self {
            node: Some(peer.node),
            address: peer.address,
            bump,
            renewals: 0,
        }
    }

    /// Whoever lives at an address: the only name there is for a seed before it has answered.
    pub const fn seed(address: SocketAddr) -> Self {
        Self {
            node: None,
            address,
            bump: 0,
            renewals: 0,
        }
    }

    /// The peer that bears this identity, unless it is a seed's.
    pub fn peer(&self) -> Option<Peer> {
        let address = self.address;
        self.node.map(|node| Peer { node, address })
    }

    /// Where its datagrams go.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a later life must exceed.
    pub const fn bump(&self) -> u64 {
        self.bump
    }
}

impl PartialEq for Identity {
    /// How often an identity was renewed is its bearer's own affair: it does not travel, and is no part of the name.
    fn eq(&self, other: &Self) -> bool {
        (self.node, self.address, self.bump) == (other.node, other.address, other.bump)
    }
}

impl Eq for Identity {}

impl foca::Identity for Identity {
    type Addr = Slot;

    /// The next identity after the others have declared this one dead.
    ///
    /// Steps double, because a server that lost its disk while its clock stepped back comes with a bump far below
    /// the one the others remember: one at a time, an hour of milliseconds would be millions of round trips.
    fn renew(&self) -> Option<Self> {
        let step = 1 << self.renewals.min(Self::STEP_BITS_MAX);
        Some(Self {
            bump: self.bump.checked_add(step)?,
            renewals: self.renewals.saturating_add(1),
            ..*self
        })
    }

    fn addr(&self) -> Slot {
        Slot {
            node: self.node,
            address: self.address,
        }
    }

    /// The higher bump survives. Equal bumps at two addresses are settled by address, so that all settle alike.
    fn win_addr_conflict(&self, adversary: &Self) -> bool {
        (self.bump, self.address) > (adversary.bump, adversary.address)
    }
}

/// The place of an identity in the cluster, of which there is one per server.
///
/// A server keeps its slot when its address changes, so the addresses of former lives do not pile up. Seeds have no
/// name yet, so where one side is unnamed the address decides.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    node: Option<NodeId>,
    address: SocketAddr,
}

impl PartialEq for Slot {
    fn eq(&self, other: &Self) -> bool {
        match (self.node, other.node) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => self.address == other.address,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use foca::Identity as _;
    use proptest::prelude::*;

    fn identity() -> impl Strategy<Value = Identity> {
        (0..3u64, 1..4u16, 0..4u64).prop_map(|(node, port, bump)| {
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            let node = NodeId(node);
            Identity::new(Peer { node, address }, bump)
        })
    }

    proptest! {
        #[test]
        fn one_of_two_identities_survives_and_both_sides_agree_which(a in identity(), b in identity()) {
            let same_place = (a.address, a.bump) == (b.address, b.bump);
            prop_assert_eq!(a.win_addr_conflict(&b) || b.win_addr_conflict(&a), !same_place);
            prop_assert!(!(a.win_addr_conflict(&b) && b.win_addr_conflict(&a)));
        }

        #[test]
        fn a_renewed_identity_keeps_its_slot_and_beats_the_old_one(old in identity()) {
            let renewed = old.renew().unwrap();
            prop_assert_eq!(old.addr(), renewed.addr());
            prop_assert!(renewed.win_addr_conflict(&old));
        }

        #[test]
        fn a_seed_is_whoever_lives_at_its_address(member in identity(), port in 1..4u16) {
            let seed = Identity::seed(SocketAddr::from(([127, 0, 0, 1], port)));
            prop_assert_eq!(seed.addr() == member.addr(), seed.address == member.address);
        }

        #[test]
        fn what_travels_is_the_same_identity(sent in identity()) {
            let bytes = postcard::to_allocvec(&sent).unwrap();
            prop_assert_eq!(postcard::from_bytes::<Identity>(&bytes).unwrap(), sent);
        }
    }

    #[test]
    fn an_hour_of_milliseconds_is_caught_up_in_a_few_renewals() {
        let peer = Identity::seed(SocketAddr::from(([127, 0, 0, 1], 1)));
        let caught_up = |identity: &Identity| identity.bump > 3_600_000;
        let renewals =
            std::iter::successors(Some(peer), Identity::renew).position(|i| caught_up(&i));
        assert_eq!(renewals, Some(22));
    }
}
