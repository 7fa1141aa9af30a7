//! Keys, signs and words.

use askama::Template;

use crate::frame::{Frame, Place};
use crate::parts::{Badge, Status};

/// The page of keys, signs and words.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "help.html")]
pub struct HelpPage {
    /// What stands around it.
    pub frame: Frame,
}

impl HelpPage {
    fn statuses() -> [(Badge, &'static str); 5] {
        [
            (Status::Up, "takes requests"),
            (Status::Starting, "is about to"),
            (
                Status::OutOfService,
                "was taken out, by itself or by an operator",
            ),
            (Status::Unknown, "says nothing that is known"),
            (Status::Down, "says that it cannot"),
        ]
        .map(|(status, means)| (Badge::from(status), means))
    }

    fn places() -> impl Iterator<Item = Place> {
        Place::RAIL.into_iter()
    }
}
