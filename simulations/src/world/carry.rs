//! What goes from host to host: outputs of one become inputs of another.

use std::net::SocketAddr;

use peers::node::{Event, LinkId, Output};

use super::host::{Host, Input};
use super::oracle::Verdict;
use super::start::host_at;
use super::streams::{self, Ground, Streams, Told};
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
        for change in up.changes() {
            self.timeline.tell(self.now, Some(host), change);
        }
        for name in up.evicted() {
            let text = format!("evicts {name}");
            self.timeline.tell(self.now, Some(host), text);
            self.judged(host, name, true);
        }
    }

    /// Remembers that a host held that a client does not live.
    pub(super) fn judged(&mut self, host: usize, name: String, evicted: bool) {
        self.oracle.verdicts.push(Verdict {
            at: self.now,
            host,
            name,
            evicted,
            bonds: self.bonds.of(host).to_vec(),
        });
    }

    fn put(&mut self, host: usize, output: Output) {
        match output {
            Output::Datagram(datagram) => self.send_datagram(host, datagram.to, &datagram.bytes),
            Output::Dial(link, address) => self.dial(host, link, address),
            Output::Send(link, bytes) => {
                if let Some(end) = self.end_of(host, link) {
                    self.on_streams(|streams, ground| streams.send(ground, end, bytes));
                }
            }
            Output::Close(link) => {
                if let Some(end) = self.end_of(host, link) {
                    self.hosts[host].as_mut().and_then(|up| up.unbind(end));
                    self.on_streams(|streams, ground| streams.close(ground, end));
                }
            }
            Output::Event(Event::Answered(..)) => {}
            Output::Event(event) => self
                .timeline
                .tell(self.now, Some(host), format!("{event:?}")),
        }
    }

    fn end_of(&self, host: usize, link: LinkId) -> Option<streams::End> {
        self.hosts[host].as_ref()?.end(link)
    }

    fn send_datagram(&mut self, from: usize, to: SocketAddr, bytes: &[u8]) {
        let to = host_at(to).filter(|to| *to < self.hosts.len());
        let Some(to) = to else { return };
        for delay in self.network.datagram(from, to, &mut self.datagrams) {
            let arrival = Happening::Datagram(to, bytes.to_vec());
            self.queue.set(self.now + delay, arrival);
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
