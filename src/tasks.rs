//! Background loops, each with its period and the one call it makes.

use std::time::Duration;

use actix_web::web::Data;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tracing::warn;

use crate::api::v1::stream;
use crate::native::drains;
use crate::server::State;

/// How often it is looked whether a drain has come to its end.
const LOOK: Duration = Duration::from_secs(2);
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
    let pump = tokio::task::spawn_local(stream::run(state.clone()));
    let drains = tokio::task::spawn_local(look_at_drains(state.clone()));
    Tasks(vec![
        pump,
        drains,
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

/// Looks for ever how drains come out.
async fn look_at_drains(state: Data<State>) {
    loop {
        sleep(LOOK).await;
        drains::look(&state).await;
    }
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
