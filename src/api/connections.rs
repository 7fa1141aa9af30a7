//! How many connections there are, and what becomes of those above the limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::dev::Extensions;

/// Counts open connections.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    open: Arc<AtomicUsize>,
    max: usize,
}

/// Marks a connection above the limit: its first request is refused and it is closed, so that clients learn at once
/// to go elsewhere instead of waiting for a server that does not accept them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surplus;

/// Counts a connection for as long as it is open.
#[derive(Debug)]
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Connections {
    /// No connections yet, and at most so many.
    pub(crate) fn new(max: usize) -> Self {
        Self {
            open: Arc::default(),
            max,
        }
    }

    /// How many there may be.
    pub(crate) const fn max(&self) -> usize {
        self.max
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Counts a new connection and marks it if there are too many.
    pub(crate) fn admit(&self, connection: &mut Extensions) {
        let before = self.open.fetch_add(1, Ordering::Relaxed);
        connection.insert(Arc::new(Open(self.open.clone())));
        if before >= self.max {
            connection.insert(Surplus);
        }
    }
}
