//! Types of values that the standard library lacks.
//!
//! Here: plain types the server reads its settings as. Not here: how they are written ([`value`](super::value)).

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(usize);

impl Size {
    /// So many bytes.
    pub const fn from_bytes(bytes: usize) -> Self {
        Self(bytes)
    }

    /// So many kibibytes.
    pub const fn from_kib(kib: usize) -> Self {
        Self(kib << 10)
    }

    /// So many mebibytes.
    pub const fn from_mib(mib: usize) -> Self {
        Self(mib << 20)
    }

    /// How many bytes.
    pub const fn bytes(self) -> usize {
        self.0
    }
}

/// A share in whole percent, from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u8);

impl Percent {
    /// So many percent; nothing above 100.
    pub const fn new(percent: u8) -> Option<Self> {
        if percent <= 100 {
            Some(Self(percent))
        } else {
            None
        }
    }

    /// How many percent.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// How lines of the log look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogFormat {
    /// Text on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Text,
    /// One object per line.
    Json,
    /// `key=value` pairs.
    Logfmt,
}

impl LogFormat {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Text, Self::Json, Self::Logfmt];

    /// What it is called in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Text => "text",
            Self::Json => "json",
            Self::Logfmt => "logfmt",
        }
    }
}

/// Which lines of the log are written, as `tracing` spells it: `info`, or `peerage=debug,warn`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filter(String);

impl Filter {
    /// A filter, if it is one.
    pub fn new(text: &str) -> Result<Self, ParseError> {
        EnvFilter::builder().parse(text)?;
        Ok(Self(text.to_owned()))
    }

    /// Life events and what is worse.
    pub fn info() -> Self {
        Self("info".to_owned())
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.0
    }
}
