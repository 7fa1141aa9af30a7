//! The server from outside, in one test binary.

mod architecture;
mod cluster;
mod contract;
mod ids;
mod operating;
mod process;
mod remembering;
mod service;
