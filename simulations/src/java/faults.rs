//! The faults of a plan, as they befall Java servers.
//!
//! Here: what each kind of fault does to the model. What must always hold: a fault that means nothing to Java's servers
//! does nothing: they know no datagrams, no node ids, no epochs and no state on disk.

use std::time::Duration;

use super::model::{Due, Model, Unread};
use crate::world::calls::Ask;
use crate::world::fault::{Crowd, Fault, Stalled};
use crate::world::timeline::Kind;

impl Model {
    pub(super) fn begin(&mut self, number: usize) {
        let planned = self.plan.faults[number];
        self.tell(None, Kind::Fault, planned.fault.to_string());
        self.tally.count(planned.fault.kind());
        let until = planned.until.unwrap_or(Duration::MAX);
        match planned.fault {
            Fault::Cut(cut) => self.network.cut(number, cut),
            Fault::Ill(between, ill) => self.network.ail(number, between, ill),
            Fault::Break(one, other) => self.disconnect(one, other),
            Fault::Crash { host, machine, .. } => self.crash(host, machine),
            Fault::Leave { host, .. } => self.leave(host),
            Fault::Stall { host, what } => self.stall(host, what, until),
            Fault::Step { host, millis } => self.hosts[host].clock_off_millis += millis,
            Fault::Drift { host, ppm } => self.drift(host, ppm),
            _ => self.begin_deed(number, planned.fault),
        }
    }

    /// What befalls clients, or is done about them.
    fn begin_deed(&mut self, number: usize, fault: Fault) {
        match fault {
            Fault::Unreachable { clients, hosts } => {
                self.unreachable.insert(number, (clients, hosts));
            }
            Fault::Silence(clients) => self.each(clients, |model, client| {
                model.clients[client].fall_silent(model.now);
            }),
            Fault::Cancel(clients) => self.each(clients, Self::cancel_client),
            Fault::Register(clients) => self.each(clients, Self::change_client),
            Fault::Reset { clients, millis } => self.each(clients, |model, client| {
                model.clients[client].clock_off_millis += millis;
                model.change_client(client);
            }),
            Fault::Hurry { clients, every } => {
                self.each(clients, |model, client| model.hurry(client, Some(every)));
            }
            Fault::Move { clients, host } => {
                self.each(clients, |model, client| model.clients[client].server = host);
            }
            Fault::Override {
                clients,
                host,
                status,
            } => self.each(clients, |model, client| {
                model.operate(client, host, Ask::Override(Some(status)));
            }),
            Fault::Note { clients, host } => self.each(clients, |model, client| {
                model.operate(client, host, Ask::Note(format!("note {number}")));
            }),
            _ => {}
        }
    }

    pub(super) fn end(&mut self, number: usize) {
        let fault = self.plan.faults[number].fault;
        self.tell(None, Kind::Over, format!("over: {fault}"));
        match fault {
            Fault::Cut(_) | Fault::Ill(..) => self.network.mend(number),
            Fault::Crash {
                host,
                clock_off_millis,
                ..
            } => {
                self.hosts[host].clock_off_millis = clock_off_millis;
                self.start(host);
            }
            Fault::Leave { host, .. } => {
                if self.hosts[host].leaving {
                    self.gone(host);
                }
                self.start(host);
            }
            Fault::Step { host, millis } => self.hosts[host].clock_off_millis -= millis,
            Fault::Drift { host, .. } => self.drift(host, self.plan.hosts[host].clock.drift_ppm),
            Fault::Unreachable { .. } => {
                self.unreachable.remove(&number);
            }
            Fault::Silence(clients) | Fault::Cancel(clients) => {
                self.each(clients, Self::start_client)
            }
            Fault::Hurry { clients, .. } => {
                self.each(clients, |model, client| model.hurry(client, None))
            }
            Fault::Override { clients, host, .. } => self.each(clients, |model, client| {
                model.operate(client, host, Ask::Override(None));
            }),
            _ => {}
        }
    }

    fn each(&mut self, clients: Crowd, act: impl Fn(&mut Self, usize)) {
        let known = self.clients.len();
        clients
            .iter()
            .filter(|client| *client < known)
            .for_each(|client| act(self, client));
    }

    fn crash(&mut self, host: usize, machine: bool) {
        let here = &mut self.hosts[host];
        here.server = None;
        (here.serving, here.leaving, here.powered) = (false, false, !machine);
        here.unread.clear();
        self.tell(Some(host), Kind::Stage, "crashes".to_owned());
    }

    /// It takes no calls any more, and tells the others what waits.
    fn leave(&mut self, host: usize) {
        if self.hosts[host].server.is_some() && !self.hosts[host].leaving {
            self.hosts[host].leaving = true;
            self.tell(Some(host), Kind::Stage, "leaves".to_owned());
            self.set(host, self.settings.leaving, Due::Gone);
        }
    }

    pub(super) fn gone(&mut self, host: usize) {
        self.hosts[host].server = None;
        (self.hosts[host].serving, self.hosts[host].leaving) = (false, false);
        self.tell(Some(host), Kind::Stage, "has left".to_owned());
    }

    fn stall(&mut self, host: usize, what: Stalled, until: Duration) {
        let here = &mut self.hosts[host];
        let held = match what {
            Stalled::All => &mut here.frozen_until,
            Stalled::Reader => &mut here.deaf_until,
            Stalled::Timers => &mut here.late_until,
        };
        *held = until.max(*held);
        self.set(host, until.saturating_sub(self.now), Due::Thaw);
    }

    /// It reads what lies there.
    pub(super) fn thaw(&mut self, host: usize) {
        for unread in std::mem::take(&mut self.hosts[host].unread) {
            match unread {
                Unread::Call(call) => {
                    self.served(host, &call);
                }
                Unread::Batch(number) => self.take_in(number),
            }
        }
        self.look_after(host);
    }

    fn drift(&mut self, host: usize, ppm: i32) {
        let before = self.moment(host).wall;
        self.hosts[host].drift_ppm = ppm;
        self.hosts[host].clock_off_millis += before - self.moment(host).wall;
    }
}
