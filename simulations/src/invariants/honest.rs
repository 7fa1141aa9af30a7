//! Nobody ends a lease while a connected host has told its client that it goes on.
//!
//! Evidence would undo it within milliseconds, but whoever reads a list just then acts on it.

use std::time::Duration;

use super::{Broken, MENDED, SETTLED};
use crate::world::moment::{Known, Moment};
use crate::world::oracle::{Deed, Heard, Held, Oracle, Verdict};
use crate::world::timeline::letter;

const INVARIANT: &str = "an end is honest";
/// Beats heard elsewhere are a little older than told.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// The first end since then of a lease whose client was told otherwise.
pub fn early(since: Duration, moment: &Moment, oracle: &Oracle) -> Option<Broken> {
    let ends = oracle.since(since).iter();
    let mut ends = ends.filter(|verdict| matches!(verdict.held, Held::Evicted(_)));
    ends.find_map(|ended| {
        let text = contradicted(moment, ended, oracle)?;
        let text = format!("{text} ended it");
        Some(Broken::new(INVARIANT, ended.at, text))
    })
}

/// Who had told a client that its lease goes on, when another host, which could know it, held otherwise.
pub(super) fn contradicted(moment: &Moment, held: &Verdict, oracle: &Oracle) -> Option<String> {
    let (client, heard) = (moment.clients.get(held.client)?, oracle.of(held.client));
    let word = word(held, client, heard)?;
    let runs = moment.seen(word.host);
    let told = word.host == held.host || long_connected(held, word.host);
    let silenced = |other: &Heard| other.deed == Deed::Cancel && other.at + LAST_MOMENT >= word.at;
    let known = runs.is_some_and(|seen| seen.start == word.start) && told;
    (known && !heard.iter().any(silenced)).then(|| {
        format!(
            "{} was told at {:.3} s by {} that its lease goes on, and {}",
            client.name,
            word.at.as_secs_f64(),
            letter(word.host),
            letter(held.host),
        )
    })
}

/// The last acknowledgement on which a client could rely then.
fn word<'a>(held: &Verdict, client: &Known, heard: &'a [Heard]) -> Option<&'a Heard> {
    heard.iter().rfind(|word| {
        word.deed.life()
            && word.acknowledged
            && word.at + SETTLED <= held.at
            && held.at + LAST_MOMENT < word.at + client.lease
    })
}

fn long_connected(held: &Verdict, host: usize) -> bool {
    let bond = held.bonds.get(host).copied().flatten();
    bond.is_some_and(|since| since + MENDED <= held.at)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, heard, moment, oracle, seen, verdict, with_client};
    use super::*;
    use crate::world::host::Ender;

    /// The second host evicted the client at 100 s, being connected with the first since then.
    fn check(since: Option<Duration>, deeds: &[Heard], broken: bool) {
        let moment = with_client(moment(&[seen(&[]), seen(&[])]));
        let mut oracle = oracle(deeds);
        oracle.verdicts.push(Verdict {
            bonds: [since, Some(Duration::ZERO)].into(),
            ..verdict(100, 1, Held::Evicted(Ender::Steward))
        });
        let found = early(99 * SECOND, &moment, &oracle);
        assert_eq!(found.is_some(), broken, "{found:?}");
        assert_eq!(early(100 * SECOND, &moment, &oracle), None);
    }

    #[test]
    fn who_ends_what_a_connected_host_keeps_is_found() {
        check(Some(Duration::ZERO), &[heard(95, 0, Deed::Beat)], true);
        check(None, &[heard(95, 1, Deed::Beat)], true);
    }

    #[test]
    fn who_could_not_know_or_comes_after_the_lease_is_right() {
        let connected = Some(Duration::ZERO);
        check(None, &[heard(95, 0, Deed::Beat)], false);
        check(Some(97 * SECOND), &[heard(95, 0, Deed::Beat)], false);
        check(connected, &[heard(5, 0, Deed::Beat)], false);
        let cancel = heard(96, 0, Deed::Cancel);
        check(connected, &[heard(95, 0, Deed::Beat), cancel], false);
    }
}
