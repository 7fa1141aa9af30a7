//! `peerage demo`: a cluster to look at.
//!
//! Here: three servers in three zones in one process, and some hundred clients that speak real HTTP to them on
//! shortened timers. Not here: anything a server does; these are servers like any other. What must always hold: what
//! happens to clients is drawn from one seed, which is printed; and all of it ends on Ctrl-C.

mod client;
mod http;
mod life;
mod servers;
mod watch;

use std::io::{self, Write};

use clap::Args;
use rand::rngs::{StdRng, SysRng};
use rand::{RngExt as _, SeedableRng as _};

use self::life::Life;
use self::servers::Servers;
use crate::config::{Config, Filter, LogSettings};

/// What the demo is told.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Demo {
    /// The first of six ports: three for HTTP, then three for peers
    #[arg(long, value_name = "PORT", default_value_t = 8761, value_parser = clap::value_parser!(u16).range(1..=65_530))]
    port_base: u16,
    /// How many clients there are
    #[arg(long, value_name = "COUNT", default_value_t = 240, value_parser = clap::value_parser!(u16).range(3..=3000))]
    clients: u16,
    /// What the clients' fates are drawn from; any if nothing is said
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

/// Runs it until it is interrupted.
///
/// # Errors
///
/// If a port is taken or a server does not start, in words for whoever started the demo.
pub async fn run(demo: Demo) -> Result<(), String> {
    let seed = demo.seed.unwrap_or_else(any_seed);
    let mut servers = Servers::start(demo.port_base).await?;
    say(&greeting(demo, seed));
    let ended = live(&demo, seed, &mut servers).await;
    say("stopping; once more Ctrl-C stops at once");
    tokio::select! {
        () = servers.stop_all() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    ended
}

/// How the log of the servers looks: it tells only of what somebody must act on, since the demo tells of the rest.
pub fn log() -> LogSettings {
    LogSettings {
        filter: Filter::new("error").unwrap_or_else(|_wrong| Filter::info()),
        ..Config::default().log
    }
}

/// One that is short enough to type.
fn any_seed() -> u64 {
    StdRng::try_from_rng(&mut SysRng).map_or(1, |mut chance| chance.random_range(1..10_000))
}

/// The clients and whoever watches them, until Ctrl-C.
async fn live(demo: &Demo, seed: u64, servers: &mut Servers) -> Result<(), String> {
    let addresses = servers.addresses();
    let chance = StdRng::seed_from_u64(seed);
    let mut life = Life::begin(demo.clients.into(), chance, addresses);
    tokio::select! {
        failed = life.go_on(servers) => failed,
        () = watch::tell(addresses) => Ok(()),
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

fn greeting(demo: Demo, seed: u64) -> String {
    let [a, b, c] = [0, 1, 2].map(|place| demo.port_base + place);
    format!(
        "three servers in three zones, {clients} clients that beat every 2 s, seed {seed}

  pages    http://localhost:{a}/   http://localhost:{b}/   http://localhost:{c}/
  cluster  peerage members --addr localhost:{a}
  server   peerage status --addr localhost:{b}
  compare  peerage diff localhost:{a} localhost:{c}
  Eureka   curl -H 'Accept: application/json' localhost:{b}/eureka/apps
  metrics  curl localhost:{c}/metrics
  again    peerage demo --seed {seed}

Ctrl-C stops it.
",
        clients = demo.clients,
    )
}

/// Prints a line. A reader that went away is no failure.
fn say(line: &str) {
    drop(writeln!(io::stdout(), "{line}"));
}
