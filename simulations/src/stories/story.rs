//! A story: what is to be, and what is expected of it.
//!
//! Here: the top of the file. Not here: its parts, each in a file of its own. What must always hold: the plan of a
//! story depends on the file, the sizes and the seed alone.

use std::time::Duration;

use super::cast::{Cast, PEERS_MAX};
use super::clients;
use super::expectation::{self, Expectation};
use super::links;
use super::misfortunes::{self, Schedule};
use super::source::{Mistakes, Reading, Source, Table};
use super::times::Moments;
use super::values;
use crate::world::fault::{Fault, Keys, Planned};
use crate::world::plan::Plan;

/// A cluster that runs has run so long when its story begins: peers have found each other, clients have registered, and
/// a model that counts heartbeats and fills caches minute by minute has come to rest.
pub const WARM_UP: Duration = Duration::from_secs(300);
/// Pictures of a story that lasts no longer than this are taken every tenth of a second, else every second.
const SHORT: Duration = Duration::from_secs(1_200);

/// A cluster, what goes wrong in it, and what is expected then.
#[derive(Clone, Debug)]
pub struct Story {
    /// What it is called.
    pub name: String,
    /// What it is, in one line.
    pub title: String,
    /// What it shows, in some sentences.
    pub about: String,
    /// When it begins, in the time of the world.
    pub begins_at: Duration,
    /// How long it lasts.
    pub lasts: Duration,
    /// Who is who.
    pub cast: Cast,
    /// What is to be; its seed is still to be set.
    pub plan: Plan,
    /// What is expected.
    pub expectations: Vec<Expectation>,
    /// The names of promises that this story breaks on purpose.
    pub breaks: Vec<String>,
}

/// How large a story is made, if not as large as in its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// How many peers.
    pub peers: Option<usize>,
    /// How many instances, over all crowds.
    pub instances: Option<usize>,
}

const KEYS: &[&str] = &[
    "title",
    "lasts",
    "start",
    "breaks",
    "zones",
    "clocks",
    "links",
    "settings",
    "clients",
    "misfortune",
    "expect",
];

impl Story {
    /// Reads a story.
    ///
    /// # Errors
    /// Everything wrong with the file, each with its place.
    pub fn read(source: &Source, name: &str, sizes: Sizes) -> Result<Self, Mistakes> {
        let reading = Reading::new(source);
        let story = match toml_edit::Document::parse(source.text.as_str()) {
            Ok(document) => {
                let table = Table::of(&reading, document.as_item(), Some(KEYS));
                table.and_then(|table| Self::whole(&reading, &table, sizes))
            }
            Err(refused) => {
                let span = refused.span().unwrap_or(0..0);
                reading.mistake(span, refused.message().trim().replace('\n', ", "));
                None
            }
        };
        let story = reading.finish(story)?;
        Ok(Self {
            name: name.to_owned(),
            about: source.head(),
            ..story
        })
    }

    /// Everything but what is not in the tables. What is missing or wrong is replaced, so that the rest is read as well.
    fn whole(reading: &Reading<'_>, table: &Table<'_>, sizes: Sizes) -> Option<Self> {
        let title = table.require("title", values::text);
        let lasts = table.require("lasts", values::duration);
        let running = table.read("start", |value| values::one_of(value, STARTS));
        let running = running.unwrap_or(true);
        let mut story = Self {
            title: title.unwrap_or_default(),
            lasts: lasts.unwrap_or(values::LONGEST),
            begins_at: if running { WARM_UP } else { Duration::ZERO },
            cast: read_cast(reading, table, sizes)?,
            breaks: table.read("breaks", values::texts).unwrap_or_default(),
            ..Self::empty()
        };
        story.build(table, running);
        story.read_events(table, sizes);
        story.finish();
        Some(story)
    }

