//! The server: how it starts and how it stops.

mod state;

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::{HttpServer, web};
use socket2::{Domain, Protocol, Socket, Type};
use tracing::{info, warn};

pub use self::state::State;
use crate::clock::SystemClock;
use crate::config::{Listen, Loaded, show};
use crate::{api, process, tasks};

/// Connections that wait to be accepted.
const BACKLOG: i32 = 4096;
/// Open files that are kept for other things than connections.
const FILES_RESERVED: usize = 64;

/// Serves until it is told to stop.
///
/// # Errors
///
/// If the address cannot be bound, in words for whoever started the server.
pub async fn run(loaded: Loaded) -> Result<(), String> {
    if let Err(error) = process::raise_files_limit() {
        warn!("could not raise the limit of open files: {error}");
    }
    let clock = Arc::new(SystemClock::start());
    tell_where_settings_come_from(&loaded);
    enough_files()?;
    let config = loaded.config;
    let listener = bind(config.listen).map_err(|error| cannot_bind(config.listen, &error))?;
    let address = listener
        .local_addr()
        .map_err(|error| format!("cannot tell the own address: {error}"))?;
    let state = web::Data::new(State::new(config, clock));
    let served =
        serve(&state, listener).map_err(|error| format!("cannot serve on {address}: {error}"))?;
    let tasks = tasks::start(&state);
    state.address.get_or_init(|| address);
    announce(&state, address);
    tasks::until_stopped(&state, served).await;
    tasks.abort();
    info!(event = "stopped", "stopped");
    Ok(())
}

/// Refuses to start where the limit of open files leaves none for connections: it would only fail later, and worse.
fn enough_files() -> Result<(), String> {
    match process::files_max() {
        Some(files) if files <= FILES_RESERVED as u64 => Err(format!(
            "the limit of open files is {files}, of which {FILES_RESERVED} are needed besides connections; \
             raise it, for instance with ulimit -n 4096"
        )),
        _ => Ok(()),
    }
}

fn serve(state: &web::Data<State>, listener: TcpListener) -> io::Result<actix_web::dev::Server> {
    let (http, limits) = (&state.config.http, &state.config.limits);
    let (shared, counted) = (state.clone(), state.clone());
    let workers = http.workers.get();
    // The mark that refuses comes before actix stops accepting, which tells a client nothing.
    let accepted_max = (state.connections.max() + FILES_RESERVED / 2).div_ceil(workers);
    let server = HttpServer::new(move || api::service(shared.clone()))
        .workers(workers)
        .max_connections(accepted_max)
        .keep_alive(http.keep_alive)
        .client_request_timeout(limits.head_timeout)
        .shutdown_timeout(state.config.shutdown.timeout.as_secs().saturating_add(1))
        .on_connect(move |_, connection| counted.connections.admit(connection))
        .disable_signals()
        .listen_auto_h2c(listener)?;
    Ok(server.run())
}

fn bind(listen: Listen) -> io::Result<TcpListener> {
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

fn tell_where_settings_come_from(loaded: &Loaded) {
    match &loaded.file {
        Some(file) => info!(event = "settings", "settings come from {file}"),
        None => info!(event = "settings", "no file of settings, defaults hold"),
    }
    for line in show::spring_warnings(&loaded.spring) {
        warn!(event = "spring_setting", "{line}");
    }
    for (class, count) in show::spring_counts(&loaded.spring) {
        info!(
            event = "spring_settings",
            class = class.name(),
            count,
            "{count} of Spring's keys: {}",
            class.name()
        );
    }
}

fn announce(state: &State, address: SocketAddr) {
    let host = if address.ip().is_unspecified() {
        "localhost".to_owned()
    } else {
        address.ip().to_string()
    };
    let host = if address.is_ipv6() && !address.ip().is_unspecified() {
        format!("[{host}]")
    } else {
        host
    };
    let (version, name, port) = (
        env!("CARGO_PKG_VERSION"),
        &state.config.name,
        address.port(),
    );
    let files = process::files_max().map_or("no".to_owned(), |files| files.to_string());
    let connections = state.connections.max();
    info!(
        event = "limits",
        "limit of open files {files}, hence at most {connections} connections"
    );
    let took = state.clock.now().since(state.started_at).as_millis();
    info!(
        event = "ready", version, name, %address, duration_ms = u64::try_from(took).unwrap_or(u64::MAX),
        "peerage {version} is ready: Eureka at http://{host}:{port}/eureka/, pages at http://{host}:{port}/"
    );
}
