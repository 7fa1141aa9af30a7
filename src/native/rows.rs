//! Instances as rows.
//!
//! Here: what a list looks up once ([`Rows`]), and each instance as a row, or as what a query is asked of. Not here:
//! which instances are listed, and in what order (`instances`). What must always hold: making a row takes no lock and
//! looks nothing up but in memory that belongs to this list.

use std::collections::BTreeMap;
use std::time::Duration;

use peers::version::{NodeId, Origin};

use super::documents::{Code, LeaseState, Row, RowLease, ZoneFrom};
use super::explain;
use super::query::{Query, Subject};
use super::secrets::Secrets;
use crate::clock::Timestamp;
use crate::cluster;
use crate::registry::entry::Entry;
use crate::registry::instance::Port;
use crate::registry::oversight::{Outlook, Oversight};
use crate::registry::zones;
use crate::server::State;

/// What an instance is in whose zone nothing tells.
pub const NO_ZONE: &str = "unknown";

/// What is the same for all rows of a list.
#[derive(Clone, Debug)]
pub struct Rows {
    oversight: Oversight,
    names: BTreeMap<NodeId, String>,
    secrets: Secrets,
}

/// An instance, with what follows from the moment.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    entry: &'a Entry,
    zone: zones::Zone<'a>,
    code: Code,
    lease: LeaseState,
    protected: bool,
    owner: &'a str,
    /// When its client was heard and when its lease is over, as far as this server can tell.
    heard_at: Option<Timestamp>,
    deadline: Option<Timestamp>,
}

impl Rows {
    /// Looks up what all rows need.
    pub fn of(state: &State) -> Self {
        let registry = &state.registry;
        let own = registry.origin().node;
        let others = registry
            .owners()
            .into_keys()
            .map(|origin: Origin| origin.node);
        let all = others.chain([own]);
        let names = all.map(|node| (node, server_name(state, node))).collect();
        Self {
            oversight: registry.oversee(state.clock.now()),
            names,
            secrets: secrets(state),
        }
    }

    /// The moment they are of.
    pub const fn now(&self) -> Timestamp {
        self.oversight.now
    }

    /// What is to become of leases.
    pub const fn oversight(&self) -> &Oversight {
        &self.oversight
    }

    /// What is not shown.
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// The zone of an instance.
    pub fn zone<'a>(&'a self, entry: &'a Entry) -> &'a str {
        self.oversight.zone(entry).name.unwrap_or(NO_ZONE)
    }

    /// What follows for an instance from the moment.
    pub fn seen<'a>(&'a self, entry: &'a Entry) -> Seen<'a> {
        let outlook = self.oversight.outlook(entry);
        let heard = entry.heard_at();
        let (heard_at, deadline) = match &outlook {
            Outlook::Running | Outlook::Over(_) => (Some(heard), Some(entry.deadline())),
            Outlook::Elsewhere => (Some(heard).filter(|at| *at > Timestamp::default()), None),
            Outlook::Orphaned(orphan) => (
                Some(heard).filter(|at| *at > Timestamp::default()),
                Some(orphan.waits_until),
            ),
        };
        let owner = entry.record().owner().node;
        Seen {
            entry,
            zone: self.oversight.zone(entry),
            code: explain::code(entry, &outlook, self.now()),
            lease: lease_state(entry, &outlook, self.now()),
            protected: matches!(&outlook, Outlook::Over(guards) if !guards.is_empty()),
            owner: self.names.get(&owner).map_or("", String::as_str),
            heard_at,
            deadline,
        }
    }

    /// Whether an instance matches.
    pub fn match_query(&self, query: &Query, entry: &Entry) -> bool {
        query.is_empty() || query.matches(&self.subject(entry))
    }

    /// Why an operator may not end this lease among those that are over; `None`: it is over.
    pub(crate) fn over(&self, entry: &Entry) -> Option<&'static str> {
        match self.oversight.outlook(entry) {
            Outlook::Over(_) => None,
            Outlook::Orphaned(orphan) if self.now() > orphan.waits_until => None,
            Outlook::Running => Some("its lease runs"),
            Outlook::Orphaned(_) => {
                Some("its server is gone, and its lease has not passed since then")
            }
            Outlook::Elsewhere => Some("another server keeps its lease"),
        }
    }

    /// What a query is asked of.
    pub fn subject<'a>(&'a self, entry: &'a Entry) -> Subject<'a> {
        self.seen(entry).subject(&self.secrets, self.now())
    }

    /// An instance in one line.
    pub fn row(&self, entry: &Entry) -> Row {
        self.seen(entry).row(&self.owner_id(entry))
    }

    /// Who keeps a lease: by name, or by id where the name is not known.
    fn owner_id(&self, entry: &Entry) -> (String, bool) {
        let owner = entry.record().owner();
        let name = self.names.get(&owner.node).cloned();
        (
            name.unwrap_or_else(|| cluster::id(owner.node)),
            owner == self.oversight.origin,
        )
    }
}

