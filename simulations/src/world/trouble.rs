//! Faults, as they begin and end.

use std::time::Duration;

use super::calls::Ask;
use super::fault::{Crowd, Fault, Keys, Memory, Release, Stalled};
use super::host::Host;
use super::network::Cut;
use super::start::Start;
use super::streams::Power;
use super::timeline::Kind;
use super::{Happening, SECOND, World};

/// How long a host that leaves waits for its clients to go elsewhere.
const GRACE: Duration = Duration::from_secs(3);

impl World {
    /// A fault of the plan begins.
    pub(super) fn begin(&mut self, number: usize) {
        let planned = self.plan.faults[number];
        self.tell(None, Kind::Fault, planned.fault.to_string());
        self.tally.count(planned.fault.kind());
        match planned.fault {
            Fault::Cut(cut) => self.cut(number, cut),
            Fault::Ill(between, ill) => self.network.ail(number, between, ill),
            Fault::Break(one, other) => self.break_streams(one, other),
            Fault::Crash { host, machine, .. } => self.crash(host, machine),
            Fault::Leave { host, .. } => self.leave(host),
            Fault::Stall { host, what } => {
                let until = planned.until.unwrap_or(self.now);
                self.stall(host, what, until.saturating_sub(self.now));
            }
            Fault::Step { host, millis } => self.step_clock(host, millis),
            Fault::Drift { host, ppm } => self.drift(host, ppm),
            Fault::Rekey { host, keys } => self.rekey(host, keys),
            _ => self.begin_deed(number, planned.fault),
        }
    }

    /// What befalls clients, or is done about them.
    fn begin_deed(&mut self, number: usize, fault: Fault) {
        match fault {
            Fault::Unreachable { clients, hosts } => {
                self.unreachable.insert(number, (clients, hosts));
            }
            Fault::Silence(clients) => self.each(clients, Self::silence),
            Fault::Cancel(clients) => self.each(clients, Self::cancel),
            Fault::Register(clients) => self.each(clients, Self::change_client),
            Fault::Reset { clients, millis } => self.each(clients, |world, client| {
                world.clients[client].clock_off_millis += millis;
                world.change_client(client);
            }),
            Fault::Hurry { clients, every } => self.each(clients, |world, client| {
                world.hurry(client, Some(every));
            }),
            Fault::Move { clients, host } => {
                self.each(clients, |world, client| world.clients[client].server = host);
            }
            Fault::Override {
                clients,
                host,
                status,
            } => self.each(clients, |world, client| {
                world.operate(client, host, Ask::Override(Some(status)));
            }),
            Fault::Note { clients, host } => self.each(clients, |world, client| {
                world.operate(client, host, Ask::Note(format!("note {number}")));
            }),
            _ => {}
        }
    }

    /// It ends.
    pub(super) fn end(&mut self, number: usize) {
        let fault = self.plan.faults[number].fault;
        self.tell(None, Kind::Over, format!("over: {fault}"));
        match fault {
            Fault::Cut(_) => self.mend(number),
            Fault::Ill(..) => self.network.mend(number),
            Fault::Crash {
                host,
                memory,
                clock_off_millis,
                ..
            } => {
                self.machines[host].clock_off_millis = clock_off_millis;
                self.restart(host, memory);
            }
            Fault::Leave { host, release } => self.come_back(host, release),
            Fault::Stall { .. } => self.look(),
            Fault::Step { host, millis } => self.step_clock(host, -millis),
            Fault::Drift { host, .. } => self.drift(host, self.plan.hosts[host].clock.drift_ppm),
            Fault::Unreachable { .. } => {
                self.unreachable.remove(&number);
            }
            Fault::Silence(clients) | Fault::Cancel(clients) => {
                self.each(clients, Self::start_client);
            }
            Fault::Hurry { clients, .. } => {
                self.each(clients, |world, client| world.hurry(client, None));
            }
            Fault::Override { clients, host, .. } => self.each(clients, |world, client| {
                world.operate(client, host, Ask::Override(None));
            }),
            Fault::Break(..)
            | Fault::Rekey { .. }
            | Fault::Register(_)
            | Fault::Reset { .. }
            | Fault::Move { .. }
            | Fault::Note { .. } => {}
        }
    }

    fn each(&mut self, clients: Crowd, act: impl Fn(&mut Self, usize)) {
        let known = self.clients.len();
        clients
            .iter()
            .filter(|client| *client < known)
            .for_each(|client| act(self, client));
    }

    /// Cuts the network, under a number by which it is mended.
    pub fn cut(&mut self, number: usize, cut: Cut) {
        self.network.cut(number, cut);
        self.look();
    }

    /// Mends a cut.
    pub fn mend(&mut self, number: usize) {
        self.network.mend(number);
        self.go_on();
    }

    /// Ends a host without a word, and with its machine or not.
    pub fn crash(&mut self, host: usize, machine: bool) {
        if !self.take_down(host) {
            return;
        }
        self.tell(Some(host), Kind::Stage, "crashes".to_owned());
        self.powers[host] = if machine { Power::Off } else { Power::Ended };
        if !machine {
            self.on_streams(|streams, ground| streams.ended(ground, host));
        }
        self.look();
    }

    /// Ends a start of a host, if it runs. Answers whether it did.
    fn take_down(&mut self, host: usize) -> bool {
        let ended = self.hosts[host].take();
        let origin = ended.as_ref().map(|up| up.registry.origin());
        self.oracle
            .ended
            .extend(origin.map(|origin| (origin, self.now)));
        ended.is_some()
    }

