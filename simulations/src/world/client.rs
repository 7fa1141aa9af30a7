//! A client: registers, beats, fails over, goes.
//!
//! Here: what a client means to say next, and to whom. Not here: the way there (`World`). What must always hold: it
//! behaves as Eureka's do: it registers on 404 and on nothing else, and leaves a server that does not answer.

pub mod cache;
mod manner;
mod servers;

pub use manner::{Behaviour, Manner};
pub use servers::TRIES;

use std::time::Duration;

use peerage::registry::instance::{AppName, Instance, Metadata};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use self::cache::Cache;
use self::servers::Servers;
use super::calls::{Answer, Ask, Call};
use super::start::WALL_AT_BEGIN;

/// How long a client waits for an answer.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(2);
/// How long it waits before it tries the next server after a refusal.
const NEXT_SERVER: Duration = Duration::from_millis(50);
/// Instances of one kind are listed together; there are so many kinds.
const APPS: usize = 3;

/// A client.
#[derive(Debug)]
pub struct Client {
    /// How it was made.
    pub manner: Manner,
    /// Whether it lives.
    pub alive: bool,
    /// Since when it lives, or does not.
    pub since: Duration,
    /// The server it turns to.
    pub server: usize,
    /// Counts its plans: what was planned before the last of them is void.
    pub turn: u64,
    /// Counts its lives.
    pub life: u64,
    /// How often it beats now, whatever it said.
    pub hurry: Option<Duration>,
    /// How far its clock is ahead, in milliseconds.
    pub clock_off_millis: i64,
    /// What it read.
    pub cache: Cache,
    number: usize,
    zone: String,
    intent: Intent,
    last_dirty: i64,
    servers: Servers,
    chance: ChaCha8Rng,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intent {
    Register,
    Beat,
    Cancel,
}

impl Client {
    /// A client that has not started yet, in a zone of this name.
    pub fn new(number: usize, manner: Manner, zone: &str, chance: ChaCha8Rng) -> Self {
        Self {
            manner,
            alive: false,
            since: Duration::ZERO,
            server: manner.server,
            turn: 0,
            life: 0,
            hurry: None,
            clock_off_millis: 0,
            cache: Cache::default(),
            number,
            zone: zone.to_owned(),
            intent: Intent::Register,
            last_dirty: 0,
            servers: Servers::new(&manner),
            chance,
        }
    }

    /// Starts, or starts again.
    pub fn start(&mut self, now: Duration) {
        (self.alive, self.since) = (true, now);
        self.turn += 1;
        self.life += 1;
        self.intent = if self.manner.beats_only && self.last_dirty == 0 {
            Intent::Beat
        } else {
            Intent::Register
        };
        self.read_clock(now);
    }

    /// Has changed, and registers anew.
    pub fn change(&mut self, now: Duration) {
        self.turn += 1;
        self.intent = Intent::Register;
        self.read_clock(now);
    }

    fn read_clock(&mut self, now: Duration) {
        let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let clock = (WALL_AT_BEGIN + millis).saturating_add_signed(self.clock_off_millis);
        self.last_dirty = i64::try_from(clock).unwrap_or(i64::MAX);
    }

    /// Ends without a word.
    pub const fn fall_silent(&mut self, now: Duration) {
        if self.alive {
            (self.alive, self.since) = (false, now);
            self.turn += 1;
        }
    }

    /// Means to go from now on.
    pub const fn go(&mut self) {
        self.turn += 1;
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

    /// Its application.
    pub fn app(&self) -> String {
        format!("APP{}", self.number % APPS)
    }

    /// Its id there.
    pub fn id(&self) -> String {
        format!("i{}", self.number)
    }

    fn instance(&self) -> Instance {
        let id = self.id();
        let metadata: Metadata = [("zone", &*self.zone)].into_iter().collect();
        Instance {
            id: Some(id.as_str().into()),
            lease: self.manner.terms,
            last_dirty: self.last_dirty,
            metadata,
            ..Instance::new(AppName::new(&self.app()), &id, "10.0.0.1")
        }
    }

    /// Makes of an answer what is next, and when. `None`: no answer came. Nothing is next for one that is gone. `zones`
    /// are those of the servers.
    pub fn learn(
        &mut self,
        now: Duration,
        answer: Option<Answer>,
        zones: &[usize],
    ) -> Option<Duration> {
        self.turn += 1;
        match (answer, self.intent) {
            (Some(Answer::Done | Answer::NotFound | Answer::Outdated), Intent::Cancel) => {
                self.end(now)
            }
            (Some(Answer::Done), _) => {
                self.intent = Intent::Beat;
                Some(self.rest(now, zones))
            }
            (Some(Answer::NotFound | Answer::Outdated), _) => {
                self.intent = Intent::Register;
                Some(Duration::ZERO)
            }
            (Some(Answer::NotNow | Answer::Refused) | None, _) => {
                self.fail_over(now, answer, zones)
            }
        }
    }

    const fn end(&mut self, now: Duration) -> Option<Duration> {
        (self.alive, self.since) = (false, now);
        None
    }

    /// Turns to the next server, until it has tried enough of them.
    fn fail_over(
        &mut self,
        now: Duration,
        answer: Option<Answer>,
        zones: &[usize],
    ) -> Option<Duration> {
        let (next, again) = self
            .servers
            .failed(now, self.server, zones, &mut self.chance);
        self.server = next;
        if again {
            return Some(match answer {
                None => CALL_TIMEOUT,
                Some(_) => NEXT_SERVER,
            });
        }
        match self.intent {
            Intent::Cancel => self.end(now),
            // Java's clients forget that they wanted to register, and are told so by the answer to a beat.
            Intent::Register if self.manner.behaviour == Behaviour::Java => {
                self.intent = Intent::Beat;
                Some(self.rest(now, zones))
            }
            _ => Some(self.rest(now, zones)),
        }
    }

    /// Until the next beat.
    fn rest(&mut self, now: Duration, zones: &[usize]) -> Duration {
        self.server = self
            .servers
            .next_call(now, self.server, zones, &mut self.chance);
        let jitter = Duration::from_millis(self.chance.random_range(0..50));
        let every = self.hurry.or(self.manner.beats_every);
        every.unwrap_or_else(|| self.manner.terms.interval() + jitter)
    }
}
