//! Which instances were written here since somebody last asked, for whoever tells the other servers.
//!
//! What must always hold: a key stands in it once; and nothing is kept for a listener that does not exist.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use super::entry::Key;
use super::lock;

#[derive(Debug, Default)]
pub(super) struct Outbox {
    wake: OnceLock<Wake>,
    written: Mutex<Written>,
}

#[derive(Debug, Default)]
struct Written {
    order: Vec<Arc<Key>>,
    known: HashSet<Arc<Key>>,
}

/// What is called when there is something to take.
struct Wake(Box<dyn Fn() + Send + Sync>);

impl fmt::Debug for Wake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wake")
    }
}

impl Outbox {
    /// From now on keys are kept, and the first after each taking calls `wake`. Only the first listener counts.
    pub(super) fn listen(&self, wake: impl Fn() + Send + Sync + 'static) {
        self.wake.get_or_init(|| Wake(Box::new(wake)));
    }

    /// Takes note of a write.
    pub(super) fn enter(&self, key: &Arc<Key>) {
        let Some(wake) = self.wake.get() else {
            return;
        };
        let mut written = lock(&self.written);
        if !written.known.insert(key.clone()) {
            return;
        }
        written.order.push(key.clone());
        if written.order.len() == 1 {
            (wake.0)();
        }
    }

    /// What was written, in the order of the first write of each.
    pub(super) fn take(&self) -> Vec<Arc<Key>> {
        std::mem::take(&mut *lock(&self.written)).order
    }
}
