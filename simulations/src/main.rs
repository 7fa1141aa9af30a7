//! Simulations from the command line: `cargo sim`.
//!
//! Here: nothing but the way in. What must always hold: 0 says that all held, 1 that something did not, 2 that the
//! question was not understood.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
