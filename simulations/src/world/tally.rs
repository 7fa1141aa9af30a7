//! How often things of a kind happened: faults, and rules of ownership.
//!
//! Here: counting, and what every sweep has to have exercised. Not here: who counts.

use std::collections::BTreeMap;
use std::fmt;

use super::fault::Fault;

/// How often things of each kind happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(pub BTreeMap<&'static str, u64>);

/// The rules of ownership, of agreement and of protection that a sweep has to exercise.
pub const RULES: [&str; 25] = [
    "registration from a peer",
    "metadata from a peer",
    "override from a peer",
    "cancel from a peer",
    "eviction from a peer",
    "relay sent",
    "relay heard",
    "adoption",
    "refutation",
    "restatement",
    "drop of what others deleted",
    "eviction by the owner",
    "eviction by a steward",
    "orphans kept",
    "protection of all",
    "protection of a zone",
    "isolation",
    "isolation over",
    "cold start",
    "epoch taken",
    "compare",
    "pull",
    "beat answered by 404",
    "503 while not ready",
    "503 after a stall",
];

impl Tally {
    /// Counts something.
    pub fn count(&mut self, kind: &'static str) {
        self.add(kind, 1);
    }

    /// Counts something that happened so often.
    pub fn add(&mut self, kind: &'static str, often: u64) {
        if often > 0 {
            *self.0.entry(kind).or_default() += often;
        }
    }

    /// Takes over what another has counted.
    pub fn join(&mut self, other: &Self) {
        for (kind, often) in &other.0 {
            self.add(kind, *often);
        }
    }

    /// How often something happened.
    pub fn of(&self, kind: &str) -> u64 {
        self.0.get(kind).copied().unwrap_or_default()
    }

    /// What never happened though every sweep should have it: kinds of faults, and rules.
    pub fn missing(&self) -> Vec<&'static str> {
        let all = Fault::KINDS.into_iter().chain(RULES);
        all.filter(|kind| self.of(kind) == 0).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (title, kinds) in [("faults", &Fault::KINDS[..]), ("rules", &RULES[..])] {
            writeln!(f, "{title}:")?;
            for kind in kinds {
                writeln!(f, "  {kind:<30} {:>9}", self.of(kind))?;
            }
        }
        let named = |kind: &&str| Fault::KINDS.contains(kind) || RULES.contains(kind);
        writeln!(f, "besides:")?;
        for (kind, often) in self.0.iter().filter(|(kind, _)| !named(kind)) {
            writeln!(f, "  {kind:<30} {often:>9}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_happened_is_missing() {
        let mut tally = Tally::default();
        tally.count("cut");
        tally.add("relay sent", 7);
        tally.add("adoption", 0);
        let missing = tally.missing();
        assert!(!missing.contains(&"cut") && !missing.contains(&"relay sent"));
        assert!(missing.contains(&"adoption") && missing.contains(&"note"));
        assert_eq!(missing.len(), Fault::KINDS.len() + RULES.len() - 2);
    }
}
