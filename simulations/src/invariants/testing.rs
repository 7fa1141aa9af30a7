//! Moments made by hand: two or three hosts that are connected since the world began, at 100 s.

use std::sync::Arc;
use std::time::Duration;

use peerage::registry::status::Status;
use peers::version::{Epoch, Hlc, NodeId, Origin, Version};

use crate::world::host::{Counted, Ender};
use crate::world::moment::{Known, Listed, Moment, Seen, Shown};
use crate::world::oracle::{Deed, Heard, Held, Oracle, Verdict};

pub(super) const SECOND: Duration = Duration::from_secs(1);
const HOSTS: usize = 3;

/// The present start of a host.
pub(super) fn origin(host: usize) -> Origin {
    Origin {
        node: NodeId(host as u64),
        epoch: Epoch(1),
    }
}

/// A client listed as up, owned by a host, with all versions of this moment.
pub(super) fn listed(owner: usize, clock: u64) -> Listed {
    let version = Version::above(None, Hlc::at(clock), origin(owner));
    Listed {
        status: Status::Up,
        owner: origin(owner),
        versions: [Some(version), Some(version), None],
    }
}

/// A host that lists these clients, all owned by the first host.
pub(super) fn seen(clients: &[usize]) -> Seen {
    let mut shown = Shown::default();
    for client in clients {
        shown.enter(*client, listed(0, 1));
    }
    Seen {
        ready: true,
        was_ready: true,
        age: 100 * SECOND,
        shown: Arc::new(shown),
        bonds: [Some(Duration::ZERO); HOSTS].into(),
        followed: vec![Some(0); HOSTS],
        ..Seen::default()
    }
}

/// The same with one client listed otherwise.
pub(super) fn with(mut seen: Seen, client: usize, listed: Listed) -> Seen {
    Arc::make_mut(&mut seen.shown).enter(client, listed);
    seen
}

/// The same with another bond.
pub(super) fn bound(mut seen: Seen, host: usize, since: Option<Duration>) -> Seen {
    let mut bonds = seen.bonds.to_vec();
    bonds[host] = since;
    seen.bonds = bonds.into();
    seen
}

pub(super) fn moment(hosts: &[Seen]) -> Moment {
    let origins = (0..hosts.len()).map(|host| Some(origin(host)));
    Moment {
        at: 100 * SECOND,
        hosts: hosts.iter().cloned().map(Some).collect(),
        running: origins.collect(),
        ..Moment::default()
    }
}

/// The same moment, with one client that lives since the world began.
pub(super) fn with_client(mut moment: Moment) -> Moment {
    moment.clients = vec![known("A/1")];
    moment
}

pub(super) fn known(name: &str) -> Known {
    Known {
        name: name.to_owned(),
        interval: 30 * SECOND,
        lease: 90 * SECOND,
        alive: true,
        since: Duration::ZERO,
    }
}

pub(super) fn heard(second: u32, host: usize, deed: Deed) -> Heard {
    Heard {
        at: second * SECOND,
        host,
        start: 0,
        deed,
        acknowledged: true,
        took: true,
        bonds: [Some(Duration::ZERO); HOSTS].into(),
    }
}

/// What was heard of the first client.
pub(super) fn oracle(deeds: &[Heard]) -> Oracle {
    let mut oracle = Oracle::default();
    for heard in deeds {
        oracle.remember(0, heard.clone());
    }
    oracle
}

/// What a host held against the first client.
pub(super) fn verdict(second: u32, host: usize, held: Held) -> Verdict {
    Verdict {
        at: second * SECOND,
        host,
        start: 0,
        client: 0,
        held,
        bonds: [Some(Duration::ZERO); HOSTS].into(),
    }
}

pub(super) fn judged(verdicts: &[Verdict]) -> Oracle {
    let mut oracle = Oracle::default();
    oracle.verdicts.extend_from_slice(verdicts);
    oracle
}

/// An owner ended a lease, having counted these.
pub(super) const fn evicted(counted: Counted) -> Held {
    Held::Evicted(Ender::Owner(counted))
}
