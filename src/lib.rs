//! Peerage, a registry of peers.

pub mod clock;
pub mod eureka;
pub mod registry;
