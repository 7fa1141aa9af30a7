//! Which hosts are connected, directly or by way of others, and since when.
//!
//! Here: what an observer above all hosts knows. Not here: what hosts think of each other. What must always hold: two
//! hosts count as connected only since the last change on any way between them, so that whoever was connected for a
//! while had quiet ways for that while.

use std::time::Duration;

/// Since when a host is connected with another, if it is.
pub type Bond = Option<Duration>;

/// All hosts, pair by pair.
#[derive(Clone, Debug)]
pub struct Bonds {
    links: Vec<Vec<bool>>,
    since: Vec<Vec<Bond>>,
}

impl Bonds {
    /// So many hosts, none connected.
    pub fn new(hosts: usize) -> Self {
        Self {
            links: vec![vec![false; hosts]; hosts],
            since: vec![vec![None; hosts]; hosts],
        }
    }

    /// With whom a host is connected, and since when.
    pub fn of(&self, host: usize) -> &[Bond] {
        &self.since[host]
    }

    /// Looks again at who reaches whom directly.
    pub fn look(&mut self, now: Duration, linked: impl Fn(usize, usize) -> bool) {
        let hosts = self.links.len();
        let links: Vec<Vec<bool>> = (0..hosts)
            .map(|one| (0..hosts).map(|other| linked(one, other)).collect())
            .collect();
        let changed: Vec<bool> = (0..hosts)
            .map(|host| links[host] != self.links[host])
            .collect();
        self.links = links;
        for one in 0..hosts {
            let whole = self.whole(one);
            let disturbed = (0..hosts).any(|host| whole[host] && changed[host]);
            for (bond, reached) in self.since[one].iter_mut().zip(whole) {
                *bond = match *bond {
                    _ if !reached => None,
                    Some(since) if !disturbed => Some(since),
                    _ => Some(now),
                };
            }
        }
    }

    /// Everybody a host reaches, directly or not.
    fn whole(&self, host: usize) -> Vec<bool> {
        let mut reached = vec![false; self.links.len()];
        let mut next = vec![host];
        while let Some(host) = next.pop() {
            if self.links[host][host] && !std::mem::replace(&mut reached[host], true) {
                let others = (0..self.links.len()).filter(|other| self.links[host][*other]);
                next.extend(others);
            }
        }
        reached
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