/// What a server is called; its id where nobody has told.
pub(crate) fn server_name(state: &State, node: NodeId) -> String {
    match node == state.registry.origin().node {
        true => state.config.name.clone(),
        false => state.account.name(node).to_string(),
    }
}

/// What is not shown, by the settings.
pub(crate) fn secrets(state: &State) -> Secrets {
    Secrets::new(&state.config.api.secret_keys.0)
}

impl<'a> Seen<'a> {
    /// Its key, its record.
    pub const fn entry(&self) -> &'a Entry {
        self.entry
    }

    /// The zone, `unknown` if nothing tells.
    pub fn zone(&self) -> &'a str {
        self.zone.name.unwrap_or(NO_ZONE)
    }

    /// Why it is shown as it is.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// Who keeps its lease, by name.
    pub const fn owner(&self) -> &'a str {
        self.owner
    }

    /// How its lease stands.
    pub const fn lease(&self) -> LeaseState {
        self.lease
    }

    /// Whether its lease is over and held by a guard.
    pub const fn protected(&self) -> bool {
        self.protected
    }

    /// When its client was last heard, if it was here.
    pub const fn heard_at(&self) -> Option<Timestamp> {
        self.heard_at
    }

    /// When its lease is over, if that is known here.
    pub const fn deadline(&self) -> Option<Timestamp> {
        self.deadline
    }

    /// What a query is asked of.
    pub fn subject(&self, secrets: &'a Secrets, now: Timestamp) -> Subject<'a> {
        let record = self.entry.record();
        Subject {
            secrets,
            instance: self.entry.instance(),
            id: &self.entry.key().id,
            zone: self.zone(),
            status: record.status(),
            overridden: record.overridden(),
            protected: self.protected,
            lease: self.lease,
            owner: self.owner,
            code: self.code,
            age: now.since(record.registered_at()),
            heard_ago: self.heard_at.map_or(Duration::MAX, |at| now.since(at)),
        }
    }

    fn row(&self, (owner, owned_here): &(String, bool)) -> Row {
        let (entry, instance, record) = (self.entry, self.entry.instance(), self.entry.record());
        let key = entry.key();
        Row {
            app: key.app.as_str().to_owned(),
            id: key.id.to_string(),
            host: instance.host_name.to_string(),
            ip: instance.ip_addr.to_string(),
            port: used(instance.port),
            secure_port: used(instance.secure_port),
            zone: self.zone().to_owned(),
            zone_from: zone_from(self.zone.from),
            status: record.status().to_string(),
            own_status: instance.status.to_string(),
            overridden: record.overridden().map(|status| status.to_string()),
            version: instance.metadata.value("version").map(str::to_owned),
            lease: RowLease {
                state: self.lease,
                renewed_at: self.heard_at.map(|at| at.to_string()),
                deadline: self.deadline.map(|at| at.to_string()),
                interval_ms: millis(instance.lease.interval()),
                duration_ms: millis(record.lease.value.duration),
                owner: owner.clone(),
                owned_here: *owned_here,
            },
            protected: self.protected,
            code: self.code,
            registered_at: record.registered_at().to_string(),
            updated_at: record.updated_at().to_string(),
        }
    }
}

pub(super) fn used(port: Port) -> Option<i32> {
    port.enabled.then_some(port.number)
}

/// A duration in milliseconds.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

const fn zone_from(from: zones::ZoneFrom<'_>) -> ZoneFrom {
    match from {
        zones::ZoneFrom::Metadata => ZoneFrom::Metadata,
        zones::ZoneFrom::Amazon => ZoneFrom::Amazon,
        zones::ZoneFrom::Key(_) => ZoneFrom::Key,
        zones::ZoneFrom::Network(_) => ZoneFrom::Network,
        zones::ZoneFrom::Nothing => ZoneFrom::Unknown,
    }
}

fn lease_state(entry: &Entry, outlook: &Outlook<'_>, now: Timestamp) -> LeaseState {
    match outlook {
        Outlook::Over(_) => LeaseState::Over,
        Outlook::Elsewhere => LeaseState::Fresh,
        Outlook::Orphaned(orphan) if now > orphan.waits_until => LeaseState::Over,
        Outlook::Orphaned(_) => LeaseState::Silent,
        Outlook::Running if entry.silent(now) => LeaseState::Silent,
        Outlook::Running if now > entry.late_at() => LeaseState::Late,
        Outlook::Running => LeaseState::Fresh,
    }
}
