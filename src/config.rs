//! What the server was told: one typed value, and where each part of it comes from.
//!
//! Here: the settings ([`Config`]), the layers they are read from, and what is said about mistakes. Not here: the
//! flags themselves, which are the command line's. What must always hold: reading touches neither files nor the
//! environment but through what was handed in, and every mistake is named, with its place, at once.
//!
//! Later layers win: defaults, Spring's keys, the file, the environment, flags.

mod declare;
mod kinds;
mod listen;
mod settings;
mod value;

pub use declare::Setting;
pub use kinds::{Filter, LogFormat, Percent, Size};
pub use listen::Listen;
pub use settings::*;
