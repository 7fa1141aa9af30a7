//! The plan that a seed makes: what goes wrong, and when.

use std::time::Duration;

use peerage::registry::status::Status;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::draw::SECOND;
use crate::world::fault::{Crowd, Fault, Memory, Planned, Release, Stalled};
use crate::world::network::{Between, Cut, Group, Ill, Protocol};

/// Draws faults.
pub(super) struct Schedule<'a> {
    pub(super) chance: &'a mut ChaCha8Rng,
    pub(super) hosts: usize,
    pub(super) clients: usize,
    pub(super) clocks_agree: bool,
    pub(super) calm_at: Duration,
}

impl Schedule<'_> {
    /// Some faults, in the order of their beginnings.
    pub(super) fn draw(&mut self) -> Vec<Planned> {
        let most = if self.chance.random_bool(0.2) { 50 } else { 12 };
        let faults = self.chance.random_range(1..most);
        let mut drawn: Vec<Planned> = (0..faults).flat_map(|_| self.some()).collect();
        if self.chance.random_bool(0.1) {
            drawn.extend(self.start_apart());
        }
        drawn.sort_by_key(|planned| planned.at);
        drawn
    }

    /// One fault, or one that comes again and again.
    fn some(&mut self) -> Vec<Planned> {
        let first = self.planned();
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
        let calm_at = self.calm_at;
        let within = |planned: &Planned| planned.until.unwrap_or(planned.at) <= calm_at;
        let again = (1..often).map(later).filter(within);
        [first].into_iter().chain(again).collect()
    }

    /// A host starts anew while it is cut off from all others, and goes on alone for a while; if clocks may be wrong,
    /// with one that went back, so that it does not know how high its epochs were.
    fn start_apart(&mut self) -> [Planned; 2] {
        let host = self.host();
        let latest = self.calm_at.saturating_sub(30 * SECOND);
        let at = self.chance.random_range(5 * SECOND..latest.max(6 * SECOND));
        let apart = self.chance.random_range(25 * SECOND..80 * SECOND);
        let cut = Cut::between(Group::one(host), Group::one(host).others(self.hosts));
        let crash = Fault::Crash {
            host,
            machine: true,
            memory: Memory::Empty,
            clock_off_millis: if self.clocks_agree { 0 } else { -3_600_000 },
        };
        [(0, Fault::Cut(cut), apart), (1, crash, 2 * SECOND)].map(|(later, fault, lasting)| {
            let at = (at + later * SECOND).min(self.calm_at);
            Planned {
                at,
                until: Some((at + lasting).min(self.calm_at)),
                fault,
            }
        })
    }

    fn planned(&mut self) -> Planned {
        let fault = self.fault();
        let latest = self.calm_at.saturating_sub(SECOND);
        let at = self.chance.random_range(5 * SECOND..latest.max(6 * SECOND));
        let long = self.chance.random_bool(0.5);
        let longest = if long { 90 * SECOND } else { 10 * SECOND };
        let lasting = self.chance.random_range(SECOND / 10..longest);
        Planned {
            at,
            until: self.ends(&fault).then(|| (at + lasting).min(self.calm_at)),
            fault,
        }
    }

    /// What hosts suffer always ends; what clients and operators do need not.
    fn ends(&mut self, fault: &Fault) -> bool {
        match fault {
            Fault::Break(..) | Fault::Note { .. } | Fault::Register(_) | Fault::Move { .. } => {
                false
            }
            Fault::Reset { .. } => false,
            Fault::Silence(_) | Fault::Cancel(_) | Fault::Override { .. } => {
                self.chance.random_bool(0.5)
            }
            _ => true,
        }
    }

    fn fault(&mut self) -> Fault {
        match self.chance.random_range(0..26) {
            0..5 => Fault::Cut(self.cut()),
            5..8 => self.crash(),
            8 => Fault::Leave {
                host: self.host(),
                release: match self.chance.random_range(0..3) {
                    0 => Release::Next,
                    _ => Release::Present,
                },
            },
            9 | 10 => Fault::Stall {
                host: self.host(),
                what: match self.chance.random_range(0..4) {
                    0 => Stalled::Reader,
                    1 => Stalled::Timers,
                    _ => Stalled::All,
                },
            },
            11 | 12 => self.ill(),
            13 => {
                let (one, other) = self.two_hosts();
                Fault::Break(one, other)
            }
            14 => self.wrong_clock(),
            _ => self.deed(),
        }
    }

    fn crash(&mut self) -> Fault {
        Fault::Crash {
            host: self.host(),
            machine: self.chance.random_bool(0.5),
            memory: match self.chance.random_range(0..4) {
                0 => Memory::Old,
                1 => Memory::Same,
                _ => Memory::Empty,
            },
            clock_off_millis: self.clock_off(),
        }
    }

    fn clock_off(&mut self) -> i64 {
        match self.chance.random_range(0..10) {
            _ if self.clocks_agree => 0,
            0 => self.chance.random_range(-3_600_000..3_600_000),
            1..4 => self.chance.random_range(-3_000..3_000),
            _ => 0,
        }
    }

    /// In a world whose clocks agree only those of clients go wrong.
    fn wrong_clock(&mut self) -> Fault {
        let millis = match self.chance.random_range(0..3) {
            0 => self.chance.random_range(-3_600_000..3_600_000),
            _ => self.chance.random_range(-5_000..5_000),
        };
        match self.chance.random_range(0..3) {
            _ if self.clocks_agree => Fault::Reset {
                clients: self.client(),
                millis,
            },
            0 => Fault::Drift {
                host: self.host(),
                ppm: self.chance.random_range(-5_000..5_000),
            },
            1 => Fault::Step {
                host: self.host(),
                millis,
            },
            _ => Fault::Reset {
                clients: self.client(),
                millis,
            },
        }
    }

    fn ill(&mut self) -> Fault {
        let (one, other) = self.two_hosts();
        let between = match self.chance.random_range(0..3) {
            0 => Between::around(Group::all(self.hosts), self.hosts),
            1 => Between::around(Group::one(one), self.hosts),
            _ => Between {
                from: Group::one(one),
                to: Group::one(other),
                mutual: self.chance.random_bool(0.5),
            },
        };
        let share = self.chance.random_range(0.0..0.3);
        let millis = Duration::from_millis(self.chance.random_range(1..150));
        let ill = match self.chance.random_range(0..7) {
            0 => Ill::Loss(share),
            1 => Ill::Twice(share),
            2 => Ill::Late(share),
            3 => Ill::Corrupt(share),
            4 => Ill::Far(Duration::from_micros(200), millis),
            _ => Ill::Slow(self.chance.random_range(5_000..1_000_000)),
        };
        Fault::Ill(between, ill)
    }

    fn deed(&mut self) -> Fault {
        let (clients, host) = (self.some_clients(), self.host());
        match self.chance.random_range(0..12) {
            0 => Fault::Unreachable {
                clients,
                hosts: Group::one(host),
            },
            1..4 => Fault::Silence(clients),
            4 | 5 => Fault::Cancel(clients),
            6 | 7 => Fault::Override {
                clients,
                host,
                status: self.status(),
            },
            8 => Fault::Register(clients),
            9 => Fault::Hurry {
                clients,
                every: Duration::from_millis(self.chance.random_range(20..2_000)),
            },
            10 => Fault::Move { clients, host },
            _ => Fault::Note { clients, host },
        }
    }

    fn status(&mut self) -> Status {
        let statuses = [Status::Down, Status::OutOfService, Status::Up];
        statuses[self.chance.random_range(0..3)]
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

    fn client(&mut self) -> Crowd {
        Crowd::one(self.chance.random_range(0..self.clients))
    }

    /// Mostly one, sometimes several at once.
    fn some_clients(&mut self) -> Crowd {
        let one = self.client();
        if self.chance.random_bool(0.8) {
            return one;
        }
        let count = self.chance.random_range(1..=self.clients - one.first);
        Crowd { count, ..one }
    }

    fn cut(&mut self) -> Cut {
        let (one, other) = self.two_hosts();
        let some = Group::bits(self.chance.random_range(1..(1 << self.hosts) - 1));
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
