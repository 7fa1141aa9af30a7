//! How bad something is.

/// How bad something is. Always told by colour, sign and word at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    #[default]
    Good,
    /// Somebody should look at it by day.
    Warn,
    /// Somebody should look at it now.
    Bad,
}

impl Level {
    /// Its class in styles, and its name in the names of icons.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }

    /// Its sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Warn => "▲",
            Self::Bad => "✕",
        }
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "fine",
            Self::Warn => "look at it",
            Self::Bad => "act",
        }
    }
}
