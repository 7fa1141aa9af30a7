//! Makes the document of a cluster.
//!
//! Here: [`cluster`], from what the node sees and what the registry protects. Not here: asking either of them. What
//! must always hold: what is said of a member is what the node knows, and nothing is guessed.

use std::time::Duration;

use peers::node;
use peers::node::view as seen;
use peers::version::{NodeId, Origin};

use super::view::{
    Agreement, Blocked, Cluster, Counts, Member, Orphans, Protected, Server, Serves, Stage,
    Standing, State,
};
use crate::clock::Timestamp;
use crate::registry::orphans::{Kept, Reason};
use crate::registry::preservation::{Protection, Scope};

/// What the node does not know of its own server.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    /// When it started: where the node's time begins.
    pub(crate) started_at: Timestamp,
    /// Whether clients are to be sent here.
    pub(crate) ready: bool,
    /// What it serves meanwhile.
    pub(crate) doors: node::Doors,
    /// How many instances it shows.
    pub(crate) instances: u64,
    /// What is protected.
    pub(crate) protections: Vec<Protection>,
    /// Whose leases are kept though their owner is gone.
    pub(crate) orphans: Vec<Kept>,
    /// Leases taken over.
    pub(crate) adoptions: u64,
    /// Ends gainsaid.
    pub(crate) refutations: u64,
}

/// The document.
pub(crate) fn cluster(seen: &seen::Cluster, own: Own) -> Cluster {
    let since = |since: Duration| (own.started_at + since).to_string();
    Cluster {
        name: seen.name.clone(),
        agreed: seen.agreed,
        isolated_since: seen.isolated_since.map(since),
        server: server(&seen.me, &own),
        members: seen
            .members
            .iter()
            .map(|each| member(each, &seen.me))
            .collect(),
        protected: own.protections.iter().map(protected).collect(),
        counts: counts(&seen.counts, &own),
        orphans: own.orphans.iter().map(orphans).collect(),
    }
}

