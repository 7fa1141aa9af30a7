//! Who claims to have seen all writes of a host holds what it wrote, or something newer, or knows that it was deleted.

use peers::version::Version;

use super::Broken;
use crate::world::moment::{Listed, Moment, Seen};
use crate::world::oracle::{Deed, Held, Oracle};
use crate::world::timeline::letter;

const INVARIANT: &str = "what is covered was applied";
/// Which of a listed client's versions is which.
const BODY: usize = 0;
const LEASE: usize = 1;

/// The first host that claims to have seen a write and does not hold it. What changed since `before` is left out: it
/// may not have a number yet.
pub fn claimed(before: &Moment, now: &Moment, oracle: &Oracle) -> Option<Broken> {
    now.up().find_map(|(writer, wrote)| {
        let was = before.same(writer, wrote)?;
        if was.sequence != wrote.sequence {
            return None;
        }
        let mut claims = now
            .up()
            .filter(|(reader, seen)| *reader != writer && follows(seen, writer) >= wrote.sequence);
        claims.find_map(|(reader, seen)| {
            let client = unheld(was, wrote, seen, oracle)?;
            let (reader, writer) = (letter(reader), letter(writer));
            let text =
                format!("{reader} has seen all of {writer}'s writes, but not client {client}");
            Some(Broken::new(INVARIANT, now.at, text))
        })
    })
}

fn follows(seen: &Seen, writer: usize) -> u64 {
    seen.followed
        .get(writer)
        .copied()
        .flatten()
        .unwrap_or_default()
}

/// A client of which the writer wrote something that the reader does not hold.
fn unheld(was: &Seen, wrote: &Seen, seen: &Seen, oracle: &Oracle) -> Option<usize> {
    let mut listed = wrote.shown.iter().filter(|(client, listed)| {
        was.shown.get(*client).map(|was| was.versions) == Some(listed.versions)
    });
    let (client, _) = listed.find(|(client, listed)| match seen.shown.get(*client) {
        Some(held) => [BODY, LEASE]
            .into_iter()
            .any(|place| own(wrote, listed, place) > held.versions[place]),
        None => {
            let dead = seen.dead.iter().any(|(dead, _)| dead == client);
            own(wrote, listed, LEASE).is_some() && !dead && !ended(*client, oracle)
        }
    })?;
    Some(client)
}

/// The version of a register, if the writer wrote it.
fn own(wrote: &Seen, listed: &Listed, place: usize) -> Option<Version> {
    listed.versions[place].filter(|version| Some(version.origin) == wrote.origin)
}

/// Whether anybody ever ended the client, or held that it is unknown.
fn ended(client: usize, oracle: &Oracle) -> bool {
    let judged = oracle
        .verdicts
        .iter()
        .any(|verdict| verdict.client == client && matches!(verdict.held, Held::Evicted(_)));
    judged
        || oracle
            .of(client)
            .iter()
            .any(|heard| heard.deed == Deed::Cancel)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{heard, listed, moment, oracle, origin, seen, with};
    use super::*;
    use crate::world::oracle::Heard;

    /// The first host wrote client 0 at moment 7, and has made 5 writes.
    fn check(reader: Seen, followed: u64, deeds: &[Heard], broken: bool) {
        let writer = Seen {
            origin: Some(origin(0)),
            sequence: 5,
            ..with(seen(&[]), 0, listed(0, 7))
        };
        let reader = Seen {
            origin: Some(origin(1)),
            followed: vec![Some(followed), Some(0)],
            ..reader
        };
        let now = moment(&[writer, reader]);
        let found = claimed(&now, &now, &oracle(deeds));
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn a_claim_without_the_write_is_found() {
        check(with(seen(&[]), 0, listed(0, 7)), 5, &[], false);
        check(with(seen(&[]), 0, listed(0, 6)), 5, &[], true);
        check(seen(&[]), 5, &[], true);
    }

    #[test]
    fn who_claims_nothing_or_knows_of_an_end_is_right() {
        check(seen(&[]), 4, &[], false);
        check(seen(&[]), 5, &[heard(50, 1, Deed::Cancel)], false);
        let mut buried = seen(&[]);
        buried.dead = vec![(0, std::time::Duration::ZERO)];
        check(buried, 5, &[], false);
    }
}
