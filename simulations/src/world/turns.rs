//! Clients and operators, as they take their turns.

use std::time::Duration;

use peerage::registry::entry::Key;
use peerage::registry::instance::AppName;

use super::calls::{Answer, Ask, Call};
use super::chance::Purpose;
use super::client::{Client, Manner};
use super::host::{Host, Input};
use super::oracle::{Deed, Heard, Held};
use super::streams::Power;
use super::timeline::{Kind, letter};
use super::{Happening, World};

impl World {
    /// Adds a client. Answers its number.
    pub fn add_client(&mut self, manner: Manner) -> usize {
        let number = self.clients.len();
        let chance = Purpose::Client(number as u64).chance(self.plan.seed);
        let zone = self.plan.zones.get(manner.zone);
        let zone = zone.map_or("", String::as_str);
        let client = Client::new(number, manner, zone, chance);
        self.clients.push(client);
        let starts_at = manner.starts_at.max(self.now);
        self.queue.set(starts_at, Happening::Turn(number, 0));
        number
    }

    /// Starts a client, or starts it anew.
    pub fn start_client(&mut self, client: usize) {
        self.clients[client].start(self.now);
        self.tell(None, Kind::Client, format!("client {client} starts"));
        self.plan_turn(client, Duration::ZERO);
        let (life, fetches) = (
            self.clients[client].life,
            self.clients[client].manner.fetches,
        );
        if fetches.is_some() {
            self.queue.set(self.now, Happening::Fetch(client, life));
        }
    }

    /// Has a client die without a word.
    pub fn silence(&mut self, client: usize) {
        self.clients[client].fall_silent(self.now);
    }

    /// Has a client cancel, if it lives.
    pub fn cancel(&mut self, client: usize) {
        if self.clients[client].alive {
            self.clients[client].go();
            self.plan_turn(client, Duration::ZERO);
        }
    }

    /// Has a client register anew, if it lives.
    pub fn change_client(&mut self, client: usize) {
        if self.clients[client].alive {
            self.clients[client].change(self.now);
            self.plan_turn(client, Duration::ZERO);
        }
    }

