//! What the world looks like from above.

use std::collections::BTreeMap;
use std::time::Duration;

use peerage::eureka::dialect::{Dialect, Format};
use peerage::eureka::document::{self, Header};
use peerage::registry::entry::Key;
use peerage::registry::instance::AppName;
use peerage::registry::status::Status;
use peerage::registry::view::Shown as Readers;
use peers::record::Record;
use peers::replica::Replica;
use peers::version::Origin;

use super::World;
use super::host::Host;
use super::moment::{Known, Moment, Orphans, Protected, Seen, Shown};
use super::start::host_of;

impl World {
    /// What an observer above all hosts sees now.
    pub fn moment(&self) -> Moment {
        let origins: Vec<Option<Origin>> = self
            .hosts
            .iter()
            .map(|host| host.as_ref().map(|host| host.registry.origin()))
            .collect();
        let hosts = self.hosts.iter().enumerate();
        let hosts = hosts.map(|(number, host)| self.seen(number, host.as_ref()?, &origins));
        let hosts: Vec<_> = hosts.collect();
        let clients = self.clients.iter().map(|client| Known {
            name: client.name(),
            interval: client.manner.terms.interval(),
            lease: client.manner.terms.duration(),
            alive: client.alive,
            since: client.since,
        });
        Moment {
            at: self.now,
            hosts,
            running: origins,
            clients: clients.collect(),
            protected_at: None,
        }
    }

    fn seen(&self, number: usize, host: &Host, origins: &[Option<Origin>]) -> Option<Seen> {
        if !host.whole(self.now) {
            return None;
        }
        let (node, age) = (host.node(), host.age(self.now));
        let view = node.view(age);
        let shown = host.shown();
        let mut sees = vec![None; self.hosts.len()];
        for member in &view.members {
            if let Some(place) = host_of(member.node).and_then(|host| sees.get_mut(host)) {
                *place = Some(member.standing);
            }
        }
        let queues = view.members.iter().map(|member| member.queued_bytes);
        let followed = origins.iter().map(|origin| {
            let origin = (*origin)?;
            Some(node.vector().of(origin))
        });
        let kept = host.registry.kept_orphans().into_iter();
        Some(Seen {
            start: host.start,
            age,
            ready: host.lists(),
            was_ready: host.was_ready,
            leaving: host.leaving,
            origin: Some(view.me.origin),
            sequence: view.me.state.sequence,
            followed: followed.collect(),
            origins: node.vector().iter().map(|(origin, _)| origin).collect(),
            vector: view.me.state.vector_hash,
            digest: view.me.state.digest,
            hash_code: host.registry.refresh().hash_code.clone(),
            protections: self.protections(host),
            isolated_for: view.isolated_since.map(|since| age.saturating_sub(since)),
            bonds: self.bonds.of(number),
            sees,
            queued_bytes: queues.max().unwrap_or_default(),
            leases: host.registry.owned(),
            orphans: kept
                .map(|kept| Orphans {
                    owner: kept.owner,
                    count: kept.count,
                    lasting: host.wall(self.now).since(kept.since),
                    limit: kept.until.since(kept.since),
                })
                .collect(),
            dead: self.dead(host, &shown),
            shown,
        })
    }

    fn protections(&self, host: &Host) -> Vec<Protected> {
        let wall = host.wall(self.now);
        let protections = host.registry.protections().into_iter();
        protections
            .map(|protection| Protected {
                scope: protection.scope.to_string(),
                lasting: wall.since(protection.since),
                left: protection.until.since(wall),
            })
            .collect()
    }

    /// The clients whose dead records a host remembers, and for how long they have been over.
    fn dead(&self, host: &Host, shown: &Shown) -> Vec<(usize, Duration)> {
        let wall = host.wall(self.now);
        let absent = (0..self.clients.len()).filter(|client| !shown.has(*client));
        let dead = absent.filter_map(|client| {
            let entry = host.registry.stored(&self.key(client))?;
            Some((client, entry.ended_for(wall)?))
        });
        dead.collect()
    }

    fn key(&self, client: usize) -> Key {
        let client = &self.clients[client];
        Key {
            app: AppName::new(&client.app()),
            id: client.id().as_str().into(),
        }
    }

    /// The longest datagram each host has sent.
    pub fn datagrams_sent(&self) -> Vec<usize> {
        self.traffic.iter().map(|host| host.datagram_max).collect()
    }

    /// What a host lists, by name.
    pub fn shown_at(&self, host: usize) -> BTreeMap<String, Status> {
        let Some(host) = &self.hosts[host] else {
            return BTreeMap::new();
        };
        let snapshot = host.registry.refresh();
        let entries = snapshot.registered.iter();
        entries
            .map(|entry| (entry.key().to_string(), entry.record().status()))
            .collect()
    }

    /// All a host holds that lives, as peers would get it.
    pub fn raw(&self, host: usize) -> BTreeMap<String, Record> {
        let Some(up) = &self.hosts[host] else {
            return BTreeMap::new();
        };
        let age = up.age(self.now);
        let snapshot = up.registry.refresh();
        let records = snapshot.registered.iter().filter_map(|entry| {
            let (key, name) = (bytes_of(entry.key()), entry.key().to_string());
            Some((name, up.node().replica().read(age, &key)?))
        });
        records.collect()
    }

    /// What `GET /eureka/apps` answers at a host, but for the times of last renewals, which only the owner of a lease
    /// knows.
    pub fn apps(&self, host: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let Some(up) = &self.hosts[host] else {
            return out;
        };
        let snapshot = up.registry.refresh();
        let header = Header {
            version: 1,
            hash: &snapshot.hash_code,
        };
        let groups = snapshot.registered.applications().map(|app| {
            let entries = snapshot.registered.application(app.as_str());
            (app, entries.map(|entry| without_renewal(entry.shown())))
        });
        document::applications(&mut out, Dialect::full(Format::Json), &header, groups);
        out
    }

    /// Whether a host serves lists.
    pub fn ready(&self, host: usize) -> bool {
        self.hosts[host].as_ref().is_some_and(Host::lists)
    }

    /// Whether all hosts do.
    pub fn all_ready(&self) -> bool {
        (0..self.hosts.len()).all(|host| self.ready(host))
    }
}

/// A key as peers know it, of names without control characters.
fn bytes_of(key: &Key) -> peers::record::Key {
    let bytes = [key.app.as_str().as_bytes(), &[0], key.id.as_bytes()].concat();
    peers::record::Key(peers::record::Bytes::from(&*bytes))
}

fn without_renewal(mut shown: Readers<'_>) -> Readers<'_> {
    shown.times.renewed_at = shown.times.registered_at;
    shown
}
