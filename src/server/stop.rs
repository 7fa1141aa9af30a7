//! The end of a server.
//!
//! Here: what ends it, and in which order: it is not ready any more, its peers take over, requests under way are
//! finished, what is registered is written down, goodbye is said. What must always hold: alone it is gone within two
//! seconds, with peers within fifteen, but for a last snapshot that is slow to write; and at a second signal at once.

use std::io;
use std::time::Duration;

use actix_web::dev::{Server, ServerHandle};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::{info, warn};

use super::State;
use super::systemd::Systemd;
use crate::plural::counted;

/// How often a server that leaves looks whether anybody still needs it.
const LOOK: Duration = Duration::from_millis(100);

/// The part that serves requests.
pub(super) struct Http {
    handle: ServerHandle,
    serving: JoinHandle<io::Result<()>>,
}

impl Http {
    pub(super) fn start(server: Server) -> Self {
        Self {
            handle: server.handle(),
            serving: tokio::task::spawn_local(server),
        }
    }
}

/// Serves until something says stop, and leaves in order. A second signal stops at once.
///
/// # Errors
///
/// If the server itself said stop: why it must not go on.
pub(super) async fn until_stopped(
    state: &State,
    mut http: Http,
    mut stop: Stop,
    systemd: &Systemd,
) -> Result<(), String> {
    tokio::select! {
        _ = &mut http.serving => return Ok(()),
        name = stop.asked() => info!(event = "stopping", "stopping on {name}, requests under way are finished"),
        reason = state.must_stop() => return give_up(state, &http, reason).await,
    }
    systemd.stopping(&state.config.shutdown);
    tokio::select! {
        () = leave(state, &http) => {}
        name = stop.asked() => {
            warn!(event = "stopping_at_once", "stopping at once on a second {name}");
        }
    }
    Ok(())
}

/// Stops without a word to the peers, which might take it for another's.
async fn give_up(state: &State, http: &Http, reason: String) -> Result<(), String> {
    state.drain();
    finish_requests(state, http).await;
    Err(reason)
}

/// Hands over, finishes requests under way, writes down what is registered, says goodbye.
pub(super) async fn leave(state: &State, http: &Http) {
    state.drain();
    hand_over(state).await;
    finish_requests(state, http).await;
    remember(state).await;
    say_goodbye(state).await;
}

/// Writes down what is registered, for a start of all.
async fn remember(state: &State) {
    if let Some(snapshots) = state.snapshots.get() {
        snapshots.write_last(state).await;
    }
}

async fn finish_requests(state: &State, http: &Http) {
    // They would never finish by themselves.
    state.end_streams();
    let finished = timeout(state.config.shutdown.timeout, http.handle.stop(true)).await;
    if finished.is_err() {
        warn!(
            event = "stopping_late",
            "requests are still under way and are cut off"
        );
    }
}

/// Gives clients and peers time to find each other, if there are any peers.
async fn hand_over(state: &State) {
    let Some(peers) = state.peers.get().filter(|peers| peers.peers_up() > 0) else {
        return;
    };
    peers.drain().await;
    let grace = state.config.shutdown.grace;
    info!(
        event = "handing_over",
        "handing {} over to the peers, for at most {:.1} s",
        counted(state.registry.owned().0, "lease"),
        grace.as_secs_f64()
    );
    // Whoever is left then finds the others alone.
    timeout(grace, unneeded(state)).await.unwrap_or_default();
}

/// Waits until this server keeps no lease any more.
async fn unneeded(state: &State) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while state.registry.owned().0 > 0 {
        looks.tick().await;
    }
}

async fn say_goodbye(state: &State) {
    if let Some(peers) = state.peers.get()
        && !peers.leave().await
    {
        warn!(
            event = "goodbye_unsaid",
            "could not say goodbye to the peers in time; they will find out"
        );
    }
}

/// The signals that say stop. One that comes before it is asked for is remembered.
pub(super) struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    pub(super) fn new() -> Self {
        let listen = |kind| signal(kind).expect("signals can be listened to from within a runtime");
        Self {
            terminate: listen(SignalKind::terminate()),
            interrupt: listen(SignalKind::interrupt()),
        }
    }

    async fn asked(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
