//! What a run is to be: hosts, clients, and the faults that come.
//!
//! Here: the plan as a value, and the one that a seed makes. Not here: playing it (`run`). What must always hold: all
//! faults of a seed's plan have ended when it says that it is calm.

mod draw;
mod rotation;
mod schedule;

use std::fmt;
use std::time::Duration;

use peerage::registry::settings::RegistrySettings;
use peers::node::Rules;

use super::client::Manner;
use super::fault::{Crowd, Fault, Keys, Planned, Release};
use super::flaw::Flaw;
use super::network::Links;
use super::timeline::letter;

/// Half a second: invariants are asked this often, and pictures taken.
pub const EVERY: Duration = Duration::from_millis(500);

/// What a run is to be.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where its chance comes from.
    pub seed: u64,
    /// What zones are called.
    pub zones: Vec<String>,
    /// Its hosts.
    pub hosts: Vec<HostPlan>,
    /// What is between hosts while nothing is wrong.
    pub links: Links,
    /// Its clients.
    pub clients: Vec<Manner>,
    /// Clients that are counted together, by name.
    pub crowds: Vec<(String, Crowd)>,
    /// What goes wrong.
    pub faults: Vec<Planned>,
    /// From when on nothing goes wrong any more.
    pub calm_at: Duration,
    /// When it ends.
    pub end_at: Duration,
    /// How often it is looked at.
    pub every: Duration,
    /// Times of the nodes.
    pub rules: Rules,
    /// The keys that all hosts have at first.
    pub keys: Keys,
    /// Numbers of the registries.
    pub registry: RegistrySettings,
    /// What all hosts do wrong.
    pub flaw: Option<Flaw>,
}

/// What a host is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostPlan {
    /// In which of the zones it stands.
    pub zone: usize,
    /// When it starts first.
    pub starts_at: Duration,
    /// Whether it was told of others then. One that was not is alone, and ready at once.
    pub seeded: bool,
    /// What its clock is like.
    pub clock: Clock,
    /// Whose node id it goes by, if not by its own.
    pub twin_of: Option<usize>,
    /// Which release it runs.
    pub release: Release,
}

/// What a clock is like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// How far it is ahead when the world begins, in milliseconds.
    pub off_millis: i64,
    /// By how many microseconds a second it runs too fast.
    pub drift_ppm: i32,
}

impl HostPlan {
    /// A host in this zone whose clock is right, told of the others.
    pub fn quiet(zone: usize) -> Self {
        Self {
            zone,
            starts_at: Duration::ZERO,
            seeded: true,
            clock: Clock::default(),
            twin_of: None,
            release: Release::Present,
        }
    }
}

impl Plan {
    /// So many hosts with clocks that are right, each in a zone of its own, the first ready at once; nobody else, and
    /// nothing happens.
    pub fn quiet(seed: u64, hosts: usize) -> Self {
        let host = |zone| HostPlan {
            seeded: zone > 0,
            ..HostPlan::quiet(zone)
        };
        Self {
            seed,
            zones: (0..hosts)
                .map(|zone| format!("zone-{}", letter(zone)))
                .collect(),
            hosts: (0..hosts).map(host).collect(),
            links: Links::default(),
            clients: Vec::new(),
            crowds: Vec::new(),
            faults: Vec::new(),
            calm_at: Duration::ZERO,
            end_at: Duration::ZERO,
            every: EVERY,
            rules: Rules::default(),
            keys: Keys::None,
            registry: RegistrySettings::default(),
            flaw: None,
        }
    }

    /// The same, the first host being told of the others too, so that all start at once and none is ready.
    #[must_use]
    pub fn cold(mut self) -> Self {
        self.hosts.iter_mut().for_each(|host| host.seeded = true);
        self
    }

    /// Whether no clock of a server is ever off.
    pub fn clocks_agree(&self) -> bool {
        let right = |fault: &Fault| match fault {
            Fault::Crash {
                clock_off_millis, ..
            } => *clock_off_millis == 0,
            Fault::Step { .. } | Fault::Drift { .. } => false,
            _ => true,
        };
        let faults = self.faults.iter().all(|planned| right(&planned.fault));
        faults && self.hosts.iter().all(|host| host.clock == Clock::default())
    }

    /// The zones in which its hosts stand, in their order.
    pub fn zones_of_hosts(&self) -> Vec<usize> {
        self.hosts.iter().map(|host| host.zone).collect()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}: {} hosts", self.seed, self.hosts.len())?;
        if self.keys != Keys::None {
            writeln!(f, "  all have {}", self.keys)?;
        }
        for (number, host) in self.hosts.iter().enumerate() {
            writeln!(f, "  {}: {host}", letter(number))?;
        }
        for (number, client) in self.clients.iter().enumerate().take(CLIENTS_TOLD) {
            writeln!(f, "  client {number}: {client}")?;
        }
        if self.clients.len() > CLIENTS_TOLD {
            writeln!(f, "  … {} clients", self.clients.len())?;
        }
        for planned in &self.faults {
            writeln!(f, "  {planned}")?;
        }
        writeln!(f, "  calm at {:?}", self.calm_at)
    }
}

/// More clients than this are not told one by one.
const CLIENTS_TOLD: usize = 20;

impl fmt::Display for HostPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Clock {
            off_millis,
            drift_ppm,
        } = self.clock;
        write!(f, "clock {off_millis} ms off, drifts {drift_ppm} ppm")?;
        match self.seeded {
            true => write!(f, ", told of the others")?,
            false => write!(f, ", ready at once")?,
        }
        if let Some(twin) = self.twin_of {
            write!(f, ", by the name of {}", letter(twin))?;
        }
        if self.release == Release::Next {
            write!(f, ", next release")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hosts_suffer_has_ended_when_it_is_calm() {
        for seed in 0..300 {
            let plan = Plan::of(seed);
            for planned in &plan.faults {
                assert!(planned.at <= plan.calm_at);
                assert!(planned.until.is_none_or(|until| until <= plan.calm_at));
            }
        }
    }

    #[test]
    fn a_seed_makes_the_same_plan_every_time() {
        for seed in 0..50 {
            assert_eq!(Plan::of(seed).to_string(), Plan::of(seed).to_string());
        }
    }
}
