//! Nobody whom a guard should hold is evicted: while more than half of a zone's leases are silent none of that zone, and
//! while more than the threshold allows are silent none at all.
//!
//! Only ends that come sooner after the owner's start than protection may last are judged, since after its limit it
//! gives up those that are still silent.

use std::time::Duration;

use peerage::registry::settings::RegistrySettings;

use super::Broken;
use super::quota::counted;
use crate::world::host::Counted;
use crate::world::moment::Moment;
use crate::world::oracle::{Oracle, Verdict};
use crate::world::timeline::letter;

const INVARIANT: &str = "mass silence ends nobody";
/// A single silent lease is a dead instance, not a sign.
const SILENT_MIN: usize = 2;
/// With fewer leases a server asks the others how theirs are.
const OWNED_FEW: usize = 10;

/// The first end since then of a lease that should have been held.
pub fn ended(
    since: Duration,
    moment: &Moment,
    oracle: &Oracle,
    numbers: &RegistrySettings,
) -> Option<Broken> {
    let ends = oracle.since(since).iter();
    let mut ends = ends.filter_map(|verdict| Some((verdict, counted(verdict)?)));
    let (verdict, counted) = ends.find(|(verdict, counted)| {
        numbers.preservation
            && within_limit(moment, verdict, numbers)
            && alarming(*counted, numbers)
    })?;
    let text = format!(
        "{} ended the lease of client {}, of {} in its zone {} being silent, of all {} {}",
        letter(verdict.host),
        verdict.client,
        counted.zone_owned,
        counted.zone_silent,
        counted.owned,
        counted.silent
    );
    Some(Broken::new(INVARIANT, verdict.at, text))
}

fn within_limit(moment: &Moment, verdict: &Verdict, numbers: &RegistrySettings) -> bool {
    let seen = moment.seen(verdict.host);
    seen.is_some_and(|seen| {
        seen.start == verdict.start && seen.age < numbers.protection_limit_short
    })
}

fn alarming(counted: Counted, numbers: &RegistrySettings) -> bool {
    let Counted {
        owned,
        silent,
        zone_owned,
        zone_silent,
        ..
    } = counted;
    let lost = 100 - usize::from(numbers.share_kept_percent);
    let of_all = owned >= OWNED_FEW && silent >= SILENT_MIN && silent * 100 > owned * lost;
    let of_zone = zone_silent >= SILENT_MIN && zone_silent * 2 > zone_owned;
    of_all || of_zone
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, evicted, judged, moment, seen, verdict};
    use super::*;

    fn check(all: (usize, usize), zone: (usize, usize), broken: bool) {
        let counted = Counted {
            owned: all.0,
            silent: all.1,
            zone_owned: zone.0,
            zone_silent: zone.1,
            ..Counted::default()
        };
        let oracle = judged(&[verdict(95, 0, evicted(counted))]);
        let (moment, numbers) = (moment(&[seen(&[])]), RegistrySettings::DEFAULT);
        let found = ended(90 * SECOND, &moment, &oracle, &numbers);
        assert_eq!(found.is_some(), broken, "{found:?}");
        let late = Moment {
            hosts: vec![None],
            ..moment
        };
        assert_eq!(ended(90 * SECOND, &late, &oracle, &numbers), None);
    }

    #[test]
    fn an_end_in_a_silent_zone_or_crowd_is_found() {
        check((100, 15), (50, 8), false);
        check((100, 16), (50, 8), true);
        check((100, 3), (5, 3), true);
        check((100, 2), (4, 2), false);
        check((3, 1), (1, 1), false);
    }
}
