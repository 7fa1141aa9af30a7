//! No live record whose owner is gone outlives its lease with nobody to act on it: its client beats, or a steward ends
//! it, or it is kept for a stated while, and that is said.

use std::time::Duration;

use super::Broken;
use crate::world::moment::{Moment, Orphans, Seen};
use crate::world::oracle::Oracle;
use crate::world::timeline::letter;

const INVARIANT: &str = "nothing is unowned for ever";
/// A crash is known to all within this.
const NOTICED: Duration = Duration::from_secs(20);
/// How much later each next steward acts.
const STEWARD_STEP: Duration = Duration::from_secs(30);
/// Orphans are kept no longer than this before they are released.
const KEPT_MAX: Duration = Duration::from_secs(3600);
/// Of those that were kept one at least is released every minute.
const RELEASED: Duration = Duration::from_secs(60);

/// The first client that is shown, though its owner is gone, and nobody acts on that. Where so few are left that none is
/// kept any more the next sweep ends them: those that were still kept a few seconds before are excused.
pub fn kept(before: &Moment, moment: &Moment, oracle: &Oracle) -> Option<Broken> {
    let ready = moment.up().filter(|(_, seen)| seen.ready);
    ready.into_iter().find_map(|(host, seen)| {
        let since = quiet_since(moment, seen)?;
        let mut listed = seen.shown.iter();
        let (client, _) = listed.find(|(client, listed)| {
            let gone = oracle.ended.get(&listed.owner).copied();
            let gone = gone.filter(|_| !moment.running.contains(&Some(listed.owner)));
            let was = before.same(host, seen);
            let mut kept = seen
                .orphans
                .iter()
                .chain(was.iter().flat_map(|was| &was.orphans));
            let kept = kept.find(|kept| kept.owner == listed.owner);
            let late = gone
                .is_some_and(|gone| moment.at > deadline(moment, oracle, *client, gone.max(since)));
            late && kept.is_none_or(|kept| outkept(moment, kept))
        })?;
        let host = letter(host);
        let text = format!("{host} shows client {client}, whose owner is gone");
        Some(Broken::new(INVARIANT, moment.at, text))
    })
}

/// Since when everybody who is up is connected with a host, if all are, and nobody is left who stands still.
fn quiet_since(moment: &Moment, seen: &Seen) -> Option<Duration> {
    let stalled = moment.running.iter().zip(&moment.hosts);
    let stalled = stalled.filter(|(running, seen)| running.is_some() && seen.is_none());
    if stalled.count() > 0 {
        return None;
    }
    let mut bonds = moment.up().map(|(other, _)| seen.bond(other));
    bonds.try_fold(Duration::ZERO, |latest, bond| Some(latest.max(bond?)))
}

/// Whether orphans are still there that should have been released by now.
fn outkept(moment: &Moment, kept: &Orphans) -> bool {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let released = RELEASED * count(kept.count) + STEWARD_STEP * count(moment.hosts.len());
    // Those that were many are kept for the longer time, however few are left of them by then.
    kept.lasting > kept.limit.max(KEPT_MAX) + released + NOTICED
}

fn deadline(moment: &Moment, oracle: &Oracle, client: usize, since: Duration) -> Duration {
    let last = oracle.of(client).iter().map(|heard| heard.at).max();
    let lease = moment.clients.get(client).map(|client| client.lease);
    let stewards = u32::try_from(moment.hosts.len()).unwrap_or(u32::MAX);
    since.max(last.unwrap_or_default())
        + NOTICED
        + lease.unwrap_or_default()
        + STEWARD_STEP * stewards
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, bound, heard, moment, oracle, origin, seen, with_client};
    use super::*;
    use crate::world::oracle::Deed;

    /// The owner of the client, the first host, ended at 10 s; now it is 400 s.
    fn check(change: impl Fn(&mut Moment, &mut Oracle), broken: bool) {
        let mut moment = with_client(moment(&[seen(&[]), seen(&[0])]));
        moment.hosts[0] = None;
        moment.running[0] = None;
        moment.at = 400 * SECOND;
        let mut oracle = oracle(&[heard(5, 0, Deed::Beat)]);
        oracle.ended.insert(origin(0), 10 * SECOND);
        change(&mut moment, &mut oracle);
        let found = kept(&Moment::default(), &moment, &oracle);
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn those_that_were_kept_until_a_moment_ago_are_excused() {
        let mut now = with_client(moment(&[seen(&[]), seen(&[0])]));
        (now.hosts[0], now.running[0], now.at) = (None, None, 4_000 * SECOND);
        let mut oracle = oracle(&[heard(5, 0, Deed::Beat)]);
        oracle.ended.insert(origin(0), 10 * SECOND);
        let mut before = now.clone();
        assert!(kept(&before, &now, &oracle).is_some());
        before.hosts[1].as_mut().unwrap().orphans = vec![Orphans {
            owner: origin(0),
            count: 4,
            lasting: 3_900 * SECOND,
            limit: 600 * SECOND,
        }];
        assert_eq!(kept(&before, &now, &oracle), None);
    }

    #[test]
    fn a_client_that_nobody_owns_and_nobody_ends_is_found() {
        check(|_, _| {}, true);
        check(|moment, _| moment.at = 150 * SECOND, false);
        check(|moment, _| moment.running[0] = Some(origin(0)), false);
    }

    #[test]
    fn a_client_that_beats_or_is_kept_for_a_while_or_was_cut_off_is_excused() {
        check(
            |_, oracle| oracle.remember(0, heard(390, 1, Deed::Beat)),
            false,
        );
        let keep = |moment: &mut Moment, _: &mut Oracle| {
            moment.hosts[1].as_mut().unwrap().orphans = vec![Orphans {
                owner: origin(0),
                count: 1,
                lasting: 300 * SECOND,
                limit: 600 * SECOND,
            }];
        };
        check(keep, false);
        let too_long = |moment: &mut Moment, oracle: &mut Oracle| {
            keep(moment, oracle);
            moment.hosts[1].as_mut().unwrap().orphans[0].lasting = 4_000 * SECOND;
        };
        check(too_long, true);
        let lately = |moment: &mut Moment, _: &mut Oracle| {
            let seen = moment.hosts[1].take().unwrap();
            moment.hosts[1] = Some(bound(seen, 1, Some(390 * SECOND)));
        };
        check(lately, false);
    }
}
