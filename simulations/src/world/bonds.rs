//! Which hosts are connected, directly or by way of others, and since when.
//!
//! Here: what an observer above all hosts knows. Not here: what hosts think of each other. What must always hold: two
//! hosts count as connected only since the last change on any way between them, so that whoever was connected for a
//! while had quiet ways for that while.

use std::sync::Arc;
use std::time::Duration;

/// Since when a host is connected with another, if it is.
pub type Bond = Option<Duration>;

/// All hosts, pair by pair.
#[derive(Clone, Debug)]
pub struct Bonds {
    links: Vec<Vec<bool>>,
    since: Vec<Arc<[Bond]>>,
}

impl Bonds {
    /// So many hosts, none connected.
    pub fn new(hosts: usize) -> Self {
        Self {
            links: vec![vec![false; hosts]; hosts],
            since: vec![vec![None; hosts].into(); hosts],
        }
    }

    /// With whom a host is connected, and since when.
    pub fn of(&self, host: usize) -> Arc<[Bond]> {
        self.since[host].clone()
    }

    /// Looks again at who reaches whom directly.
    pub fn look(&mut self, now: Duration, linked: impl Fn(usize, usize) -> bool) {
        let hosts = self.links.len();
        let links: Vec<Vec<bool>> = (0..hosts)
            .map(|one| (0..hosts).map(|other| linked(one, other)).collect())
            .collect();
        if links == self.links {
            return;
        }
        let changed: Vec<bool> = (0..hosts)
            .map(|host| links[host] != self.links[host])
            .collect();
        self.links = links;
        let parts = self.parts();
        let mut disturbed = vec![false; hosts + 1];
        for (host, part) in parts.iter().enumerate() {
            disturbed[*part] |= changed[host];
        }
        for one in 0..hosts {
            let bonds = self.since[one].iter().zip(&parts);
            let bonds = bonds.map(|(bond, part)| match *bond {
                _ if *part != parts[one] || *part == hosts => None,
                Some(since) if !disturbed[*part] => Some(since),
                _ => Some(now),
            });
            self.since[one] = bonds.collect();
        }
    }

    /// To which part of the whole each host belongs: the number of the first host in it; that of no host for one that
    /// does not even reach itself.
    fn parts(&self) -> Vec<usize> {
        let hosts = self.links.len();
        let mut parts = vec![hosts; hosts];
        for first in 0..hosts {
            let mut next = vec![first];
            while let Some(host) = next.pop() {
                if self.links[host][host] && parts[host] == hosts {
                    parts[host] = first;
                    next.extend((0..hosts).filter(|other| self.links[host][*other]));
                }
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn hosts_are_connected_by_way_of_others() {
        let mut bonds = Bonds::new(3);
        bonds.look(SECOND, |one, other| one.abs_diff(other) < 2);
        assert_eq!(bonds.of(0)[2], Some(SECOND));
    }

    #[test]
    fn a_change_on_the_way_counts_as_a_new_beginning() {
        let mut bonds = Bonds::new(3);
        bonds.look(SECOND, |_, _| true);
        bonds.look(2 * SECOND, |_, _| true);
        assert_eq!(bonds.of(0)[2], Some(SECOND));
        bonds.look(3 * SECOND, |one, other| one.abs_diff(other) < 2);
        assert_eq!(bonds.of(0)[2], Some(3 * SECOND));
        bonds.look(4 * SECOND, |one, other| one < 2 && other < 2);
        assert_eq!(bonds.of(0)[2], None);
        assert_eq!(bonds.of(2)[2], None);
        assert_eq!(bonds.of(0)[1], Some(4 * SECOND));
    }
}
