//! What must hold of Peerage whatever it is sent. The fuzz targets send it.
//!
//! Here: one function for each kind of input, which panics if something does not hold. Not here: making inputs, which
//! is libFuzzer's. What must always hold: the same input does the same in every run.

mod batch;
mod between;
mod calls;
mod document;
mod names;
mod registration;
mod server;

/// The tests' readers of answers, so that tests and fuzz targets mean the same by a well-formed one.
#[path = "../../it/contract"]
#[expect(dead_code, reason = "the tests use more of it")]
mod contract {
    pub(crate) mod memory;
    pub(crate) mod shape;
    pub(crate) mod xml;
}

pub use batch::batch;
pub use between::{datagram, gossip, seeds, snapshot, stream};
pub use calls::calls;
pub use names::names;
pub use registration::registration;
