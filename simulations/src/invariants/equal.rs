//! Hosts that have seen the same show the same; and when nothing goes wrong any more, all have seen the same.

use std::collections::BTreeMap;

use super::{Broken, SETTLED};
use crate::world::moment::{Moment, Seen};
use crate::world::timeline::letter;

const AFTER_HEALING: &str = "equal after healing";
const AT_ANY_TIME: &str = "equal vectors, equal records";

/// What tells two hosts apart, if anything does.
pub fn apart(moment: &Moment) -> Option<Broken> {
    let mut up = moment.up();
    let (first, one) = up.next()?;
    let (second, text) = up.find_map(|(number, other)| Some((number, difference(one, other)?)))?;
    let text = format!("{} and {} differ: {text}", letter(first), letter(second));
    Some(Broken::new(AFTER_HEALING, moment.at, text))
}

fn difference(one: &Seen, other: &Seen) -> Option<String> {
    let shown = differing(one, other);
    [
        (!shown.is_empty()).then(|| format!("shown {shown:?}")),
        (one.vector != other.vector).then(|| "vectors".to_owned()),
        (one.digest != other.digest).then(|| "digests".to_owned()),
        (one.hash_code != other.hash_code)
            .then(|| format!("hash codes {} and {}", one.hash_code, other.hash_code)),
    ]
    .into_iter()
    .flatten()
    .reduce(|all, next| format!("{all}, {next}"))
}

fn differing(one: &Seen, other: &Seen) -> BTreeMap<String, String> {
    let names = one.shown.keys().chain(other.shown.keys());
    let status = |seen: &Seen, name: &str| {
        let status = seen.shown.get(name);
        status.map_or("nowhere".to_owned(), ToString::to_string)
    };
    names
        .map(|name| (name.clone(), (status(one, name), status(other, name))))
        .filter(|(_, (here, there))| here != there)
        .map(|(name, (here, there))| (name, format!("{here} and {there}")))
        .collect()
}

/// Two hosts had equal vectors and showed different things, at two moments some seconds apart, and nothing moved
/// between these: a write that was entered and not announced yet moves within milliseconds, and digests that differ
/// are settled after a second.
pub fn same_vectors_differ(before: &Moment, now: &Moment) -> Option<Broken> {
    let still = |number: usize, seen: &Seen| {
        let earlier = before.hosts.get(number)?.as_ref()?;
        (earlier.vector == seen.vector && earlier.shown == seen.shown).then_some(())
    };
    let hosts: Vec<_> = now
        .up()
        .filter(|(number, seen)| still(*number, seen).is_some())
        .collect();
    let settled = now.at >= SETTLED;
    let pairs = hosts.iter().enumerate().flat_map(|(place, one)| {
        let others = hosts[place + 1..].iter();
        others.map(move |other| (one, other))
    });
    let mut equal = pairs.filter(|(one, other)| settled && one.1.vector == other.1.vector);
    let (one, other) = equal.find(|(one, other)| one.1.shown != other.1.shown)?;
    let text = format!(
        "{} and {} have seen the same, and show {:?}",
        letter(one.0),
        letter(other.0),
        differing(one.1, other.1)
    );
    Some(Broken::new(AT_ANY_TIME, now.at, text))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{moment, seen};
    use super::*;

    #[test]
    fn equal_hosts_are_not_apart_and_the_absent_do_not_count() {
        let mut now = moment(&[seen(&["A/1"]), seen(&["A/1"]), seen(&[])]);
        now.hosts[2] = None;
        assert_eq!(apart(&now), None);
    }

    #[test]
    fn hosts_that_show_different_things_are_apart() {
        let now = moment(&[seen(&["A/1"]), seen(&["A/1"]), seen(&["A/1", "A/2"])]);
        let found = apart(&now).unwrap();
        assert!(found.text.starts_with("A and C differ: shown"), "{found}");
    }

    #[test]
    fn hosts_with_other_vectors_digests_or_hash_codes_are_apart() {
        let spoil: [fn(&mut Seen); 3] = [
            |seen| seen.vector += 1,
            |seen| seen.digest += 1,
            |seen| seen.hash_code.push('x'),
        ];
        for spoil in spoil {
            let (one, mut other) = (seen(&["A/1"]), seen(&["A/1"]));
            spoil(&mut other);
            assert!(apart(&moment(&[one, other])).is_some());
        }
    }

    #[test]
    fn equal_vectors_with_unequal_records_are_seen_once_nothing_moves() {
        let now = moment(&[seen(&["A/1"]), seen(&["A/1", "A/2"])]);
        assert!(same_vectors_differ(&now, &now).is_some());
        let mut before = now.clone();
        before.hosts[0].as_mut().unwrap().vector += 1;
        assert_eq!(same_vectors_differ(&before, &now), None);
    }
}
