//! What a member is told when it starts. Not here: what follows from the size of the cluster, see `config`.

use crate::health::HOLDS_MAX;
use crate::identity::Peer;
use crate::keys::Keyring;
use foca::Config;

/// What a member starts with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who it is, and where the others can reach it.
    pub peer: Peer,
    /// Should exceed that of its former life; see [`Identity::new`](crate::identity::Identity::new).
    pub bump: u64,
    /// Datagrams of other clusters are refused.
    pub cluster_name: String,
    /// The cluster's keys, if it has any.
    pub keys: Option<Keyring>,
    /// How often a verdict is held back at most while own health is in doubt: [`HOLDS_MAX`]. A simulation hands in
    /// zero to see what that is good for.
    pub holds_max: u8,
    /// Settings of the protocol to be kept whatever the size of the cluster. `None`: those that go with the size. A
    /// simulation hands in what others use, to compare.
    pub fixed: Option<Config>,
}

impl Settings {
    /// The usual settings.
    pub fn new(peer: Peer, bump: u64, cluster_name: impl Into<String>) -> Self {
        Self {
            peer,
            bump,
            cluster_name: cluster_name.into(),
            keys: None,
            holds_max: HOLDS_MAX,
            fixed: None,
        }
    }
}
