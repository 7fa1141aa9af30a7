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
    clients.find_map(|(number, client)| missed(moment, client, oracle.of(number)))
}

fn missed(moment: &Moment, client: &Known, heard: &[Heard]) -> Option<Broken> {
    let word = word(moment, client, heard)?;
    let teller = moment.hosts[word.host].as_ref()?;
    if teller.start != word.start {
        return None;
    }
    let mut hosts = moment.up();
    let (host, _) = hosts.find(|(number, seen)| {
        let told = *number == word.host || long_connected(moment, teller, *number);
        told && seen.ready && !seen.shown.contains_key(&client.name)
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
    let life = |heard: &&Heard| heard.deed == Deed::Life && heard.acknowledged;
    let word = settled.rfind(life)?;
    let good = moment.at + LAST_MOMENT < word.at + client.lease;
    let cancelled = heard
        .iter()
        .any(|heard| heard.deed == Deed::Cancel && heard.at + LAST_MOMENT >= word.at);
    (good && !cancelled).then_some(word)
}

fn long_connected(moment: &Moment, teller: &Seen, host: usize) -> bool {
    let bond = teller.bonds.get(host).copied().flatten();
    bond.is_some_and(|since| since + MENDED <= moment.at)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, heard, known, moment, oracle, seen};
    use super::*;
    use std::slice::from_ref;

    /// Client `A/1` got an answer at 95 s from the first host; now it is 100 s.
    fn check(hosts: &[Seen], deeds: &[Heard], broken: bool) {
        let mut moment = moment(hosts);
        moment.clients = vec![known("A/1")];
        let found = missing(&moment, &oracle(deeds));
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn a_client_shown_everywhere_is_not_missed() {
        let life = heard(95, 0, Deed::Life);
        check(&[seen(&["A/1"]), seen(&["A/1"])], &[life], false);
    }

    #[test]
    fn a_client_not_shown_where_it_was_answered_or_next_to_it_is_missed() {
        let life = heard(95, 0, Deed::Life);
        check(&[seen(&[]), seen(&["A/1"])], from_ref(&life), true);
        check(&[seen(&["A/1"]), seen(&[])], &[life], true);
    }

    #[test]
    fn nobody_is_missed_after_the_lease_or_before_all_can_know_or_after_a_cancel() {
        let hosts = [seen(&[]), seen(&[])];
        check(&hosts, &[heard(5, 0, Deed::Life)], false);
        check(&hosts, &[heard(99, 0, Deed::Life)], false);
        let cancel = heard(97, 1, Deed::Cancel);
        check(&hosts, &[heard(95, 0, Deed::Life), cancel], false);
        let late = Heard {
            acknowledged: false,
            ..heard(95, 0, Deed::Life)
        };
        check(&hosts, &[late], false);
    }

    #[test]
    fn hosts_that_are_not_ready_or_not_connected_or_started_anew_show_what_they_have() {
        let life = heard(95, 0, Deed::Life);
        let mut starting = seen(&[]);
        starting.ready = false;
        check(&[seen(&["A/1"]), starting], from_ref(&life), false);
        let mut teller = seen(&["A/1"]);
        teller.bonds[1] = Some(96 * SECOND);
        check(&[teller.clone(), seen(&[])], from_ref(&life), false);
        teller.bonds[1] = None;
        check(&[teller, seen(&[])], from_ref(&life), false);
        let mut anew = seen(&[]);
        anew.start = 7;
        check(&[anew, seen(&[])], &[life], false);
    }
}
