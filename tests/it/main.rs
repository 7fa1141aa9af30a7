//! The server from outside, in one test binary.

mod architecture;
mod contract;
mod process;
mod service;
