//! Clients that read the list.

use std::sync::Arc;

use peerage::registry::snapshot::Snapshot;

use super::client::TRIES;
use super::{Happening, World};

impl World {
    /// A client reads the list, from its server or the next ones, and keeps what it has if none answers.
    pub(super) fn fetch(&mut self, client: usize, life: u64) {
        let reader = &self.clients[client];
        let Some(every) = reader.manner.fetches else {
            return;
        };
        if reader.life != life || !reader.alive {
            return;
        }
        if let Some(list) = self.list_for(client) {
            self.clients[client].cache.read(&list);
        }
        self.queue
            .set(self.now + every, Happening::Fetch(client, life));
    }

    fn list_for(&self, client: usize) -> Option<Arc<Snapshot>> {
        let (first, hosts) = (self.clients[client].server, self.hosts.len());
        let tried = (first..first + TRIES.min(hosts)).map(|server| server % hosts);
        let mut answering = tried.filter(|server| self.reaches(client, *server));
        answering.find_map(|server| {
            let host = self.hosts[server].as_ref()?;
            let answers = !host.frozen(self.now) && host.lists();
            answers.then(|| host.registry.refresh())
        })
    }
}
