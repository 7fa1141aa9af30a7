//! What the checker's small world consists of: three peers, one instance, its client, and the links.
//!
//! Here: values and the questions one can ask them. Not here: what changes them (`event`, `writes`, `exchange`). What
//! must always hold: a world is a plain value, and nothing in it tells one peer from another but what happened to it.

use peers::version::{Epoch, Hlc, NodeId, Origin};

use super::record::{Heard, Moment, Record};

/// How many peers there are.
pub const PEERS: usize = 3;
/// How many intervals a lease lasts after the last beat.
pub const LEASE: u8 = 2;
/// So many beats in a row at a peer that is not the owner make it the owner.
pub(super) const ADOPTED_AFTER: u8 = 2;
/// How far ahead a fast clock is: further than any run lasts.
const AHEAD: u64 = 1 << 12;

/// One of the peers, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(pub u8);

impl Place {
    /// Every peer.
    pub const ALL: [Self; PEERS] = [Self(0), Self(1), Self(2)];

    /// Where this peer stands in an array of all.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The node id of this peer.
    pub fn node(self) -> NodeId {
        NodeId(self.0.into())
    }
}

/// Which peers reach each other, directly or through the third.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Links {
    /// All of them.
    Whole,
    /// All but one.
    Without(Place),
    /// None.
    Cut,
}

impl Links {
    /// Every way in which three peers may be linked.
    pub const ALL: [Self; 5] = [
        Self::Whole,
        Self::Without(Place(0)),
        Self::Without(Place(1)),
        Self::Without(Place(2)),
        Self::Cut,
    ];

    /// Whether two peers reach each other.
    pub fn join(self, one: Place, other: Place) -> bool {
        one == other
            || match self {
                Self::Whole => true,
                Self::Without(cut) => cut != one && cut != other,
                Self::Cut => false,
            }
    }
}

/// A peer, in the life it leads now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Whether its clock is far ahead of the others'.
    pub fast: bool,
    /// Which of its lives this is.
    pub epoch: u8,
    /// What it stores.
    pub record: Option<Record>,
    /// The last it heard of the client itself, while that is evidence.
    pub heard: Option<Heard>,
    /// The interval of the last beat it knows of, if it counts this lease.
    pub seen: u8,
    /// The interval in which it found the instance an orphan.
    pub orphaned: Option<u8>,
    /// Whether word of the client's cancel has come here.
    pub told: bool,
}

impl Peer {
    /// A peer that has just started, with an empty memory.
    pub const fn started(fast: bool, epoch: u8) -> Self {
        Self {
            fast,
            epoch,
            record: None,
            heard: None,
            seen: 0,
            orphaned: None,
            told: false,
        }
    }
}

/// What the client is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It was never started.
    Unborn,
    /// It beats once in every interval.
    Beating,
    /// It died without a word.
    Silent,
    /// It took its leave.
    Cancelled,
}

/// The client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// What it is about.
    pub phase: Phase,
    /// Which server it speaks to.
    pub at: Place,
    /// Whether that server, in its present life, has answered it.
    pub answered: bool,
    /// How many beats in a row came to that server, as far as it matters.
    pub in_a_row: u8,
    /// When it last said what it is.
    pub said: u8,
    /// When it last beat, registered or cancelled.
    pub spoke: Moment,
}

/// A heartbeat on its way to the owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relay {
    /// Who heard it.
    pub from: Place,
    /// In which interval.
    pub interval: u8,
}

/// All there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World {
    /// The peers.
    pub peers: [Peer; PEERS],
    /// Who reaches whom.
    pub links: Links,
    /// The client.
    pub client: Client,
    /// The heartbeat that is not yet with the owner.
    pub relay: Option<Relay>,
    /// What time it is.
    pub now: Moment,
    /// How many intervals in a row have passed without a beat, a call, or a change of links or lives.
    pub calm: u8,
}

impl World {
    /// Three peers that have just started and never heard of the instance; one of them may have a fast clock.
    pub fn new(fast: Option<Place>) -> Self {
        Self {
            peers: Place::ALL.map(|place| Peer::started(fast == Some(place), 0)),
            links: Links::Whole,
            client: Client {
                phase: Phase::Unborn,
                at: Place(0),
                answered: false,
                in_a_row: 0,
                said: 0,
                spoke: Moment::default(),
            },
            relay: None,
            now: Moment::default(),
            calm: 0,
        }
    }

    /// The peer at a place.
    pub const fn peer(&self, place: Place) -> &Peer {
        &self.peers[place.index()]
    }

    pub(super) const fn peer_mut(&mut self, place: Place) -> &mut Peer {
        &mut self.peers[place.index()]
    }

    /// Whether a peer shows the instance.
    pub fn shows(&self, place: Place) -> bool {
        self.peer(place).record.is_some_and(|record| record.live())
    }

    /// The life that a peer leads now.
    pub fn origin(&self, place: Place) -> Origin {
        Origin {
            node: place.node(),
            epoch: Epoch(self.peer(place).epoch.into()),
        }
    }

    /// What a peer's own clock says.
    pub fn clock(&self, place: Place) -> Hlc {
        let ahead = if self.peer(place).fast { AHEAD } else { 0 };
        Hlc::at(ahead + u64::from(self.now.turn))
    }

    /// Whether one of the clocks is fast.
    pub fn clocks_differ(&self) -> bool {
        self.peers.iter().any(|peer| peer.fast)
    }

    /// Whether a clock is one that ran ahead, or was written on top of one.
    pub fn ran_ahead(clock: Hlc) -> bool {
        clock >= Hlc::at(AHEAD)
    }

    /// Where the owner of what a peer stores is to be found, if that life still lasts and its links reach it.
    pub fn owner_up(&self, place: Place) -> Option<Place> {
        let owner = self.peer(place).record?.owner();
        Place::ALL
            .into_iter()
            .find(|other| self.origin(*other) == owner && self.links.join(place, *other))
    }

    /// How many intervals have passed since then.
    pub const fn since(&self, interval: u8) -> u8 {
        self.now.interval - interval
    }

    /// Whether a lease that was last renewed then is over.
    pub const fn over(&self, interval: u8) -> bool {
        self.since(interval) >= LEASE
    }
}
