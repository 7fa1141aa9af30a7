//! Membership and agreement on versioned records.
//!
//! Here: what "newer" means between servers ([`version`]). Not here: a word of Eureka, a socket, a clock.
//! Everything in this package is a value; time and chance are handed in.

pub mod version;
