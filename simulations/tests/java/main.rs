//! The model of Java's servers, held against what three real ones were measured to do.
//!
//! Rows are those of a measurement of Spring Cloud 2025.0.0 (eureka 2.0.4) with three servers, "default" being untouched
//! and "fast" having no cache for readers, expired leases looked for every 5 s, leases of 10/30 s and clients expected
//! every 10 s. Times are in seconds. Where a test allows more or less than was measured, it says why.

mod cluster;
mod crashes;
mod loads;
mod partitions;
mod propagation;
mod runs;
mod stories;
