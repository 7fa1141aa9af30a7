//! What is not there, or does not go.

use askama::Template;

use crate::frame::Frame;
use crate::parts::Link;

/// A page that says what is not there, or does not go, and where to go instead.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "missing.html")]
pub struct MissingPage {
    /// What stands around it.
    pub frame: Frame,
    /// What is missing, in a few words.
    pub title: String,
    /// Why, and what that may mean.
    pub text: String,
    /// Where to go instead.
    pub links: Vec<Link>,
}
