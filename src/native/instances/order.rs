//! By what instances are put together and sorted.
//!
//! What must always hold: the text by which rows are compared is in the order of what it stands for.

use crate::clock::Timestamp;
use crate::native::documents::Code;
use crate::native::rows::{Rows, Seen};
use crate::native::secrets::MASK;
use crate::registry::status::Status;

/// By what instances can be put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// Their applications.
    App,
    /// Their zones.
    Zone,
    /// The statuses they are shown in.
    Status,
    /// Their hosts.
    Host,
    /// What their metadata call `version`.
    Version,
    /// Why they are shown so.
    Code,
    /// How their leases stand.
    Lease,
    /// Who keeps their leases.
    Owner,
    /// A key of their metadata.
    Metadata(String),
}

impl GroupBy {
    /// What can be asked for.
    pub const NAMES: [&'static str; 9] = [
        "app", "zone", "status", "host", "version", "code", "lease", "owner", "meta.KEY",
    ];

    /// The one that is called so.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "app" | "service" => Self::App,
            "zone" => Self::Zone,
            "status" => Self::Status,
            "host" => Self::Host,
            "version" => Self::Version,
            "code" => Self::Code,
            "lease" => Self::Lease,
            "owner" => Self::Owner,
            name => Self::Metadata(
                name.strip_prefix("meta.")
                    .filter(|key| !key.is_empty())?
                    .to_owned(),
            ),
        })
    }

    pub(super) fn value<'a>(&self, rows: &'a Rows, seen: &Seen<'a>) -> &'a str {
        let (entry, metadata) = (seen.entry(), &seen.entry().instance().metadata);
        match self {
            Self::App => entry.key().app.as_str(),
            Self::Zone => seen.zone(),
            Self::Status => entry.record().status().name(),
            Self::Host => &entry.instance().host_name,
            Self::Version => metadata.value("version").unwrap_or_default(),
            Self::Code => seen.code().name(),
            Self::Lease => seen.lease().name(),
            Self::Owner => seen.owner(),
            Self::Metadata(key) if rows.secrets().hide(key) => MASK,
            Self::Metadata(key) => metadata.value(key).unwrap_or_default(),
        }
    }
}

/// By what rows are sorted; those that are equal in it by application and id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// By what rows can be sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// Application, then id.
    #[default]
    App,
    /// Id.
    Id,
    /// Host name.
    Host,
    /// Zone.
    Zone,
    /// Shown status.
    Status,
    /// What the metadata call `version`.
    Version,
    /// The worst first.
    Worst,
    /// When it registered.
    Registered,
    /// When it last changed.
    Updated,
    /// When its client was last heard.
    Renewed,
    /// When its lease is over.
    Deadline,
}

impl SortBy {
    /// All of them and their names.
    pub const ALL: [(Self, &'static str); 11] = [
        (Self::App, "app"),
        (Self::Id, "id"),
        (Self::Host, "host"),
        (Self::Zone, "zone"),
        (Self::Status, "status"),
        (Self::Version, "version"),
        (Self::Worst, "worst"),
        (Self::Registered, "registered"),
        (Self::Updated, "updated"),
        (Self::Renewed, "renewed"),
        (Self::Deadline, "deadline"),
    ];

    /// What rows are compared by, as text in the order of what it stands for.
    pub(super) fn value(self, seen: &Seen<'_>) -> String {
        let (entry, record) = (seen.entry(), seen.entry().record());
        let time = |at: Option<Timestamp>| format!("{:020}", at.unwrap_or_default().as_millis());
        match self {
            Self::App => String::new(),
            Self::Id => entry.key().id.to_string(),
            Self::Host => entry.instance().host_name.to_string(),
            Self::Zone => seen.zone().to_owned(),
            Self::Status => record.status().to_string(),
            Self::Version => entry
                .instance()
                .metadata
                .value("version")
                .unwrap_or_default()
                .to_owned(),
            Self::Worst => worst(seen),
            Self::Registered => time(Some(record.registered_at())),
            Self::Updated => time(Some(record.updated_at())),
            Self::Renewed => time(seen.heard_at()),
            Self::Deadline => time(seen.deadline()),
        }
    }
}

/// What is down before what is not up, and what is held or late before what is well.
fn worst(seen: &Seen<'_>) -> String {
    let status = match seen.entry().record().status() {
        Status::Down => 0,
        Status::Unknown => 1,
        Status::Starting => 2,
        Status::OutOfService => 3,
        Status::Up => 4,
    };
    let place = Code::ALL
        .iter()
        .position(|code| *code == seen.code())
        .unwrap_or_default();
    format!("{status}{:02}", Code::ALL.len() - place)
}

impl Sort {
    /// The one that is called so; `-` before it turns it round.
    pub fn parse(name: &str) -> Option<Self> {
        let (descending, name) = name
            .strip_prefix('-')
            .map_or((false, name), |name| (true, name));
        let (by, _) = SortBy::ALL.into_iter().find(|(_, known)| *known == name)?;
        Some(Self { by, descending })
    }
}
