//! All services in one dense table.

use askama::Template;

use crate::frame::Frame;
use crate::parts::{Bar, Cell, Level, Link, Search, When};

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "services.html")]
pub struct ServicesPage {
    /// What stands around it.
    pub frame: Frame,
    /// The field for a query.
    pub search: Search,
    /// How many services there are in all.
    pub total: u64,
    /// The zones, one column each.
    pub zones: Vec<String>,
    /// The heads by which one can sort.
    pub sorts: Sorts,
    /// The services.
    pub rows: Vec<ServiceLine>,
}

/// The heads by which one can sort.
#[derive(Clone, Debug, Default)]
pub struct Sorts {
    /// By name.
    pub name: SortLink,
    /// By what is worst.
    pub worst: SortLink,
    /// By how many instances.
    pub instances: SortLink,
    /// By the last change.
    pub changed: SortLink,
}

/// A head by which one can sort.
#[derive(Clone, Debug, Default)]
pub struct SortLink {
    /// The table, sorted by it.
    pub href: String,
    /// Whether it is sorted by it now.
    pub now: bool,
}

/// A service in one line.
#[derive(Clone, Debug, Default)]
pub struct ServiceLine {
    /// It.
    pub service: Link,
    /// How bad it is.
    pub level: Level,
    /// What is worst about it; empty if it is well.
    pub worst: String,
    /// Its instances by status.
    pub bar: Bar,
    /// How many are up.
    pub up: u64,
    /// Its instances zone by zone.
    pub cells: Vec<Cell>,
    /// How many versions its instances say they are.
    pub versions: u64,
    /// How many of its leases a guard holds.
    pub protected: u64,
    /// When anything of it last changed.
    pub changed: When,
}
