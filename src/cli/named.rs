//! Instances as people name them: `APP/ID`.

use std::fmt;
use std::str::FromStr;

use super::text::{plain, quoted};

/// The application and the id of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The application.
    pub(super) app: String,
    /// The id there, which may have slashes.
    pub(super) id: String,
}

impl Named {
    /// It as one word of a shell.
    pub(super) fn word(&self) -> String {
        quoted(&format!("{}/{}", self.app, self.id))
    }
}

impl fmt::Display for Named {
    /// Fit for a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", plain(&self.app), plain(&self.id))
    }
}

impl FromStr for Named {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('/') {
            Some((app, id)) if !app.is_empty() && !id.is_empty() => Ok(Self {
                app: app.to_owned(),
                id: id.to_owned(),
            }),
            _ => Err("write it as APPLICATION/ID, as `peerage instances` lists them"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_slash_divides() {
        let named: Named = "ORDERS/a/b c".parse().unwrap();
        assert_eq!((&*named.app, &*named.id), ("ORDERS", "a/b c"));
        assert_eq!(named.word(), "'ORDERS/a/b c'");
        for wrong in ["", "ORDERS", "/x", "ORDERS/"] {
            assert!(wrong.parse::<Named>().is_err(), "{wrong}");
        }
    }
}
