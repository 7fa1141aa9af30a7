//! Clocks that are wrong.

use simulations::world::fault::Memory;
use simulations::world::plan::Plan;

use crate::story::{SECOND, client_at, equal_within, form, keeps_showing, shows};

const HOUR_MILLIS: i64 = 3_600_000;

#[test]
fn a_clock_an_hour_off_loses_no_client_and_brings_none_back() {
    for off in [HOUR_MILLIS, -HOUR_MILLIS] {
        let mut plan = Plan::quiet(1, 3);
        plan.hosts[1].clock.off_millis = off;
        let mut world = form(plan);
        let clients = [0, 1, 2].map(|host| client_at(&mut world, host));
        world.run(SECOND);
        for (client, from) in clients.into_iter().zip([1, 0, 1]) {
            world.clients[client].server = from;
            world.run(10 * SECOND);
            world.cancel(client);
            world.run(5 * SECOND);
            let anywhere = (0..3).any(|host| shows(&world, host, client));
            assert!(
                !anywhere,
                "clock {off}, client {client}:\n{}",
                world.timeline
            );
        }
        let late = client_at(&mut world, 1);
        keeps_showing(&mut world, &[0, 1, 2], late, 30 * SECOND);
        equal_within(&mut world, 5 * SECOND);
        assert!(
            world.timeline.saying("ClockOff").count() > 0,
            "{}",
            world.timeline
        );
    }
}

#[test]
fn a_host_restarted_with_a_clock_that_went_back_joins_and_writes() {
    let mut world = form(Plan::quiet(1, 3));
    let before = client_at(&mut world, 2);
    world.run(10 * SECOND);
    world.crash(2, true);
    world.run(SECOND);
    world.step_clock(2, -HOUR_MILLIS);
    world.restart(2, Memory::Empty);
    assert!(
        world.run_until(30 * SECOND, |world| world.ready(2)),
        "{}",
        world.timeline
    );
    let after = client_at(&mut world, 2);
    world.run(SECOND);
    for host in 0..3 {
        assert!(
            shows(&world, host, before) && shows(&world, host, after),
            "{}",
            world.timeline
        );
    }
    equal_within(&mut world, 10 * SECOND);
}
