//! A lease ends when it says: its owner shows nobody for longer, unless a guard or the quota holds it, and it says so.

use std::time::Duration;

use peerage::registry::settings::RegistrySettings;

use super::Broken;
use super::quota::counted;
use crate::world::moment::{Moment, Seen};
use crate::world::oracle::Oracle;
use crate::world::timeline::letter;

const INVARIANT: &str = "a lease ends when it says";
/// Sweeps come every second, relays every quarter of one, and clocks drift.
const SWEPT: Duration = Duration::from_secs(3);

/// The first client that its owner shows for too long.
pub fn kept(moment: &Moment, oracle: &Oracle, numbers: &RegistrySettings) -> Option<Broken> {
    moment.up().find_map(|(host, seen)| {
        let over: Vec<_> = seen
            .shown
            .iter()
            .filter(|(_, listed)| Some(listed.owner) == seen.origin)
            .filter_map(|(client, _)| Some((client, over(moment, oracle, client)?)))
            .collect();
        let free = nobody_ended(moment, oracle, host, numbers);
        let queue = u32::try_from(over.len()).unwrap_or(u32::MAX);
        let (client, over) = over.into_iter().find(|(_, over)| {
            let patience = SWEPT
                + if free {
                    Duration::ZERO
                } else {
                    numbers.quota_window * queue
                };
            moment.at > over.at + patience && undisturbed(moment, host, seen, over)
        })?;
        let (host, since) = (letter(host), over.at.as_secs_f64());
        let text = format!("{host} shows client {client}, whose lease was over at {since:.3} s");
        Some(Broken::new(INVARIANT, moment.at, text))
    })
}

/// Whether an owner has ended nobody for a whole window of the quota, so that it may end one at once.
fn nobody_ended(moment: &Moment, oracle: &Oracle, host: usize, numbers: &RegistrySettings) -> bool {
    let window = moment.at.saturating_sub(numbers.quota_window + SWEPT);
    let mut ends = oracle.since(window).iter();
    !ends.any(|verdict| verdict.host == host && counted(verdict).is_some())
}

/// A lease that is over by the last that anybody heard of its client.
struct Over {
    heard_at: Duration,
    at: Duration,
}

fn over(moment: &Moment, oracle: &Oracle, client: usize) -> Option<Over> {
    let heard_at = oracle.of(client).iter().map(|heard| heard.at).max()?;
    let at = heard_at + moment.clients.get(client)?.lease;
    (at < moment.at).then_some(Over { heard_at, at })
}

/// Whether a host was awake all the time since the client was last heard, and nobody protected anything since its lease
/// was over.
fn undisturbed(moment: &Moment, host: usize, seen: &Seen, over: &Over) -> bool {
    let awake = seen.bond(host).is_some_and(|since| since <= over.heard_at);
    let quiet = moment.protected_at.is_none_or(|at| at <= over.at);
    awake && quiet
}

#[cfg(test)]
mod tests {
    use super::super::testing::{
        SECOND, bound, evicted, heard, moment, oracle, origin, seen, verdict, with_client,
    };
    use super::*;
    use crate::world::host::Counted;
    use crate::world::oracle::{Deed, Verdict};

    /// The client was last heard so long before now, which is 300 s after the beginning.
    fn check(last: u32, change: impl Fn(&mut Moment), broken: bool) {
        check_after(last, change, Vec::new(), broken);
    }

    fn check_after(last: u32, change: impl Fn(&mut Moment), ended: Vec<Verdict>, broken: bool) {
        let owner = Seen {
            origin: Some(origin(0)),
            age: 300 * SECOND,
            ..seen(&[0])
        };
        let mut moment = with_client(moment(&[owner]));
        moment.at = 300 * SECOND;
        change(&mut moment);
        let mut oracle = oracle(&[heard(300 - last, 0, Deed::Beat)]);
        oracle.verdicts = ended;
        let found = kept(&moment, &oracle, &RegistrySettings::DEFAULT);
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn a_lease_that_goes_on_too_long_is_found() {
        check(50, |_| {}, false);
        check(92, |_| {}, false);
        check(94, |_| {}, true);
    }

    #[test]
    fn whoever_has_ended_one_has_the_rest_of_the_window() {
        let busy = |_: &mut Moment| {};
        let ended = || vec![verdict(290, 0, evicted(Counted::default()))];
        check_after(94, busy, ended(), false);
        check_after(160, busy, ended(), true);
    }

    #[test]
    fn protection_a_stall_or_another_owner_excuse() {
        check(
            160,
            |moment| moment.protected_at = Some(290 * SECOND),
            false,
        );
        let stalled = |moment: &mut Moment| {
            let seen = moment.hosts[0].take().unwrap();
            moment.hosts[0] = Some(bound(seen, 0, Some(150 * SECOND)));
        };
        check(160, stalled, false);
        let elsewhere = |moment: &mut Moment| {
            moment.hosts[0].as_mut().unwrap().origin = Some(origin(1));
        };
        check(160, elsewhere, false);
    }
}
