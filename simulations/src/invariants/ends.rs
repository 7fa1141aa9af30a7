//! Protection ends: no guard, and no isolation, outlives its limit.

use std::time::Duration;

use peerage::registry::settings::RegistrySettings;

use super::Broken;
use crate::world::moment::{Moment, Seen};
use crate::world::timeline::letter;

const INVARIANT: &str = "protection ends";
/// Sweeps come every second, and a host that stood still has to make its first.
const SWEPT: Duration = Duration::from_secs(3);
/// The longest a server may think that it has lost the others.
const ISOLATED_MAX: Duration = Duration::from_secs(60 * 60);

/// The first host that protects for too long.
pub fn outlasted(moment: &Moment, numbers: &RegistrySettings) -> Option<Broken> {
    moment.up().find_map(|(number, seen)| {
        let awake = seen.bond(number)? + SWEPT <= moment.at;
        let (what, lasting) = awake.then(|| too_long(seen, numbers)).flatten()?;
        let (host, lasting) = (letter(number), lasting.as_secs());
        let text = format!("{host} has protected {what} for {lasting} s");
        Some(Broken::new(INVARIANT, moment.at, text))
    })
}

fn too_long(seen: &Seen, numbers: &RegistrySettings) -> Option<(String, Duration)> {
    let most = numbers
        .protection_limit_long
        .max(numbers.protection_limit_short)
        + SWEPT;
    let held = seen.protections.iter();
    let mut held = held.map(|held| (held.scope.clone(), held.lasting));
    let isolated = seen
        .isolated_for
        .map(|lasting| ("what it had before it was alone".to_owned(), lasting));
    held.find(|(_, lasting)| *lasting > most)
        .or_else(|| isolated.filter(|(_, lasting)| *lasting > ISOLATED_MAX + SWEPT))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, bound, moment, seen};
    use super::*;
    use crate::world::moment::Protected;

    fn protecting(lasting: Duration) -> Seen {
        Seen {
            protections: vec![Protected {
                scope: "all".to_owned(),
                lasting,
                left: Duration::ZERO,
            }],
            ..seen(&[])
        }
    }

    fn check(seen: Seen, broken: bool) {
        let numbers = RegistrySettings::DEFAULT;
        let found = outlasted(&moment(&[seen]), &numbers);
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn protection_without_an_end_is_found() {
        check(protecting(3_600 * SECOND), false);
        check(protecting(3_604 * SECOND), true);
        let just_awake = bound(protecting(9_999 * SECOND), 0, Some(99 * SECOND));
        check(just_awake, false);
    }

    #[test]
    fn isolation_without_an_end_is_found() {
        let isolated = |secs| Seen {
            isolated_for: Some(secs * SECOND),
            ..seen(&[])
        };
        check(isolated(3_600), false);
        check(isolated(3_604), true);
    }
}
