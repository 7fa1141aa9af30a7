//! The server: how it starts and how it stops.

mod bind;
mod keys;
mod memory;
mod peers;
mod protections;
mod snapshots;
mod stall;
mod state;
mod stop;
mod systemd;
mod taking;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use ::peers::runtime::Seed;
use actix_web::{HttpServer, web};
use tokio::task::JoinHandle;
use tracing::{info, warn};

use self::memory::Memory;
pub(crate) use self::snapshots::Size;
use self::snapshots::Snapshots;
pub use self::state::State;
use self::stop::{Http, Stop};
use self::systemd::Systemd;
pub(crate) use self::taking::Taking;
use crate::clock::{Clock, SystemClock};
use crate::config::{Loaded, show};
use crate::tasks::{self, Tasks};
use crate::{api, process};

/// Open files that are kept for other things than connections.
const FILES_RESERVED: usize = 64;

/// Streams that peers may open, at most: several times what a full mesh of 32 needs.
const PEER_STREAMS_MAX: u64 = 256;
/// Even where files are few, so many are left to peers.
const PEER_STREAMS_MIN: u64 = 16;

/// How many streams peers may open. Strangers may take that part of the open files, and no more.
fn peer_streams_max() -> usize {
    let files = process::files_max().unwrap_or(u64::MAX);
    let share = (files / 8).clamp(PEER_STREAMS_MIN, PEER_STREAMS_MAX);
    usize::try_from(share).unwrap_or(usize::MAX)
}

/// Serves until it is told to stop.
///
/// # Errors
///
/// If it cannot serve, or must not go on, in words for whoever started the server.
pub async fn run(loaded: Loaded) -> Result<(), String> {
    if let Err(error) = process::raise_files_limit() {
        warn!("could not raise the limit of open files: {error}");
    }
    enough_files()?;
    // From the beginning, so that nobody who has read that it serves can stop it out of order.
    let stop = Stop::new();
    tell_where_settings_come_from(&loaded);
    let systemd = Systemd::find();
    let mut running = start(loaded).await?;
    running.heed(&systemd);
    let outcome = running.until_stopped(stop, &systemd).await;
    info!(event = "stopped", "stopped");
    outcome
}

/// A server that serves.
pub struct Running {
    state: web::Data<State>,
    http: Http,
    tasks: Tasks,
    others: Vec<JoinHandle<()>>,
}

/// Starts a server within an actix system, which may run several.
///
/// # Errors
///
/// If an address cannot be bound or the data directory not be used, in words for whoever started the server.
pub async fn start(loaded: Loaded) -> Result<Running, String> {
    start_at(loaded, Arc::new(SystemClock::start())).await
}

/// Starts a server that goes by this clock. All but tests go by the system's.
///
/// # Errors
///
/// As [`start`].
pub async fn start_at(loaded: Loaded, clock: Arc<dyn Clock>) -> Result<Running, String> {
    let mut memory = Memory::recall(&loaded.config, clock.now())?;
    let (listener, address) = bind::bind(loaded.config.listen)?;
    let remembered = snapshots::recall(memory.dir(), &loaded.config, clock.now());
    let seeds = seeds(&loaded, &memory);
    let sockets = peers::bind(&loaded, &seeds)?;
    let keys = keys::read(&loaded.config)?;
    let settings = show::document(&loaded);
    let origin = memory.identity().origin();
    let state = web::Data::new(State::of(origin, loaded.config, clock));
    state.settings.get_or_init(|| settings);
    state.address.get_or_init(|| address);
    memory.begin(&state);
    stall::watch(&state);
    let joining = !seeds.is_empty();
    match sockets {
        Some(sockets) => peers::start(&state, sockets, seeds, keys, remembered).await?,
        None => memory.dir().into_iter().for_each(snapshots::tell_of_none),
    }
    let snapshots = snapshots(&state, &memory);
    let served = serve(&state, listener);
    let served = served.map_err(|error| format!("cannot serve on {address}: {error}"))?;
    let (http, tasks) = (Http::start(served), tasks::start(&state));
    announce(&state, address, joining);
    let others = [memory.keep(&state), snapshots];
    Ok(Running {
        others: others.into_iter().flatten().collect(),
        state,
        http,
        tasks,
    })
}

