//! How a host starts, and where it lives.

use std::net::SocketAddr;
use std::time::Duration;

use peerage::clock::Timestamp;
use peerage::registry::settings::RegistrySettings;
use peers::identity::Peer;
use peers::node::{Rules, Settings};
use peers::version::{Epoch, NodeId};

use super::flaw::Flaw;
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
    /// How many starts there were before, of any host.
    pub number: u64,
    /// The seed of the run.
    pub seed: u64,
    /// How far its wall clock is ahead, in milliseconds.
    pub clock_off_millis: i64,
    /// Whether it was told of seeds.
    pub seeded: bool,
    /// Times of its node.
    pub rules: Rules,
    /// Numbers of its registry.
    pub registry: RegistrySettings,
    /// What it does wrong.
    pub flaw: Option<Flaw>,
}

pub(super) fn settings(start: &Start, peer: Peer, epoch: Epoch) -> Settings {
    let name = letter(start.host);
    Settings {
        peer,
        url: format!("http://{name}"),
        zone: format!("zone-{name}"),
        name,
        cluster_name: "simulated".to_owned(),
        keys: None,
        epoch,
        wall_at_start: epoch.0,
        seeded: start.seeded,
        rules: start.rules,
    }
}

/// What a wall clock says that is ahead by so many milliseconds.
pub(super) fn wall(now: Duration, off_millis: i64) -> Timestamp {
    Timestamp::from_millis(WALL_AT_BEGIN.saturating_add_signed(off_millis)) + now
}

/// Who the host with this number is.
pub fn peer(host: usize) -> Peer {
    let number = u16::try_from(host).expect("a few hosts");
    Peer {
        node: NodeId(u64::from(number) + 1),
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
