//! The server: what its parts share, how it starts and how it stops.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use actix_web::{HttpServer, web};
use peers::version::{Epoch, NodeId, Origin};
use socket2::{Domain, Protocol, Socket, Type};
use tracing::{info, warn};

use crate::api::cache::Cache;
use crate::api::{self, Connections, Name};
use crate::clock::{Clock, SystemClock, Timestamp};
use crate::config::{Config, Listen, Loaded, show};
use crate::metrics::Metrics;
use crate::pace::Pace;
use crate::registry::change::{Change, What};
use crate::registry::preservation::Protection;
use crate::registry::{Heartbeat, Registry, Renewal};
use crate::{process, tasks};

/// Connections that wait to be accepted.
const BACKLOG: i32 = 4096;
/// Open files that are kept for other things than connections.
const FILES_RESERVED: usize = 64;

/// What the parts of a server share.
pub struct State {
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The instances.
    pub registry: Registry,
    pub(crate) cache: Cache,
    pub(crate) metrics: Metrics,
    pub(crate) connections: Connections,
    pub(crate) refusals: Pace,
    pub(crate) started_at: Timestamp,
    /// Where it listens, once it does.
    pub(crate) address: OnceLock<SocketAddr>,
    protections: Mutex<Vec<Protection>>,
    draining: AtomicBool,
}

impl State {
    /// A server that has just started, alone.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Self {
        let started_at = clock.now();
        let origin = Origin {
            node: NodeId(name_hash(&config.name)),
            epoch: Epoch(started_at.as_millis()),
        };
        Self {
            registry: Registry::new(config.registry_settings(), origin),
            cache: Cache::new(config.reads.rebuilds_per_second),
            metrics: Metrics::default(),
            connections: Connections::new(connections_max(&config)),
            refusals: Pace::default(),
            started_at,
            address: OnceLock::new(),
            protections: Mutex::default(),
            draining: AtomicBool::new(false),
            config,
            clock,
        }
    }

    /// Whether lists are served. Everything else always is.
    pub fn lists_open(&self) -> bool {
        self.clock.now().since(self.started_at) >= self.config.warm_up.lists_closed_for
    }

    /// Whether this server is about to stop.
    pub fn draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Whether to send clients here.
    pub fn ready(&self) -> bool {
        self.lists_open() && !self.draining()
    }

    pub(crate) fn renew(&self, name: Name<'_>, beat: &Heartbeat) -> Renewal {
        let renewal = self
            .registry
            .renew(name.app, name.id, beat, self.clock.now());
        if matches!(renewal, Renewal::Unknown) {
            self.metrics.renewal_of_nobody();
        }
        renewal
    }

    /// Ends what is over and forgets what is old; to be called every `lease.sweep-interval`.
    pub fn sweep(&self, chance: &mut impl rand::Rng) {
        let swept = self.registry.sweep(self.clock.now(), chance);
        if let Some(gap) = swept.stalled {
            let gap = gap.as_secs_f64();
            warn!(
                event = "stalled",
                "this server did not run for {gap:.1} s, all leases are moved by that"
            );
        }
        swept.evicted.iter().for_each(|change| self.record(change));
        self.metrics.held(swept.held);
        self.tell_protections();
        self.registry.refresh();
    }

    /// Tells of guards that began to protect since the last time, and of those that ended.
    fn tell_protections(&self) {
        let now = self.registry.protections();
        let mut told = self
            .protections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for began in now.iter().filter(|guard| !guard.is_among(&told)) {
            let Protection {
                scope,
                owned,
                silent,
                until,
                ..
            } = began;
            warn!(
                event = "protection_began", %scope, owned, silent, %until,
                "protecting {scope}: {silent} of {owned} leases are silent; nobody is evicted for it until {until}"
            );
        }
        for ended in told.iter().filter(|guard| !guard.is_among(&now)) {
            let scope = &ended.scope;
            info!(event = "protection_ended", %scope, "no longer protecting {scope}");
        }
        *told = now;
    }

    /// Drops old changes from the delta; to be called every `delta.prune-interval`.
    pub fn prune_delta(&self) {
        self.registry.prune_delta(self.clock.now());
        self.registry.refresh();
    }

    /// Counts a change and tells of it. Registering again is what clients do all day, and no news.
    pub(crate) fn record(&self, change: &Change) {
        self.metrics.changed(change.what);
        let (app, id) = (change.key.app.as_str(), &*change.key.id);
        match change.what {
            What::RegisteredAgain => {
                tracing::debug!(event = "registered_again", %app, %id, "{change}")
            }
            what => {
                info!(event = what.code(), %app, %id, status = %change.status, rev = change.revision, "{change}")
            }
        }
    }
}

/// A number for a name, the same on every machine (FNV-1a).
fn name_hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// How many connections there may be: what is set, or what the limit of open files leaves.
fn connections_max(config: &Config) -> usize {
    let set = config.http.max_connections.get();
    let files = process::files_max().and_then(|files| usize::try_from(files).ok());
    files.map_or(set, |files| {
        set.min(files.saturating_sub(FILES_RESERVED).max(1))
    })
}

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

impl State {
    /// From now on clients are sent elsewhere.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }
}
