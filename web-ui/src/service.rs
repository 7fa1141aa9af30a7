//! One service: its zones as lanes, what its instances say of themselves, what became of them.

use askama::Template;

use crate::frame::Frame;
use crate::parts::{Badge, Bar, Events, Level, Link, Ribbon, When};

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "service.html")]
pub struct ServicePage {
    /// What stands around it.
    pub frame: Frame,
    /// What it is called.
    pub name: String,
    /// Its instances by status.
    pub bar: Bar,
    /// How bad it is, and what is worst about it.
    pub worst: (Level, String),
    /// What else should be looked at.
    pub warnings: Vec<String>,
    /// Its virtual addresses.
    pub vips: Vec<String>,
    /// The parts of the page; one is shown.
    pub tabs: Vec<(Link, bool)>,
    /// What the chosen part shows.
    pub part: Part,
}

/// A part of the page.
#[derive(Clone, Debug)]
pub enum Part {
    /// Zones as lanes.
    Lanes {
        /// The lanes.
        lanes: Vec<Lane>,
        /// How many instances are left out.
        more: u64,
    },
    /// What its instances say of themselves.
    Metadata(Vec<MetadataLine>),
    /// What became of its instances.
    Timeline(Timeline),
}

impl Default for Part {
    fn default() -> Self {
        Self::Metadata(Vec::new())
    }
}

/// A zone as a lane.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// The zone, and all instances of the service there.
    pub zone: Link,
    /// Its instances by status.
    pub bar: Bar,
    /// How many are up.
    pub up: u64,
    /// Its instances, the worst first.
    pub instances: Vec<InstanceLine>,
}

/// An instance in one line.
#[derive(Clone, Debug, Default)]
pub struct InstanceLine {
    /// It.
    pub link: Link,
    /// Its status.
    pub badge: Badge,
    /// Where it serves: `10.0.0.5:8080`.
    pub address: String,
    /// What it says its version is; empty if it says nothing.
    pub version: String,
    /// How its lease stands, in words, and how bad that is.
    pub lease: (Level, &'static str),
    /// When its client was last heard.
    pub heard: When,
    /// Who holds its status, if it is not its own: `held out of service`.
    pub held: String,
    /// Whether a guard keeps its lease.
    pub protected: bool,
}

/// What instances say under one key.
#[derive(Clone, Debug, Default)]
pub struct MetadataLine {
    /// The key.
    pub key: String,
    /// Whether they differ.
    pub differs: bool,
    /// What they say.
    pub values: Vec<ValueLine>,
}

/// One value.
#[derive(Clone, Debug, Default)]
pub struct ValueLine {
    /// The value; `None`: they say nothing.
    pub value: Option<String>,
    /// How many say so.
    pub count: u64,
    /// Those that say so, as a list.
    pub href: String,
    /// Who: the first of them, by id.
    pub ids: String,
}

/// What became of instances.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// When the ribbons begin.
    pub from: When,
    /// How far back one can look.
    pub spans: Vec<(Link, bool)>,
    /// The instances, those that are gone last.
    pub ribbons: Vec<RibbonLine>,
    /// What happened.
    pub events: Events,
    /// How many instances are left out.
    pub more: usize,
}

/// An instance over time.
#[derive(Clone, Debug, Default)]
pub struct RibbonLine {
    /// It.
    pub link: Link,
    /// Its zone.
    pub zone: String,
    /// Its ribbon.
    pub ribbon: Ribbon,
    /// How often its status changed.
    pub changes: usize,
    /// Whether it is gone.
    pub gone: bool,
}

/// So many changes of status within what is remembered are flapping.
const FLAPS_MIN: usize = 4;

impl RibbonLine {
    fn flaps(&self) -> bool {
        self.changes >= FLAPS_MIN
    }
}

/// Values are shown so far; all of them are in the title, and with the instance.
const VALUE_SHOWN_MAX: usize = 120;

impl ValueLine {
    /// The value, cut where it is long.
    fn short(&self) -> String {
        let value = self.value.as_deref().unwrap_or_default();
        match value.char_indices().nth(VALUE_SHOWN_MAX) {
            Some((end, _)) => format!(
                "{}… ({} characters)",
                value.get(..end).unwrap_or_default(),
                value.chars().count()
            ),
            None => value.to_owned(),
        }
    }
}
