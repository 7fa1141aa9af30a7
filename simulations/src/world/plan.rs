//! What a run is to be: hosts, clients, and the faults that come.
//!
//! Here: the plan as a value, and the one that a seed makes. Not here: playing it (`run`). What must always hold: all
//! faults have ended when the plan says that it is calm.

mod draw;

use std::fmt;
use std::time::Duration;

use peerage::registry::settings::RegistrySettings;
use peers::node::Rules;

use super::client::Manner;
use super::fault::{Fault, Planned};
use super::flaw::Flaw;

/// What a run is to be.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where its chance comes from.
    pub seed: u64,
    /// How far the wall clock of each host is ahead, in milliseconds.
    pub clocks_off_millis: Vec<i64>,
    /// Whether the first host was told of no others, and so is ready at once.
    pub first_alone: bool,
    /// Its clients.
    pub clients: Vec<Manner>,
    /// What goes wrong.
    pub faults: Vec<Planned>,
    /// From when on nothing goes wrong any more.
    pub calm_at: Duration,
    /// Times of the nodes.
    pub rules: Rules,
    /// Numbers of the registries.
    pub registry: RegistrySettings,
    /// What all hosts do wrong.
    pub flaw: Option<Flaw>,
}

impl Plan {
    /// So many hosts with clocks that are right, the first ready at once; nobody else, and nothing happens.
    pub fn quiet(seed: u64, hosts: usize) -> Self {
        Self {
            seed,
            clocks_off_millis: vec![0; hosts],
            first_alone: true,
            clients: Vec::new(),
            faults: Vec::new(),
            calm_at: Duration::ZERO,
            rules: Rules::default(),
            registry: RegistrySettings::default(),
            flaw: None,
        }
    }

    /// Whether no clock is ever off.
    pub fn clocks_agree(&self) -> bool {
        let restarts = self.faults.iter().map(|planned| match planned.fault {
            Fault::Crash {
                clock_off_millis, ..
            } => clock_off_millis,
            _ => 0,
        });
        let starts = self.clocks_off_millis.iter().copied();
        restarts.chain(starts).all(|off| off == 0)
    }

    /// How many hosts there are.
    pub const fn hosts(&self) -> usize {
        self.clocks_off_millis.len()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = if self.first_alone {
            "A ready at once"
        } else {
            "a cold start"
        };
        writeln!(f, "seed {}: {} hosts, {first}", self.seed, self.hosts())?;
        writeln!(f, "  clocks off by ms: {:?}", self.clocks_off_millis)?;
        for (number, client) in self.clients.iter().enumerate() {
            writeln!(f, "  client {number}: {client:?}")?;
        }
        for planned in &self.faults {
            writeln!(f, "  {planned}")?;
        }
        writeln!(f, "  calm at {:?}", self.calm_at)
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
}