/// Keeps snapshots of the registry in the data directory, if there is one and a part in a cluster.
fn snapshots(state: &web::Data<State>, memory: &Memory) -> Option<JoinHandle<()>> {
    state.peers.get()?;
    let snapshots = Arc::new(Snapshots::into(memory.shared_dir()?));
    let kept = snapshots.keep(state);
    state.snapshots.get_or_init(|| snapshots);
    Some(kept)
}

/// Where to look for peers: where the settings say, and where they were before.
fn seeds(loaded: &Loaded, memory: &Memory) -> Vec<Seed> {
    let told = &loaded.config.cluster.join.0;
    let known = memory.seeds();
    let known = known.into_iter().filter(|seed| !told.contains(seed));
    told.iter().cloned().chain(known).collect()
}

impl Running {
    /// What the parts of the server share.
    pub fn state(&self) -> &web::Data<State> {
        &self.state
    }

    /// Listens to whoever runs this process, and tells it how the server is.
    fn heed(&mut self, systemd: &Systemd) {
        self.others.extend(keys::follow(&self.state, systemd));
        self.others.extend(systemd.follow(&self.state));
    }

    /// Serves until a signal, or the server itself, says stop.
    ///
    /// # Errors
    ///
    /// If the server itself said stop: why it must not go on.
    async fn until_stopped(self, stop: Stop, systemd: &Systemd) -> Result<(), String> {
        let outcome = stop::until_stopped(&self.state, self.http, stop, systemd).await;
        end(&self.tasks, &self.others);
        outcome
    }

    /// Leaves in order and stops.
    pub async fn stop(self) {
        stop::leave(&self.state, &self.http).await;
        end(&self.tasks, &self.others);
    }
}

fn end(tasks: &Tasks, others: &[JoinHandle<()>]) {
    tasks.abort();
    others.iter().for_each(JoinHandle::abort);
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
    let unread_max = limits.unread_timeout;
    // The mark that refuses comes before actix stops accepting, which tells a client nothing.
    let accepted_max = (state.connections.max() + FILES_RESERVED / 2).div_ceil(workers);
    let server = HttpServer::new(move || api::service(shared.clone()))
        .workers(workers)
        .max_connections(accepted_max)
        .keep_alive(http.keep_alive)
        .client_request_timeout(limits.head_timeout)
        .shutdown_timeout(state.config.shutdown.timeout.as_secs().saturating_add(1))
        .on_connect(move |socket, connection| {
            api::limit_unread(socket, unread_max);
            counted.connections.admit(connection);
        })
        .disable_signals()
        .listen_auto_h2c(listener)?;
    Ok(server.run())
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

/// Tells where it listens. A server that looks for peers is not ready yet; that is told when it is.
fn announce(state: &State, address: SocketAddr, joining: bool) {
    let (version, name) = (env!("CARGO_PKG_VERSION"), &state.config.name);
    let files = process::files_max().map_or("no".to_owned(), |files| files.to_string());
    let connections = state.connections.max();
    info!(
        event = "limits",
        "limit of open files {files}, hence at most {connections} connections"
    );
    let took = state.clock.now().since(state.started_at).as_millis();
    let duration_ms = u64::try_from(took).unwrap_or(u64::MAX);
    let peer_address = state.peer_address.get().map(ToString::to_string);
    let url = format!("http://{}", spoken(address));
    if joining {
        info!(
            event = "joining", version, name, %address, peer_address, duration_ms,
            "peerage {version} looks for its peers: Eureka at {url}/eureka/, pages at {url}/"
        );
    } else {
        info!(
            event = "ready", version, name, %address, peer_address, duration_ms,
            "peerage {version} is ready: Eureka at {url}/eureka/, pages at {url}/"
        );
    }
}

/// An address as people would type it into a browser on this machine.
fn spoken(address: SocketAddr) -> String {
    match address.ip().is_unspecified() {
        true => format!("localhost:{}", address.port()),
        false => address.to_string(),
    }
}
