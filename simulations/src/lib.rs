//! The same rules under false time: one seed, one run, the same run on every machine.
//!
//! Here, for now: the [`checker`], which tries the rules of ownership in every order of events up to a bound. Not
//! here: a clock, a thread, a socket, or anything iterated in an order that could differ between two runs.

pub mod checker;
