//! Zones, and what would be left of each service without one.

use std::collections::BTreeMap;

use peers::node::view as seen;

use super::documents::{AsOf, Left, Lose, Zone, Zones};
use super::instances::moment;
use super::rows::{NO_ZONE, Rows};
use super::services::up_by_zone;
use crate::registry::preservation::Scope;
use crate::server::State;

/// So many services that are in one zone only are named with it.
const ONLY_HERE_MAX: usize = 100;

/// How many instances a service has in a zone, and how many of them are up.
type Counts = BTreeMap<String, (u64, u64)>;

/// All zones. `cluster` is what is seen of the other servers.
pub fn of(state: &State, cluster: &seen::Cluster) -> Zones {
    let (revision, snapshot) = moment(state);
    let rows = Rows::of(state);
    let mut zones: BTreeMap<String, Zone> = BTreeMap::new();
    for entry in snapshot.registered.iter() {
        let seen = rows.seen(entry);
        let zone = named(&mut zones, seen.zone());
        zone.instances += 1;
        zone.protected += u64::from(seen.protected());
        *zone
            .statuses
            .entry(entry.record().status().to_string())
            .or_default() += 1;
    }
    for (name, silent) in state.registry.silent() {
        named(&mut zones, name.as_deref().unwrap_or(NO_ZONE)).silent = silent as u64;
    }
    for (zone, server) in servers(cluster) {
        named(&mut zones, zone).servers.push(server.to_owned());
    }
    let services = up_by_zone(&rows, &snapshot);
    for (service, counts) in &services {
        for zone in counts.keys() {
            let zone = named(&mut zones, zone);
            zone.services += 1;
            if counts.len() == 1 && zone.only_here.len() < ONLY_HERE_MAX {
                zone.only_here.push(service.clone());
            }
        }
    }
    let lose = zones.keys().map(|zone| lose(zone, &services)).collect();
    Zones {
        revision: AsOf(revision),
        as_of: AsOf(rows.now().to_string()),
        zones: zones.into_values().collect(),
        lose,
    }
}

fn named<'a>(zones: &'a mut BTreeMap<String, Zone>, name: &str) -> &'a mut Zone {
    zones.entry(name.to_owned()).or_insert_with(|| Zone {
        name: name.to_owned(),
        ..Zone::default()
    })
}

/// The servers that are there, with their zones.
fn servers(cluster: &seen::Cluster) -> impl Iterator<Item = (&str, &str)> {
    let others = cluster.members.iter().filter(|member| {
        matches!(
            member.standing,
            seen::Standing::Up | seen::Standing::Suspect | seen::Standing::Behind
        )
    });
    let others = others.map(|member| (member.zone.as_str(), member.name.as_str()));
    let all = std::iter::once((cluster.me.zone.as_str(), cluster.me.name.as_str())).chain(others);
    all.map(|(zone, name)| (if zone.is_empty() { NO_ZONE } else { zone }, name))
}

/// What would be left without a zone, of the services that would lose something.
fn lose(zone: &str, services: &BTreeMap<String, Counts>) -> Lose {
    let left = |(name, counts): (&String, &Counts)| {
        let of_up = counts.values().map(|(_, up)| up).sum();
        let (_, lost) = counts.get(zone).copied().filter(|(_, up)| *up > 0)?;
        Some(Left {
            name: name.clone(),
            left_up: of_up - lost,
            of_up,
        })
    };
    let mut left: Vec<_> = services.iter().filter_map(left).collect();
    // The smaller share first, compared as products so that nothing is rounded.
    left.sort_by(|a, b| {
        let shares = (a.left_up * b.of_up).cmp(&(b.left_up * a.of_up));
        shares
            .then_with(|| b.of_up.cmp(&a.of_up))
            .then_with(|| a.name.cmp(&b.name))
    });
    Lose {
        zone: zone.to_owned(),
        services: left,
    }
}

/// The zone a guard watches over, as documents name it.
pub(crate) fn of_guard(scope: &Scope) -> Option<String> {
    match scope {
        Scope::Zone(zone) => Some(zone.as_deref().unwrap_or_default().to_owned()),
        Scope::Server | Scope::Isolation => None,
    }
}
