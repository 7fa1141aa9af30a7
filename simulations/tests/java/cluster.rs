//! A cluster of three, as it was measured: clients spread over it, and a schedule.

use std::time::Duration;

use peerage::registry::instance::LeaseTerms;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use simulations::java::{self, JavaSettings};
use simulations::world::client::{Behaviour, Manner};
use simulations::world::fault::{Crowd, Fault, Planned};
use simulations::world::film::{Counts, Film};
use simulations::world::network::{Cut, Group};
use simulations::world::plan::{HostPlan, Plan};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MILLI: Duration = Duration::from_millis(1);

/// When misfortunes begin: everything has long been quiet by then.
pub(crate) const CALM: Duration = Duration::from_secs(400);

/// A cluster of three.
pub(crate) struct Cluster {
    pub(crate) plan: Plan,
    pub(crate) settings: JavaSettings,
    terms: LeaseTerms,
    chance: ChaCha8Rng,
}

impl Cluster {
    /// Servers nobody touched, clients with leases of 30/90 s.
    pub(crate) fn default(seed: u64) -> Self {
        Self::new(seed, JavaSettings::DEFAULT, 30)
    }

    /// Shortened settings, clients with leases of 10/30 s.
    pub(crate) fn fast(seed: u64) -> Self {
        Self::new(seed, JavaSettings::FAST, 10)
    }

    fn new(seed: u64, settings: JavaSettings, interval_secs: u32) -> Self {
        let mut plan = Plan::quiet(seed, 3);
        plan.hosts = (0..3).map(HostPlan::quiet).collect();
        plan.every = MILLI * 500;
        plan.end_at = CALM;
        Self {
            plan,
            settings,
            terms: LeaseTerms {
                interval_secs,
                duration_secs: 3 * interval_secs,
            },
            chance: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// So many clients at a server, started at any time within the first interval, counted together.
    pub(crate) fn clients(&mut self, count: usize, server: usize) -> Crowd {
        let interval = self.terms.interval();
        self.clients_from(count, server, Duration::ZERO..interval)
    }

    /// The same, started at any time within these.
    pub(crate) fn clients_from(
        &mut self,
        count: usize,
        server: usize,
        when: std::ops::Range<Duration>,
    ) -> Crowd {
        let first = self.plan.clients.len();
        for _ in 0..count {
            let manner = Manner {
                terms: self.terms,
                behaviour: Behaviour::Java,
                starts_at: self.chance.random_range(when.clone()),
                ..Manner::sticky(server)
            };
            self.plan.clients.push(manner);
        }
        let crowd = Crowd { first, count };
        self.plan.crowds.push((format!("of {server}"), crowd));
        crowd
    }

    /// Something happens so long after it has been calm, and goes on for so long.
    pub(crate) fn happen(&mut self, after: Duration, lasting: Option<Duration>, fault: Fault) {
        let at = CALM + after;
        let until = lasting.map(|lasting| at + lasting);
        self.plan.faults.push(Planned { at, until, fault });
        self.plan.faults.sort_by_key(|planned| planned.at);
        self.plan.end_at = self.plan.end_at.max(until.unwrap_or(at));
    }

    /// Runs until so long after it has been calm.
    pub(crate) fn run(&mut self, until: Duration) -> Seen {
        self.plan.end_at = CALM + until;
        Seen {
            film: java::film_as(self.plan.clone(), self.settings),
        }
    }
}

/// The cut between two groups of hosts, by their bits.
pub(crate) const fn cut(one: u64, other: u64) -> Fault {
    Fault::Cut(Cut::between(Group::bits(one), Group::bits(other)))
}

/// What was seen of a run.
pub(crate) struct Seen {
    pub(crate) film: Film,
}

impl Seen {
    /// A crowd at a host, over time since it was calm.
    pub(crate) fn crowd(
        &self,
        crowd: usize,
        host: usize,
    ) -> impl Iterator<Item = (f64, Counts)> + '_ {
        let pictures = self.film.pictures.iter();
        let later = pictures.filter(|picture| picture.at >= CALM);
        later.map(move |picture| {
            let since = (picture.at - CALM).as_secs_f64();
            (since, picture.hosts[host].crowds[crowd])
        })
    }

    /// The fewest of a crowd that a host showed between two times.
    pub(crate) fn fewest(&self, crowd: usize, host: usize, from: f64, to: f64) -> usize {
        let between = self
            .crowd(crowd, host)
            .filter(|(at, _)| (from..to).contains(at));
        between.map(|(_, counts)| counts.shown).min().unwrap_or(0)
    }

    /// How many of a crowd a host showed at the last picture before a time.
    pub(crate) fn shown(&self, crowd: usize, host: usize, at: f64) -> usize {
        let before = self.crowd(crowd, host).take_while(|(when, _)| *when <= at);
        before.last().map_or(0, |(_, counts)| counts.shown)
    }

    /// From when on a host shows so many of a crowd, for good.
    pub(crate) fn shows_from(&self, crowd: usize, host: usize, count: usize) -> Option<f64> {
        let mut since = None;
        for (at, counts) in self.crowd(crowd, host) {
            match counts.shown == count {
                true => since = since.or(Some(at)),
                false => since = None,
            }
        }
        since
    }

    /// When a host's guard was on, in pictures since it was calm.
    pub(crate) fn guarded(&self, host: usize) -> Vec<(f64, bool)> {
        let pictures = self.film.pictures.iter();
        let later = pictures.filter(|picture| picture.at >= CALM);
        later
            .map(|picture| {
                let since = (picture.at - CALM).as_secs_f64();
                (since, !picture.hosts[host].protects.is_empty())
            })
            .collect()
    }
}

/// The middle one of some numbers.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
}
