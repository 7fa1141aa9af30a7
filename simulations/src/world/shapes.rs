//! What the world looks like from above.

use std::collections::BTreeMap;

use peerage::registry::status::Status;

use super::World;
use super::host::Host;
use super::moment::{Known, Moment, Seen};

impl World {
    /// What an observer above all hosts sees now.
    pub fn moment(&self) -> Moment {
        let hosts = self.hosts.iter().enumerate();
        let clients = self.clients.iter().map(|client| Known {
            name: client.name(),
            lease: client.manner.terms.duration(),
        });
        Moment {
            at: self.now,
            hosts: hosts
                .map(|(number, host)| self.seen(number, host.as_ref()?))
                .collect(),
            clients: clients.collect(),
            protected_at: None,
        }
    }

    fn seen(&self, number: usize, host: &Host) -> Option<Seen> {
        if host.frozen(self.now) {
            return None;
        }
        let state = host.node().view(host.age(self.now)).me.state;
        let hash_code = host.registry.refresh().hash_code.clone();
        Some(Seen {
            start: host.start,
            ready: host.node().doors().lists,
            vector: state.vector_hash,
            digest: state.digest,
            shown: shown(host),
            hash_code,
            protecting: !host.registry.protections().is_empty(),
            bonds: self.bonds.of(number).to_vec(),
        })
    }

    /// What a host lists.
    pub fn shown_at(&self, host: usize) -> BTreeMap<String, Status> {
        self.hosts[host].as_ref().map(shown).unwrap_or_default()
    }

    /// Whether a host serves lists.
    pub fn ready(&self, host: usize) -> bool {
        let host = self.hosts[host].as_ref();
        host.is_some_and(|host| host.node().doors().lists)
    }

    /// Whether all hosts do.
    pub fn all_ready(&self) -> bool {
        (0..self.hosts.len()).all(|host| self.ready(host))
    }
}

fn shown(host: &Host) -> BTreeMap<String, Status> {
    let snapshot = host.registry.refresh();
    let entries = snapshot.registered.iter();
    entries
        .map(|entry| (entry.key().to_string(), entry.record().status()))
        .collect()
}
