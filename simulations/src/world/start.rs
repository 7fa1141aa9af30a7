//! How a host starts, and where it lives.

use std::net::SocketAddr;
use std::time::Duration;

use peerage::clock::Timestamp;
use peerage::registry::settings::RegistrySettings;
use peers::identity::Peer;
use peers::node::{Rules, Settings};
use peers::version::{Epoch, NodeId};

use super::fault::{Keys, Memory, Release};
use super::flaw::Flaw;
use super::plan::HostPlan;
use super::streams::End;
use super::timeline::letter;

/// The wall clock of every host whose clock is right, when the world begins.
pub const WALL_AT_BEGIN: u64 = 1_700_000_000_000;
const FIRST_PORT: u16 = 10_000;

/// How a host starts.
#[derive(Clone, Debug)]
pub struct Start {
    /// Which host it is.
    pub host: usize,
    /// By whose node id it goes.
    pub named: usize,
    /// How many starts there were before, of any host.
    pub number: u64,
    /// The seed of the run.
    pub seed: u64,
    /// What its zone is called.
    pub zone: String,
    /// How far its wall clock is ahead, in milliseconds.
    pub clock_off_millis: i64,
    /// By how many microseconds a second its clock runs too fast.
    pub drift_ppm: i32,
    /// Whether it was told of seeds.
    pub seeded: bool,
    /// The epoch that it remembers.
    pub remembered: Option<Epoch>,
    /// The cluster's keys that it has.
    pub keys: Keys,
    /// Which release it runs.
    pub release: Release,
    /// Times of its node.
    pub rules: Rules,
    /// Numbers of its registry.
    pub registry: RegistrySettings,
    /// What it does wrong.
    pub flaw: Option<Flaw>,
}

impl Start {
    /// What its wall clock says.
    pub fn wall(&self, now: Duration) -> Timestamp {
        Timestamp::from_millis(WALL_AT_BEGIN.saturating_add_signed(self.clock_off_millis)) + now
    }
}

/// What a machine keeps while its server does not run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine {
    /// How far its wall clock is ahead, in milliseconds.
    pub clock_off_millis: i64,
    /// By how many microseconds a second its clocks run too fast.
    pub drift_ppm: i32,
    /// The cluster's keys that it has.
    pub keys: Keys,
    /// The epoch of the last start, and that of the one before.
    epochs: [Option<Epoch>; 2],
    starts: u64,
}

impl Machine {
    /// A machine as planned.
    pub const fn of(plan: &HostPlan, keys: Keys) -> Self {
        Self {
            clock_off_millis: plan.clock.off_millis,
            drift_ppm: plan.clock.drift_ppm,
            keys,
            epochs: [None; 2],
            starts: 0,
        }
    }

    /// How often its server was started.
    pub const fn starts(&self) -> u64 {
        self.starts
    }

    /// A server starts, and writes down by which epoch it goes.
    pub const fn started(&mut self, epoch: Epoch) {
        self.starts += 1;
        self.epochs = [Some(epoch), self.epochs[0]];
    }

    /// It goes by another one from now on, and writes that down.
    pub const fn took(&mut self, epoch: Epoch) {
        self.epochs[0] = Some(epoch);
    }

    /// What there is to be read of that.
    pub const fn remembered(&self, memory: Memory) -> Option<Epoch> {
        match memory {
            Memory::Empty => None,
            Memory::Same => self.epochs[0],
            Memory::Old => self.epochs[1],
        }
    }
}

pub(super) fn settings(start: &Start, wall: Timestamp) -> Settings {
    let name = letter(start.host);
    let after = start.remembered.map_or(0, |epoch| epoch.0 + 1);
    Settings {
        peer: Peer {
            node: node_id(start.named),
            ..peer(start.host)
        },
        url: format!("http://{name}"),
        zone: start.zone.clone(),
        name,
        cluster_name: "simulated".to_owned(),
        keys: start.keys.ring(),
        epoch: Epoch(wall.as_millis().max(after)),
        wall_at_start: wall.as_millis(),
        seeded: start.seeded,
        rules: start.rules,
    }
}

fn node_id(host: usize) -> NodeId {
    NodeId(host as u64 + 1)
}

/// Which host goes by a node id, twins aside.
pub fn host_of(node: NodeId) -> Option<usize> {
    usize::try_from(node.0.checked_sub(1)?).ok()
}

/// Who the host with this number is.
pub fn peer(host: usize) -> Peer {
    let number = u16::try_from(host).expect("a few hosts");
    Peer {
        node: node_id(host),
        address: SocketAddr::from(([127, 0, 0, 1], FIRST_PORT + number)),
    }
}

/// Which host lives at an address.
pub fn host_at(address: SocketAddr) -> Option<usize> {
    address.port().checked_sub(FIRST_PORT).map(usize::from)
}

pub(super) fn ephemeral_port(end: End) -> u16 {
    let number = u16::try_from(end.stream % 20_000).expect("less than 20 000");
    40_000 + number
}
