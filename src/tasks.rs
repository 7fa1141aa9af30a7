//! Background loops, each with its period and the one call it makes, and the end of it all.

use std::time::Duration;

use actix_web::dev::Server;
use actix_web::web::Data;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

use crate::server::State;

const MINUTE: Duration = Duration::from_secs(60);

/// Loops that run until they are aborted.
#[derive(Debug)]
pub(crate) struct Tasks(Vec<JoinHandle<()>>);

impl Tasks {
    pub(crate) fn abort(&self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

/// Starts all loops.
pub(crate) fn start(state: &Data<State>) -> Tasks {
    let mut chance = StdRng::try_from_rng(&mut rand::rngs::SysRng).unwrap_or_else(|error| {
        warn!("no random seed from the system, evictions will be in a fixed order: {error}");
        StdRng::seed_from_u64(0)
    });
    let config = &state.config;
    Tasks(vec![
        every(config.lease.sweep_interval, state, move |state| {
            state.sweep(&mut chance)
        }),
        every(config.delta.prune_interval, state, |state| {
            state.prune_delta()
        }),
        every(MINUTE, state, |state| {
            state.metrics.minute_passed(state.registry.renewals())
        }),
    ])
}

/// Calls `work` every `period`, beginning after the first. Calls never overlap, and those that were missed are not
/// made up for: the work looks at the clock itself.
fn every(
    period: Duration,
    state: &Data<State>,
    mut work: impl FnMut(&State) + Send + 'static,
) -> JoinHandle<()> {
    let state = state.clone();
    tokio::task::spawn_local(async move {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            let state = state.clone();
            let done = tokio::task::spawn_blocking(move || {
                work(&state);
                work
            });
            match done.await {
                Ok(back) => work = back,
                Err(error) => {
                    tracing::error!("a background loop ended: {error}");
                    return;
                }
            }
        }
    })
}

/// Serves until a signal says stop, then lets requests under way finish. A second signal stops at once.
pub(crate) async fn until_stopped(state: &State, server: Server) {
    let handle = server.handle();
    let mut stop = Stop::new();
    let mut serving = tokio::task::spawn_local(server);
    tokio::select! {
        _ = &mut serving => return,
        name = stop.asked() => info!(event = "stopping", "stopping on {name}, requests under way are finished"),
    }
    state.drain();
    tokio::select! {
        () = handle.stop(true) => {}
        () = tokio::time::sleep(state.config.shutdown.timeout) => {
            warn!(event = "stopping_late", "requests are still under way and are cut off");
        }
        name = stop.asked() => {
            warn!(event = "stopping_at_once", "stopping at once on a second {name}");
        }
    }
}

/// The signals that say stop.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn new() -> Self {
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
