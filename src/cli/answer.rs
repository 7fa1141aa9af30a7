//! What a command answers: a text and an exit code.

use std::io::{self, Write};
use std::process::ExitCode;

/// Everything was done, and all is well.
pub const DONE: u8 = 0;
/// Something failed.
pub const FAILED: u8 = 1;
/// What was asked cannot be done as it was asked: a flag, a setting.
pub const MISUSED: u8 = 2;
/// It was done, and what was found is not well: unhealthy, or different.
pub(super) const UNWELL: u8 = 3;
/// Nobody answers at the address.
pub(super) const UNREACHABLE: u8 = 4;
/// The server wants credentials.
pub(super) const DENIED: u8 = 5;

/// What a command prints, and the code to exit with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What to print.
    pub text: String,
    /// The code to exit with.
    pub code: u8,
}

impl Answer {
    /// Nothing more to say: it was printed as it came.
    pub(super) const fn done() -> Self {
        Self {
            text: String::new(),
            code: DONE,
        }
    }

    /// Prints it, on standard error if it is about mistakes. A reader that went away is no failure.
    pub fn give(&self) -> ExitCode {
        let printed = match self.code {
            DONE | UNWELL => io::stdout().write_all(self.text.as_bytes()),
            _ => io::stderr().write_all(self.text.as_bytes()),
        };
        match printed {
            Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(FAILED),
            _ => ExitCode::from(self.code),
        }
    }
}
