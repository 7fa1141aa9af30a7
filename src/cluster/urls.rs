//! Where people and clients find the other servers, for those who answer without asking them.
//!
//! What must always hold: only servers that were up are known, and so few that nobody need forget them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use peers::node::Named;
use peers::version::NodeId;

/// The addresses of so many servers are remembered: several clusters' worth.
const URLS_MAX: usize = 1024;

/// Where servers are found.
#[derive(Debug, Default)]
pub(crate) struct Urls(Mutex<BTreeMap<NodeId, String>>);

impl Urls {
    /// A server is up, and has told where it is found if it did.
    pub(super) fn note(&self, peer: &Named) {
        let mut urls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = urls.len() < URLS_MAX || urls.contains_key(&peer.node);
        if room && !peer.url.is_empty() {
            urls.insert(peer.node, peer.url.clone());
        }
    }

    /// Where a server is found, if it has told.
    pub(crate) fn of(&self, node: NodeId) -> Option<String> {
        let urls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        urls.get(&node).cloned()
    }
}
