//! How everything is, on one page.

use askama::Template;

use crate::connect::Connect;
use crate::frame::Frame;
use crate::parts::{Bar, Events, HeatMap, Level, Link, Need};

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "overview.html")]
pub struct OverviewPage {
    /// What stands around it.
    pub frame: Frame,
    /// The numbers that matter.
    pub tiles: Tiles,
    /// What needs attention, the worst first.
    pub needs: Vec<Need>,
    /// How clients connect: as long as hardly any did.
    pub connect: Option<Connect>,
    /// Services by zones.
    pub map: HeatMap,
    /// How many services the map leaves out.
    pub more: usize,
    /// What happened last.
    pub events: Events,
}

/// The numbers that matter.
#[derive(Clone, Debug, Default)]
pub struct Tiles {
    /// Instances by status.
    pub instances: Bar,
    /// How many services there are.
    pub services: u64,
    /// How many of them have no instance up.
    pub services_without_up: u64,
    /// The servers.
    pub servers: Vec<ServerDot>,
    /// What to say of the servers, in a few words.
    pub agreement: (Level, String),
    /// The leases this server keeps.
    pub leases: Leases,
}

/// A server as a dot.
#[derive(Clone, Debug, Default)]
pub struct ServerDot {
    /// What it is called.
    pub name: String,
    /// Its zone.
    pub zone: String,
    /// How it stands.
    pub level: Level,
    /// The same in a word.
    pub word: &'static str,
    /// Whether it is the one that made the page.
    pub here: bool,
}

/// The leases a server keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct Leases {
    /// How many.
    pub owned: u64,
    /// How many of these are silent.
    pub silent: u64,
    /// From how many silent ones on all are protected.
    pub silent_max: u64,
    /// Heartbeats of the last minute.
    pub renewals: u64,
    /// Whether a guard protects.
    pub protecting: bool,
}

impl Tiles {
    fn up(&self) -> usize {
        let up = self.servers.iter();
        up.filter(|server| server.level == Level::Good).count()
    }
}

impl Leases {
    /// How far silence has come on the way to the guard's line, in percent of the drawing, whose line stands at 80.
    fn reach(self) -> u64 {
        match self.silent_max {
            0 => 0,
            max => (self.silent * 80 / max).min(100),
        }
    }

    fn level(self) -> Level {
        match (self.protecting, self.silent) {
            (true, _) => Level::Bad,
            (false, 0) => Level::Good,
            (false, _) if self.reach() >= 40 => Level::Warn,
            (false, _) => Level::Good,
        }
    }
}

impl OverviewPage {
    fn all_instances(&self) -> Link {
        Link::new(self.frame.instances(""), "Instances")
    }
}
