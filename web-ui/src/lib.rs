//! Peerage's pages: views in, HTML out, and every asset they need.
//!
//! Here: one view type and one template per page, the parts they share, the styles and modules they use. Not here:
//! where the values come from, HTTP, files read at run time. What must always hold: a page is whole without JavaScript,
//! asks nobody but the server it came from, and shows whatever a client said as text.
//!
//! A page is a struct whose first field is its [`frame::Frame`] and whose template extends `layout.html`. What several
//! pages show alike is a type of [`parts`] with a template of its own, which prints itself: `{{ row.since }}`.
//!
//! Links are relative: [`frame::Frame::pages`] leads from a page to where the pages begin, so that they can be served
//! below any path.

pub mod assets;
pub mod frame;
pub mod links;
pub mod parts;
pub mod times;

pub mod cluster;
pub mod connect;
pub mod drains;
pub mod events;
pub mod figures;
pub mod help;
pub mod instance;
pub mod instances;
pub mod missing;
pub mod overview;
pub mod report;
pub mod service;
pub mod services;
pub mod settings;
pub mod zones;

pub use askama::Template;
