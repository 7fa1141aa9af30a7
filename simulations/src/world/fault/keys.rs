//! The keys of a cluster in which one replaces another.
//!
//! Here: what a host may have of them. Not here: keys (`peers::keys`). What must always hold: hosts that are no more than
//! one step apart understand each other.

use std::fmt;

use peers::keys::{ClusterKey, KEY_BYTES, Keyring};

/// Which of two keys a host has, step by step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// None: whoever speaks is heard.
    #[default]
    None,
    /// The old one.
    Old,
    /// Both; it uses the old one.
    OldFirst,
    /// Both; it uses the new one.
    NewFirst,
    /// The new one.
    New,
}

impl Keys {
    /// What the old key is replaced by, step by step.
    pub const STEPS: [Self; 3] = [Self::OldFirst, Self::NewFirst, Self::New];

    /// The keys by number, the one that is used first.
    const fn numbers(self) -> &'static [u8] {
        match self {
            Self::None => &[],
            Self::Old => &[1],
            Self::OldFirst => &[1, 2],
            Self::NewFirst => &[2, 1],
            Self::New => &[2],
        }
    }

    /// The keys themselves, if there are any.
    pub fn ring(self) -> Option<Keyring> {
        let keys = self.numbers().iter();
        Keyring::new(keys.map(|number| ClusterKey::new([*number; KEY_BYTES]))).ok()
    }

    /// Whether two hosts that have these take what the other says.
    pub fn understands(self, other: Self) -> bool {
        let takes = |one: Self, other: Self| {
            let used = other.numbers().first();
            used.is_none_or(|used| one.numbers().contains(used))
        };
        (self == Self::None) == (other == Self::None) && takes(self, other) && takes(other, self)
    }
}

impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no key",
            Self::Old => "the old key",
            Self::OldFirst => "the old key, and accepts the new one",
            Self::NewFirst => "the new key, and accepts the old one",
            Self::New => "the new key",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Keys::{New, NewFirst, None, Old, OldFirst};

    #[test]
    fn hosts_one_step_apart_understand_each_other_and_others_do_not() {
        let steps = [Old, OldFirst, NewFirst, New];
        for (one, keys) in steps.into_iter().enumerate() {
            for (other, others) in steps.into_iter().enumerate() {
                assert_eq!(keys.understands(others), one.abs_diff(other) <= 1);
            }
            assert!(!keys.understands(None) && !None.understands(keys));
        }
        assert!(None.understands(None));
    }
}
