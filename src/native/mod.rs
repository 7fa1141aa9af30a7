//! The native API: what people and programs are told of instances, and what they may do.
//!
//! Here: the documents as values, how each comes about from the registry and the cluster, the query language, and what
//! operators' actions do and say. Not here: HTTP (`api`), the registry's decisions. What must always hold: a document is
//! made by a plain function of the server's state, so that answers, pages and command line say the same; and what is
//! said to happen next is what the registry will do.

pub mod acting;
pub mod documents;
pub mod drains;
pub mod events;
pub mod evictions;
pub mod explain;
pub mod fetches;
pub mod instance;
pub mod instances;
pub mod protection;
pub mod query;
pub mod rows;
pub mod secrets;
pub mod services;
pub mod settings;
pub mod writing;
pub mod zones;
