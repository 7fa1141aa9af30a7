//! The servers: who is there, who sees whom, how they differ, what is protected.

use askama::Template;

use crate::frame::Frame;
use crate::parts::{Level, Link, When};

/// The page.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "cluster.html")]
pub struct ClusterPage {
    /// What stands around it.
    pub frame: Frame,
    /// How the servers stand to each other, in a sentence, and how bad that is.
    pub agreement: (Level, String),
    /// The servers, by zones.
    pub lanes: Vec<ZoneLane>,
    /// The servers in full, this one first.
    pub members: Vec<MemberLine>,
    /// Who sees whom.
    pub matrix: Matrix,
    /// How others differ from this server.
    pub differences: Vec<DifferencesOf>,
    /// What is protected.
    pub protection: Protection,
    /// Whether forms that act are any use.
    pub may_act: bool,
}

/// A zone with its servers.
#[derive(Clone, Debug, Default)]
pub struct ZoneLane {
    /// The zone.
    pub zone: String,
    /// Its servers, and how each stands.
    pub servers: Vec<(String, Level, &'static str)>,
}

/// A server in one line.
#[derive(Clone, Debug, Default)]
pub struct MemberLine {
    /// It, and its own view of the cluster.
    pub link: Link,
    /// Its zone.
    pub zone: String,
    /// Whether it made the page.
    pub here: bool,
    /// How it stands, in words.
    pub standing: (Level, String),
    /// When it was last heard.
    pub heard: When,
    /// How long an answer takes; empty if nobody knows.
    pub round_trip: String,
    /// How many of its writes are missing here.
    pub lag: u64,
    /// What waits to be sent to it.
    pub queued: String,
    /// Whether it shows the same.
    pub agrees: (Level, &'static str),
    /// The hash of what it shows; empty if it has not told.
    pub digest: String,
    /// Leases it keeps, and how many are silent; empty if it has not told.
    pub leases: String,
    /// How far its clock is ahead; empty if nobody knows.
    pub clock: String,
    /// Where its peers find it.
    pub address: String,
}

/// Who sees whom.
#[derive(Clone, Debug, Default)]
pub struct Matrix {
    /// The servers, as columns.
    pub names: Vec<String>,
    /// How each sees them.
    pub rows: Vec<MatrixRow>,
    /// How many servers are left out.
    pub more: usize,
}

/// How a server sees the others.
#[derive(Clone, Debug, Default)]
pub struct MatrixRow {
    /// The server.
    pub name: String,
    /// How it sees each; nothing where it did not answer.
    pub cells: Vec<MatrixCell>,
    /// Whether it answered.
    pub answers: bool,
}

/// How a server sees another.
#[derive(Clone, Debug, Default)]
pub struct MatrixCell {
    /// How bad it is; `None`: itself, or nothing known.
    pub level: Option<Level>,
    /// In a word.
    pub word: &'static str,
    /// In full.
    pub title: String,
}

/// How another server differs from the one that made the page.
#[derive(Clone, Debug, Default)]
pub struct DifferencesOf {
    /// The other one.
    pub name: String,
    /// How things stand between the two, in a sentence.
    pub says: String,
    /// The instances that differ.
    pub rows: Vec<DifferenceLine>,
    /// Whether there are more.
    pub more: bool,
}

/// An instance that two servers show differently.
#[derive(Clone, Debug, Default)]
pub struct DifferenceLine {
    /// It.
    pub link: Link,
    /// How it is shown here.
    pub here: String,
    /// How it is shown there.
    pub there: String,
    /// Why it differs.
    pub reason: &'static str,
    /// When the later of both was written.
    pub written: When,
    /// By whom.
    pub writer: String,
}

/// What is protected.
#[derive(Clone, Debug, Default)]
pub struct Protection {
    /// How things stand, in a sentence or two.
    pub sentence: String,
    /// How bad that is.
    pub level: Level,
    /// The numbers by which that is so.
    pub numbers: String,
    /// The guards that protect.
    pub guards: Vec<GuardCard>,
    /// Leases of servers that are gone.
    pub orphans: Vec<String>,
}

/// A guard that protects.
#[derive(Clone, Debug, Default)]
pub struct GuardCard {
    /// Which: `server`, `zone`, `isolation`.
    pub guard: String,
    /// Its zone; empty if it has none.
    pub zone: String,
    /// What it protects, in a few words.
    pub title: String,
    /// Why, as a sentence.
    pub why: String,
    /// Since when.
    pub since: When,
    /// Until when at the latest.
    pub until: When,
    /// How many it counts, and how many of these are silent.
    pub counted: (u64, u64),
    /// How many are over and held.
    pub held: u64,
    /// The first of these, and since when each is over.
    pub leases: Vec<(Link, String, When)>,
}
