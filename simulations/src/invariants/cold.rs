//! In a cold start of all no list is shorter than what clients register within two intervals.
//!
//! Judged are starts in which nothing stood between the hosts. A list that opens before all servers have waited for two
//! intervals says that nobody called, so no client that lives may be missing in it; later none that has lived for two
//! intervals. A server that has waited as long as it may opens with what it has; younger ones that open in the same moment
//! may have it from the oldest.

use std::time::Duration;

use peers::node::Rules;

use super::Broken;
use crate::world::moment::{Known, Moment, Seen};
use crate::world::timeline::letter;

const INVARIANT: &str = "an honest cold start";
/// Starting and connecting takes so long.
const STARTED: Duration = Duration::from_secs(3);

/// The first host that has just opened its lists, nobody being ready, and lacks a client that lives. `reached` says
/// which clients reach every host.
pub fn opened(
    before: &Moment,
    now: &Moment,
    rules: &Rules,
    reached: impl Fn(usize) -> bool,
) -> Option<Broken> {
    let was_cold = !before.up().any(|(_, seen)| seen.ready);
    let all_up = now.hosts.iter().all(Option::is_some);
    if !(was_cold && all_up) {
        return None;
    }
    let oldest = now
        .up()
        .filter(|(_, seen)| seen.ready)
        .map(|(_, seen)| seen.age)
        .max();
    now.up().find_map(|(host, seen)| {
        let first = seen.ready && Some(seen.age) == oldest;
        let judged = first && !waited(seen, rules) && undisturbed(now, host, seen);
        let mut clients = now.clients.iter().enumerate();
        let lacked = clients.find(|(number, client)| {
            judged && due(now, seen, client, rules) && reached(*number) && !seen.shown.has(*number)
        });
        let (_, client) = lacked?;
        let text = format!("{} has opened without {}", letter(host), client.name);
        Some(Broken::new(INVARIANT, now.at, text))
    })
}

fn waited(seen: &Seen, rules: &Rules) -> bool {
    seen.age + STARTED >= rules.join_wait + rules.collect_max
}

/// Whether a host has been connected with all for as long as it runs.
fn undisturbed(now: &Moment, host: usize, seen: &Seen) -> bool {
    let began = now.at.saturating_sub(seen.age) + STARTED;
    let mut bonds = now.up().map(|(other, _)| seen.bond(other));
    let connected = bonds.all(|bond| bond.is_some_and(|since| since <= began));
    connected && seen.bond(host).is_some()
}

/// Whether a client lives, and has had time to register.
fn due(now: &Moment, seen: &Seen, client: &Known, rules: &Rules) -> bool {
    let early = seen.age < rules.join_wait + rules.collect_min;
    let intervals = if early { 0 } else { 2 };
    let settled = client.since + client.interval * intervals + STARTED <= now.at;
    client.alive && settled
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, bound, moment, seen, with_client};
    use super::*;

    /// A host opens after so long with these clients; one client lives since the world began.
    #[test]
    fn a_list_that_opens_early_has_all_who_live() {
        let lately = |now: &mut Moment| now.clients[0].since = 60 * SECOND;
        check(80, &[], lately, true);
        check(95, &[], lately, false);
    }

    fn check(age: u32, clients: &[usize], change: impl Fn(&mut Moment), broken: bool) {
        let closed = Seen {
            ready: false,
            ..seen(&[])
        };
        let before = moment(&[closed.clone(), closed.clone()]);
        let opening = Seen {
            age: age * SECOND,
            ..seen(clients)
        };
        let mut now = with_client(moment(&[opening, closed]));
        change(&mut now);
        let found = opened(&before, &now, &Rules::default(), |_| true);
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn a_list_without_one_who_lives_is_found() {
        check(90, &[0], |_| {}, false);
        check(90, &[], |_| {}, true);
    }

    #[test]
    fn newcomers_cuts_and_long_waits_excuse() {
        check(95, &[], |now| now.clients[0].since = 60 * SECOND, false);
        check(400, &[], |_| {}, false);
        let cut = |now: &mut Moment| {
            let seen = now.hosts[0].take().unwrap();
            now.hosts[0] = Some(bound(seen, 1, Some(50 * SECOND)));
        };
        check(90, &[], cut, false);
        check(90, &[], |now| now.hosts[1] = None, false);
    }
}
