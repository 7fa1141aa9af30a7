//! Hosts that have seen the same show the same: presence and status, before and after anything ends.

use super::equal::differing;
use super::{Broken, SETTLED};
use crate::world::moment::{Moment, Seen};
use crate::world::timeline::letter;

const INVARIANT: &str = "equal vectors, equal records";

/// Two hosts had equal vectors and showed different things, at two moments some seconds apart, and nothing moved
/// between these: a write that was entered and not announced yet moves within milliseconds, and digests that differ
/// are settled after a second.
pub fn differ(before: &Moment, now: &Moment) -> Option<Broken> {
    if now.at < SETTLED {
        return None;
    }
    let still = |number: usize, seen: &Seen| {
        let earlier = before.same(number, seen);
        earlier.is_some_and(|earlier| {
            earlier.vector == seen.vector && earlier.shown.reads_as(&seen.shown)
        })
    };
    let hosts: Vec<_> = now
        .up()
        .filter(|(number, seen)| still(*number, seen))
        .collect();
    let pairs = hosts.iter().enumerate().flat_map(|(place, one)| {
        let others = hosts[place + 1..].iter();
        others.map(move |other| (one, other))
    });
    let mut equal = pairs.filter(|(one, other)| one.1.vector == other.1.vector);
    let (one, other) = equal.find(|(one, other)| !one.1.shown.reads_as(&other.1.shown))?;
    let text = format!(
        "{} and {} have seen the same, and show {:?}",
        letter(one.0),
        letter(other.0),
        differing(&one.1.shown, &other.1.shown)
    );
    Some(Broken::new(INVARIANT, now.at, text))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{listed, moment, seen, with};
    use super::*;
    use crate::world::moment::Listed;
    use peerage::registry::status::Status;

    #[test]
    fn equal_vectors_with_unequal_records_are_seen_once_nothing_moves() {
        let now = moment(&[seen(&[1]), seen(&[1, 2])]);
        assert!(differ(&now, &now).is_some());
        let mut before = now.clone();
        before.hosts[0].as_mut().unwrap().vector += 1;
        assert_eq!(differ(&before, &now), None);
    }

    #[test]
    fn equal_vectors_with_unequal_statuses_are_seen() {
        let down = Listed {
            status: Status::Down,
            ..listed(0, 1)
        };
        let now = moment(&[seen(&[1]), with(seen(&[1]), 1, down)]);
        assert!(differ(&now, &now).is_some());
        let equal = moment(&[seen(&[1]), seen(&[1])]);
        assert_eq!(differ(&equal, &equal), None);
    }
}
