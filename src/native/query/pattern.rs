//! Text with wildcards.
//!
//! What must always hold: matching takes no more steps than the product of both lengths, whatever the pattern.

/// Text with wildcards, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// This character, in whatever case.
    Exactly(char),
    /// Any character.
    One,
    /// Any text.
    Many,
}

impl Pattern {
    /// One that must match the whole of a text.
    pub(super) fn whole(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let mut kept: Vec<Piece> = Vec::new();
        for piece in pieces {
            let piece = match piece {
                Piece::Exactly(c) => Piece::Exactly(folded(c)),
                piece => piece,
            };
            if piece != Piece::Many || kept.last() != Some(&Piece::Many) {
                kept.push(piece);
            }
        }
        Self(kept)
    }

    /// One that must match somewhere within a text.
    pub(super) fn within(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let around = |piece| std::iter::once(piece);
        Self::whole(around(Piece::Many).chain(pieces).chain(around(Piece::Many)))
    }

    /// Whether it matches. After a wildcard that takes any text, only the last one is ever tried again: what an
    /// earlier one could take more, the last one can take as well.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut place = 0;
        let mut rest = text.chars();
        let mut again: Option<(usize, std::str::Chars<'_>)> = None;
        loop {
            match self.0.get(place) {
                Some(Piece::Many) => {
                    place += 1;
                    again = Some((place, rest.clone()));
                    continue;
                }
                None if rest.as_str().is_empty() => return true,
                Some(Piece::One) if rest.next().is_some() => {
                    place += 1;
                    continue;
                }
                Some(Piece::Exactly(wanted)) => {
                    if rest.clone().next().map(folded) == Some(*wanted) {
                        rest.next();
                        place += 1;
                        continue;
                    }
                }
                Some(Piece::One) | None => {}
            }
            let Some((from, taken)) = &mut again else {
                return false;
            };
            if taken.next().is_none() {
                return false;
            }
            (place, rest) = (*from, taken.clone());
        }
    }
}

/// A character in lower case. Those that become several in it are compared by the first.
fn folded(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    c.to_lowercase().next().unwrap_or(c)
}
