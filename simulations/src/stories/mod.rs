//! Stories: a cluster, what goes wrong in it, and what is expected then, in a file that a person can read and write.
//!
//! Here: the files that come with Peerage ([`catalogue`]), reading one ([`story`]), and judging what came of it
//! ([`verdict`]). Not here: what happens (`world`), and how it is told (`report`). What must always hold: a file that
//! is not understood whole is refused, with every mistake, its place and what would be right.
//!
//! A story becomes a [`Plan`](crate::world::plan::Plan), which any model can play, and expectations, which are pure
//! functions of the [`Film`](crate::world::film::Film) that comes of it. `simulations/stories/README.md` has every key.

pub mod cast;
pub mod catalogue;
mod clients;
pub mod expectation;
mod links;
mod misfortunes;
pub mod source;
pub mod story;
mod times;
pub mod values;
pub mod verdict;
