//! The dead are forgotten: nobody remembers a record for longer than it is to be remembered.

use std::time::Duration;

use peerage::registry::settings::RegistrySettings;

use super::Broken;
use crate::world::moment::Moment;
use crate::world::timeline::letter;

const INVARIANT: &str = "the dead are forgotten";
/// Sweeps come every second, and a host that stood still has to make its first.
const SWEPT: Duration = Duration::from_secs(3);

/// The first host that remembers a dead record for too long, and did so a few seconds before: one that was just told of it
/// forgets it in its next sweep.
pub fn remembered(before: &Moment, moment: &Moment, numbers: &RegistrySettings) -> Option<Broken> {
    let most = numbers.remember_dead.max(numbers.remember_overridden) + SWEPT;
    moment.up().find_map(|(number, seen)| {
        let awake = seen.bond(number)? + SWEPT <= moment.at;
        let was = before.same(number, seen).map_or(&[][..], |was| &was.dead);
        let knew = |client| was.iter().any(|(dead, _)| dead == client);
        let dead = seen.dead.iter();
        let mut dead = dead.filter(|(client, over)| awake && *over > most && knew(client));
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
        let at = |secs| moment(&[remembering(secs)]);
        assert_eq!(remembered(&at(3_599), &at(3_600), &numbers), None);
        assert!(remembered(&at(3_603), &at(3_604), &numbers).is_some());
        let just_told = remembered(&moment(&[seen(&[])]), &at(3_604), &numbers);
        assert_eq!(just_told, None);
    }
}
