//! Why an instance is shown as it is, or is not.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why an instance is here or gone, by which facts, and what happens next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Explanation {
    /// Its application.
    pub app: String,
    /// Its id there.
    pub id: String,
    /// The server that explains. Others may know more, above all the one that keeps the lease.
    pub server: String,
    /// When it was explained.
    pub as_of: String,
    /// The reason, in one word that never changes.
    pub code: Code,
    /// The reason in a few words.
    pub title: String,
    /// The reason in full.
    pub sentence: String,
    /// Since when it is so. `null`: nobody knows.
    pub since: Option<String>,
    /// What the reason follows from.
    pub facts: Vec<Fact>,
    /// What happens next if nobody does anything. `null`: nothing.
    pub next: Option<Next>,
    /// What one can do.
    pub actions: Vec<Step>,
    /// What else is odd about it.
    pub notes: Vec<Note>,
}

/// The reasons. Each is made for real by a test.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// It is listed: its client beats as it promised.
    Fresh,
    /// It is listed: its lease runs, but a beat is overdue.
    Late,
    /// It is listed: its lease is over, and it goes with the next sweep that may still evict somebody.
    ExpiredAwaitingQuota,
    /// It is listed: its lease is over, and too many leases of this server are silent at once to believe it.
    ProtectedServer,
    /// It is listed: its lease is over, and most of its zone is silent.
    ProtectedZone,
    /// It is listed: its lease is over, and this server is cut off from the others.
    ProtectedIsolated,
    /// It is listed, and shown in a status that somebody else has set.
    Overridden,
    /// It is listed: the server that kept its lease is gone, and its client is given time to beat elsewhere.
    OrphanAwaitingAdoption,
    /// It is listed: the server that kept its lease is gone, and too many of its leases are left to believe them dead.
    OrphanKept,
    /// It is listed: another server keeps its lease and says so.
    LearnedFromPeer,
    /// It is gone: its client, or somebody for it, said so.
    Cancelled,
    /// It is gone: its lease ran out, or an operator ended it.
    Evicted,
    /// Nothing is known of it.
    #[default]
    Unknown,
}

impl Code {
    /// All of them, the worst last among those that are listed.
    pub const ALL: [Self; 13] = [
        Self::Fresh,
        Self::LearnedFromPeer,
        Self::Overridden,
        Self::Late,
        Self::OrphanAwaitingAdoption,
        Self::OrphanKept,
        Self::ProtectedIsolated,
        Self::ProtectedServer,
        Self::ProtectedZone,
        Self::ExpiredAwaitingQuota,
        Self::Cancelled,
        Self::Evicted,
        Self::Unknown,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Late => "late",
            Self::ExpiredAwaitingQuota => "expired_awaiting_quota",
            Self::ProtectedServer => "protected_server",
            Self::ProtectedZone => "protected_zone",
            Self::ProtectedIsolated => "protected_isolated",
            Self::Overridden => "overridden",
            Self::OrphanAwaitingAdoption => "orphan_awaiting_adoption",
            Self::OrphanKept => "orphan_kept",
            Self::LearnedFromPeer => "learned_from_peer",
            Self::Cancelled => "cancelled",
            Self::Evicted => "evicted",
            Self::Unknown => "unknown",
        }
    }
}

/// Something that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Fact {
    /// What it is about, in one word that never changes.
    pub name: String,
    /// What it is: a time, a number, a name.
    pub value: String,
    /// The same for people.
    pub text: String,
}

/// What happens next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Next {
    /// What happens, as a sentence.
    pub what: String,
    /// When, at the earliest. `null`: that hangs on others.
    pub at: Option<String>,
}

/// Something one can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Step {
    /// What to do, in a few words.
    #[serde(rename = "do")]
    pub act: String,
    /// What for, as a sentence.
    pub why: String,
    /// The command for it; empty if there is none.
    pub cli: String,
    /// The request for it; empty if there is none.
    pub http: String,
}

/// Something odd.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Note {
    /// What is odd, in one word that never changes.
    pub code: NoteCode,
    /// The same as a sentence.
    pub text: String,
}

/// What may be odd about an instance.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NoteCode {
    /// Two processes seem to speak for it.
    #[default]
    DuplicateSender,
    /// Its address is one at which other machines hardly find it.
    SuspiciousAddress,
    /// A clock is off: its client's, or that of the server which wrote of it.
    ClockOff,
    /// Its zone was guessed from its address.
    ZoneGuessed,
}

impl NoteCode {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::DuplicateSender,
        Self::SuspiciousAddress,
        Self::ClockOff,
        Self::ZoneGuessed,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DuplicateSender => "duplicate_sender",
            Self::SuspiciousAddress => "suspicious_address",
            Self::ClockOff => "clock_off",
            Self::ZoneGuessed => "zone_guessed",
        }
    }
}
