//! The status of an instance.

use askama::Template;
use askama::filters::HtmlSafe;

/// The status of an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It serves.
    Up,
    /// It says that it does not serve.
    Down,
    /// It is about to serve.
    Starting,
    /// Somebody took it out.
    OutOfService,
    /// It says nothing that is known.
    #[default]
    Unknown,
}

impl Status {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 5] = [
        Self::Up,
        Self::Starting,
        Self::OutOfService,
        Self::Unknown,
        Self::Down,
    ];

    /// The status of a name, as Eureka spells it.
    pub fn named(name: &str) -> Self {
        let named = |status: &Self| status.name() == name;
        Self::ALL.into_iter().find(named).unwrap_or_default()
    }

    /// Its name, as Eureka spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Up => "UP",
            Self::Down => "DOWN",
            Self::Starting => "STARTING",
            Self::OutOfService => "OUT_OF_SERVICE",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// Its sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Up => "✓",
            Self::Down => "✕",
            Self::Starting => "◔",
            Self::OutOfService => "⊘",
            Self::Unknown => "?",
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Starting => "starting",
            Self::OutOfService => "out of service",
            Self::Unknown => "unknown",
        }
    }

    /// Its class in styles.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Starting => "starting",
            Self::OutOfService => "out",
            Self::Unknown => "unknown",
        }
    }
}

/// A status as it is shown: by colour, sign and word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Template)]
#[template(
    ext = "html",
    source = "<span class=\"status {{ status.class() }}\"><i aria-hidden=\"true\">{{ status.sign() }}</i>{{ status.word() }}</span>"
)]
pub struct Badge {
    status: Status,
}

impl HtmlSafe for Badge {}

impl Badge {
    /// The status of a name, as Eureka spells it.
    pub fn named(name: &str) -> Self {
        Status::named(name).into()
    }

    /// The status.
    pub const fn status(self) -> Status {
        self.status
    }
}

impl From<Status> for Badge {
    fn from(status: Status) -> Self {
        Self { status }
    }
}
