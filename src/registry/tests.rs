//! What the registry promises as a whole. Each part's own laws are tested beside it.

mod adoption;
mod cluster;
mod concurrency;
mod convergence;
mod delta;
mod isolation;
mod leases;
mod listing;
mod memory;
mod merging;
mod model;
mod operators;
mod orphans;
mod outbox;
mod preservation;
mod quota;
mod records;
mod refutation;
mod statuses;
mod timestamps;
