//! Clients and operators, as they take their turns.

use super::calls::{Answer, Ask, Call};
use super::chance::Purpose;
use super::client::{Client, Manner};
use super::host::Input;
use super::oracle::{Deed, Heard};
use super::timeline::letter;
use super::{Happening, World};

impl World {
    /// Adds a client. Answers its number.
    pub fn add_client(&mut self, manner: Manner) -> usize {
        let number = self.clients.len();
        let chance = Purpose::Client(number as u64).chance(self.plan.seed);
        self.clients.push(Client::new(number, manner, chance));
        let starts_at = manner.starts_at.max(self.now);
        self.queue.set(starts_at, Happening::Turn(number, 0));
        number
    }

    /// Starts a client anew.
    pub fn start_client(&mut self, client: usize) {
        self.clients[client].start(self.now);
        self.tell(None, format!("client {client} starts"));
        self.plan_turn(client, std::time::Duration::ZERO);
    }

    /// Has a client cancel, if it lives.
    pub fn cancel(&mut self, client: usize) {
        if self.clients[client].alive {
            self.clients[client].go();
            self.plan_turn(client, std::time::Duration::ZERO);
        }
    }

    /// An operator asks something of a host about a client.
    pub fn operate(&mut self, client: usize, host: usize, ask: Ask) -> Option<Answer> {
        let call = self.clients[client].about(ask);
        self.call(host, &call)
    }

    pub(super) fn turn(&mut self, client: usize, turn: u64) {
        if self.clients[client].turn != turn {
            return;
        }
        if turn == 0 {
            self.start_client(client);
            return;
        }
        let call = self.clients[client].call();
        let server = self.clients[client].server;
        let answer = if self.unreachable.contains(&(client, server)) {
            None
        } else {
            self.call(server, &call)
        };
        let next = self.clients[client].learn(answer, self.hosts.len());
        if let Some(wait) = next {
            self.plan_turn(client, wait);
        }
    }

    fn plan_turn(&mut self, client: usize, wait: std::time::Duration) {
        let turn = self.clients[client].turn;
        self.queue
            .set(self.now + wait, Happening::Turn(client, turn));
    }

    /// Asks something of a host. One that stands still takes it in later, when nobody waits for the answer.
    fn call(&mut self, host: usize, call: &Call) -> Option<Answer> {
        let up = self.hosts[host].as_mut()?;
        if up.frozen(self.now) {
            up.take(self.now, Input::Call(call.clone()));
            self.remember(host, call, None);
            return None;
        }
        let answer = up.call(self.now, call);
        self.remember(host, call, Some(answer));
        self.tend(host);
        Some(answer)
    }

    fn remember(&mut self, host: usize, call: &Call, answer: Option<Answer>) {
        let deed = Deed::of(&call.what);
        if matches!((&call.what, answer), (Ask::Beat(_), Some(Answer::NotFound))) {
            self.judged(host, self.clients[call.client].name(), false);
        }
        let Some(up) = &self.hosts[host] else { return };
        if matches!(answer, None | Some(Answer::Done)) {
            let heard = Heard {
                at: self.now.max(up.frozen_until),
                host,
                start: up.start,
                deed,
                acknowledged: answer.is_some(),
                bonds: self.bonds.of(host).to_vec(),
            };
            self.oracle.remember(call.client, heard);
        }
        if !matches!((&call.what, answer), (Ask::Beat(_), Some(Answer::Done))) {
            let asks = short(&call.what);
            let text = format!(
                "client {} {asks} at {}: {answer:?}",
                call.client,
                letter(host)
            );
            self.tell(Some(host), text);
        }
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