    /// Has a host leave: it drains, says goodbye, and ends.
    pub fn leave(&mut self, host: usize) {
        if let Some(up) = self.hosts[host].as_mut().filter(|up| !up.leaving) {
            up.drain(self.now);
            let goodbye = Happening::Goodbye(host, up.start);
            self.queue.set(self.now + GRACE, goodbye);
            self.tend(host);
        }
    }

    pub(super) fn goodbye(&mut self, host: usize) {
        if let Some(up) = &mut self.hosts[host] {
            up.leave(self.now);
            let gone = Happening::Gone(host, up.start);
            self.queue.set(self.now + SECOND, gone);
            self.tend(host);
        }
    }

    /// The process of a host that left ends.
    pub(super) fn run_out(&mut self, host: usize) {
        self.take_down(host);
        self.tell(Some(host), Kind::Stage, "has left".to_owned());
        self.powers[host] = Power::Ended;
        self.on_streams(|streams, ground| streams.ended(ground, host));
        self.look();
    }

    /// Starts a host that left, at once even if it is not quite gone.
    fn come_back(&mut self, host: usize, release: Release) {
        if self.hosts[host].as_ref().is_some_and(|up| up.leaving) {
            self.run_out(host);
        }
        if self.hosts[host].is_none() {
            self.start_host(host, true, Memory::Same, release);
        }
    }

    /// Starts a host that is down.
    pub fn restart(&mut self, host: usize, memory: Memory) {
        if self.hosts[host].is_none() {
            self.start_host(host, true, memory, self.plan.hosts[host].release);
        }
    }

    /// Has a host stand still, or a part of it.
    pub fn stall(&mut self, host: usize, what: Stalled, time: Duration) {
        let until = self.now + time;
        if let Some(up) = &mut self.hosts[host] {
            up.stall(self.now, until, what);
            self.queue.set(until, Happening::Thaw(host));
        }
        self.look();
    }

    /// Has the wall clock of a machine jump.
    pub fn step_clock(&mut self, host: usize, millis: i64) {
        self.machines[host].clock_off_millis += millis;
    }

    /// Has the clock of a machine drift.
    pub fn drift(&mut self, host: usize, ppm: i32) {
        self.machines[host].drift_ppm = ppm;
        if let Some(up) = &mut self.hosts[host] {
            up.drift(self.now, ppm);
            self.tend(host);
        }
    }

    /// Gives other keys to a host.
    pub fn rekey(&mut self, host: usize, keys: Keys) {
        self.machines[host].keys = keys;
        if let Some(up) = &mut self.hosts[host] {
            up.rekey(self.now, keys);
            self.tend(host);
        }
        self.look();
    }

    /// Breaks all streams between two hosts.
    pub fn break_streams(&mut self, one: usize, other: usize) {
        self.on_streams(|streams, _| streams.break_between(one, other));
    }

    /// A host starts for the first time, unless something else had it start before.
    pub(super) fn start_first(&mut self, host: usize) {
        let planned = self.plan.hosts[host];
        if self.hosts[host].is_none() && self.machines[host].starts() == 0 {
            self.start_host(host, planned.seeded, Memory::Empty, planned.release);
        }
    }

    pub(super) fn start_host(
        &mut self,
        host: usize,
        seeded: bool,
        memory: Memory,
        release: Release,
    ) {
        let number = self.starts;
        self.starts += 1;
        let (plan, machine) = (self.plan.clone(), self.machines[host]);
        let start = Start {
            host,
            named: plan.hosts[host].twin_of.unwrap_or(host),
            number,
            seed: plan.seed,
            zone: plan.zones[plan.hosts[host].zone].clone(),
            clock_off_millis: machine.clock_off_millis,
            drift_ppm: machine.drift_ppm,
            seeded,
            remembered: machine.remembered(memory),
            keys: machine.keys,
            release,
            rules: plan.rules,
            registry: plan.registry.clone(),
            flaw: plan.flaw,
        };
        let off = machine.clock_off_millis;
        let text = format!("starts, its clock {off} ms off");
        self.tell(Some(host), Kind::Stage, text);
        let up = Host::new(self.now, &start);
        self.machines[host].started(up.node().origin().epoch);
        let first_sweep = up.when(SECOND);
        self.hosts[host] = Some(up);
        self.powers[host] = Power::On(number);
        self.queue.set(self.now, Happening::Resolve(host, number));
        self.queue.set(first_sweep, Happening::Sweep(host, number));
        self.go_on();
        self.tend(host);
    }

    /// Streams that stood still go on where they can.
    fn go_on(&mut self) {
        self.on_streams(super::streams::Streams::go_on);
        self.look();
    }

    /// Looks again at who is connected with whom.
    pub(super) fn look(&mut self) {
        let up = |host: &Option<Host>, is: fn(&Host, Duration) -> bool| {
            host.as_ref().is_some_and(|host| is(host, self.now))
        };
        let reading = self.hosts.iter().map(|host| up(host, Host::reads));
        self.reading = reading.collect();
        let whole: Vec<bool> = self
            .hosts
            .iter()
            .map(|host| up(host, Host::whole))
            .collect();
        let linked = |one: usize, other: usize| {
            let [keys, others] = [one, other].map(|host| self.machines[host].keys);
            let ways = self.network.streams(one, other) && keys.understands(others);
            whole[one] && whole[other] && ways
        };
        self.bonds.look(self.now, linked);
    }

    pub(super) fn tell(&mut self, whose: Option<usize>, kind: Kind, text: String) {
        self.timeline.tell(self.now, whose, kind, text);
    }
}
