//! Membership and agreement on versioned records.
//!
//! Here: what "newer" means between servers ([`version`]); who is there, by gossip ([`membership`]), with the small
//! [`heads`] that announce what each has written; what peers agree on ([`record`]), and how a set of records becomes
//! the same everywhere ([`agreement`], with [`vector`] and [`log`]). Not here: what the records say, a socket, a
//! clock. Everything in this package is a value; time and chance are handed in.

pub mod agreement;
pub mod envelope;
pub mod frame;
pub mod heads;
pub mod health;
pub mod identity;
pub mod item;
pub mod log;
pub mod membership;
pub mod node;
pub mod pace;
pub mod record;
pub mod replica;
#[cfg(test)]
mod shelf;
pub mod surroundings;
pub mod timers;
pub mod vector;
pub mod version;
