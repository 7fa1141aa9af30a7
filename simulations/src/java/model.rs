//! Java servers under false time and on a false network.
//!
//! Here: [`Model`], one queue of happenings, and what becomes of each. Not here: what a server makes of calls and
//! batches (`server`), clients (`clients`), faults (`faults`), batches on their way (`exchange`). What must always hold:
//! one plan, one run.

use std::collections::BTreeMap;
use std::time::Duration;

use peers::timers::Timers;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::clients::Memory;
use super::exchange::Exchange;
use super::server::{Moment, Reply, Server};
use super::settings::JavaSettings;
use crate::world::calls::Call;
use crate::world::chance::Purpose;
use crate::world::client::Client;
use crate::world::fault::Crowd;
use crate::world::network::{Group, Network};
use crate::world::plan::Plan;
use crate::world::start::WALL_AT_BEGIN;
use crate::world::tally::Tally;
use crate::world::timeline::{Kind, Timeline};

pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// Something that is to happen.
#[derive(Clone, Debug)]
pub(super) enum Happening {
    /// A process starts at a host.
    Start(usize),
    /// Something at a host that was started so often.
    At(usize, u64, Due),
    /// A batch arrives.
    Arrive(u64),
    /// The answer to a batch arrives.
    Answer(u64, Vec<Reply>),
    /// Nobody waits for the answer any longer.
    GiveUp(u64),
    /// A client does what it planned at this turn.
    Turn(usize, u64),
    /// A client reads the list in this life.
    Read(usize, u64),
    /// A fault of the plan begins, or ends.
    Fault(usize, bool),
}

/// Something a server has to do by the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It answers for the first time.
    Serve,
    /// It looks, for the so manieth time, whether it has read another server.
    Sync(u32),
    /// It looks whether a batch for a host is due.
    Pump(usize),
    /// It looks for leases that are over.
    Sweep,
    /// A minute is over.
    Minute,
    /// Readers get anew what is there.
    Cache,
    /// It counts instances.
    Count,
    /// It runs again, or a part of it.
    Thaw,
    /// It has left.
    Gone,
}

/// A machine and the process on it.
#[derive(Debug, Default)]
pub(super) struct Host {
    pub(super) server: Option<Server>,
    /// Whether the process answers; it does not while it boots, or leaves.
    pub(super) serving: bool,
    /// Whether the machine is there, to say that nobody listens.
    pub(super) powered: bool,
    pub(super) leaving: bool,
    pub(super) clock_off_millis: i64,
    pub(super) drift_ppm: i32,
    /// Until when it does nothing at all.
    pub(super) frozen_until: Duration,
    /// Until when it reads nothing from other hosts.
    pub(super) deaf_until: Duration,
    /// Until when nothing is done by the clock.
    pub(super) late_until: Duration,
    /// What lies unread.
    pub(super) unread: Vec<Unread>,
    pub(super) swept: Option<Duration>,
    pub(super) guarded: bool,
    pub(super) sent: u64,
    pub(super) received: u64,
    /// Whether the last batch to each host was answered.
    pub(super) reached: Vec<bool>,
    /// When each pipeline will be looked at.
    pub(super) pumped_at: Vec<Option<Duration>>,
}

/// Something that came while nobody read.
#[derive(Clone, Debug)]
pub(super) enum Unread {
    Call(Call),
    Batch(u64),
}

/// Java servers under false time.
pub(super) struct Model {
    pub(super) now: Duration,
    pub(super) plan: Plan,
    pub(super) settings: JavaSettings,
    pub(super) hosts: Vec<Host>,
    pub(super) clients: Vec<Client>,
    pub(super) memories: Vec<Memory>,
    pub(super) zones: Vec<usize>,
    pub(super) network: Network,
    pub(super) unreachable: BTreeMap<usize, (Crowd, Group)>,
    pub(super) exchange: Exchange,
    pub(super) timeline: Timeline,
    pub(super) tally: Tally,
    pub(super) queue: Timers<Happening>,
    pub(super) wire: ChaCha8Rng,
    starts: u64,
}

