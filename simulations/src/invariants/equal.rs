//! When nothing goes wrong any more, all hosts have seen the same, hold the same and show the same.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Broken;
use crate::world::moment::{Moment, Seen, Shown};
use crate::world::timeline::letter;

const INVARIANT: &str = "equal after healing";

/// What tells two hosts apart, if anything does.
pub fn apart(moment: &Moment) -> Option<Broken> {
    let mut up = moment.up();
    let (first, one) = up.next()?;
    let (second, text) = up.find_map(|(number, other)| Some((number, difference(one, other)?)))?;
    let text = format!("{} and {} differ: {text}", letter(first), letter(second));
    Some(Broken::new(INVARIANT, moment.at, text))
}

/// All are equal now, and were not at any moment of the last few seconds.
pub fn not_lately(at: Duration) -> Broken {
    Broken::new(INVARIANT, at, "not lately".to_owned())
}

fn difference(one: &Seen, other: &Seen) -> Option<String> {
    let same = one.shown.reads_as(&other.shown)
        && one.vector == other.vector
        && one.digest == other.digest
        && one.hash_code == other.hash_code;
    if same {
        return None;
    }
    let shown = differing(&one.shown, &other.shown);
    let (here, there) = (&one.hash_code, &other.hash_code);
    let told = [
        (!shown.is_empty()).then(|| format!("shown {shown:?}")),
        (one.vector != other.vector).then(|| "vectors".to_owned()),
        (one.digest != other.digest).then(|| "digests".to_owned()),
        (here != there).then(|| format!("hash codes {here} and {there}")),
    ];
    told.into_iter()
        .flatten()
        .reduce(|all, next| format!("{all}, {next}"))
}

/// Which clients are shown otherwise here than there.
pub(super) fn differing(one: &Shown, other: &Shown) -> BTreeMap<usize, String> {
    let clients = one.iter().chain(other.iter()).map(|(client, _)| client);
    let status = |shown: &Shown, client: usize| {
        let listed = shown.get(client);
        listed.map_or("nowhere".to_owned(), |listed| listed.status.to_string())
    };
    clients
        .map(|client| (client, (status(one, client), status(other, client))))
        .filter(|(_, (here, there))| here != there)
        .map(|(client, (here, there))| (client, format!("{here} and {there}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{moment, seen};
    use super::*;

    #[test]
    fn equal_hosts_are_not_apart_and_the_absent_do_not_count() {
        let mut now = moment(&[seen(&[1]), seen(&[1]), seen(&[])]);
        now.hosts[2] = None;
        assert_eq!(apart(&now), None);
    }

    #[test]
    fn hosts_that_show_different_things_are_apart() {
        let now = moment(&[seen(&[1]), seen(&[1]), seen(&[1, 2])]);
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
            let (one, mut other) = (seen(&[1]), seen(&[1]));
            spoil(&mut other);
            assert!(apart(&moment(&[one, other])).is_some());
        }
    }
}
