//! Which server a client turns to next.
//!
//! Here: the four behaviours, Java's with its quarantine and sessions. Not here: what is said to the server. What must
//! always hold: whoever shuns servers shuns never all of them.

use std::collections::BTreeSet;
use std::time::Duration;

use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

use super::manner::{Behaviour, Manner};

/// How often Java's clients try a call.
pub const TRIES: usize = 3;
/// After about this long Java's clients choose anew, so that load evens out; half of it more or less.
const SESSION: Duration = Duration::from_secs(20 * 60);

/// The servers as a client knows them.
#[derive(Debug)]
pub(super) struct Servers {
    behaviour: Behaviour,
    zone: usize,
    tries: usize,
    /// In which order Java's clients go through them.
    order: Vec<usize>,
    /// Whom they shun.
    quarantine: BTreeSet<usize>,
    session_until: Duration,
}

impl Servers {
    pub(super) const fn new(manner: &Manner) -> Self {
        Self {
            behaviour: manner.behaviour,
            zone: manner.zone,
            tries: 0,
            order: Vec::new(),
            quarantine: BTreeSet::new(),
            session_until: Duration::MAX,
        }
    }

    /// A call is done with, one way or another: whom the next one goes to.
    pub(super) fn next_call(
        &mut self,
        now: Duration,
        present: usize,
        zones: &[usize],
        chance: &mut ChaCha8Rng,
    ) -> usize {
        self.tries = 0;
        let servers = zones.len();
        match self.behaviour {
            Behaviour::Sticky => present,
            Behaviour::RoundRobin => (present + 1) % servers,
            Behaviour::Balanced => chance.random_range(0..servers),
            Behaviour::Java if self.session_until == Duration::MAX => {
                self.begin_session(now, zones, chance);
                present
            }
            Behaviour::Java if now >= self.session_until => {
                self.quarantine.clear();
                self.begin_session(now, zones, chance);
                self.first_not_shunned(present)
            }
            Behaviour::Java => present,
        }
    }

    /// A server did not answer, or refused: whom to try now, or nobody any more.
    pub(super) fn failed(
        &mut self,
        now: Duration,
        server: usize,
        zones: &[usize],
        chance: &mut ChaCha8Rng,
    ) -> (usize, bool) {
        self.tries += 1;
        if self.behaviour != Behaviour::Java {
            let next = (server + 1) % zones.len();
            return (next, self.tries < zones.len());
        }
        if self.order.is_empty() {
            self.begin_session(now, zones, chance);
        }
        self.quarantine.insert(server);
        if self.quarantine.len() * 3 >= zones.len() * 2 {
            self.quarantine.clear();
        }
        (self.first_not_shunned(server), self.tries < TRIES)
    }

    fn first_not_shunned(&self, present: usize) -> usize {
        let mut order = self.order.iter();
        let next = order.find(|server| **server != present && !self.quarantine.contains(server));
        next.copied().unwrap_or(present)
    }

    fn begin_session(&mut self, now: Duration, zones: &[usize], chance: &mut ChaCha8Rng) {
        let (mut near, mut far): (Vec<usize>, Vec<usize>) =
            (0..zones.len()).partition(|server| zones[*server] == self.zone);
        near.shuffle(chance);
        far.shuffle(chance);
        self.order = near.into_iter().chain(far).collect();
        let halves: u32 = chance.random_range(500..1500);
        self.session_until = now + SESSION * halves / 1000;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::chance::Purpose;

    const ZONES: [usize; 4] = [0, 1, 1, 0];

    fn java() -> (Servers, ChaCha8Rng) {
        let manner = Manner {
            behaviour: Behaviour::Java,
            zone: 1,
            ..Manner::sticky(2)
        };
        (Servers::new(&manner), Purpose::Client(0).chance(1))
    }

    #[test]
    fn javas_client_tries_three_of_its_zone_first_and_shuns_those_that_failed() {
        let (mut servers, mut chance) = java();
        let (second, more) = servers.failed(Duration::ZERO, 2, &ZONES, &mut chance);
        assert_eq!((second, more), (1, true));
        let (third, more) = servers.failed(Duration::ZERO, 1, &ZONES, &mut chance);
        assert!(more && [0, 3].contains(&third), "{third}");
        let (fourth, more) = servers.failed(Duration::ZERO, third, &ZONES, &mut chance);
        assert!(!more && fourth != third);
    }

    #[test]
    fn javas_client_forgives_all_once_two_thirds_are_shunned() {
        let (mut servers, mut chance) = java();
        for server in [2, 1] {
            servers.failed(Duration::ZERO, server, &ZONES, &mut chance);
        }
        assert_eq!(servers.quarantine.len(), 2);
        servers.failed(Duration::ZERO, 0, &ZONES, &mut chance);
        assert!(servers.quarantine.is_empty());
    }

    #[test]
    fn javas_client_chooses_anew_after_about_twenty_minutes() {
        let (mut servers, mut chance) = java();
        assert_eq!(servers.next_call(Duration::ZERO, 2, &ZONES, &mut chance), 2);
        assert_eq!(servers.next_call(SESSION / 3, 2, &ZONES, &mut chance), 2);
        assert_eq!(servers.next_call(2 * SESSION, 2, &ZONES, &mut chance), 1);
    }

    #[test]
    fn others_go_through_all_and_then_rest() {
        let mut servers = Servers::new(&Manner::sticky(3));
        let mut chance = Purpose::Client(0).chance(1);
        let mut at = 3;
        for expected in [(0, true), (1, true), (2, true), (3, false)] {
            let found = servers.failed(Duration::ZERO, at, &ZONES, &mut chance);
            assert_eq!(found, expected);
            at = found.0;
        }
    }
}
