//! The plan that a seed makes.

use std::time::Duration;

use peerage::registry::instance::LeaseTerms;
use peerage::registry::settings::RegistrySettings;
use peerage::registry::status::Status;
use peers::node::Rules;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::Plan;
use crate::world::chance::Purpose;
use crate::world::client::{Behaviour, Manner};
use crate::world::fault::{Fault, Planned};
use crate::world::network::{Cut, Group, Protocol};

const SECOND: Duration = Duration::from_secs(1);

impl Plan {
    /// The plan of a seed.
    pub fn of(seed: u64) -> Self {
        let mut draw = Draw::new(seed);
        let hosts = draw.hosts;
        let mut plan = Self::quiet(seed, hosts);
        if draw.chance.random_bool(0.4) && draw.terms.duration() < FORGETFUL.remember_dead {
            plan.registry = FORGETFUL;
        }
        plan.clocks_off_millis = (0..hosts).map(|_| draw.clock()).collect();
        plan.first_alone = draw.chance.random_bool(0.75);
        plan.rules = BRISK;
        plan.clients = (0..draw.clients).map(|_| draw.manner()).collect();
        plan.calm_at = SECOND * draw.chance.random_range(60..200);
        let most = if draw.chance.random_bool(0.2) { 50 } else { 12 };
        let faults = draw.chance.random_range(1..most);
        plan.faults = (0..faults).flat_map(|_| draw.some(plan.calm_at)).collect();
        plan.faults.sort_by_key(|planned| planned.at);
        plan
    }
}

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
        Self {
            hosts: chance.random_range(2..=5),
            clients: chance.random_range(1..=12),
            terms: if chance.random_bool(0.75) {
                brisk
            } else {
                LeaseTerms::default()
            },
            clocks_agree: chance.random_bool(0.5),
            chance,
        }
    }

    fn host(&mut self) -> usize {
        self.chance.random_range(0..self.hosts)
    }

    fn two_hosts(&mut self) -> (usize, usize) {
        let one = self.host();
        (
            one,
            (one + self.chance.random_range(1..self.hosts)) % self.hosts,
        )
    }

    fn client(&mut self) -> usize {
        self.chance.random_range(0..self.clients)
    }

    /// Mostly right, sometimes a little off, seldom an hour.
    fn clock(&mut self) -> i64 {
        match self.chance.random_range(0..10) {
            _ if self.clocks_agree => 0,
            0 => self.chance.random_range(-3_600_000..3_600_000),
            1..4 => self.chance.random_range(-3_000..3_000),
            _ => 0,
        }
    }

    fn manner(&mut self) -> Manner {
        let behaviours = [
            Behaviour::Sticky,
            Behaviour::RoundRobin,
            Behaviour::Balanced,
        ];
        Manner {
            behaviour: behaviours[self.chance.random_range(0..3)],
            terms: self.terms,
            server: self.host(),
            starts_at: Duration::from_millis(self.chance.random_range(0..20_000)),
            beats_only: self.chance.random_bool(0.1),
        }
    }

    /// One fault, or one that comes again and again.
    fn some(&mut self, calm_at: Duration) -> Vec<Planned> {
        let first = self.planned(calm_at);
        let pause = Duration::from_millis(self.chance.random_range(500..20_000));
        let often = if self.chance.random_bool(0.15) {
            self.chance.random_range(2..8)
        } else {
            1
        };
        let later = |number: u32| Planned {
            at: first.at + pause * number,
            until: first
                .until
                .map(|until| until.min(first.at + pause / 2) + pause * number),
            ..first
        };
        let within = |planned: &Planned| planned.until.unwrap_or(planned.at) <= calm_at;
        let again = (1..often).map(later).filter(within);
        [first].into_iter().chain(again).collect()
    }

    fn planned(&mut self, calm_at: Duration) -> Planned {
        let fault = self.fault();
        let latest = calm_at.saturating_sub(SECOND);
        let at = self.chance.random_range(5 * SECOND..latest.max(6 * SECOND));
        let long = self.chance.random_bool(0.5);
        let longest = if long { 90 * SECOND } else { 10 * SECOND };
        let lasting = self.chance.random_range(SECOND / 10..longest);
        Planned {
            at,
            until: self.ends(&fault).then(|| (at + lasting).min(calm_at)),
            fault,
        }
    }

    /// What hosts suffer always ends; what clients and operators do need not.
    fn ends(&mut self, fault: &Fault) -> bool {
        match fault {
            Fault::Break(..) | Fault::Note(..) => false,
            Fault::Silence(_) | Fault::Cancel(_) | Fault::Override(..) => {
                self.chance.random_bool(0.5)
            }
            _ => true,
        }
    }

    fn fault(&mut self) -> Fault {
        match self.chance.random_range(0..20) {
            0..5 => Fault::Cut(self.cut()),
            5..8 => Fault::Crash {
                host: self.host(),
                machine: self.chance.random_bool(0.5),
                clock_off_millis: self.clock(),
            },
            8 => Fault::Leave(self.host()),
            9 | 10 => Fault::Freeze(self.host()),
            11 if self.chance.random_bool(0.5) => Fault::Far(self.chance.random_range(1..150)),
            11 => Fault::Loss(self.chance.random_range(0.0..0.3)),
            12 => Fault::Slow(self.host(), self.chance.random_range(5_000..1_000_000)),
            13 => {
                let (one, other) = self.two_hosts();
                Fault::Break(one, other)
            }
            _ => self.deed(),
        }
    }

    fn deed(&mut self) -> Fault {
        let (client, host) = (self.client(), self.host());
        match self.chance.random_range(0..8) {
            0 => Fault::Unreachable(client, host),
            1 | 2 => Fault::Silence(client),
            3 | 4 => Fault::Cancel(client),
            5 | 6 => Fault::Override(client, host, self.status()),
            _ => Fault::Note(client, host),
        }
    }

    fn status(&mut self) -> Status {
        let statuses = [Status::Down, Status::OutOfService, Status::Up];
        statuses[self.chance.random_range(0..3)]
    }

    fn cut(&mut self) -> Cut {
        let (one, other) = self.two_hosts();
        let some = Group(self.chance.random_range(1..(1 << self.hosts) - 1));
        let (from, to) = match self.chance.random_range(0..3) {
            0 => (Group::one(one), Group::one(other)),
            1 => (Group::one(one), Group::one(one).others(self.hosts)),
            _ => (some, some.others(self.hosts)),
        };
        Cut {
            mutual: self.chance.random_bool(0.75),
            only: match self.chance.random_range(0..6) {
                0 => Some(Protocol::Datagrams),
                1 => Some(Protocol::Streams),
                _ => None,
            },
            ..Cut::between(from, to)
        }
    }
}
