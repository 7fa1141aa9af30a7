//! Peerage: a service registry that speaks Netflix Eureka's protocol.
//!
//! This page is the map of the house. A request comes in by [`api`], which reads paths, headers and bodies; what a
//! body means is told by [`eureka`], what becomes of it is decided by [`registry`], and what time it is comes from
//! [`clock`]. The two in the middle are pure: no IO, no clock, no chance but what is handed in.
//!
//! | room | what lives there |
//! |---|---|
//! | [`registry`] | who is registered, until when, and what changed |
//! | [`eureka`] | Eureka's JSON and XML, to and from the registry's types |
//! | [`api`] | the HTTP API: extract, call, encode |
//! | `dashboard` | the pages for people |
//! | `account` | what happened, in order, and who is told of it |
//! | [`native`] | the native API: its documents, its query language, explanations, what operators do |
//! | [`config`], [`cli`] | settings and the command line |
//! | [`cluster`] | the other servers, as people and programs are told of them |
//! | [`demo`] | a cluster to look at |
//! | [`clock`] | the only place that reads real time |
//! | `metrics`, [`telemetry`] | what is counted and what is logged |
//! | [`identity`], `draft` | what a server remembers from start to start; files that are written whole or not at all |
//! | [`server`], `tasks`, `process` | assembly, background loops, what the system says of us |
//! | [`replication`] | the bridge: the registry as records that peers keep in agreement |
//! | [`peers`] | membership and agreement, without a word of Eureka; its `runtime` has the sockets |
//!
//! For those who know Netflix's server: `Lease` is [`registry::entry`], `AbstractInstanceRegistry` is
//! [`registry::Registry`], the override rules are [`registry::status`], the renewal threshold became
//! [`registry::preservation`], `ResponseCacheImpl` is `api::cache`, and the JAX-RS resources are the files of [`api`].
//!
//! # The way of a heartbeat
//!
//! `api::service` hands every request to `at_once` before it is routed. That parses the path, asks whether the
//! request may go on, and calls [`Registry::renew`](registry::Registry::renew), which takes a read lock on one shard
//! and stores two numbers. No task, no allocation for names without escapes, no log line.
//!
//! # The way of a registration
//!
//! It is routed to `api::dispatch`, its body is collected within the limits, [`eureka::registration()`] makes a
//! [`Registration`](registry::instance::Registration) of it, and
//! [`Registry::register`](registry::Registry::register) settles Eureka's rules and puts a new record in place. The
//! next reader of a list finds its document stale, takes a [`Snapshot`](registry::snapshot::Snapshot), renders the one
//! leaf that changed, and stitches the document together from compressed blocks.
//!
//! # The way of a write to the other servers
//!
//! The registry notes the key and wakes the task that owns the [`peers::node::Node`]. That takes the keys, reads each
//! record as bytes by [`replication`], and sends them on its streams. At the other end the same bridge reads the bytes,
//! [`Registry::merge`](registry::Registry::merge) takes the greater of each register, and what readers see of it is
//! counted, logged and listed like any change. What is served while a server joins or leaves is told by
//! [`peers::node::Doors`], which `api::dispatch` asks before every call.

pub mod account;
pub mod api;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod config;
mod dashboard;
pub mod demo;
mod draft;
pub mod eureka;
pub mod identity;
mod metrics;
pub mod native;
mod pace;
mod plural;
mod process;
pub mod registry;
pub mod replication;
pub mod server;
mod tasks;
pub mod telemetry;
