//! The last override that somebody was told of is in force, where clocks agree.
//!
//! Where they do not, the order of overrides in different parts of a cluster is that of the clocks, and nobody can
//! say which is the last.

use peerage::registry::status::Status;

use super::Broken;
use crate::world::moment::{Known, Moment};
use crate::world::oracle::{Deed, Heard, Oracle};
use crate::world::timeline::letter;

const INVARIANT: &str = "an acknowledged override is kept";

/// The first client that is shown in another status than it was last overridden with. To be asked when all hosts
/// have been connected for a while.
pub fn lost(moment: &Moment, oracle: &Oracle) -> Option<Broken> {
    let mut clients = moment.clients.iter().enumerate();
    clients.find_map(|(number, client)| changed(moment, number, client, oracle))
}

fn changed(moment: &Moment, number: usize, client: &Known, oracle: &Oracle) -> Option<Broken> {
    let (said, status) = last_word(oracle.of(number))?;
    let teller = moment.seen(said.host)?;
    let ended = oracle.evicted().any(|evicted| evicted == number);
    if ended || teller.start != said.start {
        return None;
    }
    let expected = status.unwrap_or(Status::Up);
    let (host, shown) = moment
        .up()
        .filter_map(|(host, seen)| Some((host, seen.shown.get(number)?.status)))
        .find(|(_, shown)| *shown != expected)?;
    let text = format!(
        "{} was to be {expected} since {:.3} s, and {} shows {shown}",
        client.name,
        said.at.as_secs_f64(),
        letter(host)
    );
    Some(Broken::new(INVARIANT, moment.at, text))
}

/// The last override, if it was acknowledged and nothing came after it that might end it.
fn last_word(heard: &[Heard]) -> Option<(&Heard, Option<Status>)> {
    let last = heard
        .iter()
        .rfind(|heard| matches!(heard.deed, Deed::Override(_) | Deed::Cancel))?;
    let unheard = heard
        .iter()
        .any(|heard| !heard.acknowledged && !heard.deed.life());
    match last.deed {
        Deed::Override(status) if last.acknowledged && !unheard => Some((last, status)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{heard, listed, moment, oracle, seen, with, with_client};
    use super::*;
    use crate::world::moment::Listed;
    use std::slice::from_ref;

    fn check(shown: Status, deeds: &[Heard], broken: bool) {
        let listed = Listed {
            status: shown,
            ..listed(0, 1)
        };
        let mut moment = with_client(moment(&[with(seen(&[]), 0, listed), seen(&[0])]));
        moment.hosts[1] = None;
        let found = lost(&moment, &oracle(deeds));
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn a_client_in_another_status_than_the_last_override_is_found() {
        let down = heard(10, 0, Deed::Override(Some(Status::Down)));
        let none = heard(11, 0, Deed::Override(None));
        check(Status::Down, from_ref(&down), false);
        check(Status::Up, from_ref(&down), true);
        check(Status::Down, &[down.clone(), none.clone()], true);
        check(Status::Up, &[down, none], false);
    }

    #[test]
    fn a_cancel_or_a_call_without_an_answer_ends_what_was_certain() {
        let down = heard(10, 0, Deed::Override(Some(Status::Down)));
        let cancel = heard(11, 0, Deed::Cancel);
        check(Status::Up, &[down.clone(), cancel], false);
        let late = Heard {
            acknowledged: false,
            ..heard(11, 0, Deed::Override(None))
        };
        check(Status::Up, &[down, late], false);
    }
}
