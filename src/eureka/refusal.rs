//! Why a body is refused.

use std::fmt;

use crate::registry::instance::AppName;

/// Why a body is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be read. The reason is for the log; clients get
    /// [`Format::cannot_parse`](super::Format::cannot_parse).
    Unparsable(String),
    /// It is beyond one of the limits, which the Java server does not have. Clients get the reason.
    TooLarge(String),
    /// It can be read, and breaks a rule. Clients get the fault in its own words.
    Invalid(Fault),
}

impl Refusal {
    /// A refusal for the log.
    pub(super) fn unparsable(reason: impl fmt::Display) -> Self {
        Self::Unparsable(reason.to_string())
    }

    /// A refusal for being beyond a limit.
    pub(super) fn too_large(reason: impl fmt::Display) -> Self {
        Self::TooLarge(reason.to_string())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unparsable(reason) => write!(f, "unreadable body: {reason}"),
            Self::TooLarge(reason) => write!(f, "too large a body: {reason}"),
            Self::Invalid(fault) => write!(f, "invalid registration: {fault}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// What a registration lacks. Shown in the words of the Java server, which scripts compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Neither an id nor anything that could stand in for it.
    NoId,
    /// No host name.
    NoHostName,
    /// No address.
    NoAddress,
    /// An empty application name.
    NoApp,
    /// The application is not the one of the path.
    OtherApp {
        /// The one of the path.
        expected: AppName,
        /// The one of the body.
        found: AppName,
    },
    /// A NUL in the application's name or the id: no path could name the instance.
    Unnameable,
    /// No data centre.
    NoDataCenter,
    /// A data centre without a name.
    NoDataCenterName,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoId => f.write_str("Missing instanceId"),
            Self::NoHostName => f.write_str("Missing hostname"),
            Self::NoAddress => f.write_str("Missing ip address"),
            Self::NoApp => f.write_str("Missing appName"),
            Self::OtherApp { expected, found } => {
                write!(
                    f,
                    "Mismatched appName, expecting {expected} but was {found}"
                )
            }
            Self::Unnameable => f.write_str("NUL in appName or instanceId"),
            Self::NoDataCenter => f.write_str("Missing dataCenterInfo"),
            Self::NoDataCenterName => f.write_str("Missing dataCenterInfo Name"),
        }
    }
}
