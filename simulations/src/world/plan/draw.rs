//! The plan that a seed makes: who is there.

use std::time::Duration;

use peerage::registry::instance::LeaseTerms;
use peerage::registry::settings::RegistrySettings;
use peers::node::Rules;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::schedule::Schedule;
use super::{Clock, HostPlan, Plan};
use crate::world::chance::Purpose;
use crate::world::client::{Behaviour, Manner};
use crate::world::fault::{Crowd, Release};
use crate::world::network::{Latency, Link, Links};

pub(super) const SECOND: Duration = Duration::from_secs(1);
/// How long a run goes on after the faults: hosts heal, brisk leases end, and cancelled instances stay gone.
const AFTERWARDS: Duration = Duration::from_secs(50);

impl Plan {
    /// The plan of a seed.
    pub fn of(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let mut plan = Self::quiet(seed, draw.hosts);
        plan.registry = draw.registry();
        plan.rules = draw.rules();
        plan.zones = (0..3).map(|zone| format!("zone-{zone}")).collect();
        plan.hosts = (0..draw.hosts).map(|_| draw.host_plan()).collect();
        if draw.chance.random_bool(0.75) {
            (plan.hosts[0].seeded, plan.hosts[0].starts_at) = (false, Duration::ZERO);
        }
        plan.links = draw.links();
        plan.clients = (0..draw.clients).map(|_| draw.manner()).collect();
        plan.crowds = vec![(
            "all".to_owned(),
            Crowd {
                first: 0,
                count: draw.clients,
            },
        )];
        plan.calm_at = SECOND * draw.chance.random_range(60..200);
        let long = draw.chance.random_bool(0.1);
        plan.end_at = plan.calm_at + if long { LONG_AFTERWARDS } else { AFTERWARDS };
        let mut schedule = Schedule {
            chance: &mut draw.chance,
            hosts: draw.hosts,
            clients: draw.clients,
            clocks_agree: draw.clocks_agree,
            calm_at: plan.calm_at,
        };
        plan.faults = schedule.draw();
        plan.rotate_keys();
        plan
    }
}

/// Sometimes it goes on for so long that whatever nobody owns must be gone.
const LONG_AFTERWARDS: Duration = Duration::from_secs(500);

/// Times that fit runs of a few minutes.
const BRISK: Rules = Rules {
    join_wait: Duration::from_secs(5),
    collect_min: Duration::from_secs(10),
    collect_max: Duration::from_secs(30),
    calm: Duration::from_secs(5),
    isolation: Duration::from_secs(10),
    reconnect: SECOND,
};

/// Dead records are forgotten before most cuts are mended, but not before a brisk lease is over.
const FORGETFUL: RegistrySettings = RegistrySettings {
    delta_retention: Duration::from_secs(10),
    remember_dead: Duration::from_secs(20),
    remember_overridden: Duration::from_secs(20),
    ..RegistrySettings::DEFAULT
};

/// Protection reaches its limit, and ends, within a run.
const HASTY: RegistrySettings = RegistrySettings {
    protection_hold: Duration::from_secs(10),
    protection_limit_short: Duration::from_secs(25),
    protection_limit_long: Duration::from_secs(50),
    quota_window: Duration::from_secs(15),
    ..RegistrySettings::DEFAULT
};

/// Draws a plan.
struct Draw {
    chance: ChaCha8Rng,
    hosts: usize,
    clients: usize,
    terms: LeaseTerms,
    clocks_agree: bool,
}

impl Draw {
    fn new(seed: u64) -> Self {
        let mut chance = Purpose::Plan.chance(seed);
        let brisk = LeaseTerms {
            interval_secs: 5,
            duration_secs: 15,
        };
        let crowded = chance.random_bool(0.1);
        Self {
            hosts: chance.random_range(2..=5),
            clients: chance.random_range(if crowded { 20..=60 } else { 1..=12 }),
            terms: if chance.random_bool(0.75) {
                brisk
            } else {
                LeaseTerms::default()
            },
            clocks_agree: chance.random_bool(0.5),
            chance,
        }
    }

    fn brisk(&self) -> bool {
        self.terms != LeaseTerms::default()
    }

    fn registry(&mut self) -> RegistrySettings {
        match self.chance.random_range(0..10) {
            0..4 if self.brisk() => FORGETFUL,
            4 | 5 => HASTY,
            _ => RegistrySettings::DEFAULT,
        }
    }

    /// Lists stay closed for two intervals in a cold start, so the times have to fit the clients'.
    fn rules(&self) -> Rules {
        if self.brisk() {
            BRISK
        } else {
            Rules {
                join_wait: Duration::from_secs(30),
                collect_min: Duration::from_secs(60),
                collect_max: Duration::from_secs(120),
                calm: Duration::from_secs(10),
                ..BRISK
            }
        }
    }

    fn host_plan(&mut self) -> HostPlan {
        let clock = self.clock();
        let late = self.chance.random_bool(0.1);
        let next = self.chance.random_bool(0.05);
        HostPlan {
            clock,
            starts_at: match late {
                true => Duration::from_millis(self.chance.random_range(0..40_000)),
                false => Duration::ZERO,
            },
            release: if next {
                Release::Next
            } else {
                Release::Present
            },
            ..HostPlan::quiet(self.chance.random_range(0..3))
        }
    }

    /// Mostly right, sometimes a little off, seldom an hour.
    fn clock(&mut self) -> Clock {
        if self.clocks_agree {
            return Clock::default();
        }
        let off_millis = match self.chance.random_range(0..10) {
            0 => self.chance.random_range(-3_600_000..3_600_000),
            1..4 => self.chance.random_range(-3_000..3_000),
            _ => 0,
        };
        let drifts = self.chance.random_bool(0.3);
        let drift_ppm = self.chance.random_range(-500..500);
        Clock {
            off_millis,
            drift_ppm: if drifts { drift_ppm } else { 0 },
        }
    }

    /// Mostly one room, sometimes zones that are apart, seldom a line with a long tail.
    fn links(&mut self) -> Links {
        let millis = |millis| Duration::from_millis(millis);
        let latency = match self.chance.random_range(0..10) {
            0..6 => return Links::default(),
            6..9 => Latency::Between(millis(1), millis(self.chance.random_range(2..40))),
            _ => Latency::LongTailed {
                usual: millis(5),
                worst: millis(300),
            },
        };
        Links {
            across: Link {
                latency,
                ..Link::GOOD
            },
            ..Links::default()
        }
    }

    fn manner(&mut self) -> Manner {
        let behaviours = [
            Behaviour::Sticky,
            Behaviour::RoundRobin,
            Behaviour::Balanced,
            Behaviour::Java,
        ];
        let fetches = self.chance.random_bool(0.2);
        Manner {
            behaviour: behaviours[self.chance.random_range(0..4)],
            terms: self.terms,
            server: self.chance.random_range(0..self.hosts),
            zone: self.chance.random_range(0..3),
            starts_at: Duration::from_millis(self.chance.random_range(0..20_000)),
            beats_only: self.chance.random_bool(0.1),
            beats_every: None,
            fetches: fetches.then(|| self.terms.interval()),
        }
    }
}
