//! What a node is told when it starts.

use std::time::Duration;

use crate::identity::Peer;
use crate::keys::Keyring;
use crate::version::Epoch;

/// What a node starts with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who it is, and where the others can reach it.
    pub peer: Peer,
    /// What people call it.
    pub name: String,
    /// Where it stands; empty if nobody said.
    pub zone: String,
    /// Where people and clients find it, as a URL.
    pub url: String,
    /// Only nodes of one cluster talk to each other.
    pub cluster_name: String,
    /// The cluster's keys. Without any, everybody who reaches the port is believed.
    pub keys: Option<Keyring>,
    /// This start: milliseconds since the Unix epoch, or one more than that of the last start if that is greater.
    pub epoch: Epoch,
    /// The wall clock at the start of the node's own time, in milliseconds since the Unix epoch.
    pub wall_at_start: u64,
    /// Whether it was told of any seed. Without one it is alone, and ready at once.
    pub seeded: bool,
    /// Its times and bounds.
    pub rules: Rules,
}

/// Times and bounds that users and simulations may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long a server that was told of seeds waits for one that is ready before it goes on without: 30 s.
    pub join_wait: Duration,
    /// How long lists stay closed at least after that: two renewal intervals, 60 s.
    pub collect_min: Duration,
    /// How long at most: 5 min.
    pub collect_max: Duration,
    /// Registrations must have grown by less than 5 % within this, and nobody may have called before it is over where
    /// lists open sooner than `collect_min`: 10 s.
    pub calm: Duration,
    /// A cluster is lost, not its members, when so long no stream reaches anybody, or when most of them went within
    /// three times this: 10 s.
    pub isolation: Duration,
    /// How often lost peers and seeds are tried: 1 s.
    pub reconnect: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            join_wait: Duration::from_secs(30),
            collect_min: Duration::from_secs(60),
            collect_max: Duration::from_secs(300),
            calm: Duration::from_secs(10),
            isolation: Duration::from_secs(10),
            reconnect: Duration::from_secs(1),
        }
    }
}
