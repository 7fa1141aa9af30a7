//! What the server was told: one typed value, and where each part of it comes from.
//!
//! Here: the settings ([`Config`]), the layers they are read from ([`load()`]), and what is said about mistakes. Not
//! here: the flags themselves, which are the command line's. What must always hold: reading touches neither files nor
//! the environment but through what was handed in, and every mistake is named, with its place, at once.
//!
//! Later layers win: defaults, Spring's keys, the file, the environment, flags.

mod declare;
mod given;
mod kinds;
mod layers;
mod listen;
mod lists;
mod load;
mod rules;
mod seeds;
mod settings;
pub mod show;
mod spring;
mod value;

#[cfg(test)]
mod tests;

pub use declare::Setting;
pub use given::{Given, Mistake, Mistakes, Place};
pub use kinds::{Actions, Directory, Filter, LogFormat, PagePath, Percent, Size};
pub use listen::{Advertise, Listen};
pub use lists::{Networks, Words};
pub use load::{Flags, Loaded, Sources, load};
pub use seeds::Seeds;
pub use settings::*;
pub use spring::{Class, SpringKey};
