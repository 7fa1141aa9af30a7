//! What a client that reads the list believes.
//!
//! Here: Java's cache: everything at first, then what changed, everything again where the hash code says that
//! something was missed. Not here: which server is asked. What must always hold: a client that gets no answer keeps
//! what it has.

use std::sync::Arc;

use peerage::registry::entry::Entry;
use peerage::registry::snapshot::Snapshot;
use peerage::registry::status::Status;
use peerage::registry::view::Action;

use crate::world::moment::client_of;

/// What a client that reads the list believes.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    /// In which status each client is listed, by number. `None`: nothing was ever read.
    listed: Option<Arc<Vec<Option<Status>>>>,
    /// How often everything was read.
    pub full_reads: u64,
}

impl Cache {
    /// In which status a client is listed.
    pub fn status(&self, client: usize) -> Option<Status> {
        self.listed.as_ref()?.get(client).copied().flatten()
    }

    /// Whether anything was read yet.
    pub const fn filled(&self) -> bool {
        self.listed.is_some()
    }

    /// Reads from a server.
    pub fn read(&mut self, snapshot: &Snapshot) {
        let Some(listed) = &mut self.listed else {
            return self.read_all(snapshot);
        };
        for entry in snapshot.recent.iter() {
            apply(listed, entry);
        }
        if hash_code(listed) != snapshot.hash_code {
            self.read_all(snapshot);
        }
    }

    fn read_all(&mut self, snapshot: &Snapshot) {
        let mut listed = Vec::new();
        for entry in snapshot.registered.iter() {
            put(&mut listed, client_of(entry), Some(entry.record().status()));
        }
        self.listed = Some(Arc::new(listed));
        self.full_reads += 1;
    }
}

fn apply(listed: &mut Arc<Vec<Option<Status>>>, entry: &Entry) {
    let client = client_of(entry);
    let status = match entry.record().action() {
        Action::Deleted => None,
        _ => Some(entry.record().status()),
    };
    let held = client.and_then(|client| listed.get(client).copied().flatten());
    if held != status {
        put(Arc::make_mut(listed), client, status);
    }
}

fn put(listed: &mut Vec<Option<Status>>, client: Option<usize>, status: Option<Status>) {
    let Some(client) = client else { return };
    if listed.len() <= client {
        listed.resize(client + 1, None);
    }
    listed[client] = status;
}

/// As clients count it: how many are listed in each status.
fn hash_code(listed: &[Option<Status>]) -> String {
    let count = |status| {
        listed
            .iter()
            .flatten()
            .filter(|held| **held == status)
            .count()
    };
    let counts = Status::ALL
        .into_iter()
        .map(|status| (status, count(status)));
    counts
        .filter(|(_, count)| *count > 0)
        .map(|(status, count)| format!("{status}_{count}_"))
        .collect()
}
