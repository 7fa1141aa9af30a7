//! Peerage's pages: views in, HTML out, and every asset they need.
//!
//! Here: one view type and one template per page, the styles and modules they use. Not here: where the values come
//! from, HTTP, files read at run time. What must always hold: a page is whole without JavaScript, and asks nobody but
//! the server it came from.

pub mod figures;
pub mod report;
