//! What can be seen of a cluster from one of its servers: values for pages, metrics and the command line.

use std::net::SocketAddr;
use std::time::Duration;

use crate::keys::Fingerprint;
use crate::node::{Blocked, Doors, Stage};
use crate::version::{NodeId, Origin};

/// A cluster as one of its servers sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// What the cluster is called.
    pub name: String,
    /// This server.
    pub me: Me,
    /// The others, in the order of their ids.
    pub members: Vec<Member>,
    /// Whether all who are up have seen the same and hold the same. A lone server agrees with itself.
    pub agreed: bool,
    /// Whether this server has lost the others, and since when.
    pub isolated_since: Option<Duration>,
    /// What was counted since the start.
    pub counts: Counts,
}

/// A server about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// Its id and start.
    pub origin: Origin,
    /// Its name.
    pub name: String,
    /// Its zone; empty if nobody said.
    pub zone: String,
    /// Where people and clients find it.
    pub url: String,
    /// Where peers find it.
    pub address: SocketAddr,
    /// How far it has come.
    pub stage: Stage,
    /// What it serves.
    pub doors: Doors,
    /// What is held and was seen here.
    pub state: State,
    /// How much reason it has to doubt its own senses: 0 is none, 8 the most.
    pub doubt: u8,
    /// The key it uses, where there is one.
    pub key: Option<Fingerprint>,
}

/// What a server holds and has seen, in short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Its last own write.
    pub sequence: u64,
    /// A hash of whose writes it has seen, and how far.
    pub vector_hash: u64,
    /// A digest of its live records.
    pub digest: u64,
    /// Leases it owns.
    pub leases_owned: u32,
    /// How many of these are silent.
    pub leases_silent: u32,
    /// Renewals it heard in the last minute.
    pub renewals_per_minute: u32,
}

/// Whether a peer is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    Up,
    /// It does not answer, and is given time to gainsay.
    Suspect,
    /// It is there, and ahead of this server, which cannot follow.
    Behind,
    /// It is not.
    Down,
    /// It said goodbye.
    Left,
}

/// Another server, as this one sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub node: NodeId,
    /// Its start, once it was heard of.
    pub origin: Option<Origin>,
    /// Its name; the id in hexadecimal digits until it has told.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// Where people and clients find it; empty until it has told.
    pub url: String,
    /// Where peers find it.
    pub address: SocketAddr,
    /// Whether it is there.
    pub standing: Standing,
    /// What does not come through from it, though the other way does.
    pub blocked: Option<Blocked>,
    /// Whether it serves lists.
    pub ready: bool,
    /// Whether it takes no new leases.
    pub draining: bool,
    /// Whether it holds back evictions.
    pub preserving: bool,
    /// Whether it has lost the others.
    pub isolated: bool,
    /// What it last told.
    pub state: Option<State>,
    /// How many of its writes were applied here.
    pub applied: u64,
    /// How many of its writes are known to be missing here.
    pub lag: u64,
    /// How long an answer takes on its stream.
    pub round_trip: Option<Duration>,
    /// How long ago anything came from it, by stream or as a head.
    pub heard_ago: Option<Duration>,
    /// Whether there is a stream to it.
    pub connected: bool,
    /// Whether this server sends it writes as they happen; else it pulls.
    pub pushed: bool,
    /// Bytes that wait to be sent to it.
    pub queued_bytes: usize,
    /// How far its clock is ahead of this server's, in milliseconds.
    pub clock_offset_millis: Option<i64>,
    /// The release of the protocol that both speak.
    pub protocol: Option<u16>,
    /// The key that both have proved to have; none without a stream or a key.
    pub key: Option<Fingerprint>,
}

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Pulls asked for.
    pub pulls: u64,
    /// Writes sent to peers as they happened, counted per peer.
    pub pushed_writes: u64,
    /// Writes of others applied.
    pub applied_writes: u64,
    /// Comparisons finished.
    pub compares: u64,
    /// Equal vectors found with unequal records.
    pub digest_mismatches: u64,
    /// Beats relayed to their owners.
    pub relays_sent: u64,
    /// Beats relayed to this server.
    pub relays_received: u64,
    /// Streams opened or accepted.
    pub links_opened: u64,
    /// Streams whose other end did not prove that it has the key, or did not believe this server.
    pub links_unproved: u64,
    /// Streams closed because they carried nonsense.
    pub links_senseless: u64,
    /// Records that a merge had to pass over, since they could not be read.
    pub records_unreadable: u64,
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
    /// Datagrams, and streams, from where no peer is.
    pub outside: u64,
    /// Datagrams, and streams, of addresses that failed too often.
    pub distrusted: u64,
    /// Gossip items refused.
    pub items_refused: u64,
    /// Verdicts on others held back, because own health was in doubt.
    pub verdicts_held: u64,
    /// Bytes sent in datagrams.
    pub datagram_bytes_sent: u64,
    /// Bytes sent on streams.
    pub stream_bytes_sent: u64,
    /// Bytes received on streams.
    pub stream_bytes_received: u64,
}
