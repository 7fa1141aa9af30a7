//! How a picture of Java servers comes about.
//!
//! Here: what is shown, missing, stale, as of the lists that readers get, caches included. What must always hold: the
//! words mean what they mean for the real servers, so that two films can stand side by side.

use std::sync::Arc;

use peerage::registry::status::Status;

use super::clients::Truth;
use super::model::{Host, Model};
use super::server::Listing;
use crate::world::fault::Crowd;
use crate::world::film::{Counts, HostPicture, Picture, Readers, Running, Sight};

impl Model {
    pub(super) fn picture(&mut self) -> Picture {
        let clients = self.memories.iter().zip(&self.clients);
        let truth: Vec<Truth> = clients
            .map(|(memory, client)| memory.truth(client, self.now))
            .collect();
        let listings: Vec<Option<Listing>> = self
            .hosts
            .iter_mut()
            .map(|host| host.server.as_mut().map(super::server::Server::listing))
            .collect();
        let hosts: Vec<HostPicture> = (0..self.hosts.len())
            .map(|host| self.host_picture(host, listings[host].as_ref(), &truth))
            .collect();
        Picture {
            at: self.now,
            readers: self.readers(&truth),
            alive: self.clients.iter().filter(|client| client.alive).count(),
            equal: equal(&hosts, &listings),
            hosts,
        }
    }

    fn host_picture(
        &self,
        number: usize,
        listing: Option<&Listing>,
        truth: &[Truth],
    ) -> HostPicture {
        let host = &self.hosts[number];
        let crowds = self.plan.crowds.iter();
        let dark = HostPicture {
            sent: host.sent,
            received: host.received,
            sees: self.sights(number),
            crowds: vec![Counts::default(); self.plan.crowds.len()],
            ..HostPicture::default()
        };
        let (Some(server), Some(listing)) = (&host.server, listing) else {
            return dark;
        };
        let everybody = Crowd {
            first: 0,
            count: truth.len(),
        };
        let all = counts(listing, truth, everybody);
        let wall = self.moment(number).wall;
        let guard = server.leases.guard;
        let guarded = guard.on() && !server.leases.is_empty();
        HostPicture {
            power: self.running(host),
            ready: host.serving && !host.leaving,
            shown: all.shown,
            missing: all.missing,
            stale: all.stale,
            crowds: crowds
                .map(|(_, crowd)| counts(listing, truth, *crowd))
                .collect(),
            protects: guarded
                .then(|| "all instances".to_owned())
                .into_iter()
                .collect(),
            owned: server.leases.len(),
            silent: server
                .leases
                .iter()
                .filter(|(_, lease)| lease.silent(wall))
                .count(),
            digest: server.digest(),
            ..dark
        }
    }

    fn running(&self, host: &Host) -> Running {
        let still = host.frozen_until.max(host.deaf_until).max(host.late_until);
        match self.now < still {
            true => Running::Stalled,
            false => Running::Up,
        }
    }

    /// Java's servers do not watch each other; whom the last batch did not reach is shown as down.
    fn sights(&self, number: usize) -> Vec<Sight> {
        let host = &self.hosts[number];
        let sight = |other: usize| match host.reached.get(other) {
            _ if other == number => Sight::Itself,
            Some(true) if host.server.is_some() => Sight::Up,
            Some(false) if host.server.is_some() => Sight::Down,
            _ => Sight::Unknown,
        };
        (0..self.hosts.len()).map(sight).collect()
    }

    fn readers(&self, truth: &[Truth]) -> Readers {
        let mut readers = Readers::default();
        // Many hold the very list of one server; it is looked through once.
        let mut known: Vec<(&Listing, Counts)> = Vec::new();
        let all = Crowd {
            first: 0,
            count: truth.len(),
        };
        let living = self
            .memories
            .iter()
            .zip(&self.clients)
            .filter(|(_, client)| client.alive);
        for cache in living.filter_map(|(memory, _)| memory.cache.as_ref()) {
            let seen = known
                .iter()
                .find(|(listing, _)| Arc::ptr_eq(listing, cache));
            let counted = seen.map_or_else(|| counts(cache, truth, all), |(_, counted)| *counted);
            if seen.is_none() {
                known.push((cache, counted));
            }
            readers.caches += 1;
            readers.missing += counted.missing;
            readers.stale += counted.stale;
        }
        readers
    }
}

fn equal(hosts: &[HostPicture], listings: &[Option<Listing>]) -> bool {
    let up = hosts
        .iter()
        .zip(listings)
        .filter(|(host, _)| host.power == Running::Up && host.ready);
    let mut same = up.map(|(host, listing)| (host.digest, listing));
    let first = same.next();
    same.all(|other| Some(other) == first)
}

fn counts(listing: &Listing, truth: &[Truth], crowd: Crowd) -> Counts {
    let mut counts = Counts::default();
    for number in crowd.iter().filter(|number| *number < truth.len()) {
        match listing.get(number).copied().flatten() {
            Some(status) => {
                counts.shown += 1;
                counts.up += usize::from(status == Status::Up);
                counts.stale += usize::from(truth[number] == Truth::Gone);
            }
            None => counts.missing += usize::from(truth[number] == Truth::Lives),
        }
    }
    counts
}
