//! Peerage, a registry of peers.

#![cfg_attr(
    test,
    expect(clippy::cast_possible_truncation, reason = "tests make small numbers")
)]

pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
mod dashboard;
pub mod eureka;
mod metrics;
mod process;
pub mod registry;
pub mod server;
mod tasks;
pub mod telemetry;
