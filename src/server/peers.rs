//! The part of a server in a cluster: how it starts.
//!
//! Here: sockets, addresses, what the node is told, and who is told by it. Not here: agreement (`::peers`), the bridge
//! (`replication`). What must always hold: nothing is registered before the node hears of writes.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::web::Data;
use peers::identity::Peer;
use peers::keys::Keyring;
use peers::node::{Event, Settings};
use peers::runtime::{self, Admission, Handle, Names, Seed, Sockets, Start};
use peers::snapshot::Snapshot;
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::timeout;
use tracing::warn;

use super::State;
use crate::clock::Timestamp;
use crate::cluster;
use crate::cluster::tell::{Consequence, Teller};
use crate::config::{Advertise, Listen, Loaded, Place};
use crate::replication::Replication;

/// How long the first seed's name may take when only its route is wanted.
const ROUTE_MAX: Duration = Duration::from_secs(2);
/// Where nobody is, by which the route to everybody is found. Nothing is sent there.
const ELSEWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 1);

/// Binds the sockets of peers. None where the usual port is taken and nobody asked for peers: then a second server on
/// one machine is a server of its own.
///
/// # Errors
///
/// If the address was asked for and cannot be bound, in words for whoever started the server.
pub(super) fn bind(loaded: &Loaded, seeds: &[Seed]) -> Result<Option<Sockets>, String> {
    let cluster = &loaded.config.cluster;
    match sockets(cluster.peer_listen) {
        Ok(sockets) => Ok(Some(sockets)),
        Err(error) if seeds.is_empty() && unasked(loaded) => {
            warn!(
                event = "without_peers",
                "no peers: cannot listen for them on {}: {error}; with --peer-listen ADDR:PORT others can join this server",
                cluster.peer_listen
            );
            Ok(None)
        }
        Err(error) => Err(format!(
            "cannot listen for peers on {}: {error}: choose another address with --peer-listen ADDR:PORT",
            cluster.peer_listen
        )),
    }
}

fn unasked(loaded: &Loaded) -> bool {
    let place = loaded.origins.get("cluster.peer-listen");
    place.is_none_or(|place| *place == Place::Default)
}

fn sockets(listen: Listen) -> io::Result<Sockets> {
    match listen {
        Listen::At(address) => Sockets::bind(address),
        Listen::Everywhere { port } => match Sockets::bind((Ipv6Addr::UNSPECIFIED, port).into()) {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                Sockets::bind((Ipv4Addr::UNSPECIFIED, port).into())
            }
            bound => bound,
        },
    }
}

/// Takes part in a cluster from now on.
///
/// # Errors
///
/// If the system does not let the sockets be waited for.
pub(super) async fn start(
    state: &Data<State>,
    sockets: Sockets,
    seeds: Vec<Seed>,
    keys: Option<Keyring>,
    memory: Option<(Duration, Snapshot)>,
) -> Result<(), String> {
    if keys.is_none() && !sockets.address().ip().to_canonical().is_loopback() {
        tell_of_no_proof(sockets.address());
    }
    let address = advertised(state, sockets.address(), seeds.first()).await;
    state.peer_address.get_or_init(|| address);
    let clock = state.clock.clone();
    let start = Start {
        settings: Settings {
            keys,
            ..settings(state, address, !seeds.is_empty())
        },
        sockets,
        seeds,
        names: Names::OfSystem,
        memory,
        admission: Admission {
            networks: state.config.cluster.allow.0.clone(),
            streams_max: super::peer_streams_max(),
        },
        chance: chance(state),
        clock: Arc::new(move || clock.ticks()),
        tell: telling(state),
    };
    // Before the registry takes over what was remembered: none of that is written here.
    let woken = Arc::new(OnceLock::<Handle>::new());
    let wake = woken.clone();
    state.registry.on_write(move || {
        wake.get().into_iter().for_each(Handle::wrote);
    });
    let handle = runtime::start(start, replication(state))
        .map_err(|error| format!("cannot wait for peers on {address}: {error}"))?;
    woken.get_or_init(|| handle.clone()).wrote();
    state.peers.get_or_init(|| handle);
    Ok(())
}

