//! Clients of Java servers, as they take their turns.
//!
//! Here: who calls whom when, and what is remembered of it. Not here: what a client means to say, which it shares with
//! those of the real servers ([`Client`]). What must always hold: whatever was acknowledged is remembered.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::model::{Happening, Model, Unread};
use super::server::Listing;
use crate::invariants::SETTLED;
use crate::world::calls::{Answer, Ask, Call};
use crate::world::chance::Purpose;
use crate::world::client::{Client, Manner, TRIES};
use crate::world::timeline::{Kind, letter};

/// What is remembered of a client, whatever becomes of servers.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// When it was last told that it is registered: the latest times, of which one is old enough for all to have heard.
    told: VecDeque<Duration>,
    /// Whether it was told since that it is cancelled.
    cancelled: bool,
    /// The list it read last.
    pub(super) cache: Option<Listing>,
}

/// What is true of a client, whatever servers think.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    /// It lives, was told so within its lease, and everybody ought to have heard of it.
    Lives,
    /// It is gone, and its lease as well.
    Gone,
    /// Neither, or not yet.
    Unsettled,
}

impl Memory {
    fn tell(&mut self, what: &Ask, now: Duration) {
        match what {
            Ask::Register(_) | Ask::Beat(_) => {
                self.cancelled = false;
                while self.told.get(1).is_some_and(|next| *next + SETTLED <= now) {
                    self.told.pop_front();
                }
                self.told.push_back(now);
            }
            Ask::Cancel => self.cancelled = true,
            Ask::Override(_) | Ask::Note(_) => {}
        }
    }

    pub(super) fn truth(&self, client: &Client, now: Duration) -> Truth {
        let lease = client.manner.terms.duration();
        if !client.alive {
            let over = self.told.back().is_none_or(|told| *told + lease < now);
            return if self.cancelled || over {
                Truth::Gone
            } else {
                Truth::Unsettled
            };
        }
        let settled = |told: &&Duration| **told + SETTLED <= now && **told >= client.since;
        let told = self.told.iter().rfind(settled);
        match told {
            Some(told) if now < *told + lease && !self.cancelled => Truth::Lives,
            _ => Truth::Unsettled,
        }
    }
}

impl Model {
    pub(super) fn add_client(&mut self, manner: Manner) {
        let number = self.clients.len();
        let chance = Purpose::Client(number as u64).chance(self.plan.seed);
        let zone = self.plan.zones.get(manner.zone).map_or("", String::as_str);
        self.clients.push(Client::new(number, manner, zone, chance));
        self.memories.push(Memory::default());
        self.queue.set(manner.starts_at, Happening::Turn(number, 0));
    }

    pub(super) fn start_client(&mut self, client: usize) {
        self.clients[client].start(self.now);
        self.tell(None, Kind::Client, format!("client {client} starts"));
        self.plan_turn(client, Duration::ZERO);
        let life = self.clients[client].life;
        if self.clients[client].manner.fetches.is_some() {
            self.queue.set(self.now, Happening::Read(client, life));
        }
    }

    pub(super) fn cancel_client(&mut self, client: usize) {
        if self.clients[client].alive {
            self.clients[client].go();
            self.plan_turn(client, Duration::ZERO);
        }
    }

    pub(super) fn change_client(&mut self, client: usize) {
        if self.clients[client].alive {
            self.clients[client].change(self.now);
            self.plan_turn(client, Duration::ZERO);
        }
    }

    pub(super) fn hurry(&mut self, client: usize, every: Option<Duration>) {
        self.clients[client].hurry = every;
        if self.clients[client].alive && every.is_some() {
            self.clients[client].turn += 1;
            self.plan_turn(client, Duration::ZERO);
        }
    }

    fn plan_turn(&mut self, client: usize, wait: Duration) {
        let turn = self.clients[client].turn;
        self.queue
            .set(self.now + wait, Happening::Turn(client, turn));
    }

    pub(super) fn turn(&mut self, client: usize, turn: u64) {
        if self.clients[client].turn != turn {
            return;
        }
        if turn == 0 {
            self.start_client(client);
            return;
        }
        let (call, server) = (self.clients[client].call(), self.clients[client].server);
        let answer = match self.reaches(client, server) {
            true => self.call(server, &call),
            false => None,
        };
        let next = self.clients[client].learn(self.now, answer, &self.zones);
        if let Some(wait) = next {
            self.plan_turn(client, wait);
        }
    }

    fn reaches(&self, client: usize, host: usize) -> bool {
        let mut cuts = self.unreachable.values();
        !cuts.any(|(clients, hosts)| clients.has(client) && hosts.has(host))
    }

    /// An operator asks something of a host about a client.
    pub(super) fn operate(&mut self, client: usize, host: usize, ask: Ask) {
        let call = self.clients[client].about(ask);
        self.call(host, &call);
    }

    /// Asks something of a host. One that stands still takes it in later, when nobody waits for the answer.
    fn call(&mut self, host: usize, call: &Call) -> Option<Answer> {
        let here = &mut self.hosts[host];
        let answer = if here.server.is_none() || !here.serving || here.leaving {
            here.powered.then_some(Answer::Refused)
        } else if self.now < here.frozen_until {
            here.unread.push(Unread::Call(call.clone()));
            None
        } else {
            self.served(host, call)
        };
        if answer == Some(Answer::Done) {
            self.memories[call.client].tell(&call.what, self.now);
        }
        if !(matches!(call.what, Ask::Beat(_)) && answer == Some(Answer::Done)) {
            let told = answer.map_or("no answer", Answer::told);
            let text = format!(
                "client {} {} at {}: {told}",
                call.client,
                short(&call.what),
                letter(host)
            );
            self.tell(Some(host), Kind::Client, text);
        }
        answer
    }

    /// A server does what it is asked.
    pub(super) fn served(&mut self, host: usize, call: &Call) -> Option<Answer> {
        let at = self.moment(host);
        let server = self.hosts[host].server.as_mut()?;
        let answer = server.call(host, call, at);
        if answer == Answer::NotFound && matches!(call.what, Ask::Beat(_)) {
            self.tally.count("beat answered by 404");
        }
        self.look_after(host);
        Some(answer)
    }

    /// A client reads the list, from its server or the next ones, and keeps what it has if none answers.
    pub(super) fn read(&mut self, client: usize, life: u64) {
        let reader = &self.clients[client];
        let Some(every) = reader.manner.fetches else {
            return;
        };
        if reader.life != life || !reader.alive {
            return;
        }
        let (first, hosts) = (reader.server, self.hosts.len());
        let mut tried = (first..first + TRIES.min(hosts)).map(|server| server % hosts);
        let answering = tried.find(|server| self.reaches(client, *server) && self.answers(*server));
        if let Some(server) = answering.and_then(|host| self.hosts[host].server.as_mut()) {
            self.memories[client].cache = Some(Arc::clone(&server.listing()));
        }
        self.queue
            .set(self.now + every, Happening::Read(client, life));
    }
}

fn short(ask: &Ask) -> String {
    match ask {
        Ask::Register(_) => "registers".to_owned(),
        Ask::Beat(_) => "beats".to_owned(),
        Ask::Cancel => "cancels".to_owned(),
        Ask::Override(Some(status)) => format!("is overridden as {status}"),
        Ask::Override(None) => "loses its override".to_owned(),
        Ask::Note(note) => format!("gets {note}"),
    }
}
