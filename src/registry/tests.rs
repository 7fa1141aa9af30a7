//! What the registry promises as a whole. Each part's own laws are tested beside it.

mod concurrency;
mod delta;
mod leases;
mod listing;
mod memory;
mod model;
mod preservation;
mod quota;
mod records;
mod statuses;
mod timestamps;
