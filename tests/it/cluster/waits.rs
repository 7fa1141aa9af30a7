//! Waiting for what servers of a cluster show.
//!
//! Here: conditions over the answers of several servers. Not here: the servers. What must always hold: a server that
//! gives no list fulfils nothing.

use std::collections::BTreeMap;

use super::eureka::{Instance, Shown};
use super::patience::until;
use super::stage::Cluster;

impl Cluster {
    pub(crate) fn await_ready(&self, servers: &[usize]) {
        until("servers are ready", || {
            servers.iter().all(|server| self.server(*server).ready())
        });
    }

    /// Waits until each has a stream to each: what one says is at the others at once.
    pub(super) fn await_met(&self) {
        for from in self.all() {
            let probe = Instance::new("PROBE", from);
            until("a server takes a registration", || {
                probe
                    .register(self.http(from))
                    .is_ok_and(|answer| answer.ok())
            });
            self.await_shown(&[&probe], &self.all());
            probe.cancel(self.http(from)).expect("the server answers");
            self.await_gone(&[&probe], &self.all());
        }
    }

    /// Waits until these servers show these instances.
    pub(crate) fn await_shown(&self, instances: &[&Instance], servers: &[usize]) {
        self.await_each("instances are shown", servers, |list| {
            instances
                .iter()
                .all(|instance| list.contains_key(&instance.id))
        });
    }

    /// Waits until these servers show none of these instances.
    pub(crate) fn await_gone(&self, instances: &[&Instance], servers: &[usize]) {
        self.await_each("instances are gone", servers, |list| {
            instances
                .iter()
                .all(|instance| !list.contains_key(&instance.id))
        });
    }

    /// Waits until the lists of these servers fulfil this.
    pub(crate) fn await_each(
        &self,
        what: &str,
        servers: &[usize],
        holds: impl Fn(&BTreeMap<String, Shown>) -> bool,
    ) {
        let all = || {
            servers
                .iter()
                .all(|server| self.server(*server).list().is_some_and(|list| holds(&list)))
        };
        until(what, all);
    }

    /// Waits until these servers hold the same and show the same, and returns what they show.
    pub(crate) fn await_equal(&self, servers: &[usize]) -> BTreeMap<String, Shown> {
        let mut shown = None;
        until("servers hold and show the same", || {
            shown = same(servers, |server| self.server(server).list());
            let digest = same(servers, |server| self.server(server).digest());
            shown.is_some() && digest.is_some()
        });
        shown.expect("that was waited for")
    }
}

/// What all servers say, if it is the same.
fn same<T: PartialEq>(servers: &[usize], say: impl Fn(usize) -> Option<T>) -> Option<T> {
    let mut said = servers.iter().map(|server| say(*server));
    let first = said.next()??;
    said.all(|other| other.as_ref() == Some(&first))
        .then_some(first)
}
