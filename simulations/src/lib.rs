//! The same rules under false time: one seed, one run, the same run on every machine.
//!
//! Here: the [`world`], in which real registries and nodes live under faults, and the [`invariants`] that must hold
//! in it; [`stories`] for people, and the [`report`]s of what came of them; and the [`checker`], which tries the rules
//! of ownership in every order of events up to a bound. Not here: a clock, a socket, or anything iterated in an order
//! that could differ between two runs.

pub mod checker;
pub mod invariants;
pub mod java;
pub mod papers;
pub mod report;
pub mod stories;
pub mod world;