    fn empty() -> Self {
        Self {
            name: String::new(),
            title: String::new(),
            about: String::new(),
            begins_at: Duration::ZERO,
            lasts: Duration::ZERO,
            cast: Cast::default(),
            plan: Plan::quiet(0, 0),
            expectations: Vec::new(),
            breaks: Vec::new(),
        }
    }

    /// Hosts and links.
    fn build(&mut self, table: &Table<'_>, running: bool) {
        self.plan = Plan::quiet(0, self.cast.peers.len());
        self.plan.zones.clone_from(&self.cast.zones);
        for (host, zone) in self.plan.hosts.iter_mut().zip(&self.cast.peers) {
            host.zone = *zone;
            host.seeded |= !running;
        }
        links::read(table, &mut self.plan);
        links::read_clocks(table, &self.cast, &mut self.plan);
    }

    /// Clients, what goes wrong, and what is expected: in this order, since each names what was before it.
    fn read_events(&mut self, table: &Table<'_>, sizes: Sizes) {
        let mut moments = Moments {
            end: self.lasts,
            named: Vec::new(),
        };
        let tables = table.tables("clients", clients::KEYS);
        self.plan.clients = clients::read(
            &tables,
            &mut self.cast,
            &moments,
            self.begins_at,
            sizes.instances,
        );
        self.plan.crowds.clone_from(&self.cast.crowds);
        let tables = table.tables("misfortune", misfortunes::KEYS);
        let mut schedule = Schedule::new(&self.cast, self.begins_at, &mut moments, &mut self.plan);
        tables.iter().for_each(|table| schedule.read(table));
        let tables = table.tables("expect", expectation::KEYS);
        let expectations = tables
            .iter()
            .filter_map(|table| expectation::read(table, &self.cast, &moments));
        self.expectations = expectations.collect();
    }

    /// The plan ends with the story, and is calm after the last misfortune. Where keys are replaced all have one before.
    fn finish(&mut self) {
        let plan = &mut self.plan;
        plan.faults.sort_by_key(|planned| planned.at);
        let rekeys = |planned: &Planned| matches!(planned.fault, Fault::Rekey { .. });
        if plan.faults.iter().any(rekeys) {
            plan.keys = Keys::Old;
        }
        plan.end_at = self.begins_at + self.lasts;
        let ends = plan
            .faults
            .iter()
            .map(|planned| planned.until.unwrap_or(planned.at));
        plan.calm_at = ends.max().unwrap_or(self.begins_at).min(plan.end_at);
        plan.every = match self.lasts <= SHORT {
            true => Duration::from_millis(100),
            false => Duration::from_secs(1),
        };
    }

    /// What is to be, with this seed.
    pub fn plan(&self, seed: u64) -> Plan {
        Plan {
            seed,
            ..self.plan.clone()
        }
    }
}

/// Whether a cluster runs already when its story begins.
const STARTS: &[(&str, bool)] = &[("running", true), ("cold", false)];

/// Who is who, if anybody is.
fn read_cast(reading: &Reading<'_>, table: &Table<'_>, sizes: Sizes) -> Option<Cast> {
    let Some(zones) = table.table("zones", None) else {
        table.mistake("\"zones\" is missing: write [zones], and below it each zone with its peers");
        return None;
    };
    let cast = Cast::read(reading, &zones, sizes.peers);
    (!cast.peers.is_empty()).then_some(cast)
}

impl Sizes {
    /// Refuses sizes that no story can have.
    ///
    /// # Errors
    /// What would be right.
    pub fn checked(self) -> Result<Self, String> {
        let peers = self
            .peers
            .is_none_or(|peers| (1..=PEERS_MAX).contains(&peers));
        let instances = self
            .instances
            .is_none_or(|instances| (1..=clients::INSTANCES_MAX).contains(&instances));
        match (peers, instances) {
            (false, _) => Err(format!("peers have to be from 1 to {PEERS_MAX}")),
            (_, false) => Err(format!(
                "instances have to be from 1 to {}",
                clients::INSTANCES_MAX
            )),
            _ => Ok(self),
        }
    }
}
