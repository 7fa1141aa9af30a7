//! A server that joins others which are ready opens its lists only with all that they show.

use super::{Broken, MENDED};
use crate::world::moment::{Moment, Seen};
use crate::world::timeline::letter;

const INVARIANT: &str = "no partial registry";

/// The first host that has just opened its lists, and lacks what a ready one shows with which it was connected.
pub fn opened(before: &Moment, now: &Moment) -> Option<Broken> {
    now.up().find_map(|(host, seen)| {
        let was = before.same(host, seen);
        let opened = seen.ready && was.is_none_or(|was| !was.ready);
        let givers = now.up().filter(|(other, giver)| {
            let ready = before.same(*other, giver).is_some_and(|was| was.ready);
            opened && *other != host && ready && long_connected(now, seen, *other)
        });
        let mut givers = givers.filter_map(|(other, giver)| {
            let lacked = lacked(before.same(other, giver)?, giver, seen)?;
            Some((other, lacked))
        });
        let (other, client) = givers.next()?;
        let (host, other) = (letter(host), letter(other));
        let text = format!("{host} has opened without client {client}, which {other} shows");
        Some(Broken::new(INVARIANT, now.at, text))
    })
}

fn long_connected(now: &Moment, seen: &Seen, other: usize) -> bool {
    let since = seen.bond(other);
    since.is_some_and(|since| since + MENDED.min(seen.age) <= now.at)
}

/// A client that the giver showed before and shows now, and the other does not, and does not know as dead.
fn lacked(was: &Seen, giver: &Seen, seen: &Seen) -> Option<usize> {
    let mut listed = giver.shown.iter();
    let (client, _) = listed.find(|(client, _)| {
        let dead = seen.dead.iter().any(|(dead, _)| dead == client);
        was.shown.has(*client) && !seen.shown.has(*client) && !dead
    })?;
    Some(client)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, bound, moment, seen};
    use super::*;

    /// The second host opens with these clients; the first shows client 1 all the time.
    fn check(opens_with: &[usize], change: impl Fn(&mut Moment, &mut Moment), broken: bool) {
        let closed = Seen {
            ready: false,
            ..seen(opens_with)
        };
        let mut before = moment(&[seen(&[1]), closed]);
        let mut now = moment(&[seen(&[1]), seen(opens_with)]);
        change(&mut before, &mut now);
        let found = opened(&before, &now);
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn a_host_that_opens_with_a_part_is_found() {
        check(&[1], |_, _| {}, false);
        check(&[], |_, _| {}, true);
        check(&[], |before, _| before.hosts[1] = None, true);
    }

    #[test]
    fn who_was_open_before_or_cut_off_or_had_nobody_to_ask_is_excused() {
        check(&[], |before, _| before.hosts[1] = Some(seen(&[])), false);
        check(&[], |before, _| before.hosts[0] = None, false);
        let lately = |_: &mut Moment, now: &mut Moment| {
            now.hosts[1] = Some(bound(seen(&[]), 0, Some(98 * SECOND)));
        };
        check(&[], lately, false);
    }
}
