//! The documents of the native API, as plain values.
//!
//! Here: what every answer and every body below `/api/v1` looks like, each with its meaning, so that servers, command
//! line, pages and the published description take it from one place. Not here: how any of it comes about. What must
//! always hold: a field that is here stays, with its meaning; a reader passes over fields it does not know and takes
//! those it misses as empty, so that two releases understand each other.
//!
//! Ids of servers are 16 hexadecimal digits, times RFC 3339 in UTC with milliseconds, durations milliseconds in fields
//! that end in `_ms`, choices words in lower case with underscores. Statuses of instances are Eureka's five names.

mod acting;
mod as_of;
mod event;
mod explanation;
mod instance;
mod instances;
mod problem;
mod protection;
mod services;
mod settings;
mod stream;

mod writing;
mod zones;

pub use self::acting::{
    Done, DoneToMany, Drain, DrainState, DrainTarget, Drained, Drains, Evict, EvictMany, Fetched,
    Override, OverrideListed, Overrides, Overriding, PropagatedTo, Release, Skipped, Undo,
};
pub use self::as_of::AsOf;
pub use self::event::{Cause, Event, EventKind, Events};
pub use self::explanation::{Code, Explanation, Fact, Next, Note, NoteCode, Step};
pub use self::instance::{Instance, OverrideInForce, Stated, StatusSource, Urls, Versions};
pub use self::instances::{
    Compact, CompactRow, Group, Instances, LeaseState, Row, RowLease, ZoneFrom,
};
pub use self::problem::Problem;
pub use self::protection::{Guard, Held, Protection, Quota};
pub use self::services::{
    MetadataKey, MetadataValue, Service, ServiceRow, ServiceZone, Services, Worst,
};
pub use self::settings::{Setting, Settings, SpringSetting};
pub use self::stream::{
    Bookmark, Bye, Change, ChangeKind, Delta, LeaseMoved, Resync, ResyncReason, Snapshot,
    WatchedInstances, WatchedService,
};
pub use self::writing::{Cancelled, Lease, Register, Registered, Renewed};
pub use self::zones::{Left, Lose, Zone, Zones};
