//! The five statuses, and which one is shown.
//!
//! Here: [`Status`] and the rule chain as one decision ([`shown`]). Not here: who may write what, which is the
//! registry's. What must always hold: what is shown is a pure function of the record, so all servers show the same.

use std::fmt;
use std::str::FromStr;

/// What an instance says of itself, or an operator of it.
///
/// The order is alphabetical by name, which is the order of the hash code that clients compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Cannot serve.
    Down,
    /// Could serve, and is kept from it.
    OutOfService,
    /// Not yet able to serve.
    Starting,
    /// Nothing is known. Its heartbeats are answered as unknown, so that the client registers again.
    Unknown,
    /// Serves.
    Up,
}

impl Status {
    /// All of them, in the order of the hash code.
    pub const ALL: [Self; 5] = [
        Self::Down,
        Self::OutOfService,
        Self::Starting,
        Self::Unknown,
        Self::Up,
    ];

    /// The name every client knows it by.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Down => "DOWN",
            Self::OutOfService => "OUT_OF_SERVICE",
            Self::Starting => "STARTING",
            Self::Unknown => "UNKNOWN",
            Self::Up => "UP",
        }
    }

    /// Whether an override has a say over it. Of an instance that says it is down, starting or unknown, nobody
    /// else can say that it serves.
    pub const fn yields(self) -> bool {
        matches!(self, Self::Up | Self::OutOfService)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoStatus;

impl FromStr for Status {
    type Err = NoStatus;

    /// Only the exact upper-case names are statuses.
    fn from_str(name: &str) -> Result<Self, NoStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.name() == name)
            .ok_or(NoStatus)
    }
}

/// The status to show of an instance that says `own` of itself, under an override, if there is one.
///
/// A status call may also lift an instance that said it was down or starting *before* the call (`predates`): then
/// the override is the later word. What the instance says after that is believed again.
pub const fn shown(own: Status, predates: bool, by_override: Option<Status>) -> Status {
    match by_override {
        Some(status) if own.yields() || predates => status,
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Down, OutOfService, Starting, Unknown, Up};

    /// Own status × override, written out by hand. `None` in the first row is no override.
    #[test]
    fn the_rule_chain_is_this_table() {
        let overrides = [
            None,
            Some(Down),
            Some(OutOfService),
            Some(Starting),
            Some(Unknown),
            Some(Up),
        ];
        let table = [
            (Down, [Down, Down, Down, Down, Down, Down]),
            (
                OutOfService,
                [OutOfService, Down, OutOfService, Starting, Unknown, Up],
            ),
            (
                Starting,
                [Starting, Starting, Starting, Starting, Starting, Starting],
            ),
            (
                Unknown,
                [Unknown, Unknown, Unknown, Unknown, Unknown, Unknown],
            ),
            (Up, [Up, Down, OutOfService, Starting, Unknown, Up]),
        ];
        for (own, row) in table {
            for (by_override, expected) in overrides.into_iter().zip(row) {
                assert_eq!(
                    shown(own, false, by_override),
                    expected,
                    "{own} under {by_override:?}"
                );
            }
        }
    }

    #[test]
    fn a_later_override_speaks_for_an_instance_that_was_starting() {
        for own in Status::ALL {
            assert_eq!(shown(own, true, Some(Up)), Up);
            assert_eq!(shown(own, true, None), own);
        }
    }

    #[test]
    fn names_are_read_back_and_only_exactly() {
        for status in Status::ALL {
            assert_eq!(status.name().parse(), Ok(status));
            assert_eq!(
                status.name().to_lowercase().parse::<Status>(),
                Err(NoStatus)
            );
        }
    }

    #[test]
    fn the_order_of_statuses_is_that_of_their_names() {
        assert!(Status::ALL.is_sorted_by_key(|status| status.name()));
    }
}
