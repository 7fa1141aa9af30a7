//! All zones, and what is left without one.

use askama::Template;

use crate::frame::Frame;
use crate::parts::{Bar, HeatMap, Level, Link, Search};
use crate::services::SortLink;

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "zones.html")]
pub struct ZonesPage {
    /// What stands around it.
    pub frame: Frame,
    /// The zones.
    pub zones: Vec<ZoneCard>,
    /// How evenly instances that are up are spread, in a sentence.
    pub balance: String,
    /// The field for a query.
    pub search: Search,
    /// Sorts the map by what is worst, or by name.
    pub sorts: (SortLink, SortLink),
    /// Services by zones.
    pub map: HeatMap,
}

/// A zone.
#[derive(Clone, Debug, Default)]
pub struct ZoneCard {
    /// It, and all its instances.
    pub name: Link,
    /// Its instances by status.
    pub bar: Bar,
    /// How many are up.
    pub up: u64,
    /// Servers of the registry that stand in it, by name.
    pub servers: Vec<String>,
    /// How many services it has.
    pub services: u64,
    /// Services that are nowhere else.
    pub only_here: Vec<Link>,
    /// How many more of these there are.
    pub only_here_more: usize,
    /// How many leases kept by this server are silent there.
    pub silent: u64,
    /// How many leases a guard holds there.
    pub protected: u64,
    /// What losing it would mean, in a few words, and how bad that is.
    pub loss: (Level, String),
    /// Thinks it away, or back.
    pub toggle: Link,
    /// Whether it is thought away.
    pub lost: bool,
}
