//! What rides along with membership gossip.
//!
//! Here: the shape all items share. Not here: what is in them. What must always hold: a peer can tell whose item it
//! is, and whether it is news, without knowing its kind; so it passes on what only later releases understand.

use crate::version::Origin;
use serde::{Deserialize, Serialize};

/// The longest item. One between this and a datagram's length would be accepted, fit beside no header, and stay
/// queued for ever.
pub const ITEM_MAX: usize = 1024;

/// How new an item is: of one kind and one server, a later start or a higher counter replaces what was before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Who speaks.
    pub origin: Origin,
    /// Counts what that origin has said.
    pub counter: u64,
}

impl Stamp {
    /// Whether this replaces `other`, both being of the same kind and server.
    pub fn newer_than(&self, other: &Self) -> bool {
        debug_assert_eq!(self.origin.node, other.origin.node);
        (self.origin.epoch, self.counter) > (other.origin.epoch, other.counter)
    }
}

/// One item: its kind, how new it is, and a body with its length in front.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item<'a> {
    /// What the body is. Kinds this release does not know are passed on all the same.
    pub kind: u8,
    /// Whose it is, and how new.
    pub stamp: Stamp,
    /// What those who know the kind can read.
    pub body: &'a [u8],
}

impl<'a> Item<'a> {
    /// The item in these bytes, if there is one.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let within = bytes.len() <= ITEM_MAX;
        within.then(|| postcard::from_bytes(bytes).ok()).flatten()
    }

    /// The item's bytes, unless they are too many.
    pub fn write(&self) -> Result<Vec<u8>, TooLong> {
        let bytes = postcard::to_allocvec(self).expect("a vector takes any number of bytes");
        if bytes.len() > ITEM_MAX {
            return Err(TooLong {
                length: bytes.len(),
            });
        }
        Ok(bytes)
    }
}

/// An item would be longer than [`ITEM_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// How long it would be.
    pub length: usize,
}

impl std::fmt::Display for TooLong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "gossip an item of {} bytes, which may have {ITEM_MAX}",
            self.length
        )
    }
}

impl std::error::Error for TooLong {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::{Epoch, NodeId};
    use proptest::prelude::*;

    fn stamp() -> impl Strategy<Value = Stamp> {
        (any::<u64>(), any::<u64>(), any::<u64>()).prop_map(|(node, epoch, counter)| Stamp {
            origin: Origin {
                node: NodeId(node),
                epoch: Epoch(epoch),
            },
            counter,
        })
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(
            kind in any::<u8>(), stamp in stamp(), body in prop::collection::vec(any::<u8>(), 0..900),
        ) {
            let item = Item { kind, stamp, body: &body };
            let bytes = item.write().unwrap();
            prop_assert_eq!(Item::read(&bytes), Some(item));
        }

        #[test]
        fn an_item_too_long_is_neither_written_nor_read(kind in any::<u8>(), stamp in stamp(), more in 0..200usize) {
            let body = vec![0; ITEM_MAX + more];
            let item = Item { kind, stamp, body: &body };
            prop_assert!(item.write().is_err());
            let bytes = postcard::to_allocvec(&item).unwrap();
            prop_assert_eq!(Item::read(&bytes), None);
        }
    }
}
