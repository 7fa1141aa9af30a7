//! Some hosts, by their numbers.

use std::fmt;

use crate::world::timeline::letter;

const WORDS: usize = 4;
const WORD_BITS: usize = 64;

/// The most hosts a world has.
pub const HOSTS_MAX: usize = WORDS * WORD_BITS;

/// Some hosts, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Group([u64; WORDS]);

impl Group {
    /// The hosts whose bits are set, the first being the lowest.
    pub const fn bits(bits: u64) -> Self {
        Self([bits, 0, 0, 0])
    }

    /// A host alone.
    pub fn one(host: usize) -> Self {
        Self::of(&[host])
    }

    /// These hosts; those no world has are left out.
    pub fn of(hosts: &[usize]) -> Self {
        let mut group = Self::default();
        for host in hosts.iter().filter(|host| **host < HOSTS_MAX) {
            group.0[host / WORD_BITS] |= 1 << (host % WORD_BITS);
        }
        group
    }

    /// The first so many hosts.
    pub fn all(hosts: usize) -> Self {
        Self::default().others(hosts)
    }

    /// Whether a host is among them.
    pub const fn has(self, host: usize) -> bool {
        host < HOSTS_MAX && self.0[host / WORD_BITS] >> (host % WORD_BITS) & 1 == 1
    }

    /// All others out of so many hosts.
    #[must_use]
    pub fn others(self, hosts: usize) -> Self {
        let others: Vec<usize> = (0..hosts).filter(|host| !self.has(*host)).collect();
        Self::of(&others)
    }

    /// These and those.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(std::array::from_fn(|word| self.0[word] | other.0[word]))
    }

    /// The numbers of the hosts, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..HOSTS_MAX).filter(move |host| self.has(*host))
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.iter().map(letter).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_and_its_others_are_all() {
        let group = Group::of(&[0, 63, 64, 199]);
        assert_eq!(group.iter().collect::<Vec<_>>(), [0, 63, 64, 199]);
        assert_eq!(group.union(group.others(200)), Group::all(200));
        assert!(!group.others(200).has(64));
        assert_eq!(Group::bits(0b101).to_string(), "AC");
    }
}
