//! The socket that clients connect to.
//!
//! Here: binding it, and what to say where that fails. Not here: peers' sockets (`peers`).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::config::Listen;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 4096;

/// Listens, and tells at which address.
///
/// # Errors
///
/// If the address cannot be bound, in words for whoever started the server.
pub(super) fn bind(listen: Listen) -> Result<(TcpListener, SocketAddr), String> {
    let listener = first_that_can(listen).map_err(|error| cannot_bind(listen, &error))?;
    let address = listener.local_addr();
    let address = address.map_err(|error| format!("cannot tell the own address: {error}"))?;
    Ok((listener, address))
}

/// IPv6 and IPv4 on one port where every address was asked for, IPv4 alone where there is no IPv6.
fn first_that_can(listen: Listen) -> io::Result<TcpListener> {
    match listen {
        Listen::At(address) => listen_at(address),
        Listen::Everywhere { port } => match listen_at((Ipv6Addr::UNSPECIFIED, port).into()) {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                listen_at((Ipv4Addr::UNSPECIFIED, port).into())
            }
            bound => bound,
        },
    }
}

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn cannot_bind(listen: Listen, error: &io::Error) -> String {
    let advice = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program listens there; stop it, or choose another port with --listen ADDR:PORT"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need privileges; choose another port with --listen ADDR:PORT"
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine does not have that address; choose one it has with --listen ADDR:PORT"
        }
        _ => "choose another address with --listen ADDR:PORT",
    };
    format!("cannot listen on {listen}: {error}: {advice}")
}