impl Model {
    pub(super) fn new(plan: Plan, settings: JavaSettings) -> Self {
        let zones = plan.zones_of_hosts();
        let mut model = Self {
            now: Duration::ZERO,
            settings,
            hosts: plan.hosts.iter().map(|_| Host::default()).collect(),
            clients: Vec::new(),
            memories: Vec::new(),
            network: Network::new(&plan.links, &zones),
            zones,
            unreachable: BTreeMap::new(),
            exchange: Exchange::default(),
            timeline: Timeline::default(),
            tally: Tally::default(),
            queue: Timers::default(),
            wire: Purpose::Streams.chance(plan.seed),
            starts: 0,
            plan,
        };
        model.begin_all();
        model
    }

    fn begin_all(&mut self) {
        for (host, planned) in self.plan.hosts.clone().into_iter().enumerate() {
            let here = &mut self.hosts[host];
            here.clock_off_millis = planned.clock.off_millis;
            here.drift_ppm = planned.clock.drift_ppm;
            here.powered = true;
            match planned.starts_at {
                Duration::ZERO => self.begin_open(host),
                later => self.queue.set(later, Happening::Start(host)),
            }
        }
        for manner in self.plan.clients.clone() {
            self.add_client(manner);
        }
        for (number, planned) in self.plan.faults.clone().into_iter().enumerate() {
            self.queue.set(planned.at, Happening::Fault(number, true));
            if let Some(until) = planned.until {
                self.queue.set(until, Happening::Fault(number, false));
            }
        }
    }

