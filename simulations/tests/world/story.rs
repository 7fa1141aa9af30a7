//! What stories begin with, and what they ask.

use std::time::Duration;

use peerage::registry::status::Status;
use simulations::invariants::equal::apart;
use simulations::world::World;
use simulations::world::client::Manner;
use simulations::world::network::{Between, Cut, Group, Ill};
use simulations::world::plan::Plan;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MILLI: Duration = Duration::from_millis(1);

/// So many hosts that are all ready.
pub(crate) fn formed(hosts: usize) -> World {
    form(Plan::quiet(1, hosts))
}

/// The hosts of a plan, once they are all ready.
pub(crate) fn form(plan: Plan) -> World {
    let mut world = World::new(plan);
    let ready = world.run_until(30 * SECOND, World::all_ready);
    assert!(ready, "not ready after half a minute:\n{}", world.timeline);
    world
}

/// Adds a client that stays with a host, and has it registered.
pub(crate) fn client_at(world: &mut World, host: usize) -> usize {
    let client = world.add_client(Manner::sticky(host).beating(5));
    world.run(MILLI);
    assert!(shows(world, host, client), "{}", world.timeline);
    client
}

/// Whether a host lists a client.
pub(crate) fn shows(world: &World, host: usize, client: usize) -> bool {
    status(world, host, client).is_some()
}

/// In which status a host lists a client.
pub(crate) fn status(world: &World, host: usize, client: usize) -> Option<Status> {
    let name = world.clients[client].name();
    world.shown_at(host).get(&name).copied()
}

/// Lets time pass, and checks every half second that all these hosts list a client.
pub(crate) fn keeps_showing(world: &mut World, hosts: &[usize], client: usize, time: Duration) {
    let end = world.now + time;
    while world.now < end {
        world.run(SECOND / 2);
        for host in hosts {
            assert!(
                shows(world, *host, client),
                "host {host}:\n{}",
                world.timeline
            );
        }
    }
}

/// Lets time pass until all who are up are equal, at most so much.
pub(crate) fn equal_within(world: &mut World, most: Duration) {
    let equal = world.run_until(most, |world| apart(&world.moment()).is_none());
    let apart = apart(&world.moment());
    assert!(equal, "{apart:?}\n{}", world.timeline);
}

/// Cuts two groups of hosts apart.
pub(crate) fn cut(world: &mut World, one: u64, other: u64) {
    world.cut(0, Cut::between(Group::bits(one), Group::bits(other)));
}

/// The streams of a host carry so many bytes per second.
pub(crate) fn slow(world: &mut World, host: usize, bytes_per_second: u64) {
    let between = Between::around(Group::one(host), world.hosts.len());
    world
        .network
        .ail(SLOW, between, Ill::Slow(bytes_per_second));
}

/// The number by which that would be mended.
const SLOW: usize = 99;

/// Mends the cut.
pub(crate) fn heal(world: &mut World) {
    world.mend(0);
}