fn tell_of_no_proof(address: SocketAddr) {
    warn!(
        event = "insecure_cluster",
        "peers are heard at {address} without any proof of who they are: whoever reaches that port can read and write the \
         whole registry; give all servers one key with --cluster-key-file"
    );
}

fn settings(state: &State, address: SocketAddr, seeded: bool) -> Settings {
    let (config, origin) = (&state.config, state.registry.origin());
    Settings {
        peer: Peer {
            node: origin.node,
            address,
        },
        name: config.name.clone(),
        zone: config.zone.clone().unwrap_or_default(),
        url: url(state, address),
        cluster_name: config.cluster.name.clone(),
        keys: None,
        epoch: origin.epoch,
        wall_at_start: began(state).as_millis(),
        seeded,
        rules: config.peer_rules(),
    }
}

/// What the wall clock said when the clock was started, which is the beginning of the node's time.
fn began(state: &State) -> Timestamp {
    let ticks = u64::try_from(state.clock.ticks().as_millis()).unwrap_or(u64::MAX);
    Timestamp::from_millis(state.clock.now().as_millis().saturating_sub(ticks))
}

/// Where people and clients find this server: where it listens, or where that is everywhere, where peers reach it.
fn url(state: &State, peer_address: SocketAddr) -> String {
    let listens = state.address.get().copied().unwrap_or(peer_address);
    let ip = match listens.ip().is_unspecified() {
        true => peer_address.ip(),
        false => listens.ip(),
    };
    format!("http://{}/", SocketAddr::new(ip, listens.port()))
}

fn replication(state: &Data<State>) -> Replication {
    let told = state.clone();
    let tell = Arc::new(move |change: &_| told.record(change));
    let answering = state.clone();
    let answer =
        Arc::new(move |question: &[u8], seen: &_| cluster::answer(&answering, seen, question));
    Replication::new(state.registry.clone(), began(state), tell).answering(answer)
}

fn telling(state: &Data<State>) -> runtime::Tell {
    let (state, teller) = (state.clone(), Teller::default());
    Box::new(move |event| {
        if matches!(
            event,
            Event::Up(_) | Event::Down { .. } | Event::EpochTaken(_)
        ) {
            state.to_remember.notify_one();
        }
        if teller.tell(&state, &event) == Consequence::Stop {
            state.stop(&format!(
                "another server goes by the id of this one, {}; give each its own name with --name, and its own \
                 directory with --data-dir if it has one",
                cluster::id(state.registry.origin().node)
            ));
        }
    })
}

fn chance(state: &State) -> ChaCha8Rng {
    ChaCha8Rng::try_from_rng(&mut rand::rngs::SysRng).unwrap_or_else(|error| {
        warn!("no random seed from the system, the time and the name have to do: {error}");
        let origin = state.registry.origin();
        ChaCha8Rng::seed_from_u64(origin.node.0 ^ origin.epoch.0)
    })
}

/// Where other peers reach this server.
async fn advertised(state: &State, bound: SocketAddr, seed: Option<&Seed>) -> SocketAddr {
    match state.config.cluster.advertise {
        Advertise::At(address) if address.port() == 0 => {
            SocketAddr::new(address.ip(), bound.port())
        }
        Advertise::At(address) => address,
        Advertise::Auto if !bound.ip().is_unspecified() => bound,
        Advertise::Auto => SocketAddr::new(own_address(bound, seed).await, bound.port()),
    }
}

/// The address from which this machine reaches the first seed.
async fn own_address(bound: SocketAddr, seed: Option<&Seed>) -> IpAddr {
    let towards = match seed {
        Some(Seed::Host { host, port }) => first_of(host, *port).await,
        Some(Seed::Dns { .. }) | None => None,
    };
    match route(towards.unwrap_or(ELSEWHERE)).await {
        Ok(address) => address.to_canonical(),
        Err(error) => {
            warn!(
                event = "own_address_unknown",
                "cannot tell at which address others reach this server, say it with --advertise: {error}"
            );
            match bound {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            }
        }
    }
}

async fn first_of(host: &str, port: u16) -> Option<SocketAddr> {
    let found = timeout(ROUTE_MAX, lookup_host((host, port))).await;
    found.ok()?.ok()?.next()
}

/// The own address on the way to another. Nothing is sent.
async fn route(to: SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(to).await?;
    Ok(socket.local_addr()?.ip())
}
