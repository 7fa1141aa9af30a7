//! The dead are forgotten: nobody remembers a record for longer than it is to be remembered.

use std::time::Duration;

use peerage::registry::settings::RegistrySettings;

use super::Broken;
use crate::world::moment::Moment;
use crate::world::timeline::letter;

const INVARIANT: &str = "the dead are forgotten";
/// Sweeps come every second, and a host that stood still has to make its first.
const SWEPT: Duration = Duration::from_secs(3);

/// The first host that remembers a dead record for too long.
pub fn remembered(moment: &Moment, numbers: &RegistrySettings) -> Option<Broken> {
    let most = numbers.remember_dead.max(numbers.remember_overridden) + SWEPT;
    moment.up().find_map(|(number, seen)| {
        let awake = seen.bond(number)? + SWEPT <= moment.at;
        let mut dead = seen.dead.iter().filter(|(_, over)| awake && *over > most);
        let (client, over) = dead.next()?;
        let (host, over) = (letter(number), over.as_secs());
        let text = format!("{host} remembers client {client}, dead for {over} s");
        Some(Broken::new(INVARIANT, moment.at, text))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, moment, seen};
    use super::*;
    use crate::world::moment::Seen;

    #[test]
    fn a_record_remembered_for_too_long_is_found() {
        let numbers = RegistrySettings::DEFAULT;
        let remembering = |secs| Seen {
            dead: vec![(3, secs * SECOND)],
            ..seen(&[])
        };
        assert_eq!(remembered(&moment(&[remembering(3_600)]), &numbers), None);
        assert!(remembered(&moment(&[remembering(3_604)]), &numbers).is_some());
    }
}
