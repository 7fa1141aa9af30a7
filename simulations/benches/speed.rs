//! How many seconds of a world pass in one second, by the number of hosts.
//!
//! Here: quiet clusters with clients that beat; fetches are not rendered, and invariants not asked. `cargo bench -p
//! simulations` runs them all, `cargo bench -p simulations -- 10` one. Not here: what such a figure is good for: ten
//! hosts with a thousand instances are to run 5000 times as fast as time.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use simulations::world::World;
use simulations::world::client::Manner;
use simulations::world::plan::Plan;

/// Hosts, and instances.
const SIZES: [(usize, usize); 5] = [(3, 0), (3, 1_000), (10, 1_000), (50, 1_000), (200, 1_000)];
/// Hosts find each other, and clients register.
const FORMED: Duration = Duration::from_secs(60);
/// A measurement lasts this long, in real time, or longer by one step.
const MEASURED: Duration = Duration::from_secs(4);
/// Time passes in steps of this.
const STEP: Duration = Duration::from_secs(10);

fn main() -> io::Result<()> {
    let only: Option<usize> = std::env::args().find_map(|argument| argument.parse().ok());
    let mut out = io::stdout();
    writeln!(out, "hosts  instances  simulated seconds per second")?;
    for (hosts, instances) in SIZES {
        if only.is_none_or(|only| only == hosts) {
            let speed = measured(hosts, instances);
            writeln!(out, "{hosts:>5}  {instances:>9}  {speed:>12.0}")?;
        }
    }
    Ok(())
}

fn measured(hosts: usize, instances: usize) -> f64 {
    let mut plan = Plan::quiet(1, hosts);
    plan.clients = (0..instances)
        .map(|number| Manner {
            starts_at: Duration::from_millis(30 * number as u64),
            ..Manner::sticky(number % hosts)
        })
        .collect();
    let mut world = World::new(plan);
    world.run(FORMED);
    assert!(world.all_ready(), "a quiet cluster forms within a minute");
    let (began, from) = (now(), world.now);
    while began.elapsed() < MEASURED {
        world.run(STEP);
    }
    (world.now - from).as_secs_f64() / began.elapsed().as_secs_f64()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a benchmark measures how long something takes"
)]
fn now() -> Instant {
    Instant::now()
}
