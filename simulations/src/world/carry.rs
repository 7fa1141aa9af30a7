//! What goes from host to host: outputs of one become inputs of another.

use std::net::SocketAddr;

use bytes::Bytes;
use peerage::registry::change::{Change, What};
use peers::envelope::DATAGRAM_MAX;
use peers::node::{Blocked, Event, LinkId, Output};
use peers::version::Origin;

use super::fault::{Keys, Memory, Release};
use super::flaw::Flaw;
use super::host::{End, Ender, Host, Input};
use super::moment::client_named;
use super::oracle::{Held, Verdict};
use super::start::host_at;
use super::streams::{self, Ground, Streams, Told};
use super::timeline::Kind;
use super::{Happening, World};

impl World {
    /// Hands something to a host, if it is up, and sees to what it wants done.
    pub(super) fn give(&mut self, host: usize, input: Input) {
        if let Some(up) = &mut self.hosts[host] {
            up.take(self.now, input);
            self.tend(host);
        }
    }

    /// Has something done with streams, and tells hosts what comes of it.
    pub(super) fn on_streams<T>(&mut self, act: impl FnOnce(&mut Streams, &Ground<'_>) -> T) -> T {
        let ground = Ground {
            now: self.now,
            network: &self.network,
            powers: &self.powers,
            reading: &self.reading,
        };
        let done = act(&mut self.streams, &ground);
        for (at, step) in self.streams.steps.drain(..) {
            self.queue.set(at, Happening::Step(step));
        }
        self.tell_hosts();
        done
    }

    /// What streams have to tell goes by the hosts, who may answer on streams again.
    fn tell_hosts(&mut self) {
        for (host, end, told) in std::mem::take(&mut self.streams.told) {
            if let Told::Bytes(bytes) = &told {
                self.timeline.arrived(self.now, host, bytes);
                self.traffic[host].received += bytes.len() as u64;
            }
            self.give(host, Input::Stream(end, told));
        }
    }

    /// Does what a host wants done, and has it woken when it wants to be.
    pub(super) fn tend(&mut self, host: usize) {
        while let Some(output) = self.hosts[host].as_mut().and_then(Host::output) {
            self.put(host, output);
        }
        self.note_changes(host);
        let wake = self.hosts[host].as_mut().and_then(Host::next_wake);
        if let Some(at) = wake {
            self.queue.set(at.max(self.now), Happening::Wake(host));
        }
    }

    fn note_changes(&mut self, host: usize) {
        let Some(up) = &mut self.hosts[host] else {
            return;
        };
        up.was_ready |= up.lists();
        let (changes, ends) = (up.changes(), up.ends());
        for change in changes {
            self.note_change(host, &change);
        }
        for end in ends {
            self.note_end(host, end);
        }
    }

    fn note_change(&mut self, host: usize, change: &Change) {
        self.tally.count(rule(change.what));
        let client = client_named(&change.key.id);
        if let (Some(client), What::Dropped | What::Cancelled | What::Evicted) =
            (client, change.what)
        {
            self.oracle.unlist(host, client, self.now);
        }
        let text = match change.by {
            Some(by) => format!("{change}, by {by:?}"),
            None => change.to_string(),
        };
        self.tell(Some(host), Kind::Change, text);
    }

    fn note_end(&mut self, host: usize, end: End) {
        let (rule, as_what) = match end.by {
            Ender::Owner(_) => ("eviction by the owner", "evicts"),
            Ender::Steward => ("eviction by a steward", "evicts as steward"),
        };
        self.tally.count(rule);
        let name = self.clients.get(end.client).map(super::Client::name);
        let text = format!("{as_what} {}", name.unwrap_or_default());
        self.tell(Some(host), Kind::Evicted, text);
        self.oracle.unlist(host, end.client, self.now);
        self.judged(host, end.client, Held::Evicted(end.by));
    }

    /// Remembers that a host held something against a client.
    pub(super) fn judged(&mut self, host: usize, client: usize, held: Held) {
        let start = self.hosts[host].as_ref().map_or(0, |up| up.start);
        self.oracle.verdicts.push(Verdict {
            at: self.now,
            host,
            start,
            client,
            held,
            bonds: self.bonds.of(host),
        });
    }

    fn put(&mut self, host: usize, output: Output) {
        match output {
            Output::Datagram(datagram) => self.send_datagram(host, datagram.to, &datagram.bytes),
            Output::Dial(link, address) => self.dial(host, link, address),
            Output::Send(link, bytes) => self.send(host, link, bytes),
            Output::Close(link) => {
                if let Some(end) = self.end_of(host, link) {
                    self.hosts[host].as_mut().and_then(|up| up.unbind(end));
                    self.on_streams(|streams, ground| streams.close(ground, end));
                }
            }
            Output::Event(Event::Answered(..) | Event::Met(_)) => {}
            Output::Event(event) => self.heard_of(host, &event),
        }
    }

    /// What a node tells whoever operates it.
    fn heard_of(&mut self, host: usize, event: &Event) {
        let kind = match event {
            Event::Stage(_) | Event::EpochTaken(_) | Event::Left => Kind::Stage,
            Event::Up(_) | Event::Down { .. } | Event::Isolated(_) => Kind::Peer,
            Event::Compared { .. } | Event::Slow(_) | Event::Senseless(_) => Kind::Stream,
            _ => Kind::Other,
        };
        self.tally.count(heard(event));
        self.tell(Some(host), kind, format!("{event:?}"));
        match event {
            Event::EpochTaken(epoch) => {
                self.retire_former(host);
                self.machines[host].took(*epoch);
            }
            // Whoever goes by another's name stops, as the server does.
            Event::Duplicate { .. } => self.leave(host),
            _ => {}
        }
    }

    /// What a host owned by its former epoch it owns by that no longer.
    fn retire_former(&mut self, host: usize) {
        let former = self.machines[host].remembered(Memory::Same);
        let node = self.hosts[host]
            .as_ref()
            .map(|up| up.registry.origin().node);
        if let (Some(epoch), Some(node)) = (former, node) {
            self.oracle.ended.insert(Origin { node, epoch }, self.now);
        }
    }

    fn end_of(&self, host: usize, link: LinkId) -> Option<streams::End> {
        self.hosts[host].as_ref()?.end(link)
    }

    fn send(&mut self, host: usize, link: LinkId, bytes: Bytes) {
        let Some(end) = self.end_of(host, link) else {
            return;
        };
        self.traffic[host].sent += bytes.len() as u64;
        let next = self.hosts[host].as_ref().map(|up| up.release) == Some(Release::Next);
        // What is sealed cannot be added to from outside.
        let next = next && self.plan.keys == Keys::None;
        self.on_streams(|streams, ground| {
            streams.send(ground, end, bytes);
            if next {
                streams.send(ground, end, Bytes::from_static(UNKNOWN_FRAME));
            }
        });
    }

    fn send_datagram(&mut self, from: usize, to: SocketAddr, bytes: &[u8]) {
        let long = self.plan.flaw == Some(Flaw::LongDatagrams);
        let length = bytes.len() + if long { DATAGRAM_MAX } else { 0 };
        let traffic = &mut self.traffic[from];
        traffic.sent += length as u64;
        traffic.datagram_max = traffic.datagram_max.max(length);
        let to = host_at(to).filter(|to| *to < self.hosts.len());
        let Some(to) = to else { return };
        for copy in self.network.datagram(from, to, &mut self.datagrams) {
            let arrival = Happening::Datagram(to, copy.of(bytes));
            self.queue.set(self.now + copy.delay, arrival);
        }
    }

    fn dial(&mut self, from: usize, link: LinkId, to: SocketAddr) {
        let to = host_at(to).filter(|to| *to < self.hosts.len());
        let to = to.expect("only hosts are dialled");
        let end = self.on_streams(|streams, ground| streams.dial(ground, from, to));
        if let Some(up) = &mut self.hosts[from] {
            up.bind(link, end);
        }
    }
}

/// What the next release says after everything: three bytes of a kind that this release does not know.
const UNKNOWN_FRAME: &[u8] = &[3, 0, 0, 0, 200, 1, 2];

/// What rule of ownership brought a change about.
const fn rule(what: What) -> &'static str {
    match what {
        What::Adopted => "adoption",
        What::Refuted => "refutation",
        What::Restated => "restatement",
        What::Dropped => "drop of what others deleted",
        What::Cancelled => "cancel from a peer",
        What::Evicted => "eviction from a peer",
        What::Moved => "lease moved",
        What::Overridden | What::OverrideRemoved | What::OverrideExpired => "override from a peer",
        What::MetadataChanged => "metadata from a peer",
        What::Registered | What::RegisteredAgain => "registration from a peer",
    }
}

/// What kind of thing a node told.
const fn heard(event: &Event) -> &'static str {
    match event {
        Event::Up(_) => "peer up",
        Event::Down { left: true, .. } => "peer left",
        Event::Down { .. } => "peer down",
        Event::Stage(_) => "stage",
        Event::Blocked { what, .. } => match what {
            Blocked::Streams => "TCP named as blocked",
            Blocked::Datagrams => "UDP named as blocked",
            Blocked::Both => "link named as cut",
        },
        Event::Unblocked(_) => "peer reached again",
        Event::Behind(_) => "peer behind",
        Event::Compared { .. } => "compare",
        Event::Differs(_) => "digests differed",
        Event::ForeignCluster { .. } | Event::ForeignProtocol { .. } => "foreigner",
        Event::Senseless(_) => "senseless stream",
        Event::Slow(_) => "peer slow",
        Event::ClockOff { .. } => "clock named as off",
        Event::EpochTaken(_) => "epoch taken",
        Event::Duplicate { .. } => "duplicate name",
        Event::Isolated(true) => "isolation",
        Event::Isolated(false) => "isolation over",
        _ => "other",
    }
}
