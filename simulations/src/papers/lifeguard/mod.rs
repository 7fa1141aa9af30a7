//! Lifeguard's question, asked of ours: whom do members accuse whose own readers stop for a while?
//!
//! Here: one run of stalls ([`stalls`]), the [`grid`] of many, and what it comes to. Not here: crashes in a group that
//! is well (`swim`). What must always hold: who is healthy is decided by the plan of a run, never by what members say.
//!
//! The paper (Dadgar, Phillips, Currey: Lifeguard: Local Health Awareness for More Accurate Failure Detection, DSN
//! 2018; arXiv:1707.00788) stops the reading of C members for D, lets them read for I, and repeats. It counts false
//! positives: members declared dead whose reading never stopped, by anyone (FP) and by members whose reading never
//! stopped either (FP−). Its abstracts claim, for its full set of extensions over SWIM as in memberlist: more than 50
//! times fewer FP, and in another setting a median latency 45 % shorter with three times fewer FP−. foca has neither
//! Lifeguard nor the shrinking suspicion of that paper; ours takes the idea of local health alone.

pub mod grid;
pub mod report;
pub mod stalls;
