//! The server from outside, in one test binary.

mod architecture;
mod cluster;
mod contract;
mod operating;
mod process;
mod service;
