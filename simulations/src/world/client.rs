//! A client: registers, beats, fails over, goes.
//!
//! Here: what a client means to say next, and to whom. Not here: the way there (`World`). What must always hold: it
//! behaves as Eureka's do: it registers on 404 and on nothing else, and leaves a server that does not answer.

use std::time::Duration;

use peerage::registry::instance::{AppName, Instance, LeaseTerms, Metadata};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::calls::{Answer, Ask, Call};
use super::start::WALL_AT_BEGIN;

/// How long a client waits for an answer.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(2);
/// How long it waits before it tries the next server after a refusal.
const NEXT_SERVER: Duration = Duration::from_millis(50);

/// Which server a client turns to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// The one that answered last.
    Sticky,
    /// Each in turn.
    RoundRobin,
    /// Any, as a balancer has it.
    Balanced,
}

/// How a client is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Which server it turns to.
    pub behaviour: Behaviour,
    /// How often it beats and how long its lease lasts.
    pub terms: LeaseTerms,
    /// The first server it turns to.
    pub server: usize,
    /// When it starts.
    pub starts_at: Duration,
    /// Whether it believes to be registered already, from before the world began, and only beats.
    pub beats_only: bool,
}

impl Manner {
    /// A client that starts at once, stays with a server and has Eureka's usual times.
    pub fn sticky(server: usize) -> Self {
        Self {
            behaviour: Behaviour::Sticky,
            terms: LeaseTerms::default(),
            server,
            starts_at: Duration::ZERO,
            beats_only: false,
        }
    }

    /// The same with a beat every so many seconds and a lease of three times that.
    #[must_use]
    pub const fn beating(self, interval_secs: u32) -> Self {
        let terms = LeaseTerms {
            interval_secs,
            duration_secs: 3 * interval_secs,
        };
        Self { terms, ..self }
    }
}

/// A client.
#[derive(Debug)]
pub struct Client {
    /// How it was made.
    pub manner: Manner,
    /// Whether it lives.
    pub alive: bool,
    /// The server it turns to.
    pub server: usize,
    /// Counts its plans: what was planned before the last of them is void.
    pub turn: u64,
    number: usize,
    intent: Intent,
    last_dirty: i64,
    tries: usize,
    chance: ChaCha8Rng,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intent {
    Register,
    Beat,
    Cancel,
}

impl Client {
    /// A client that has not started yet.
    pub const fn new(number: usize, manner: Manner, chance: ChaCha8Rng) -> Self {
        Self {
            manner,
            alive: false,
            server: manner.server,
            turn: 0,
            number,
            intent: Intent::Register,
            last_dirty: 0,
            tries: 0,
            chance,
        }
    }

    /// Starts, or starts again.
    pub fn start(&mut self, now: Duration) {
        self.alive = true;
        self.turn += 1;
        self.tries = 0;
        self.intent = if self.manner.beats_only && self.last_dirty == 0 {
            Intent::Beat
        } else {
            Intent::Register
        };
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        self.last_dirty = i64::try_from(WALL_AT_BEGIN + millis).unwrap_or(i64::MAX);
    }

    /// Ends without a word.
    pub const fn fall_silent(&mut self) {
        self.alive = false;
        self.turn += 1;
    }

    /// Means to go from now on.
    pub const fn go(&mut self) {
        self.turn += 1;
        self.tries = 0;
        self.intent = Intent::Cancel;
    }

    /// What it says now, to its server.
    pub fn call(&self) -> Call {
        self.about(match self.intent {
            Intent::Register => Ask::Register(Box::new(self.instance())),
            Intent::Beat => Ask::Beat(self.last_dirty),
            Intent::Cancel => Ask::Cancel,
        })
    }

    /// A call about it.
    pub fn about(&self, what: Ask) -> Call {
        Call {
            client: self.number,
            app: self.app(),
            id: self.id(),
            what,
        }
    }

    /// Its name, as lists are compared.
    pub fn name(&self) -> String {
        format!("{}/{}", self.app(), self.id())
    }

    fn app(&self) -> String {
        format!("APP{}", self.number % 3)
    }

    fn id(&self) -> String {
        format!("i{}", self.number)
    }

    fn instance(&self) -> Instance {
        let id = self.id();
        let zone = format!("zone-{}", self.manner.server);
        let metadata: Metadata = [("zone", &*zone)].into_iter().collect();
        Instance {
            id: Some(id.as_str().into()),
            lease: self.manner.terms,
            last_dirty: self.last_dirty,
            metadata,
            ..Instance::new(AppName::new(&self.app()), &id, "10.0.0.1")
        }
    }

    /// Makes of an answer what is next, and when. `None`: no answer came. Nothing is next for one that is gone.
    pub fn learn(&mut self, answer: Option<Answer>, servers: usize) -> Option<Duration> {
        self.turn += 1;
        match (answer, self.intent) {
            (Some(Answer::Done | Answer::NotFound | Answer::Outdated), Intent::Cancel) => {
                self.alive = false;
                None
            }
            (Some(Answer::Done), _) => {
                self.intent = Intent::Beat;
                Some(self.rest(servers))
            }
            (Some(Answer::NotFound | Answer::Outdated), _) => {
                self.intent = Intent::Register;
                Some(Duration::ZERO)
            }
            (Some(Answer::NotNow) | None, _) => self.fail_over(answer, servers),
        }
    }

    /// Turns to the next server, until all were tried.
    fn fail_over(&mut self, answer: Option<Answer>, servers: usize) -> Option<Duration> {
        self.server = (self.server + 1) % servers;
        self.tries += 1;
        if self.tries < servers {
            return Some(if answer.is_none() {
                CALL_TIMEOUT
            } else {
                NEXT_SERVER
            });
        }
        if self.intent == Intent::Cancel {
            self.alive = false;
            return None;
        }
        Some(self.rest(servers))
    }

    /// Until the next beat.
    fn rest(&mut self, servers: usize) -> Duration {
        self.tries = 0;
        self.server = match self.manner.behaviour {
            Behaviour::Sticky => self.server,
            Behaviour::RoundRobin => (self.server + 1) % servers,
            Behaviour::Balanced => self.chance.random_range(0..servers),
        };
        let jitter = Duration::from_millis(self.chance.random_range(0..50));
        self.manner.terms.interval() + jitter
    }
}
