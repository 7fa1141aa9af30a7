//! What was given, where, and what is wrong with it.
//!
//! Here: places, values as they were written, and mistakes. Not here: how they are found.

use std::{fmt, io};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Nobody said anything.
    Default,
    /// A line of the configuration file.
    File {
        /// The file as it was named.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The key as it stands there.
        key: String,
    },
    /// A variable of the environment.
    Environment(String),
    /// A flag of the command line.
    Flag(&'static str),
    /// A line of a file with Spring's keys.
    SpringFile {
        /// The file as it was named.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The key as it stands there.
        key: String,
    },
    /// A variable of the environment with one of Spring's names.
    SpringEnvironment(String),
}

impl Place {
    /// How a mistake there begins.
    pub(super) fn of_mistake(&self) -> String {
        match self {
            Self::Default => "default".to_owned(),
            Self::File { path, line, key } | Self::SpringFile { path, line, key } => {
                format!("{path}:{line}: {key}")
            }
            Self::Environment(name) | Self::SpringEnvironment(name) => name.clone(),
            Self::Flag(flag) => (*flag).to_owned(),
        }
    }

    /// The place alone, without the key of Spring's that stands there.
    pub(super) fn spot(&self) -> String {
        match self {
            Self::Default => "default".to_owned(),
            Self::File { path, line, .. } | Self::SpringFile { path, line, .. } => {
                format!("{path}:{line}")
            }
            Self::Environment(name) | Self::SpringEnvironment(name) => format!("env {name}"),
            Self::Flag(flag) => format!("flag {flag}"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SpringFile { key, .. } => write!(f, "spring {} {key}", self.spot()),
            Self::SpringEnvironment(_) => write!(f, "spring {}", self.spot()),
            _ => f.write_str(&self.spot()),
        }
    }
}

/// A value as it was written, for a key that may or may not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The setting it is meant for.
    pub key: String,
    /// The value as it was written.
    pub text: String,
    /// Where it was written.
    pub place: Place,
}

/// Something wrong, where it is, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    place: String,
    message: String,
}

impl Mistake {
    /// A mistake in a value.
    pub fn at(place: &Place, message: impl Into<String>) -> Self {
        Self {
            place: place.of_mistake(),
            message: message.into(),
        }
    }

    /// A mistake in a file as a whole, or on a line of it.
    pub fn in_file(path: &str, line: Option<usize>, message: impl Into<String>) -> Self {
        let place = line.map_or_else(|| path.to_owned(), |line| format!("{path}:{line}"));
        Self {
            place,
            message: message.into(),
        }
    }

    /// A file that cannot be read, and what to do. `by` is what names the file.
    pub(super) fn unreadable(path: &str, cause: &io::Error, by: &str) -> Self {
        let message = match cause.kind() {
            io::ErrorKind::NotFound => {
                format!("there is no such file; name one that exists with {by}, or none at all")
            }
            io::ErrorKind::IsADirectory => {
                format!("is a directory, not a file; remove it, or name a file with {by}")
            }
            io::ErrorKind::PermissionDenied => {
                "this user may not read it; grant that, or run as one who may".to_owned()
            }
            io::ErrorKind::InvalidData => "is no text; save it in UTF-8".to_owned(),
            _ => format!("cannot be read: {cause}; name another with {by}"),
        };
        Self::in_file(path, None, message)
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

/// All mistakes, in the order of the layers. Never empty when returned as an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    /// One per line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, mistake) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { "\n" };
            write!(f, "{separator}{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}
