//! One instance: its three statuses and who says them, its lease as a line in time, why it is shown so, all it says.

use askama::Template;

use crate::frame::Frame;
use crate::parts::{Badge, Events, LeaseLine, Level, Link, When};

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "instance.html")]
pub struct InstancePage {
    /// What stands around it.
    pub frame: Frame,
    /// Its service.
    pub service: Link,
    /// Its id.
    pub id: String,
    /// The status it is shown in. `None`: it is not listed.
    pub badge: Option<Badge>,
    /// Why it is shown so, or is not.
    pub why: Why,
    /// Its statuses, and who says each.
    pub statuses: Vec<StatedLine>,
    /// Its lease. `None`: it is not listed.
    pub lease: Option<Lease>,
    /// What else is known of it.
    pub facts: Vec<FactLine>,
    /// How the other servers show it.
    pub elsewhere: Vec<Elsewhere>,
    /// What it says of itself beside.
    pub metadata: Vec<MetadataLine>,
    /// It as programs read it.
    pub raw: Vec<Link>,
    /// What last became of it.
    pub events: Events,
    /// All that became of it.
    pub all_events: String,
    /// What can be done to it. `None`: nothing from here.
    pub actions: Option<Actions>,
}

/// Why an instance is here or gone.
#[derive(Clone, Debug, Default)]
pub struct Why {
    /// How bad that is.
    pub level: Level,
    /// The reason in one word that never changes.
    pub code: &'static str,
    /// In a few words.
    pub title: String,
    /// In full.
    pub sentence: String,
    /// Since when.
    pub since: When,
    /// What the reason follows from.
    pub facts: Vec<String>,
    /// What happens next, and when. `None`: nothing.
    pub next: Option<(String, When)>,
    /// What one can do.
    pub steps: Vec<StepLine>,
    /// What else is odd.
    pub notes: Vec<String>,
}

/// Something one can do.
#[derive(Clone, Debug, Default)]
pub struct StepLine {
    /// What.
    pub act: String,
    /// What for.
    pub why: String,
    /// The command for it; empty if there is none.
    pub cli: String,
}

/// One of the three statuses.
#[derive(Clone, Debug, Default)]
pub struct StatedLine {
    /// Which.
    pub which: &'static str,
    /// The status. `None`: nobody says any.
    pub badge: Option<Badge>,
    /// Who says it; empty if nobody in particular.
    pub by: String,
    /// Since when.
    pub at: When,
    /// Where it comes from, as a sentence.
    pub why: String,
}

/// A lease.
#[derive(Clone, Debug, Default)]
pub struct Lease {
    /// How it stands.
    pub state: (Level, &'static str),
    /// Drawn, where this server keeps it.
    pub line: Option<LeaseLine>,
    /// When its client was last heard.
    pub heard: When,
    /// When it is over if nothing more is heard.
    pub deadline: When,
    /// How often its client means to beat, and how long it lasts without.
    pub terms: String,
    /// The server that keeps it.
    pub owner: String,
    /// Whether that is the one which made the page.
    pub owned_here: bool,
}

/// Something that is known.
#[derive(Clone, Debug, Default)]
pub struct FactLine {
    /// What it is about.
    pub name: &'static str,
    /// What it is; with a link where there is a page of it.
    pub value: Link,
    /// Where that comes from; empty if there is nothing to say.
    pub source: String,
}

/// How another server shows it.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// The server.
    pub server: Link,
    /// The status there. `None`: see what is said.
    pub badge: Option<Badge>,
    /// Whether it has the same writes, in words.
    pub says: String,
    /// How bad that is.
    pub level: Level,
}

/// A key of metadata.
#[derive(Clone, Debug, Default)]
pub struct MetadataLine {
    /// The key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Whether the value is masked.
    pub masked: bool,
    /// All instances that say the same; empty if it is masked or too long to ask for.
    pub same: String,
}

/// What can be done to an instance.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    /// It, as addresses of forms name it.
    pub target: String,
    /// Whether an override is in force.
    pub overridden: bool,
    /// Whether it is in service.
    pub serves: bool,
}

/// Values are shown so far; all of them are in the API.
const VALUE_SHOWN_MAX: usize = 2000;

impl MetadataLine {
    /// The value, cut where it is long.
    fn short(&self) -> String {
        match self.value.char_indices().nth(VALUE_SHOWN_MAX) {
            Some((end, _)) => format!(
                "{}… ({} characters in all)",
                self.value.get(..end).unwrap_or_default(),
                self.value.chars().count()
            ),
            None => self.value.clone(),
        }
    }
}