    /// Has a client beat so often, or as it says.
    pub fn hurry(&mut self, client: usize, every: Option<Duration>) {
        self.clients[client].hurry = every;
        if self.clients[client].alive && every.is_some() {
            self.clients[client].turn += 1;
            self.plan_turn(client, Duration::ZERO);
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
        let answer = if self.reaches(client, server) {
            self.call(server, &call)
        } else {
            None
        };
        let next = self.clients[client].learn(self.now, answer, &self.zones);
        if let Some(wait) = next {
            self.plan_turn(client, wait);
        }
    }

    /// Whether nothing stands between a client and a host.
    pub(super) fn reaches(&self, client: usize, host: usize) -> bool {
        let mut cuts = self.unreachable.values();
        !cuts.any(|(clients, hosts)| clients.has(client) && hosts.has(host))
    }

    /// Whether nothing in the plan ever stands between a client and any host, or has it do anything but beat.
    pub fn unhindered(&self, client: usize) -> bool {
        let mut faults = self.plan.faults.iter();
        !faults.any(|planned| planned.fault.befalls(client))
    }

    fn plan_turn(&mut self, client: usize, wait: Duration) {
        let turn = self.clients[client].turn;
        self.queue
            .set(self.now + wait, Happening::Turn(client, turn));
    }

    /// Asks something of a host. One that stands still for a moment takes it in later, when nobody waits for the answer;
    /// one that does so for longer refuses it then.
    fn call(&mut self, host: usize, call: &Call) -> Option<Answer> {
        let Some(up) = self.hosts[host].as_mut() else {
            let refused = self.powers[host] == Power::Ended;
            return refused.then_some(Answer::Refused);
        };
        if up.frozen(self.now) {
            let short = up.refusing_until < up.frozen_until;
            if short {
                up.take(self.now, Input::Call(call.clone()));
                self.remember(host, call, None, true);
            }
            return None;
        }
        if self.now < up.refusing_until {
            self.tally.count("503 after a stall");
            return Some(Answer::NotNow);
        }
        let (answer, took) = asked(up, self.now, call);
        self.remember(host, call, Some(answer), took);
        self.tend(host);
        Some(answer)
    }

    fn remember(&mut self, host: usize, call: &Call, answer: Option<Answer>, took: bool) {
        let beat = matches!(call.what, Ask::Beat(_));
        self.judge(host, call, answer);
        let Some(up) = &self.hosts[host] else { return };
        if matches!(answer, None | Some(Answer::Done)) {
            let heard = Heard {
                at: self.now.max(up.frozen_until),
                host,
                start: up.start,
                deed: Deed::of(&call.what),
                acknowledged: answer.is_some(),
                took,
                bonds: self.bonds.of(host),
            };
            self.oracle.remember(call.client, heard);
        }
        if !(beat && answer == Some(Answer::Done)) {
            let (asks, host_name) = (short(&call.what), letter(host));
            let told = answer.map_or("no answer", Answer::told);
            let text = format!("client {} {asks} at {host_name}: {told}", call.client);
            self.tell(Some(host), Kind::Client, text);
        }
    }

    /// What an answer holds against a client.
    fn judge(&mut self, host: usize, call: &Call, answer: Option<Answer>) {
        let beat = matches!(call.what, Ask::Beat(_));
        let was_ready = self.hosts[host]
            .as_ref()
            .is_some_and(|up| up.was_ready && !up.leaving);
        match answer {
            Some(Answer::NotFound) if beat => {
                self.tally.count("beat answered by 404");
                self.judged(host, call.client, Held::Unknown);
            }
            Some(Answer::NotNow) if was_ready => self.judged(host, call.client, Held::Refused),
            Some(Answer::NotNow) => self.tally.count("503 while not ready"),
            _ => {}
        }
    }
}

/// Asks a host, and sees whether what it acknowledged is in its registry.
fn asked(up: &mut Host, now: Duration, call: &Call) -> (Answer, bool) {
    if matches!(call.what, Ask::Beat(_)) {
        return (up.call(now, call), true);
    }
    let key = Key {
        app: AppName::new(&call.app),
        id: call.id.as_str().into(),
    };
    let before = up.registry.stored(&key);
    let answer = up.call(now, call);
    let after = up.registry.stored(&key);
    let (shown, overridden) = (
        after.as_deref().map(|entry| entry.record().status()),
        after
            .as_deref()
            .and_then(|entry| entry.record().overridden()),
    );
    let versions = |entry: &peerage::registry::entry::Entry| {
        let record = entry.record();
        let overriding = record.overriding.as_ref();
        (
            record.body.version,
            record.lease.version,
            overriding.map(|held| held.version),
            record.live(),
        )
    };
    let (before, after) = (
        before.as_deref().map(versions),
        after.as_deref().map(versions),
    );
    let grown = |register: fn(&Versions) -> Option<peers::version::Version>| {
        after.as_ref().and_then(register) > before.as_ref().and_then(register)
    };
    let took = match call.what {
        Ask::Register(_) => after.is_some_and(|(.., live)| live),
        Ask::Cancel => after.is_none_or(|(.., live)| !live),
        Ask::Override(Some(status)) => shown == Some(status) || grown(|held| held.2),
        Ask::Override(None) => overridden.is_none() || grown(|held| held.2),
        Ask::Note(_) => grown(|held| Some(held.0)),
        Ask::Beat(_) => true,
    };
    (answer, took)
}

/// The versions of body, lease and override, and whether the lease is live.
type Versions = (
    peers::version::Version,
    peers::version::Version,
    Option<peers::version::Version>,
    bool,
);

impl Answer {
    /// For people.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotFound => "404",
            Self::Outdated => "404, register again",
            Self::NotNow => "503",
            Self::Refused => "nobody listens",
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
