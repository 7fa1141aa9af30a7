//! Every file that pages load, in one table.
//!
//! What must always hold: a file of `assets/` is in the table or among those that reports carry within themselves.

/// A file that pages load.
#[derive(Clone, Copy, Debug)]
pub struct Asset {
    /// Its name below `ui/`.
    pub name: &'static str,
    /// The type of its content.
    pub mime: &'static str,
    /// Its content: files of `assets/` by name, one after the other.
    pub parts: &'static [(&'static str, &'static [u8])],
}

impl Asset {
    /// Its content.
    pub fn bytes(&self) -> Vec<u8> {
        let parts = self.parts.iter().flat_map(|(_, bytes)| bytes.iter());
        parts.copied().collect()
    }
}

const CSS: &str = "text/css; charset=utf-8";
const MODULE: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Files that the reports of simulations carry within themselves. No page loads them.
pub const INLINED: [&str; 3] = ["figures.css", "report.css", "report.js"];

macro_rules! assets {
    ($($name:literal: $mime:ident $(= $part:literal)+,)*) => {
        /// All files, by name.
        pub const ALL: &[Asset] = &[$(Asset {
            name: $name,
            mime: $mime,
            parts: &[$(($part, include_bytes!(concat!("../assets/", $part)))),+],
        }),*];
    };
}

assets! {
    "drawn.js": MODULE = "drawn.js",
    "instance.js": MODULE = "instance.js",
    "keys.js": MODULE = "keys.js",
    "live.js": MODULE = "live.js",
    "main.js": MODULE = "main.js",
    "mark-bad.svg": SVG = "mark-bad.svg",
    "mark-good.svg": SVG = "mark-good.svg",
    "mark-warn.svg": SVG = "mark-warn.svg",
    "morph.js": MODULE = "morph.js",
    "pages.css": CSS = "tokens.css" = "pages.css",
    "playback.js": MODULE = "playback.js",
    "query.js": MODULE = "query.js",
    "rows.js": MODULE = "rows.js",
    "search.js": MODULE = "search.js",
    "settings.js": MODULE = "settings.js",
    "times.js": MODULE = "times.js",
}

/// The file of a name.
pub fn find(name: &str) -> Option<&'static Asset> {
    ALL.iter().find(|asset| asset.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_is_in_the_table_or_within_a_report() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
        let files = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name());
        let found: BTreeSet<String> = files
            .map(|name| name.into_string().unwrap())
            .filter(|name| !INLINED.contains(&name.as_str()))
            .collect();
        let parts = ALL.iter().flat_map(|asset| asset.parts);
        let listed = parts.map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(found, listed);
    }

    #[test]
    fn no_file_speaks_of_another_origin() {
        for asset in ALL {
            let text = String::from_utf8(asset.bytes()).unwrap();
            let named = text
                .match_indices("://")
                .map(|(place, _)| &text[place + 3..]);
            let foreign = named.filter(|host| !host.starts_with("www.w3.org/"));
            assert_eq!(
                foreign.collect::<Vec<_>>(),
                Vec::<&str>::new(),
                "{}",
                asset.name
            );
        }
    }
}
