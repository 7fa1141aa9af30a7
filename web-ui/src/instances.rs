//! All instances, or those that match, as a table that can be sorted, put together in groups, and taken along.

use askama::Template;

use crate::frame::Frame;
use crate::parts::{Badge, Bar, Level, Link, Search, Status, When};

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "instances.html")]
pub struct InstancesPage {
    /// What stands around it.
    pub frame: Frame,
    /// The field for a query.
    pub search: Search,
    /// What else of what was asked makes no sense; empty if nothing.
    pub wrong: String,
    /// How many instances are listed in all.
    pub total: u64,
    /// How many of them match.
    pub matched: u64,
    /// All that match, by status.
    pub bar: Bar,
    /// By what they can be put together.
    pub groupings: Vec<(Link, bool)>,
    /// The key of metadata by which they are put together; empty if by none.
    pub metadata_key: String,
    /// The rest of the address, for the form that names such a key.
    pub kept: Vec<(String, String)>,
    /// The groups, where they are put together.
    pub groups: Vec<GroupLine>,
    /// The heads of columns.
    pub heads: Vec<SortHead>,
    /// The instances of this page of the list.
    pub rows: Vec<InstanceRow>,
    /// Where the list begins; empty on its first page.
    pub first: String,
    /// Where it goes on; empty on its last page.
    pub next: String,
    /// The whole list as a file.
    pub exports: Vec<Link>,
    /// How leases are said, by the names the API has for them.
    pub leases: Vec<(&'static str, (Level, &'static str))>,
    /// Whether whoever looks may act on several at once.
    pub may_act: bool,
}

/// The head of a column.
#[derive(Clone, Debug, Default)]
pub struct SortHead {
    /// What it says; and the list, sorted by it.
    pub link: Link,
    /// How the list is sorted by it: `ascending`, `descending`, or empty if by another.
    pub order: &'static str,
}

/// Instances that have something in common.
#[derive(Clone, Debug, Default)]
pub struct GroupLine {
    /// What they have in common, and all of them.
    pub link: Link,
    /// How many they are.
    pub count: u64,
    /// They by status.
    pub bar: Bar,
}

/// An instance in one line.
#[derive(Clone, Debug, Default)]
pub struct InstanceRow {
    /// With which group it begins; empty if it goes on with the one before.
    pub group: Option<String>,
    /// It.
    pub link: Link,
    /// Its service.
    pub service: Link,
    /// The status it is shown in.
    pub badge: Badge,
    /// Who holds its status: `held out of service`; empty if it is its own.
    pub held: String,
    /// Its zone.
    pub zone: String,
    /// Where it serves.
    pub address: String,
    /// What it says its version is.
    pub version: String,
    /// How its lease stands.
    pub lease: (Level, &'static str),
    /// When its client was last heard.
    pub heard: When,
    /// When anything of it last changed.
    pub changed: When,
    /// Whether a guard keeps its lease.
    pub protected: bool,
}

impl InstanceRow {
    fn key(&self) -> String {
        format!("{}/{}", self.service.text, self.link.text)
    }

    /// It as forms spell it.
    fn target(&self) -> String {
        let part = crate::links::part;
        format!("{}/{}", part(&self.service.text), part(&self.link.text))
    }
}

impl InstancesPage {
    fn query(&self) -> &str {
        &self.frame.search
    }

    /// How statuses are said, by Eureka's names.
    fn statuses(&self) -> [(&'static str, Badge); 5] {
        Status::ALL.map(|status| (status.name(), Badge::named(status.name())))
    }
}
