//! A client that cancelled, and was told so, is shown by nobody connected with who told it so.

use std::time::Duration;

use super::{Broken, MENDED};
use crate::world::moment::{Known, Moment, Seen};
use crate::world::oracle::{Deed, Heard, Oracle};
use crate::world::timeline::letter;

const INVARIANT: &str = "a cancelled one stays gone";
/// A beat heard so shortly before may be younger than the cancel elsewhere.
const AT_ONCE: Duration = Duration::from_secs(1);
/// An adoption that crossed the cancel ends with its lease, by the next sweep, within the next window of the quota.
const SWEPT: Duration = Duration::from_secs(65);

/// The first client that is shown where it should be no longer.
pub fn returned(moment: &Moment, oracle: &Oracle) -> Option<Broken> {
    let mut clients = moment.clients.iter().enumerate();
    clients.find_map(|(number, client)| back(moment, number, client, oracle.of(number)))
}

fn back(moment: &Moment, number: usize, client: &Known, heard: &[Heard]) -> Option<Broken> {
    let cancel = last_word(heard)?;
    let teller = moment.seen(cancel.host)?;
    if teller.start != cancel.start {
        return None;
    }
    let crossed = crossed(cancel, heard);
    let (host, _) = moment.up().find(|(host, seen)| {
        let told = told_at(cancel, teller, *host).is_some_and(|at| at + MENDED < moment.at);
        let excused = crossed && !outlasted(moment, client, cancel, seen);
        told && !excused && seen.shown.has(number)
    })?;
    let text = format!(
        "{} cancelled at {:.3} s at {}, and {} shows it",
        client.name,
        cancel.at.as_secs_f64(),
        letter(cancel.host),
        letter(host)
    );
    Some(Broken::new(INVARIANT, moment.at, text))
}

/// The cancel, if it was acknowledged and is the last that was heard of a client.
fn last_word(heard: &[Heard]) -> Option<&Heard> {
    let cancel = heard
        .iter()
        .rfind(|heard| heard.deed == Deed::Cancel && heard.acknowledged)?;
    let later =
        |heard: &&Heard| (heard.deed.life() || heard.deed == Deed::Cancel) && heard.at > cancel.at;
    heard.iter().find(later).is_none().then_some(cancel)
}

/// From when on a host could know: it heard it itself, or was connected with who did.
fn told_at(cancel: &Heard, teller: &Seen, host: usize) -> Option<Duration> {
    if host == cancel.host {
        return Some(cancel.at);
    }
    Some(teller.bond(host)?.max(cancel.at))
}

/// Whether even an adoption that crossed the cancel has ended: nobody protected it for a while, and whoever ended it
/// could tell.
fn outlasted(moment: &Moment, client: &Known, cancel: &Heard, seen: &Seen) -> bool {
    let grace = client.lease + SWEPT;
    let protected = moment.protected_at.unwrap_or_default();
    let mut connected = moment.up().map(|(other, _)| seen.bond(other));
    let whole = connected.try_fold(cancel.at, |latest, bond| Some(latest.max(bond?)));
    whole.is_some_and(|since| since + grace < moment.at) && protected + grace < moment.at
}

/// Whether a host that heard the client before may have taken over its lease without knowing of the cancel, or before
/// the host that took the cancel knew of that.
fn crossed(cancel: &Heard, heard: &[Heard]) -> bool {
    heard.iter().any(|other| {
        let bond = cancel.bonds.get(other.host).copied().flatten();
        let apart = bond.is_none_or(|since| since + MENDED > cancel.at);
        let shortly = other.at + AT_ONCE > cancel.at;
        other.deed.life() && other.host != cancel.host && (apart || shortly)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{SECOND, bound, heard, moment, oracle, seen, with_client};
    use super::*;
    use std::slice::from_ref;

    /// Now it is 100 s.
    fn check(hosts: &[Seen], deeds: &[Heard], broken: bool) {
        let moment = with_client(moment(hosts));
        let found = returned(&moment, &oracle(deeds));
        assert_eq!(found.is_some(), broken, "{found:?}");
    }

    #[test]
    fn a_cancelled_client_that_is_shown_is_found() {
        let cancel = heard(90, 0, Deed::Cancel);
        check(&[seen(&[]), seen(&[])], from_ref(&cancel), false);
        check(&[seen(&[0]), seen(&[])], from_ref(&cancel), true);
        check(&[seen(&[]), seen(&[0])], &[cancel], true);
    }

    #[test]
    fn a_cancel_needs_time_and_a_way() {
        let hosts = [seen(&[]), seen(&[0])];
        check(&hosts, &[heard(96, 0, Deed::Cancel)], false);
        let teller = bound(seen(&[]), 1, None);
        let cancel = heard(90, 0, Deed::Cancel);
        check(&[teller.clone(), seen(&[0])], from_ref(&cancel), false);
        let teller = bound(teller, 1, Some(97 * SECOND));
        check(&[teller, seen(&[0])], &[cancel], false);
    }

    #[test]
    fn a_client_that_came_back_may_be_shown() {
        let hosts = [seen(&[0]), seen(&[0])];
        let (cancel, life) = (heard(80, 0, Deed::Cancel), heard(81, 1, Deed::Registration));
        check(&hosts, &[cancel, life], false);
    }

    #[test]
    fn what_crossed_the_cancel_may_stay_for_a_lease() {
        let hosts = [seen(&[0]), seen(&[0])];
        let life = heard(10, 1, Deed::Beat);
        let mut cancel = heard(20, 0, Deed::Cancel);
        check(&hosts, &[life.clone(), cancel.clone()], true);
        cancel.bonds = [Some(Duration::ZERO), None, None].into();
        check(&hosts, &[life.clone(), cancel.clone()], false);
        let mut late = with_client(moment(&hosts));
        late.at = 300 * SECOND;
        let oracle = oracle(&[life, cancel]);
        assert!(returned(&late, &oracle).is_some());
        late.protected_at = Some(200 * SECOND);
        assert_eq!(returned(&late, &oracle), None);
        late.protected_at = None;
        let lately = Some(200 * SECOND);
        late.hosts[0] = Some(bound(seen(&[0]), 1, lately));
        late.hosts[1] = Some(bound(seen(&[0]), 0, lately));
        assert_eq!(returned(&late, &oracle), None);
    }
}
