//! What a reader sees of one client at one server never becomes older, for as long as it is listed there.
//!
//! One whose lease was ended, and that was off the list for a moment, may have registered by a clock that is behind those
//! of its former life.

use super::Broken;
use crate::world::moment::{Listed, Moment};
use crate::world::timeline::letter;

const INVARIANT: &str = "versions never go down";

/// The first client of which a host shows an older register than before. `excused` says which hosts may show another life
/// of which clients.
pub fn went_back(
    before: &Moment,
    now: &Moment,
    excused: impl Fn(usize, usize) -> bool,
) -> Option<Broken> {
    now.up().find_map(|(host, seen)| {
        let was = before.same(host, seen)?;
        if std::sync::Arc::ptr_eq(&was.shown, &seen.shown) {
            return None;
        }
        let mut listed = seen.shown.iter();
        let (client, place) = listed.find_map(|(client, listed)| {
            let place = older(was.shown.get(client)?, listed)?;
            (!excused(host, client)).then_some((client, place))
        })?;
        let register = ["body", "lease", "override"][place];
        let text = format!(
            "{} shows an older {register} of client {client}",
            letter(host)
        );
        Some(Broken::new(INVARIANT, now.at, text))
    })
}

/// Which register went back.
fn older(was: &Listed, is: &Listed) -> Option<usize> {
    let pairs = was.versions.iter().zip(&is.versions);
    pairs.into_iter().position(|(was, is)| is < was)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{listed, moment, seen, with};
    use super::*;

    fn check(was: u64, is: u64, broken: bool) {
        let at = |clock| moment(&[with(seen(&[]), 3, listed(0, clock))]);
        let found = went_back(&at(was), &at(is), |_, _| false);
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn a_version_that_goes_down_is_found() {
        check(5, 5, false);
        check(5, 6, false);
        check(5, 4, true);
    }

    #[test]
    fn another_start_of_a_host_may_know_less() {
        let before = moment(&[with(seen(&[]), 3, listed(0, 5))]);
        let mut now = moment(&[with(seen(&[]), 3, listed(0, 4))]);
        now.hosts[0].as_mut().unwrap().start = 9;
        assert_eq!(went_back(&before, &now, |_, _| false), None);
    }

    #[test]
    fn one_that_was_off_the_list_meanwhile_may_come_back_by_another_clock() {
        let at = |clock| moment(&[with(seen(&[]), 3, listed(0, clock))]);
        let excused = |host, client| (host, client) == (0, 3);
        assert_eq!(went_back(&at(5), &at(4), excused), None);
    }
}
