//! The plan that a seed makes: which keys hosts have, and when.
//!
//! Here: a key that replaces another, on all hosts step by step, be it that the last step is taken by some only. What must
//! always hold: once it is calm all hosts understand each other.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use super::Plan;
use super::draw::SECOND;
use crate::world::chance::Purpose;
use crate::world::fault::{Fault, Keys, Planned};

/// A host that is forgotten while the others go on is given its keys by then.
const REMEMBERED: Duration = Duration::from_secs(5);

impl Plan {
    /// Sometimes hosts have a key; then it is mostly replaced by another.
    pub(super) fn rotate_keys(&mut self) {
        let mut chance = Purpose::Keys.chance(self.seed);
        if !chance.random_bool(0.25) {
            return;
        }
        self.keys = Keys::Old;
        if chance.random_bool(0.75) {
            let latest = self.calm_at.saturating_sub(REMEMBERED);
            let rotation = rotation(&mut chance, self.hosts.len(), latest);
            self.faults.extend(rotation);
            self.faults.sort_by_key(|planned| planned.at);
        }
    }
}

/// Keys for all hosts, step by step. The last step may be taken by some only; and one host may be forgotten until the end.
fn rotation(chance: &mut ChaCha8Rng, hosts: usize, latest: Duration) -> Vec<Planned> {
    let steps = chance.random_range(1..=Keys::STEPS.len());
    let mut order: Vec<usize> = (0..hosts).collect();
    let mut turns = Vec::new();
    for keys in Keys::STEPS.into_iter().take(steps) {
        order.shuffle(chance);
        turns.extend(order.iter().map(|host| (*host, keys)));
    }
    turns.truncate((steps - 1) * hosts + chance.random_range(1..=hosts));
    let mut times: Vec<Duration> = turns
        .iter()
        .map(|_| chance.random_range(5 * SECOND..latest.max(6 * SECOND)))
        .collect();
    times.sort_unstable();
    let forgotten = chance
        .random_bool(0.3)
        .then(|| chance.random_range(0..hosts));
    let turns = turns.into_iter().zip(times);
    let planned = turns.map(|((host, keys), at)| Planned {
        at: if forgotten == Some(host) { latest } else { at },
        until: None,
        fault: Fault::Rekey { host, keys },
    });
    planned.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_it_is_calm_all_hosts_understand_each_other() {
        let mut rotated = 0;
        for plan in (0..300).map(Plan::of) {
            let mut keys = vec![plan.keys; plan.hosts.len()];
            for planned in &plan.faults {
                if let Fault::Rekey { host, keys: given } = planned.fault {
                    keys[host] = given;
                    rotated += 1;
                }
            }
            let all = |one: &Keys| keys.iter().all(|other| one.understands(*other));
            assert!(keys.iter().all(all), "seed {}: {keys:?}", plan.seed);
        }
        assert!(rotated > 300);
    }
}
