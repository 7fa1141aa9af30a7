//! No owner ends more leases in a window than the quota allows, to the integer.

use std::time::Duration;

use peerage::registry::settings::RegistrySettings;

use super::Broken;
use crate::world::host::{Counted, Ender};
use crate::world::oracle::{Held, Oracle, Verdict};
use crate::world::timeline::letter;

const INVARIANT: &str = "the quota holds";

/// The first owner that ended more than it may since then.
pub fn exceeded(since: Duration, oracle: &Oracle, numbers: &RegistrySettings) -> Option<Broken> {
    let ends = oracle.since(since).iter();
    let mut ends = ends.filter_map(|verdict| Some((verdict, counted(verdict)?)));
    ends.find_map(|(verdict, counted)| {
        let ended = ended_in(counted.window, verdict, oracle);
        let owned = counted.owned_at_window.max(1);
        let allowed = owned - owned * usize::from(numbers.share_kept_percent) / 100;
        (ended > allowed).then(|| {
            let host = letter(verdict.host);
            let text = format!("{host} ended {ended} of {owned} in one window, not {allowed}");
            Broken::new(INVARIANT, verdict.at, text)
        })
    })
}

/// What an owner had counted when it ended a lease, if it did.
pub(super) const fn counted(verdict: &Verdict) -> Option<Counted> {
    match verdict.held {
        Held::Evicted(Ender::Owner(counted)) => Some(counted),
        _ => None,
    }
}

/// How many leases the same start of the same host has ended in that window.
fn ended_in(window: u64, like: &Verdict, oracle: &Oracle) -> usize {
    let ends = oracle.verdicts.iter().filter(|verdict| {
        let same = (verdict.host, verdict.start) == (like.host, like.start);
        same && counted(verdict).is_some_and(|counted| counted.window == window)
    });
    ends.count()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, evicted, judged, verdict};
    use super::*;

    fn check(owned: usize, windows: &[u64], broken: bool) {
        let end = |window: &u64| {
            let counted = Counted {
                window: *window,
                owned_at_window: owned,
                ..Counted::default()
            };
            verdict(95, 0, evicted(counted))
        };
        let verdicts: Vec<_> = windows.iter().map(end).collect();
        let numbers = RegistrySettings::DEFAULT;
        let found = exceeded(90 * SECOND, &judged(&verdicts), &numbers);
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn more_than_the_quota_in_one_window_is_found() {
        check(20, &[1, 1, 1], false);
        check(20, &[1, 1, 1, 1], true);
        check(20, &[1, 1, 1, 2], false);
        check(0, &[1], false);
        check(1, &[1, 1], true);
    }
}
