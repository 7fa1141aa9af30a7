//! Who waits for the next event of an application, or of any.
//!
//! Here: waking those concerned and nobody else. Not here: what they then do. What must always hold: nothing is kept of
//! an application nobody waits for; who looked after it began to wait misses nothing.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::registry::instance::AppName;

/// Who waits.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    applications: HashMap<AppName, Arc<Notify>>,
    any: Arc<Notify>,
}

impl Waiting {
    /// Something to wait at for events of an application, or of any.
    pub(super) fn at(&mut self, app: Option<&AppName>) -> Arc<Notify> {
        match app {
            Some(app) => self.applications.entry(app.clone()).or_default().clone(),
            None => self.any.clone(),
        }
    }

    /// Something happened to an application.
    pub(super) fn wake(&self, app: &AppName) {
        self.any.notify_waiters();
        if let Some(waiting) = self.applications.get(app) {
            waiting.notify_waiters();
        }
    }

    /// Wakes all.
    pub(super) fn wake_all(&self) {
        self.any.notify_waiters();
        #[expect(
            clippy::iter_over_hash_type,
            reason = "all are woken, in whatever order"
        )]
        for waiting in self.applications.values() {
            waiting.notify_waiters();
        }
    }

    /// Somebody who waited for an application goes.
    pub(super) fn leave(&mut self, app: &AppName, own: &Arc<Notify>) {
        // One is the map's, one is theirs.
        if Arc::strong_count(own) <= 2 {
            self.applications.remove(app);
        }
    }

    #[cfg(test)]
    pub(super) fn applications(&self) -> usize {
        self.applications.len()
    }
}
