//! Hosts that are equal give clients equal hash codes and equal lists.

use super::Broken;
use crate::world::moment::Moment;
use crate::world::timeline::letter;

const INVARIANT: &str = "equal registries, equal lists";

/// The first two hosts with equal records that list different things: each host's number and what it answers to
/// `GET /eureka/apps`.
pub fn differ(moment: &Moment, lists: &[(usize, Vec<u8>)]) -> Option<Broken> {
    let (first, one) = lists.first()?;
    let seen = moment.seen(*first)?;
    lists.iter().skip(1).find_map(|(second, other)| {
        let peer = moment.seen(*second)?;
        let equal = (seen.vector, seen.digest) == (peer.vector, peer.digest);
        let same = seen.hash_code == peer.hash_code && one == other;
        (equal && !same).then(|| {
            let (first, second) = (letter(*first), letter(*second));
            let text = format!("{first} and {second} hold the same and list different things");
            Broken::new(INVARIANT, moment.at, text)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{moment, seen};
    use super::*;

    #[test]
    fn equal_hosts_with_other_lists_or_hash_codes_are_found() {
        let now = moment(&[seen(&[1]), seen(&[1])]);
        let lists = |second: &[u8]| [(0, b"list".to_vec()), (1, second.to_vec())];
        assert_eq!(differ(&now, &lists(b"list")), None);
        assert!(differ(&now, &lists(b"tsil")).is_some());
        let mut other_code = now.clone();
        other_code.hosts[1].as_mut().unwrap().hash_code.push('x');
        assert!(differ(&other_code, &lists(b"list")).is_some());
        let mut unequal = now;
        unequal.hosts[1].as_mut().unwrap().digest += 1;
        assert_eq!(differ(&unequal, &lists(b"tsil")), None);
    }
}
