//! Nobody tells a client that it is unknown while a connected host has told it that its lease goes on.
//!
//! Clients that are told so by many hosts at once register by the thousand: a restart of one owner must not do that.

use std::time::Duration;

use super::Broken;
use super::honest::contradicted;
use crate::world::moment::Moment;
use crate::world::oracle::{Held, Oracle};

const INVARIANT: &str = "no storm of 404";

/// The first client since then that was told it is unknown, and otherwise before.
pub fn unknown(since: Duration, moment: &Moment, oracle: &Oracle) -> Option<Broken> {
    let denials = oracle.since(since).iter();
    let mut denials = denials.filter(|verdict| verdict.held == Held::Unknown);
    denials.find_map(|denied| {
        let text = contradicted(moment, denied, oracle)?;
        let text = format!("{text} told it otherwise");
        Some(Broken::new(INVARIANT, denied.at, text))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, heard, moment, oracle, seen, verdict, with_client};
    use super::*;
    use crate::world::oracle::Deed;

    #[test]
    fn a_404_for_a_client_that_a_connected_host_keeps_is_found() {
        let moment = with_client(moment(&[seen(&[0]), seen(&[0])]));
        let mut oracle = oracle(&[heard(95, 0, Deed::Beat)]);
        oracle.verdicts.push(verdict(100, 1, Held::Unknown));
        assert!(unknown(99 * SECOND, &moment, &oracle).is_some());
    }

    #[test]
    fn a_404_for_a_client_nobody_has_heard_is_right() {
        let moment = with_client(moment(&[seen(&[]), seen(&[])]));
        let mut oracle = oracle(&[]);
        oracle.verdicts.push(verdict(100, 1, Held::Unknown));
        assert_eq!(unknown(99 * SECOND, &moment, &oracle), None);
    }
}
