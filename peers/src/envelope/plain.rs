//! Datagrams of a cluster without a key.
//!
//! Here: the mark of a cluster and a checksum, so that noise, and another cluster on the same network, are told from
//! our own. Not here: secrets; this keeps out accidents, not attackers.

use super::RESERVED;

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 8;
const _: () = assert!(size_of_val(&VERSION) + CHECKSUM_BYTES <= RESERVED);

/// Marks and checks with a cluster's name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plain {
    mark: u64,
}

impl Plain {
    pub(super) fn of(cluster_name: &str) -> Self {
        let mark = absorb(OFFSET, cluster_name.as_bytes());
        Self {
            mark: absorb(mark, &[VERSION]),
        }
    }

    pub(super) fn seal(self, content: &[u8]) -> Vec<u8> {
        let checksum = absorb(self.mark, content).to_le_bytes();
        [&[VERSION], &checksum[..], content].concat()
    }

    pub(super) fn open(self, datagram: &[u8]) -> Option<&[u8]> {
        let (&version, rest) = datagram.split_first()?;
        let (checksum, content) = rest.split_first_chunk::<CHECKSUM_BYTES>()?;
        let whole = u64::from_le_bytes(*checksum) == absorb(self.mark, content);
        (version == VERSION && whole).then_some(content)
    }
}

/// FNV-1a in 64 bits: short, the same everywhere, and sure to notice any single damaged byte.
fn absorb(state: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(state, |state, byte| {
        (state ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}

const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;
