//! Who is registered, until when, and what changed.

pub mod instance;
pub mod status;
pub mod view;
