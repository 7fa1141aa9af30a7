//! Chance, by purpose.
//!
//! Here: one generator per purpose, all from one seed. Not here: what is drawn. What must always hold: how often one
//! purpose draws changes nothing for another, so that a fault taken out of a run leaves the rest of it alike.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// What chance decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Which faults come when.
    Plan,
    /// How long a datagram takes, and whether it is lost.
    Datagrams,
    /// How streams are cut into pieces, and how long these take.
    Streams,
    /// What a node draws, by the number of its start.
    Node(u64),
    /// In which order a host sweeps, by the number of its start.
    Sweep(u64),
    /// When a client beats, and where.
    Client(u64),
    /// Which keys hosts have, and when.
    Keys,
}

impl Purpose {
    /// The generator for this purpose in the run of a seed.
    pub fn chance(self, seed: u64) -> ChaCha8Rng {
        let (kind, number) = match self {
            Self::Plan => (1, 0),
            Self::Datagrams => (2, 0),
            Self::Streams => (3, 0),
            Self::Node(start) => (4, start),
            Self::Sweep(start) => (5, start),
            Self::Client(client) => (6, client),
            Self::Keys => (7, 0),
        };
        let mut bytes = [0; 32];
        for (place, word) in [seed, kind, number].into_iter().enumerate() {
            bytes[place * 8..][..8].copy_from_slice(&word.to_le_bytes());
        }
        ChaCha8Rng::from_seed(bytes)
    }
}
