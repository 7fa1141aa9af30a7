//! A part of the loopback net for each cluster.
//!
//! Here: which address and port is whose. Not here: listening there. What must always hold: no two clusters share an
//! address, and each server sends from one by which it is known.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};

/// The last part of the address of the first server, and of the first stand-in.
const FIRST_SERVER: u8 = 11;
const FIRST_PROXY: u8 = 111;
/// Bound for as long as a cluster lives, so that no other takes its addresses.
const CLAIM: u8 = 250;
const HTTP_PORT: u16 = 8761;
const PEER_PORT: u16 = 8764;
/// Who is no server of the cluster.
const STRANGER: usize = usize::MAX;

/// Loopback addresses that one cluster has for itself.
pub(super) struct Net {
    parts: [u8; 2],
    _claim: TcpListener,
}

impl Net {
    /// One that nobody uses. None where the system has but one loopback address.
    pub(super) fn claim() -> Option<Self> {
        let mut nets = (100..=120).flat_map(|a| (0..=250).map(move |b| [a, b]));
        nets.find_map(|[a, b]| {
            let address = (Ipv4Addr::new(127, a, b, CLAIM), HTTP_PORT);
            let claim = TcpListener::bind(address).ok()?;
            let parts = [a, b];
            Some(Self {
                parts,
                _claim: claim,
            })
        })
    }

    /// Where clients reach a server.
    pub(super) fn http(&self, server: usize) -> SocketAddr {
        self.address(FIRST_SERVER, server, HTTP_PORT)
    }

    /// Where a server hears peers, and sends from.
    pub(super) fn peers(&self, server: usize) -> SocketAddr {
        self.address(FIRST_SERVER, server, PEER_PORT)
    }

    /// Where a server's stand-in hears peers.
    pub(super) fn stand_in(&self, server: usize) -> SocketAddr {
        self.address(FIRST_PROXY, server, PEER_PORT)
    }

    fn address(&self, first: u8, server: usize, port: u16) -> SocketAddr {
        let server = u8::try_from(server).expect("clusters are small");
        let [a, b] = self.parts;
        (Ipv4Addr::new(127, a, b, first + server), port).into()
    }
}

/// Which server sends from this address.
pub(super) fn who(from: SocketAddr) -> usize {
    let IpAddr::V4(ip) = from.ip() else {
        return STRANGER;
    };
    let [.., last] = ip.octets();
    last.checked_sub(FIRST_SERVER).map_or(STRANGER, usize::from)
}