fn server(me: &seen::Me, own: &Own) -> Server {
    Server {
        id: id(me.origin.node),
        epoch: me.origin.epoch.0,
        name: me.name.clone(),
        zone: me.zone.clone(),
        url: me.url.clone(),
        address: (me.address.port() != 0).then(|| me.address.to_string()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: own.started_at.to_string(),
        stage: stage(me.stage),
        ready: own.ready,
        serves: serves(own.doors),
        state: state(&me.state),
        instances: own.instances,
        doubt: me.doubt,
        key: me.key.map(|key| key.to_string()),
    }
}

/// An id as people read it.
pub(crate) fn id(node: NodeId) -> String {
    format!("{:016x}", node.0)
}

const fn stage(stage: node::Stage) -> Stage {
    match stage {
        node::Stage::Joining => Stage::Joining,
        node::Stage::Syncing => Stage::Syncing,
        node::Stage::Collecting => Stage::Collecting,
        node::Stage::Ready => Stage::Ready,
        node::Stage::Draining => Stage::Draining,
    }
}

const fn serves(doors: node::Doors) -> Serves {
    let node::Doors {
        lists,
        not_found,
        writes,
        new_leases,
    } = doors;
    Serves {
        lists,
        not_found,
        writes,
        new_leases,
    }
}

fn state(seen: &seen::State) -> State {
    State {
        sequence: seen.sequence,
        seen_hash: format!("{:016x}", seen.vector_hash),
        digest: format!("{:016x}", seen.digest),
        leases_owned: seen.leases_owned,
        leases_silent: seen.leases_silent,
        renewals_per_minute: seen.renewals_per_minute,
    }
}

fn member(seen: &seen::Member, me: &seen::Me) -> Member {
    Member {
        id: id(seen.node),
        epoch: seen.origin.map(|origin: Origin| origin.epoch.0),
        name: seen.name.clone(),
        zone: seen.zone.clone(),
        url: seen.url.clone(),
        address: seen.address.to_string(),
        standing: standing(seen.standing),
        ready: seen.ready,
        draining: seen.draining,
        preserving: seen.preserving,
        isolated: seen.isolated,
        agrees: agreement(&me.state, seen.state.as_ref()),
        state: seen.state.as_ref().map(state),
        applied: seen.applied,
        lag: seen.lag,
        round_trip_ms: seen.round_trip.map(millis),
        heard_ms_ago: seen
            .heard_ago
            .map(|ago| u64::try_from(ago.as_millis()).unwrap_or(u64::MAX)),
        connected: seen.connected,
        pushed: seen.pushed,
        queued_bytes: seen.queued_bytes as u64,
        clock_offset_ms: seen.clock_offset_millis,
        protocol: seen.protocol,
        blocked: seen.blocked.map(blocked),
        key: seen.key.map(|key| key.to_string()),
    }
}

/// Milliseconds, to the microsecond.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

const fn standing(standing: seen::Standing) -> Standing {
    match standing {
        seen::Standing::Up => Standing::Up,
        seen::Standing::Suspect => Standing::Suspect,
        seen::Standing::Behind => Standing::Behind,
        seen::Standing::Down => Standing::Down,
        seen::Standing::Left => Standing::Left,
    }
}

const fn blocked(what: node::Blocked) -> Blocked {
    match what {
        node::Blocked::Datagrams => Blocked::Udp,
        node::Blocked::Streams => Blocked::Tcp,
        node::Blocked::Both => Blocked::Both,
    }
}

const fn agreement(mine: &seen::State, theirs: Option<&seen::State>) -> Agreement {
    match theirs {
        None => Agreement::Unknown,
        Some(theirs) if theirs.vector_hash != mine.vector_hash => Agreement::NotYet,
        Some(theirs) if theirs.digest != mine.digest => Agreement::No,
        Some(_) => Agreement::Yes,
    }
}

fn protected(protection: &Protection) -> Protected {
    let (guard, zone) = match &protection.scope {
        Scope::Server => ("server", None),
        Scope::Zone(zone) => ("zone", zone.as_ref().map(ToString::to_string)),
        Scope::Isolation => ("isolation", None),
    };
    Protected {
        guard: guard.to_owned(),
        zone,
        why: why(protection),
        since: protection.since.to_string(),
        until: protection.until.to_string(),
        leases_counted: protection.owned as u64,
        leases_silent: protection.silent as u64,
    }
}

/// Why a guard protects: its cause, which was in the beginning, and how things stand now.
pub(crate) fn why(protection: &Protection) -> String {
    let Protection { owned, silent, .. } = protection;
    match protection.scope {
        Scope::Server => {
            format!("more leases fell silent than die at once; now {silent} of {owned} are silent")
        }
        Scope::Zone(_) => format!(
            "more than half of the zone's leases fell silent; now {silent} of {owned} are silent"
        ),
        Scope::Isolation => {
            "this server is cut off from its peers, and perhaps from its clients too".to_owned()
        }
    }
}

fn orphans(kept: &Kept) -> Orphans {
    Orphans {
        owner: kept.owner.to_string(),
        leases: kept.count as u64,
        why: why_kept(kept),
        since: kept.since.to_string(),
        until: kept.until.to_string(),
    }
}

fn why_kept(kept: &Kept) -> String {
    match kept.reason {
        Reason::Isolated => {
            "this server is cut off, and cannot hear whether they beat elsewhere".to_owned()
        }
        Reason::ManyLeft { told } => format!(
            "{} of the {told} its owner had are left: more than live clients leave, so they may be cut off with it",
            kept.count
        ),
        Reason::NoHead => "nobody knows how many its owner had".to_owned(),
    }
}

const fn counts(seen: &seen::Counts, own: &Own) -> Counts {
    Counts {
        pulls: seen.pulls,
        pushed_writes: seen.pushed_writes,
        applied_writes: seen.applied_writes,
        compares: seen.compares,
        digest_mismatches: seen.digest_mismatches,
        relays_sent: seen.relays_sent,
        relays_received: seen.relays_received,
        adoptions: own.adoptions,
        refutations: own.refutations,
        records_unreadable: seen.records_unreadable,
        streams_unproved: seen.links_unproved,
        streams_senseless: seen.links_senseless,
        datagrams_foreign: seen.datagrams_foreign,
        datagrams_forged: seen.datagrams_forged,
        datagrams_replayed: seen.datagrams_replayed,
        datagrams_unknown: seen.datagrams_unknown,
        datagrams_malformed: seen.datagrams_malformed,
    }
}

#[cfg(test)]
mod tests;
