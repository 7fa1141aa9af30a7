//! A server that joins others which are ready opens its lists only with all that they show.

use super::{Broken, MENDED};
use crate::world::moment::{Moment, Seen};
use crate::world::timeline::letter;

const INVARIANT: &str = "no partial registry";

/// The first host that has opened its lists between the first two of three moments, and lacks in both of the later what
/// a ready one shows in all, with which it was connected. A single moment may be that of a death which is gainsaid.
pub fn opened(first: &Moment, before: &Moment, now: &Moment) -> Option<Broken> {
    now.up().find_map(|(host, seen)| {
        let was = before.same(host, seen)?;
        let opened = was.ready && first.same(host, seen).is_none_or(|first| !first.ready);
        let givers = now.up().filter(|(other, giver)| {
            let ready = first.same(*other, giver).is_some_and(|first| first.ready);
            opened && *other != host && ready && long_connected(now, seen, *other)
        });
        let mut givers = givers.filter_map(|(other, giver)| {
            let had = [first.same(other, giver)?, before.same(other, giver)?];
            let lacked = lacked(had, giver, [was, seen])?;
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
fn lacked(had: [&Seen; 2], giver: &Seen, lacks: [&Seen; 2]) -> Option<usize> {
    let mut listed = giver.shown.iter();
    let (client, _) = listed.find(|(client, _)| {
        let dead = |seen: &Seen| seen.dead.iter().any(|(dead, _)| dead == client);
        let lacked = lacks
            .iter()
            .all(|seen| !seen.shown.has(*client) && !dead(seen));
        lacked && had.iter().all(|had| had.shown.has(*client))
    })?;
    Some(client)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, bound, moment, seen};
    use super::*;

    /// The second host opens with these clients; the first shows client 1 all the time.
    fn check(opens_with: &[usize], change: impl Fn(&mut [Moment; 3]), broken: bool) {
        let closed = Seen {
            ready: false,
            ..seen(opens_with)
        };
        let open = moment(&[seen(&[1]), seen(opens_with)]);
        let mut moments = [moment(&[seen(&[1]), closed]), open.clone(), open];
        change(&mut moments);
        let [first, before, now] = moments;
        let found = opened(&first, &before, &now);
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn a_host_that_opens_with_a_part_is_found() {
        check(&[1], |_| {}, false);
        check(&[], |_| {}, true);
        check(&[], |moments| moments[0].hosts[1] = None, true);
    }

    #[test]
    fn who_was_open_before_or_cut_off_or_had_nobody_to_ask_or_has_it_in_a_moment_is_excused() {
        check(&[], |moments| moments[0].hosts[1] = Some(seen(&[])), false);
        check(&[], |moments| moments[0].hosts[0] = None, false);
        check(&[], |moments| moments[2].hosts[1] = Some(seen(&[1])), false);
        let lately = |moments: &mut [Moment; 3]| {
            moments[2].hosts[1] = Some(bound(seen(&[]), 0, Some(98 * SECOND)));
        };
        check(&[], lately, false);
    }
}
