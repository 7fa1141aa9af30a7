//! The two sockets of a node: datagrams and streams at one port.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// How many free ports are tried until one is free for both protocols.
const TRIES_MAX: usize = 32;
/// What the system is asked to hold of datagrams that wait. It may grant less.
const BUFFER_BYTES: usize = 4 << 20;
/// Streams that wait to be accepted.
const BACKLOG: i32 = 128;

/// Where a node listens.
#[derive(Debug)]
pub struct Sockets {
    pub(super) datagrams: UdpSocket,
    pub(super) streams: TcpListener,
    pub(super) address: SocketAddr,
}

impl Sockets {
    /// Binds both protocols to an address. Port 0 takes any that is free for both.
    ///
    /// # Errors
    ///
    /// If the address is taken by others, or is not one of this machine.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let mut bound = Self::bind_both(address);
        let tries = if address.port() == 0 { TRIES_MAX } else { 1 };
        for _ in 1..tries {
            match &bound {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    bound = Self::bind_both(address);
                }
                _ => break,
            }
        }
        bound
    }

    /// Where it listens; with a port that is not 0.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    fn bind_both(address: SocketAddr) -> io::Result<Self> {
        let datagrams = UdpSocket::from(bind(address, Type::DGRAM, Protocol::UDP)?);
        let address = datagrams.local_addr()?;
        let streams = bind(address, Type::STREAM, Protocol::TCP)?;
        streams.listen(BACKLOG)?;
        Ok(Self {
            datagrams,
            streams: streams.into(),
            address,
        })
    }
}

fn bind(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    if kind == Type::STREAM {
        socket.set_reuse_address(true)?;
    } else {
        // Smaller buffers than asked for lose gossip in a burst, which gossip is made for.
        drop(socket.set_recv_buffer_size(BUFFER_BYTES));
        drop(socket.set_send_buffer_size(BUFFER_BYTES));
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// An address as a socket that is bound to `own` has to hear it: one that speaks both kinds of addresses knows the
/// older ones as a part of the newer.
pub(super) fn as_heard_by(own: SocketAddr, to: SocketAddr) -> SocketAddr {
    match (own, to) {
        (SocketAddr::V6(_), SocketAddr::V4(to)) => {
            SocketAddr::new(to.ip().to_ipv6_mapped().into(), to.port())
        }
        _ => to,
    }
}

/// An address as everybody else writes it.
pub(super) fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
