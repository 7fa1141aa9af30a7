//! Hosts that are equal hold the same, byte by byte, however long they were apart.

use std::collections::BTreeMap;
use std::time::Duration;

use peers::record::Record;

use super::Broken;
use crate::world::timeline::letter;

const INVARIANT: &str = "equal hosts hold the same bytes";

/// What each host holds that lives, by name.
pub type Held = (usize, BTreeMap<String, Record>);

/// The first name that two hosts hold in different ways.
pub fn differ(at: Duration, held: &[Held]) -> Option<Broken> {
    let (first, one) = held.first()?;
    held.iter().skip(1).find_map(|(second, other)| {
        let mut names = one.keys().chain(other.keys());
        let name = names.find(|name| one.get(*name) != other.get(*name))?;
        let (first, second) = (letter(*first), letter(*second));
        let registers = differing(one.get(name), other.get(name));
        let text = format!("{first} and {second} hold {name} in different ways: {registers}");
        Some(Broken::new(INVARIANT, at, text))
    })
}

/// Which registers differ, for people.
fn differing(one: Option<&Record>, other: Option<&Record>) -> String {
    let (Some(one), Some(other)) = (one, other) else {
        return "one of them does not".to_owned();
    };
    let registers = [
        ("body", one.body == other.body),
        ("lease", one.lease == other.lease),
        ("override", one.overriding == other.overriding),
        ("age", one.ended_for == other.ended_for),
    ];
    let named = registers.into_iter().filter(|(_, same)| !same);
    let named: Vec<&str> = named.map(|(name, _)| name).collect();
    named.join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, origin};
    use super::*;
    use peers::record::{Bytes, Register};
    use peers::version::{Hlc, Version};

    fn holding(host: usize, body: &[u8]) -> Held {
        let body = Register {
            version: Version::above(None, Hlc::at(1), origin(0)),
            bytes: Bytes::from(body),
        };
        let record = Record {
            body: Some(body),
            ..Record::default()
        };
        (host, BTreeMap::from([("A/1".to_owned(), record)]))
    }

    fn check(held: &[Held], broken: bool) {
        assert_eq!(differ(SECOND, held).is_some(), broken);
    }

    #[test]
    fn other_bytes_of_one_version_are_found() {
        check(&[holding(0, b"x"), holding(1, b"x")], false);
        check(&[holding(0, b"x"), holding(1, b"y")], true);
        check(&[holding(0, b"x"), (1, BTreeMap::new())], true);
    }
}
