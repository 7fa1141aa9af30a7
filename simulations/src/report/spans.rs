//! Pictures, as whiles in which something stays the same.
//!
//! Here: what charts and texts have in common. Not here: how these look. What must always hold: whiles follow each
//! other without gaps from the beginning of the story to its end.

use std::time::Duration;

use super::{Account, Played};
use crate::world::film::Picture;

/// A while in which something stays the same.
#[derive(Clone, Debug, PartialEq)]
pub struct While<T> {
    /// From this moment of the story
    pub from: Duration,
    /// until this one.
    pub until: Duration,
    /// what it was.
    pub what: T,
}

impl Account {
    /// The pictures of a run that belong to the story.
    pub fn pictures<'a>(&self, run: &'a Played) -> impl Iterator<Item = &'a Picture> {
        let begins_at = self.begins_at;
        let pictures = run.film.pictures.iter();
        pictures.filter(move |picture| picture.at >= begins_at)
    }

    /// Something about the pictures of a run, while by while.
    pub fn whiles<T: PartialEq>(&self, run: &Played, of: impl Fn(&Picture) -> T) -> Vec<While<T>> {
        let mut whiles: Vec<While<T>> = Vec::new();
        for picture in self.pictures(run) {
            let (at, what) = (self.since(picture.at), of(picture));
            match whiles.last_mut() {
                Some(last) if last.what == what => last.until = at,
                last => {
                    let from = last.map_or(Duration::ZERO, |last| {
                        last.until = at;
                        at
                    });
                    whiles.push(While {
                        from,
                        until: at,
                        what,
                    });
                }
            }
        }
        if let Some(last) = whiles.last_mut() {
            last.until = self.lasts;
        }
        whiles
    }
}
