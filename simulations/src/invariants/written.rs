//! What was acknowledged is in the registry that acknowledged it, above what was there before, whatever clocks say.
//!
//! A write below what is stored would be dropped by every merge, though its caller was told that it is done.

use std::time::Duration;

use super::Broken;
use crate::world::oracle::{Heard, Oracle};
use crate::world::timeline::letter;

const INVARIANT: &str = "the acknowledged is written";

/// The first call since then that was acknowledged and is not in the registry.
pub fn lost(since: Duration, clients: usize, oracle: &Oracle) -> Option<Broken> {
    (0..clients).find_map(|client| {
        let heard = oracle.of(client).iter().rev();
        let mut lately = heard.take_while(|heard| heard.at > since);
        let lost = lately.find(|heard| heard.acknowledged && !heard.took)?;
        Some(told(client, lost))
    })
}

fn told(client: usize, lost: &Heard) -> Broken {
    let (host, deed) = (letter(lost.host), lost.deed);
    let text = format!("{host} acknowledged {deed:?} of client {client}, and holds what it held");
    Broken::new(INVARIANT, lost.at, text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, heard, oracle};
    use super::*;
    use crate::world::oracle::Deed;

    fn check(deed: &Heard, broken: bool) {
        let found = lost(90 * SECOND, 1, &oracle(std::slice::from_ref(deed)));
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn an_acknowledged_write_that_is_not_there_is_found() {
        let done = heard(95, 0, Deed::Other);
        check(&done, false);
        let lost = Heard {
            took: false,
            ..done
        };
        check(&lost, true);
        let unanswered = Heard {
            acknowledged: false,
            ..lost
        };
        check(&unanswered, false);
    }
}
