//! Faults, as they begin and end.

use std::time::Duration;

use super::calls::Ask;
use super::fault::Fault;
use super::host::Host;
use super::network::{Cut, Network};
use super::start::Start;
use super::streams::Power;
use super::{Happening, SECOND, World};

/// How long a host that leaves waits for its clients to go elsewhere.
const GRACE: Duration = Duration::from_secs(3);

impl World {
    /// A fault of the plan begins.
    pub(super) fn begin(&mut self, number: usize) {
        let planned = self.plan.faults[number];
        self.tell(None, format!("{}", planned.fault));
        match planned.fault {
            Fault::Cut(cut) => self.cut(number, cut),
            Fault::Crash { host, machine, .. } => self.crash(host, machine),
            Fault::Leave(host) => self.leave(host),
            Fault::Freeze(host) => {
                let until = planned.until.unwrap_or(self.now);
                self.freeze(host, until.saturating_sub(self.now));
            }
            Fault::Loss(share) => (self.network.loss, self.network.twice) = (share, share),
            Fault::Far(millis) => self.network.latency.end = Duration::from_millis(millis.into()),
            Fault::Slow(host, bytes) => self.network.slow(host, Some(bytes)),
            Fault::Break(one, other) => self.break_streams(one, other),
            Fault::Unreachable(client, host) => {
                self.unreachable.insert((client, host));
            }
            Fault::Silence(client) => self.clients[client].fall_silent(),
            Fault::Cancel(client) => self.cancel(client),
            Fault::Override(client, host, status) => {
                self.operate(client, host, Ask::Override(Some(status)));
            }
            Fault::Note(client, host) => {
                self.operate(client, host, Ask::Note(format!("note {number}")));
            }
        }
    }

    /// It ends.
    pub(super) fn end(&mut self, number: usize) {
        let fault = self.plan.faults[number].fault;
        self.tell(None, format!("over: {fault}"));
        match fault {
            Fault::Cut(_) => self.mend(number),
            Fault::Crash {
                host,
                clock_off_millis,
                ..
            } => self.restart(host, clock_off_millis),
            Fault::Leave(host) => self.come_back(host),
            Fault::Freeze(_) => self.look(),
            Fault::Loss(_) => (self.network.loss, self.network.twice) = (0.0, 0.0),
            Fault::Far(_) => self.network.latency = Network::default().latency,
            Fault::Slow(host, _) => self.network.slow(host, None),
            Fault::Unreachable(client, host) => {
                self.unreachable.remove(&(client, host));
            }
            Fault::Silence(client) | Fault::Cancel(client) => self.start_client(client),
            Fault::Override(client, host, _) => {
                self.operate(client, host, Ask::Override(None));
            }
            Fault::Break(..) | Fault::Note(..) => {}
        }
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
        if self.hosts[host].take().is_none() {
            return;
        }
        self.tell(Some(host), "crashes".to_owned());
        self.powers[host] = if machine { Power::Off } else { Power::Ended };
        if !machine {
            self.on_streams(|streams, ground| streams.ended(ground, host));
        }
        self.look();
    }

    /// Has a host leave: it drains, says goodbye, and ends.
    pub fn leave(&mut self, host: usize) {
        if let Some(up) = &mut self.hosts[host] {
            up.drain(self.now);
            let goodbye = Happening::Goodbye(host, up.start);
            self.queue.set(self.now + GRACE, goodbye);
            self.tend(host);
        }
    }

    pub(super) fn goodbye(&mut self, host: usize, start: u64) {
        if let Some(up) = &mut self.hosts[host] {
            up.leave(self.now);
            self.queue
                .set(self.now + SECOND, Happening::Gone(host, start));
            self.tend(host);
        }
    }

    /// The process of a host that left ends.
    pub(super) fn run_out(&mut self, host: usize) {
        self.hosts[host] = None;
        self.tell(Some(host), "has left".to_owned());
        self.powers[host] = Power::Ended;
        self.on_streams(|streams, ground| streams.ended(ground, host));
        self.look();
    }

    /// Starts a host that left, at once even if it is not quite gone.
    fn come_back(&mut self, host: usize) {
        if self.hosts[host].as_ref().is_some_and(|up| up.leaving) {
            self.run_out(host);
        }
        self.restart(host, self.plan.clocks_off_millis[host]);
    }

    /// Starts a host that is down, with an empty memory.
    pub fn restart(&mut self, host: usize, clock_off_millis: i64) {
        if self.hosts[host].is_none() {
            self.start_host(host, clock_off_millis, true);
        }
    }

    /// Has a host stand still, as a machine does that is suspended.
    pub fn freeze(&mut self, host: usize, time: Duration) {
        let until = self.now + time;
        if let Some(up) = &mut self.hosts[host] {
            up.frozen_until = up.frozen_until.max(until);
            self.tell(Some(host), format!("stands still for {time:?}"));
            self.queue.set(until, Happening::Thaw(host));
        }
        self.look();
    }

    /// Breaks all streams between two hosts.
    pub fn break_streams(&mut self, one: usize, other: usize) {
        self.on_streams(|streams, _| streams.break_between(one, other));
    }

    pub(super) fn start_host(&mut self, host: usize, clock_off_millis: i64, seeded: bool) {
        let number = self.starts;
        self.starts += 1;
        let start = Start {
            host,
            number,
            seed: self.plan.seed,
            clock_off_millis,
            seeded,
            rules: self.plan.rules,
            registry: self.plan.registry.clone(),
            flaw: self.plan.flaw,
        };
        self.tell(
            Some(host),
            format!("starts, its clock {clock_off_millis} ms off"),
        );
        self.hosts[host] = Some(Host::new(self.now, &start));
        self.powers[host] = Power::On(number);
        self.queue.set(self.now, Happening::Resolve(host, number));
        self.queue
            .set(self.now + SECOND, Happening::Sweep(host, number));
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
        let runs = |host: usize| {
            let host = self.hosts[host].as_ref();
            host.is_some_and(|host| !host.frozen(self.now))
        };
        let linked = |one, other| runs(one) && runs(other) && self.network.streams(one, other);
        self.bonds.look(self.now, linked);
    }

    pub(super) fn tell(&mut self, whose: Option<usize>, text: String) {
        self.timeline.tell(self.now, whose, text);
    }
}
