//! What every datagram is wrapped in.
//!
//! Here: the mark of a cluster and a checksum, so that noise, and another cluster on the same network, are told from
//! our own. Not here: secrets; this keeps out accidents, not attackers. What must always hold: no datagram is longer
//! than [`DATAGRAM_MAX`], and [`RESERVED`] bytes of each belong to the envelope, used or not, so that peers of a
//! release that seals with a key can talk at the same size.

/// The longest datagram: fits one packet on every IPv6 path that is not out of the ordinary.
pub const DATAGRAM_MAX: usize = 1300;

/// Bytes of every datagram kept for the envelope: key id, counter and authentication tag need 34.
pub const RESERVED: usize = 34;

/// The longest content of an envelope.
pub const CONTENT_MAX: usize = DATAGRAM_MAX - RESERVED;

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 8;
const _: () = assert!(size_of_val(&VERSION) + CHECKSUM_BYTES <= RESERVED);

/// Seals what is sent to a cluster, and opens what comes from it.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    mark: u64,
}

impl Envelope {
    /// The envelope of the cluster with this name.
    pub fn of(cluster_name: &str) -> Self {
        let mark = absorb(OFFSET, cluster_name.as_bytes());
        Self {
            mark: absorb(mark, &[VERSION]),
        }
    }

    /// Wraps up `content`.
    pub fn seal(&self, content: &[u8]) -> Vec<u8> {
        let checksum = absorb(self.mark, content).to_le_bytes();
        [&[VERSION], &checksum[..], content].concat()
    }

    /// The content, if the datagram was sealed for this cluster and is whole.
    pub fn open<'a>(&self, datagram: &'a [u8]) -> Option<&'a [u8]> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_sealed_opens(content in prop::collection::vec(any::<u8>(), 0..CONTENT_MAX)) {
            let envelope = Envelope::of("peerage");
            let datagram = envelope.seal(&content);
            prop_assert!(datagram.len() <= DATAGRAM_MAX);
            prop_assert_eq!(envelope.open(&datagram), Some(&content[..]));
        }

        #[test]
        fn a_damaged_datagram_does_not_open(
            content in prop::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), by in 1..=255u8,
        ) {
            let envelope = Envelope::of("peerage");
            let mut datagram = envelope.seal(&content);
            let at = at.index(datagram.len());
            datagram[at] ^= by;
            prop_assert_eq!(envelope.open(&datagram), None);
        }

        #[test]
        fn noise_does_not_open(datagram in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(Envelope::of("peerage").open(&datagram), None);
        }
    }

    #[test]
    fn another_cluster_s_datagram_does_not_open() {
        let datagram = Envelope::of("staging").seal(b"hello");
        assert_eq!(Envelope::of("production").open(&datagram), None);
    }
}
