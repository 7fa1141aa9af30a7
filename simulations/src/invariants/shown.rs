//! A client that was told its heartbeat counts is shown, by everybody connected with who told it so.

use std::time::Duration;

use super::{Broken, MENDED, SETTLED};
use crate::world::moment::{Known, Moment, Seen};
use crate::world::oracle::{Deed, Heard, Oracle};
use crate::world::timeline::letter;

const INVARIANT: &str = "a beating client is shown";
/// Nobody is called to account for the last moment of a lease: beats heard elsewhere are a little older than told.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// The first client that is shown nowhere where it should be.
pub fn missing(moment: &Moment, oracle: &Oracle) -> Option<Broken> {
    let mut clients = moment.clients.iter().enumerate();
    clients.find_map(|(number, client)| missed(moment, number, client, oracle.of(number)))
}

fn missed(moment: &Moment, number: usize, client: &Known, heard: &[Heard]) -> Option<Broken> {
    let absent = |seen: &Seen| seen.ready && !seen.shown.has(number);
    if !moment.up().any(|(_, seen)| absent(seen)) {
        return None;
    }
    let word = word(moment, client, heard)?;
    let teller = moment.seen(word.host)?;
    if teller.start != word.start {
        return None;
    }
    let (host, _) = moment.up().find(|(number, seen)| {
        let told = *number == word.host || long_connected(moment, teller, *number);
        told && absent(seen)
    })?;
    let text = format!(
        "{} was told at {:.3} s by {} that its lease goes on, and {} does not show it",
        client.name,
        word.at.as_secs_f64(),
        letter(word.host),
        letter(host)
    );
    Some(Broken::new(INVARIANT, moment.at, text))
}

/// The last acknowledgement on which a client may rely, if that is settled and still good.
fn word<'a>(moment: &Moment, client: &Known, heard: &'a [Heard]) -> Option<&'a Heard> {
    let mut settled = heard.iter().filter(|heard| heard.at + SETTLED <= moment.at);
    let word = settled.rfind(|heard| heard.deed.life() && heard.acknowledged)?;
    let good = moment.at + LAST_MOMENT < word.at + client.lease;
    let cancelled = |heard: &Heard| heard.deed == Deed::Cancel && heard.at + LAST_MOMENT >= word.at;
    (good && !heard.iter().any(cancelled)).then_some(word)
}

fn long_connected(moment: &Moment, teller: &Seen, host: usize) -> bool {
    teller
        .bond(host)
        .is_some_and(|since| since + MENDED <= moment.at)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, bound, heard, moment, oracle, seen, with_client};
    use super::*;
    use std::slice::from_ref;

    /// The client got an answer at 95 s from the first host; now it is 100 s.
    fn check(hosts: &[Seen], deeds: &[Heard], broken: bool) {
        let moment = with_client(moment(hosts));
        let found = missing(&moment, &oracle(deeds));
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn a_client_shown_everywhere_is_not_missed() {
        check(
            &[seen(&[0]), seen(&[0])],
            &[heard(95, 0, Deed::Beat)],
            false,
        );
    }

    #[test]
    fn a_client_not_shown_where_it_was_answered_or_next_to_it_is_missed() {
        let life = heard(95, 0, Deed::Registration);
        check(&[seen(&[]), seen(&[0])], from_ref(&life), true);
        check(&[seen(&[0]), seen(&[])], &[life], true);
    }

    #[test]
    fn nobody_is_missed_after_the_lease_or_before_all_can_know_or_after_a_cancel() {
        let hosts = [seen(&[]), seen(&[])];
        check(&hosts, &[heard(5, 0, Deed::Beat)], false);
        check(&hosts, &[heard(99, 0, Deed::Beat)], false);
        let cancel = heard(97, 1, Deed::Cancel);
        check(&hosts, &[heard(95, 0, Deed::Beat), cancel], false);
        let late = Heard {
            acknowledged: false,
            ..heard(95, 0, Deed::Beat)
        };
        check(&hosts, &[late], false);
    }

    #[test]
    fn hosts_that_are_not_ready_or_not_connected_or_started_anew_show_what_they_have() {
        let life = heard(95, 0, Deed::Beat);
        let mut starting = seen(&[]);
        starting.ready = false;
        check(&[seen(&[0]), starting], from_ref(&life), false);
        let teller = bound(seen(&[0]), 1, Some(96 * SECOND));
        check(&[teller.clone(), seen(&[])], from_ref(&life), false);
        check(&[bound(teller, 1, None), seen(&[])], from_ref(&life), false);
        let mut anew = seen(&[]);
        anew.start = 7;
        check(&[anew, seen(&[])], &[life], false);
    }
}
