//! Types of values that the standard library lacks.
//!
//! Here: plain types the server reads its settings as. Not here: how they are written ([`value`](super::value)).

use std::path::{Path, PathBuf};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

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

/// Whether operators may act through the API and the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Actions {
    /// From this machine.
    Auto,
    /// Nobody.
    Off,
    /// Everybody who reaches the server.
    On,
}

impl Actions {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Off, Self::On];

    /// What it is called in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Off => "off",
            Self::On => "on",
        }
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

    /// What [`Auto`](Self::Auto) comes to, on a terminal or not.
    pub const fn resolved(self, terminal: bool) -> Self {
        match (self, terminal) {
            (Self::Auto, true) => Self::Text,
            (Self::Auto, false) => Self::Json,
            _ => self,
        }
    }
}

/// Which lines of the log are written, as `tracing` spells it: `info`, or `peerage=debug,warn`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Filter(String);

impl Filter {
    /// A filter, or why it is none.
    ///
    /// A word alone must be a level. `tracing` would take any other for a target, and a misspelt level would then
    /// silence the whole log.
    pub fn new(text: &str) -> Result<Self, String> {
        let lone_word =
            |part: &&str| !part.contains(['=', '[']) && part.parse::<LevelFilter>().is_err();
        if let Some(word) = text.split(',').map(str::trim).find(lone_word) {
            return Err(format!("'{word}' is no level"));
        }
        EnvFilter::builder()
            .parse(text)
            .map_err(|cause| cause.to_string())?;
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

/// Where pages are: a path that hides nothing else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PagePath(String);

impl PagePath {
    /// What is served at fixed paths, beside pages.
    const TAKEN: [&str; 5] = ["/eureka", "/api", "/metrics", "/health", "/ui"];

    /// A path, or what would be right.
    pub fn new(text: &str) -> Result<Self, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
        if !text.starts_with('/') || !text.chars().all(plain) {
            return Err(format!(
                "'{text}' is not a path; begin with a slash and use letters, digits, and - _ . ~"
            ));
        }
        let first_part = text[1..].split('/').next();
        match Self::TAKEN
            .into_iter()
            .find(|taken| first_part == taken.strip_prefix('/'))
        {
            Some(taken) => Err(format!(
                "'{text}' would hide what is served at {taken}; choose / or /dashboard"
            )),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// `/`, as Eureka's.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A directory, which need not be there yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Directory(PathBuf);

impl Directory {
    /// The directory at a path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// A file that is read when it is needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File(PathBuf);

impl File {
    /// The file at a path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}
