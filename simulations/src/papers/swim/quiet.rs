//! One quiet minute.
//!
//! Here: what a member sends while nothing happens.

use std::time::Duration;

use crate::papers::group::{Group, Made};
use crate::papers::variant::Variant;

/// A group is left alone this long before it is counted: the news of its forming has died out by then.
const SETTLED: Duration = Duration::from_secs(60);
/// It is counted for so long.
const COUNTED: Duration = Duration::from_secs(60);

/// What a member sends while nothing happens.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quiet {
    /// Datagrams a second.
    pub datagrams: f64,
    /// Bytes in them a second, without the headers of UDP and below.
    pub bytes: f64,
}

/// Counts what a group sends.
pub fn run(variant: Variant, size: usize, seed: u64, talking: bool) -> Quiet {
    let made = Made {
        variant,
        size,
        talking,
        seed,
    };
    let mut group = Group::formed(made);
    group.run(SETTLED);
    let before = group.sent;
    group.run(COUNTED);
    let each = |count: u64| count as f64 / COUNTED.as_secs_f64() / size as f64;
    Quiet {
        datagrams: each(group.sent.datagrams - before.datagrams),
        bytes: each(group.sent.bytes - before.bytes),
    }
}
