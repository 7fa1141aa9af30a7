//! Nobody ends a lease, or tells a client that it is unknown, while a connected host has told it that its lease goes on.
//!
//! Evidence would undo it within milliseconds, but whoever reads a list just then acts on it; and clients that are
//! told so by many hosts at once register by the thousand.

use std::time::Duration;

use super::{Broken, MENDED, SETTLED};
use crate::world::moment::{Known, Moment};
use crate::world::oracle::{Deed, Heard, Oracle, Verdict};
use crate::world::timeline::letter;

const INVARIANT: &str = "an end is honest";
/// Beats heard elsewhere are a little older than told.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// The first verdict since then of a client that was told otherwise.
pub fn early(since: Duration, moment: &Moment, oracle: &Oracle) -> Option<Broken> {
    let lately = oracle.verdicts.iter().filter(|ended| ended.at > since);
    lately.into_iter().find_map(|ended| {
        let mut clients = moment.clients.iter();
        let number = clients.position(|client| client.name == ended.name)?;
        contradicted(moment, ended, &moment.clients[number], oracle.of(number))
    })
}

fn contradicted(
    moment: &Moment,
    ended: &Verdict,
    client: &Known,
    heard: &[Heard],
) -> Option<Broken> {
    let good = |word: &&Heard| {
        word.deed == Deed::Life
            && word.acknowledged
            && word.at + SETTLED <= ended.at
            && ended.at + LAST_MOMENT < word.at + client.lease
    };
    let word = heard.iter().rfind(good)?;
    let runs = moment.hosts[word.host].as_ref();
    let told = word.host == ended.host || long_connected(ended, word.host);
    let silenced = |other: &Heard| other.deed == Deed::Cancel && other.at + LAST_MOMENT >= word.at;
    let known = runs.is_some_and(|seen| seen.start == word.start) && told;
    (known && !heard.iter().any(silenced)).then(|| {
        let text = format!(
            "{} was told at {:.3} s by {} that its lease goes on, and {} {}",
            client.name,
            word.at.as_secs_f64(),
            letter(word.host),
            letter(ended.host),
            if ended.evicted {
                "ended it"
            } else {
                "told it otherwise"
            }
        );
        Broken::new(INVARIANT, ended.at, text)
    })
}

fn long_connected(ended: &Verdict, host: usize) -> bool {
    let bond = ended.bonds.get(host).copied().flatten();
    bond.is_some_and(|since| since + MENDED <= ended.at)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, heard, known, moment, oracle, seen};
    use super::*;

    /// The second host evicted `A/1` at 100 s, being connected with the first since then.
    fn check(since: Option<Duration>, deeds: &[Heard], broken: bool) {
        let mut moment = moment(&[seen(&[]), seen(&[])]);
        moment.clients = vec![known("A/1")];
        let mut oracle = oracle(deeds);
        oracle.verdicts.push(Verdict {
            at: 100 * SECOND,
            host: 1,
            name: "A/1".to_owned(),
            evicted: true,
            bonds: vec![since, Some(Duration::ZERO)],
        });
        let found = early(99 * SECOND, &moment, &oracle);
        assert_eq!(found.is_some(), broken, "{found:?}");
        assert_eq!(early(100 * SECOND, &moment, &oracle), None);
    }

    #[test]
    fn who_ends_what_a_connected_host_keeps_is_found() {
        check(Some(Duration::ZERO), &[heard(95, 0, Deed::Life)], true);
        check(None, &[heard(95, 1, Deed::Life)], true);
    }

    #[test]
    fn who_could_not_know_or_comes_after_the_lease_is_right() {
        let connected = Some(Duration::ZERO);
        check(None, &[heard(95, 0, Deed::Life)], false);
        check(Some(97 * SECOND), &[heard(95, 0, Deed::Life)], false);
        check(connected, &[heard(5, 0, Deed::Life)], false);
        check(
            connected,
            &[heard(95, 0, Deed::Life), heard(96, 0, Deed::Cancel)],
            false,
        );
    }
}
