//! A server that has been ready takes calls, alone or in any minority, until it is about to leave.

use std::time::Duration;

use super::Broken;
use crate::world::oracle::{Held, Oracle};
use crate::world::timeline::letter;

const INVARIANT: &str = "who was ready answers";

/// The first call since then that a server refused though it has been ready.
pub fn refused(since: Duration, oracle: &Oracle) -> Option<Broken> {
    let mut verdicts = oracle.since(since).iter();
    let refused = verdicts.find(|verdict| verdict.held == Held::Refused)?;
    let text = format!(
        "{} has been ready and refuses a call of client {}",
        letter(refused.host),
        refused.client
    );
    Some(Broken::new(INVARIANT, refused.at, text))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, judged, verdict};
    use super::*;

    #[test]
    fn a_refusal_is_found_and_a_404_is_none() {
        let oracle = judged(&[verdict(90, 0, Held::Unknown), verdict(95, 1, Held::Refused)]);
        assert!(refused(90 * SECOND, &oracle).is_some());
        assert_eq!(refused(95 * SECOND, &oracle), None);
        let none = judged(&[verdict(95, 0, Held::Unknown)]);
        assert_eq!(refused(90 * SECOND, &none), None);
    }
}
