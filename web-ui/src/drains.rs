//! Drains: instances that are taken out of service, and whether they can be stopped already.

use askama::Template;

use crate::frame::Frame;
use crate::parts::{Badge, Level, Link, When};

/// The page: all drains, or one for itself.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "drains.html")]
pub struct DrainsPage {
    /// What stands around it.
    pub frame: Frame,
    /// The newest first.
    pub drains: Vec<DrainCard>,
    /// Whether it is one for itself.
    pub single: bool,
    /// Whether whoever looks may undo one.
    pub may_act: bool,
}

/// A drain.
#[derive(Clone, Debug, Default)]
pub struct DrainCard {
    /// Its number.
    pub id: u64,
    /// It for itself.
    pub link: Link,
    /// How far it is, in a word or two, and how well that is.
    pub state: (Level, &'static str),
    /// How things stand.
    pub sentence: String,
    /// Who asked for it.
    pub by: String,
    /// Why; empty if nobody said.
    pub reason: String,
    /// When it began.
    pub since: When,
    /// When its instances serve again by themselves; empty: never.
    pub until: When,
    /// What has to be reached before they can be stopped; none once it is over.
    pub steps: Vec<Step>,
    /// Its instances.
    pub instances: Vec<DrainedLine>,
    /// How many more there are.
    pub more: usize,
    /// Whether it can be undone.
    pub undoes: bool,
}

/// Something that a drain has to reach.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// What it is.
    pub what: &'static str,
    /// How many have it.
    pub reached: u64,
    /// Of how many.
    pub of: u64,
    /// Some of those that do not, by name.
    pub waiting: Vec<String>,
}

/// An instance of a drain.
#[derive(Clone, Debug, Default)]
pub struct DrainedLine {
    /// It.
    pub link: Link,
    /// Its zone.
    pub zone: String,
    /// The status it is shown in. `None`: it is gone.
    pub badge: Option<Badge>,
    /// Whether the drain still holds it.
    pub holds: bool,
}

impl Step {
    fn level(&self) -> Level {
        match self.reached >= self.of {
            true => Level::Good,
            false => Level::Warn,
        }
    }
}
