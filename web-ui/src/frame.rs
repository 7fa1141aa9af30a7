//! What stands around every page: where one is, how things stand, where else to go.

use crate::parts::{Level, Status, When};

/// What stands around a page.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    /// The page.
    pub place: Place,
    /// From this page to where the pages begin: `./`, `../`, and so on.
    pub pages: String,
    /// From this page to where the server begins, below which its API stands.
    pub server: String,
    /// Where people reached this server, with its scheme: `http://host:port`.
    pub address: String,
    /// What the cluster is called.
    pub cluster: String,
    /// The server that made the page.
    pub here: Viewed,
    /// All servers of the cluster, this one too.
    pub servers: Vec<Viewed>,
    /// How bad things are.
    pub worst: Level,
    /// How many things need attention.
    pub needs: usize,
    /// The release.
    pub version: String,
    /// When the page was made.
    pub made: When,
    /// The state of the registry it was made from.
    pub revision: String,
    /// The look that was chosen.
    pub theme: Theme,
    /// What every form that acts repeats in its field `token`.
    pub token: String,
    /// What came of the form that led here; empty if none did.
    pub said: String,
    /// What was looked for.
    pub search: String,
    /// Other ways to see the same.
    pub same: Same,
    /// What the module watches for, so that it knows when to ask for the page again: names of topics of the stream.
    /// `nothing`: the page is what a form came to, and is never asked for again.
    pub watches: &'static str,
    /// Only changes of this application matter, if any is named.
    pub watched_app: String,
}

/// A server whose pages can be looked at.
#[derive(Clone, Debug, Default)]
pub struct Viewed {
    /// What it is called.
    pub name: String,
    /// Its zone; empty if nobody said.
    pub zone: String,
    /// The same page there.
    pub href: String,
    /// Whether it is the one that made this page.
    pub here: bool,
    /// How it stands, in a word; empty if it is well.
    pub standing: &'static str,
}

/// Other ways to see what a page shows.
#[derive(Clone, Debug, Default)]
pub struct Same {
    /// By the command line; empty if there is none.
    pub cli: String,
    /// By the API, as a path with its query; empty if there is none.
    pub api: String,
    /// By the address of this page: its path below where the pages begin, with its query.
    pub link: String,
}

/// The pages of the rail, and those that stand in none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// How everything is.
    #[default]
    Overview,
    /// All services, and one.
    Services,
    /// All instances, and one.
    Instances,
    /// All zones.
    Zones,
    /// The servers.
    Cluster,
    /// What happened.
    Events,
    /// How to connect.
    Connect,
    /// What is set.
    Settings,
    /// Keys, signs, words.
    Help,
}

impl Place {
    /// Those of the rail, in their order.
    pub const RAIL: [Self; 8] = [
        Self::Overview,
        Self::Services,
        Self::Instances,
        Self::Zones,
        Self::Cluster,
        Self::Events,
        Self::Connect,
        Self::Settings,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Services => "Services",
            Self::Instances => "Instances",
            Self::Zones => "Zones",
            Self::Cluster => "Cluster",
            Self::Events => "Events",
            Self::Connect => "Connect",
            Self::Settings => "Settings",
            Self::Help => "Help",
        }
    }

    /// Where it stands below where the pages begin.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Services => "services",
            Self::Instances => "instances",
            Self::Zones => "zones",
            Self::Cluster => "cluster",
            Self::Events => "events",
            Self::Connect => "connect",
            Self::Settings => "settings",
            Self::Help => "help",
        }
    }

    /// The key that leads there after `g`; empty if there is none.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Overview => "o",
            Self::Services => "s",
            Self::Instances => "i",
            Self::Zones => "z",
            Self::Cluster => "c",
            Self::Events => "e",
            Self::Connect => "n",
            Self::Settings => "t",
            Self::Help => "",
        }
    }

    /// A sign for it, of an 16 by 16 picture.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Overview => "M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z",
            Self::Services => "M2 3h12M2 8h12M2 13h12",
            Self::Instances => "M3 3h2M8 3h5M3 8h2M8 8h5M3 13h2M8 13h5",
            Self::Zones => "M3 2v12M8 2v12M13 2v12",
            Self::Cluster => "M8 3L3 12M8 3l5 9M3 12h10M8 3h.01M3 12h.01M13 12h.01",
            Self::Events => "M8 2a6 6 0 1 0 .01 0M8 5v3l2 2",
            Self::Connect => "M6 4v3M10 4v3M4 7h8v2a4 4 0 0 1-8 0zM8 13v2",
            Self::Settings => "M2 4h7M13 4h1M2 12h1M7 12h7M11 2.5v3M5 10.5v3",
            Self::Help => "",
        }
    }
}

/// The look that was chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// What it is called, also in cookies and forms.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The look of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

impl Frame {
    /// The address of a page.
    pub fn to(&self, place: Place) -> String {
        format!("{}{}", self.pages, place.path())
    }

    /// The address of a service.
    pub fn service(&self, name: &str) -> String {
        format!("{}services/{}", self.pages, crate::links::part(name))
    }

    /// The address of an instance.
    pub fn instance(&self, app: &str, id: &str) -> String {
        let (app, id) = (crate::links::part(app), crate::links::part(id));
        format!("{}instances/{app}/{id}", self.pages)
    }

    /// The address of the instances that a query matches.
    pub fn instances(&self, query: &str) -> String {
        let query = crate::links::query(&[("query", query)]);
        format!("{}instances{query}", self.pages)
    }

    /// The address of the instances of a status.
    pub fn status(&self, status: &Status) -> String {
        self.instances(&crate::links::term("status", status.name()))
    }

    /// The address of the instances of a service.
    pub fn instances_of(&self, service: &str) -> String {
        self.instances(&crate::links::term("app", service))
    }

    /// What a title begins with while things are not well.
    pub(crate) fn mark(&self) -> String {
        match (self.worst, self.needs) {
            (Level::Good, _) => String::new(),
            (_, needs) => format!("({needs}) "),
        }
    }

    /// The time of day at which the page was made, in UTC.
    pub(crate) fn clock(&self) -> &str {
        self.made.exact().get(11..19).unwrap_or_default()
    }

    pub(crate) fn themes(&self) -> [Theme; 3] {
        Theme::ALL
    }

    pub(crate) fn rail(&self) -> [Place; 8] {
        Place::RAIL
    }

    /// The command that asks the API for the same.
    pub(crate) fn curl(&self) -> String {
        let url = format!("{}{}", self.address, self.same.api);
        format!("curl -s {}", crate::links::shell(&url))
    }
}
