//! Where items that ride along with gossip are sorted.
//!
//! Here: what is news, what is passed on, what is dropped. Not here: acting on it. What must always hold: nothing
//! that comes in is an error, for one error makes the protocol drop the rest of the datagram and count it as
//! delivered; and at most one item per kind and server waits to be passed on.

use crate::heads::{HEAD, Head};
use crate::identity::{Identity, Peer};
use crate::item::{Item, Stamp};
use crate::version::NodeId;
use foca::{BroadcastHandler, Invalidates};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard};

/// The most pairs of kind and server whose newest stamp is remembered.
const STAMPS_MAX: usize = 4096;

/// A head that was news, and the peer that showed it, who need not be its author.
pub(super) struct Heard {
    pub(super) head: Head,
    pub(super) shown_by: NodeId,
}

/// What has come in and is not yet taken out.
#[derive(Default)]
pub(super) struct Intake {
    stamps: BTreeMap<Key, Stamp>,
    heads: Vec<Heard>,
    fresh: bool,
    pub(super) refused: u64,
    pub(super) unknown: u64,
}

impl Intake {
    /// The heads that were news, and whether there is anything to pass on.
    pub(super) fn take(&mut self) -> (Vec<Heard>, bool) {
        (mem::take(&mut self.heads), mem::take(&mut self.fresh))
    }

    /// No longer remembers what a server has said.
    pub(super) fn forget(&mut self, node: NodeId) {
        self.stamps.retain(|key, _| key.node != node);
    }

    /// The key under which to pass the item on, if it is news.
    fn sort(&mut self, bytes: &[u8], sender: Option<Peer>) -> Option<Key> {
        let Some(item) = Item::read(bytes) else {
            self.refused += 1;
            return None;
        };
        let key = Key::of(&item);
        if !self.news(key, item.stamp) || !self.readable(&item, sender) {
            return None;
        }
        self.stamps.insert(key, item.stamp);
        self.fresh = true;
        Some(key)
    }

    fn news(&mut self, key: Key, stamp: Stamp) -> bool {
        match self.stamps.get(&key) {
            Some(held) => stamp.newer_than(held),
            None if self.stamps.len() < STAMPS_MAX => true,
            None => {
                self.refused += 1;
                false
            }
        }
    }

    /// Takes the head out of an item that has one. Items of unknown kinds are readable for others.
    fn readable(&mut self, item: &Item<'_>, sender: Option<Peer>) -> bool {
        if item.kind != HEAD {
            self.unknown += 1;
            return true;
        }
        let head = Head::of(item);
        let readable = head.is_some();
        self.refused += u64::from(!readable);
        let heard = head
            .zip(sender)
            .map(|(head, Peer { node: shown_by, .. })| Heard { head, shown_by });
        self.heads.extend(heard);
        readable
    }
}

/// The protocol owns its handler and lends it to nobody; hence the shared [`Intake`]. One task uses both, in turns.
#[derive(Clone, Default)]
pub(super) struct Sorter(Arc<Mutex<Intake>>);

impl Sorter {
    pub(super) fn intake(&self) -> MutexGuard<'_, Intake> {
        self.0
            .lock()
            .expect("nothing panics while it holds the intake")
    }
}

impl BroadcastHandler<Identity> for Sorter {
    type Key = Key;
    type Error = Infallible;

    fn receive_item(
        &mut self,
        bytes: &[u8],
        sender: Option<&Identity>,
    ) -> Result<Option<Key>, Infallible> {
        Ok(self.intake().sort(bytes, sender.and_then(Identity::peer)))
    }
}

/// What an item is about: a newer one replaces the one that waits to be passed on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    kind: u8,
    node: NodeId,
}

impl Key {
    fn of(item: &Item<'_>) -> Self {
        Self {
            kind: item.kind,
            node: item.stamp.origin.node,
        }
    }
}

impl Invalidates for Key {
    fn invalidates(&self, other: &Self) -> bool {
        self == other
    }
}
