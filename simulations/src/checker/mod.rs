//! The rules of ownership, tried in every order of events up to a bound.
//!
//! Three peers, one instance, one client. An [`event`] is what nobody can foresee: the client registers, turns to
//! another server, cancels (while its last beat may be on the way to another peer), dies; links are cut or heal; a peer
//! restarts with an empty memory; an interval passes. What follows from it by the [`rules`] follows at once, so eight
//! events are a long story. [`explore()`] visits every [`world`] that so many events can lead to, nearest first, and
//! asks after each whether the [`properties`] hold. What it finds is a shortest story, and the same in every run.
//!
//! # What is left out, and why that is sound
//!
//! - **Streams, vectors, pulls.** After every event peers that reach each other exchange all they store. A message
//!   that is late is a link that is cut and heals, so every order in which three peers can hear of each other is
//!   there; only it costs events. A relay alone is always one event late. That streams and vectors do carry
//!   everything is for the simulation of the real code to show.
//! - **Single links.** Two peers that both reach a third reach each other, by way of it; so three peers are whole, or
//!   one is without the others, or all are.
//! - **Detection.** A peer that is not reached is not up, at once. Slower detection is a later cut.
//! - **Time.** The client beats once in an interval, and a lease is over two intervals after the last of them. A sweep
//!   follows right after the beat, which is the worst moment: all who heard the client heard it before.
//! - **The steward** is whoever waited longest, since any would write the very same record; protection and the test of
//!   how many are left only make it later, so what it does here it may do there, and what must end ends later.
//! - **Downtime.** A peer that is down is cut off, and restarts before it is linked again. Epochs never go back.
//! - **Forgetting the dead.** Eight events are shorter than the memory of dead records.
//! - **Clocks** agree, or one of them is far ahead of all the others. Ages are exact.
//!
//! So what is claimed is this: within the bound, no order of these events breaks a property. It says nothing of many
//! keys, of overrides, or of what only more events can do.

mod canonical;
pub mod event;
mod exchange;
pub mod explore;
pub mod properties;
pub mod record;
pub mod rules;
mod telling;
#[cfg(test)]
mod tests;
pub mod world;
mod writes;

pub use explore::explore;
