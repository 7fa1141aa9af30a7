//! Services by zones: where how many are up.

use askama::Template;
use askama::filters::HtmlSafe;

use super::{Level, Link};

/// Services by zones, the worst service first; and what is left should a zone be lost.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "parts/heat.html")]
pub struct HeatMap {
    /// The zones.
    pub zones: Vec<ZoneHead>,
    /// The services.
    pub rows: Vec<HeatRow>,
    /// The zone that is thought away.
    pub lost: Option<Lost>,
}

impl HtmlSafe for HeatMap {}

/// The head of a zone's column.
#[derive(Clone, Debug, Default)]
pub struct ZoneHead {
    /// The zone, and all its instances.
    pub name: Link,
    /// Thinks it away, or back.
    pub toggle: Link,
    /// Whether it is thought away.
    pub lost: bool,
}

/// A service.
#[derive(Clone, Debug, Default)]
pub struct HeatRow {
    /// The service.
    pub service: Link,
    /// How bad it is.
    pub level: Level,
    /// What is worst about it, in words.
    pub worst: String,
    /// All its instances.
    pub all: Cell,
    /// Its instances zone by zone.
    pub cells: Vec<Cell>,
    /// What would be left of it.
    pub left: Option<Left>,
}

/// Instances of a service in a zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Template)]
#[template(path = "parts/cell.html")]
pub struct Cell {
    /// The zone; empty for all of them.
    pub zone: String,
    /// How many are up.
    pub up: u64,
    /// How many there are; 0 is an empty cell.
    pub of: u64,
    /// Where they are listed.
    pub href: String,
    /// Whether the zone is thought away.
    pub lost: bool,
}

impl HtmlSafe for Cell {}

/// What would be left of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// How many would be up.
    pub up: u64,
    /// How many are up now.
    pub of: u64,
}

/// A zone that is thought away.
#[derive(Clone, Debug, Default)]
pub struct Lost {
    /// The zone.
    pub zone: String,
    /// What that would mean, in a sentence.
    pub sentence: String,
    /// How bad that would be.
    pub level: Level,
    /// Back to how things are.
    pub back: String,
}

impl Cell {
    fn class(&self) -> &'static str {
        match (self.of, self.up) {
            _ if self.lost => "lost",
            (0, _) => "empty",
            (_, 0) => "none",
            (of, up) if of == up => "all",
            (of, up) if up * 2 < of => "few",
            _ => "most",
        }
    }

    fn sign(&self) -> &'static str {
        match self.class() {
            "all" => "✓",
            "none" => "✕",
            "lost" => "–",
            _ => "▲",
        }
    }

    fn words(&self) -> String {
        format!("{} of {} up", self.up, self.of)
    }
}

impl Left {
    fn level(self) -> Level {
        match (self.up, self.of) {
            (0, _) => Level::Bad,
            (up, of) if up * 2 <= of => Level::Warn,
            _ => Level::Good,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_tells_how_bad_it_is() {
        let class = |up, of| {
            Cell {
                up,
                of,
                ..Cell::default()
            }
            .class()
        };
        assert_eq!(
            [
                class(0, 0),
                class(0, 2),
                class(1, 3),
                class(2, 3),
                class(3, 3)
            ],
            ["empty", "none", "few", "most", "all"]
        );
    }

    #[test]
    fn what_is_left_is_bad_when_nothing_is_and_good_when_it_is_most() {
        let level = |up, of| Left { up, of }.level();
        assert_eq!(
            [level(0, 2), level(2, 4), level(2, 3)],
            [Level::Bad, Level::Warn, Level::Good]
        );
    }
}