    /// Lets time pass until then.
    pub(super) fn run_until(&mut self, end: Duration) {
        while let Some((at, happening)) = self.queue.pop_due(end) {
            self.now = self.now.max(at);
            self.happen(happening);
        }
        self.now = end;
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Start(host) => self.start(host),
            Happening::At(host, start, due) => self.at(host, start, due),
            Happening::Arrive(batch) => self.arrive(batch),
            Happening::Answer(batch, replies) => self.answer(batch, replies),
            Happening::GiveUp(batch) => self.give_up(batch),
            Happening::Turn(client, turn) => self.turn(client, turn),
            Happening::Read(client, life) => self.read(client, life),
            Happening::Fault(number, true) => self.begin(number),
            Happening::Fault(number, false) => self.end(number),
        }
    }

    /// A process starts, unless one runs. It takes a while until it answers.
    pub(super) fn start(&mut self, host: usize) {
        if self.hosts[host].server.is_none() {
            self.launch(host);
            self.set(host, self.settings.boot, Due::Serve);
        }
    }

    fn launch(&mut self, host: usize) {
        let here = &mut self.hosts[host];
        let start = self.starts;
        self.starts += 1;
        let hosts = self.plan.hosts.len();
        *here = Host {
            server: Some(Server::new(self.settings, start, hosts)),
            powered: true,
            clock_off_millis: here.clock_off_millis,
            drift_ppm: here.drift_ppm,
            sent: here.sent,
            received: here.received,
            reached: vec![true; hosts],
            pumped_at: vec![None; hosts],
            ..Host::default()
        };
        self.tell(Some(host), Kind::Stage, "starts".to_owned());
    }

    /// A server that has long been there when the world begins.
    fn begin_open(&mut self, host: usize) {
        self.launch(host);
        self.hosts[host].serving = true;
        let settings = self.settings;
        let firsts = [settings.eviction_every, MINUTE, settings.count_every];
        let firsts = firsts.map(|every| self.part_of(every));
        self.open_after(host, firsts);
    }

    /// It answers, and reads another server.
    fn serve(&mut self, host: usize) {
        self.hosts[host].serving = true;
        self.tell(Some(host), Kind::Stage, "answers".to_owned());
        self.sync(host, 0);
    }

    fn sync(&mut self, host: usize, tries: u32) {
        let all = self.read_another(host).unwrap_or_default();
        if all.is_empty() && tries < self.settings.sync_retries {
            self.set(host, self.settings.sync_wait, Due::Sync(tries + 1));
            return;
        }
        let (count, at) = (all.len(), self.moment(host));
        if let Some(server) = &mut self.hosts[host].server {
            server.copy(all, at);
        }
        self.tell(
            Some(host),
            Kind::Stage,
            format!("opens with {count} instances"),
        );
        self.open(host);
    }

    fn open(&mut self, host: usize) {
        let settings = self.settings;
        self.open_after(
            host,
            [settings.eviction_every, MINUTE, settings.count_every],
        );
    }

    /// From now on leases end. Three things are done for the first time after so long: looking for those that are over,
    /// counting a minute's heartbeats, and counting instances.
    fn open_after(&mut self, host: usize, firsts: [Duration; 3]) {
        if let Some(server) = &mut self.hosts[host].server {
            server.open();
            server.refresh();
        }
        for (first, due) in firsts
            .into_iter()
            .zip([Due::Sweep, Due::Minute, Due::Count])
        {
            self.set(host, first, due);
        }
        if let Some(every) = self.settings.cache_every {
            let first = self.part_of(every);
            self.set(host, first, Due::Cache);
        }
    }

    /// Servers did not start in the same instant, so what each does every so often is out of step.
    fn part_of(&mut self, every: Duration) -> Duration {
        self.wire.random_range(Duration::ZERO..=every)
    }

    /// What the first of the others that answers lists as up.
    pub(super) fn read_another(
        &mut self,
        host: usize,
    ) -> Option<Vec<(usize, super::leases::Held)>> {
        let others = (0..self.hosts.len()).filter(|other| *other != host);
        let mut others =
            others.filter(|other| self.answers(*other) && self.network.streams(host, *other));
        let other = others.next()?;
        self.hosts[other]
            .server
            .as_mut()
            .map(Server::read_by_servers)
    }

    /// Whether a host answers now.
    pub(super) fn answers(&self, host: usize) -> bool {
        let here = &self.hosts[host];
        here.server.is_some() && here.serving && self.now >= here.frozen_until
    }

    fn at(&mut self, host: usize, start: u64, due: Due) {
        let here = &self.hosts[host];
        if here
            .server
            .as_ref()
            .is_none_or(|server| server.start != start)
        {
            return;
        }
        let late = here.frozen_until.max(here.late_until);
        if self.now < late && due != Due::Thaw {
            self.queue.set(late, Happening::At(host, start, due));
            return;
        }
        match due {
            Due::Serve => self.serve(host),
            Due::Sync(tries) => self.sync(host, tries),
            Due::Pump(to) => self.pump(host, to),
            Due::Sweep => self.sweep(host),
            Due::Minute => self.minute(host),
            Due::Cache => self.cache(host),
            Due::Count => self.count(host),
            Due::Thaw => self.thaw(host),
            Due::Gone => self.gone(host),
        }
    }

    /// Has something done at a host after so much time.
    pub(super) fn set(&mut self, host: usize, after: Duration, due: Due) {
        if let Some(server) = &self.hosts[host].server {
            let then = Happening::At(host, server.start, due);
            self.queue.set(self.now + after, then);
        }
    }

    /// A moment, by the clocks of a host.
    pub(super) fn moment(&self, host: usize) -> Moment {
        let here = &self.hosts[host];
        let millis = i64::try_from(self.now.as_millis()).unwrap_or(i64::MAX);
        let drift = millis / 1000 * i64::from(here.drift_ppm) / 1000;
        let begin = i64::try_from(WALL_AT_BEGIN).unwrap_or(i64::MAX);
        Moment {
            now: self.now,
            wall: begin + millis + drift + here.clock_off_millis,
        }
    }

    pub(super) fn tell(&mut self, whose: Option<usize>, kind: Kind, text: String) {
        self.timeline.tell(self.now, whose, kind, text);
    }
}
