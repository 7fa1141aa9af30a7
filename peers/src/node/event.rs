//! What a node wants done, and what it has to tell.

use std::net::SocketAddr;

use bytes::Bytes;

use super::Stage;
use crate::membership::Datagram;
use crate::version::{Epoch, NodeId};

/// A stream between two nodes, as one of them numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// What a node wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send this datagram.
    Datagram(Datagram),
    /// Open a stream. Answered by [`Node::connected`](super::Node::connected) or [`Node::closed`](super::Node::closed).
    Dial(LinkId, SocketAddr),
    /// Send these bytes on a stream, after those before. Answered by [`Node::sent`](super::Node::sent).
    Send(LinkId, Bytes),
    /// Close a stream, when what was sent before is out or after a second. Not answered.
    Close(LinkId),
    /// Tell whoever operates this server.
    Event(Event),
}

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A peer has told what it is called. Told before anything it wrote arrives from it, and often before it is up.
    Met(Named),
    /// A peer is up.
    Up(Named),
    /// A peer is no longer up, because it said goodbye or because it was not heard.
    Down {
        /// Which.
        peer: Named,
        /// Whether it had said goodbye.
        left: bool,
    },
    /// What this server does has changed.
    Stage(Stage),
    /// One of two ways to a peer has carried nothing for ten seconds, and the other one has; or neither has for twenty,
    /// and yet others reach it. Among more than six servers silent datagrams take longer to be told from rare ones.
    Blocked {
        /// Which peer.
        peer: Named,
        /// What does not come through.
        what: Blocked,
    },
    /// A peer of which something was blocked is reached both ways again.
    Unblocked(Named),
    /// A peer is ahead and could not be followed for half a minute.
    Behind(Named),
    /// Records were compared with a peer's.
    Compared {
        /// With whom.
        peer: Named,
        /// Why.
        reason: Reason,
        /// Records taken.
        taken: u64,
        /// Records dropped, because the peer had seen them deleted.
        dropped: u64,
    },
    /// This server has seen all that a peer has, and yet they have held different records for a second.
    Differs(Named),
    /// Somebody of another cluster answers at an address where a peer was expected.
    ForeignCluster {
        /// Where.
        address: SocketAddr,
        /// What it says its cluster is called.
        theirs: String,
    },
    /// Somebody speaks only releases of the protocol that this server does not.
    ForeignProtocol {
        /// Where.
        address: SocketAddr,
        /// The oldest it speaks.
        oldest: u16,
    },
    /// A stream carried what made no sense, and was closed.
    Senseless(SocketAddr),
    /// Datagrams were dropped that no peer sends, so many since this was last told. Told when there are at least
    /// ten of them in a minute, once a minute at most.
    Noise(u64),
    /// Nobody this server was told of has answered since it started.
    Unanswered,
    /// The other end of a stream did not prove that it has a key of this cluster, or did not believe that this server
    /// has one.
    Unproved(SocketAddr),
    /// A peer reads too slowly, and has to pull from now on.
    Slow(Named),
    /// A peer's clock is off by so many milliseconds, more than half a second.
    ClockOff {
        /// Whose.
        peer: Named,
        /// By how much it is ahead of this server's.
        millis: i64,
    },
    /// This server goes by a greater epoch, since peers remember one that is greater than it thought.
    EpochTaken(Epoch),
    /// Another process goes by the same node id, and was there first: this one has to stop.
    Duplicate {
        /// From where it was heard.
        address: SocketAddr,
    },
    /// This server has lost the others: or `false`, no longer.
    Isolated(bool),
    /// The answer to [`Node::ask`](super::Node::ask), or none if the peer could not be asked.
    Answered(u64, Option<Vec<u8>>),
    /// Goodbye has been said; nothing more comes.
    Left,
}

/// What does not come through from a peer: servers need both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// UDP, by which they find out who is there.
    Datagrams,
    /// TCP, by which they agree.
    Streams,
    /// Neither does, and yet others reach it.
    Both,
}

/// Why records were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// This server has just started.
    Start,
    /// A log did not reach back far enough.
    BelowFloor,
    /// All was seen, and yet records differ.
    Digest,
    /// The other side asked.
    Asked,
    /// Vectors have not been seen equal for ten minutes.
    Overdue,
}

/// A peer, as people know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub node: NodeId,
    /// Its name; the id in hexadecimal digits until it has told.
    pub name: String,
    /// Where its clients find it; empty until it has told.
    pub url: String,
}
