//! The server from outside, in one test binary.

mod architecture;
mod cluster;
mod command_line;
mod contract;
mod ids;
#[expect(clippy::unwrap_used, reason = "what is not as expected fails the test")]
mod native;
mod operating;
mod packaging;
mod process;
mod remembering;
mod service;
mod snapshots;
mod stream;
mod supervised;
mod web_ui;
