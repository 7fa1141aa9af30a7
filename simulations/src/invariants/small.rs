//! Vectors stay small: a day after the last start they name the origins that are up, or that a live lease names.

use std::time::Duration;

use super::Broken;
use crate::world::moment::Moment;
use crate::world::oracle::Oracle;
use crate::world::timeline::letter;

const INVARIANT: &str = "vectors stay small";
/// A day, and an hour for whoever hears of it later.
const RETIRED_AFTER: Duration = Duration::from_secs(25 * 60 * 60);

/// The first host whose vector names an origin that is long gone.
pub fn grown(moment: &Moment, oracle: &Oracle) -> Option<Broken> {
    let ended = oracle.ended.values().max().copied().unwrap_or_default();
    if moment.at < ended + RETIRED_AFTER {
        return None;
    }
    moment.up().find_map(|(host, seen)| {
        let mut gone = seen.origins.iter().filter(|origin| {
            let named = seen
                .shown
                .iter()
                .any(|(_, listed)| listed.owner == **origin);
            !named && !moment.running.contains(&Some(**origin))
        });
        let origin = gone.next()?;
        let text = format!("{} still counts the writes of {origin}", letter(host));
        Some(Broken::new(INVARIANT, moment.at, text))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, listed, moment, origin, seen, with};
    use super::*;
    use crate::world::moment::Seen;

    /// The second host's start ended at 10 s. The first still names it so long after that.
    fn check(hours: u32, seen: Seen, broken: bool) {
        let mut moment = moment(&[Seen {
            origins: vec![origin(0), origin(1)],
            ..seen
        }]);
        moment.at = 10 * SECOND + hours * 3_600 * SECOND;
        let mut oracle = Oracle::default();
        oracle.ended.insert(origin(1), 10 * SECOND);
        let found = grown(&moment, &oracle);
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn an_origin_that_is_long_gone_is_found_unless_a_lease_names_it() {
        check(24, seen(&[]), false);
        check(26, seen(&[]), true);
        check(26, with(seen(&[]), 3, listed(1, 1)), false);
    }
}
