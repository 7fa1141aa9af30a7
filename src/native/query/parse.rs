//! From text to a query.
//!
//! Here: terms, keys, values, quotes. Not here: what the values of a key mean (`meaning`).
//! What must always hold: every mistake names its place in characters of the text as it was given; and reading takes
//! one pass.

mod meaning;
mod mistakes;

use self::mistakes::{missing, mistake, nearest, owned};
use super::pattern::{Pattern, Piece};
use super::{Mistake, Query, Term, Test};

/// The longest query, in characters. People type tens, programs hundreds.
const CHARS_MAX: usize = 4096;
/// Terms a query may have, and values all of them together.
const TERMS_MAX: usize = 64;
const VALUES_MAX: usize = 512;

/// What can stand before a colon.
const KEYS: [&str; 18] = [
    "app",
    "id",
    "host",
    "ip",
    "zone",
    "status",
    "own",
    "overridden",
    "protected",
    "lease",
    "owner",
    "code",
    "port",
    "vip",
    "age",
    "renewed",
    "meta.KEY",
    "not",
];
pub(super) fn query(text: &str) -> Result<Query, Mistake> {
    let chars: Vec<char> = text.chars().take(CHARS_MAX + 1).collect();
    if chars.len() > CHARS_MAX {
        return Err(mistake(
            CHARS_MAX,
            1,
            format!("a query has at most {CHARS_MAX} characters"),
        ));
    }
    let mut reader = Reader {
        chars: &chars,
        place: 0,
        values: 0,
    };
    let mut terms = Vec::new();
    while reader.skip_blanks() {
        let begins = reader.place;
        terms.push(reader.term()?);
        if terms.len() > TERMS_MAX {
            return Err(mistake(
                begins,
                reader.place - begins,
                format!("a query has at most {TERMS_MAX} terms"),
            ));
        }
    }
    Ok(Query { terms })
}

struct Reader<'a> {
    chars: &'a [char],
    place: usize,
    values: usize,
}

/// A value as it was written.
struct Value {
    begins: usize,
    ends: usize,
    pieces: Vec<Piece>,
}

impl Value {
    /// The text of it, wildcards as they were written.
    fn text(&self) -> String {
        let chars = self.pieces.iter().map(|piece| match piece {
            Piece::Exactly(c) => *c,
            Piece::One => '?',
            Piece::Many => '*',
        });
        chars.collect()
    }

    fn mistake(&self, message: String, expected: Vec<String>) -> Mistake {
        let suggestion = nearest(&self.text(), expected.iter().map(String::as_str));
        Mistake {
            expected,
            suggestion,
            ..mistake(self.begins, self.ends - self.begins, message)
        }
    }
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.place).copied()
    }

    /// Whether anything comes after the blanks.
    fn skip_blanks(&mut self) -> bool {
        while self.peek().is_some_and(char::is_whitespace) {
            self.place += 1;
        }
        self.peek().is_some()
    }

    fn term(&mut self) -> Result<Term, Mistake> {
        let mut negated = false;
        loop {
            if self.peek() == Some('-') {
                self.place += 1;
            } else if self.starts_with("not:") {
                self.place += "not:".len();
            } else {
                break;
            }
            negated = !negated;
            if self.peek().is_none_or(char::is_whitespace) {
                return Err(missing(self.place, "a term to negate", &[]));
            }
        }
        let test = match self.key()? {
            Some((key, begins)) => self.test(&key, begins)?,
            None => Test::Text(Pattern::within(self.value(false)?.pieces)),
        };
        Ok(Term { negated, test })
    }

    fn starts_with(&self, word: &str) -> bool {
        let mut rest = self.chars.iter().skip(self.place);
        word.chars().all(|c| {
            rest.next()
                .is_some_and(|next| next.eq_ignore_ascii_case(&c))
        })
    }

    /// The key of a term and where it began, if it has one. What follows is its value.
    fn key(&mut self) -> Result<Option<(String, usize)>, Mistake> {
        let begins = self.place;
        let mut key = String::new();
        while let Some(c) = self.peek() {
            match c {
                ':' => {
                    self.place += 1;
                    return known(key, begins).map(|key| Some((key, begins)));
                }
                '"' if key.eq_ignore_ascii_case("meta.") => key.extend(text_of(&self.quoted()?)),
                '"' | ',' | '\\' => break,
                c if c.is_whitespace() => break,
                c => {
                    key.push(c);
                    self.place += 1;
                }
            }
        }
        self.place = begins;
        Ok(None)
    }

    /// Values with commas between them.
    fn values(&mut self) -> Result<Vec<Value>, Mistake> {
        let mut values = vec![self.value(true)?];
        while self.peek() == Some(',') {
            self.place += 1;
            values.push(self.value(true)?);
        }
        Ok(values)
    }

    /// A value up to a blank, and to a comma where there may be several.
    fn value(&mut self, several: bool) -> Result<Value, Mistake> {
        let begins = self.place;
        self.values += 1;
        let mut pieces = Vec::new();
        while let Some(c) = self.peek() {
            match c {
                '"' => pieces.extend(self.quoted()?),
                ',' if several => break,
                c if c.is_whitespace() => break,
                c => {
                    pieces.push(self.piece(c));
                    self.place += 1;
                }
            }
        }
        if self.place == begins {
            return Err(missing(begins, "a value", &[]));
        }
        if self.values > VALUES_MAX {
            let message = format!("a query has at most {VALUES_MAX} values");
            return Err(mistake(begins, self.place - begins, message));
        }
        Ok(Value {
            begins,
            ends: self.place,
            pieces,
        })
    }

    /// A character outside of quotes.
    fn piece(&mut self, c: char) -> Piece {
        match c {
            '*' => Piece::Many,
            '?' => Piece::One,
            '\\' => match self.chars.get(self.place + 1) {
                Some(next) => {
                    self.place += 1;
                    Piece::Exactly(*next)
                }
                None => Piece::Exactly('\\'),
            },
            c => Piece::Exactly(c),
        }
    }

    /// What stands between quotes.
    fn quoted(&mut self) -> Result<Vec<Piece>, Mistake> {
        let begins = self.place;
        let mut pieces = Vec::new();
        self.place += 1;
        while let Some(c) = self.peek() {
            self.place += 1;
            match c {
                '"' => return Ok(pieces),
                '\\' => {
                    let escaped = self.peek();
                    self.place += usize::from(escaped.is_some());
                    pieces.extend(escaped.map(Piece::Exactly));
                }
                c => pieces.push(Piece::Exactly(c)),
            }
        }
        let message = "a quote that is never closed".to_owned();
        let expected = vec!["\"".to_owned()];
        Err(Mistake {
            expected,
            ..mistake(begins, self.place - begins, message)
        })
    }
}

/// A key in lower case, unless nobody knows it.
fn known(key: String, begins: usize) -> Result<String, Mistake> {
    let lower = key.to_ascii_lowercase();
    if let Some(("meta", _)) = lower.split_once('.') {
        return Ok(format!(
            "meta.{}",
            key.chars().skip("meta.".len()).collect::<String>()
        ));
    }
    if KEYS.contains(&lower.as_str()) {
        return Ok(lower);
    }
    let message = if key.is_empty() {
        "there is no key before this colon".to_owned()
    } else {
        format!("{key:?} is no key; put text that holds a colon in quotes")
    };
    Err(Mistake {
        expected: owned(KEYS),
        suggestion: nearest(&lower, KEYS.into_iter()).map(|key| format!("{key}:")),
        ..mistake(begins, key.chars().count().max(1), message)
    })
}

fn text_of(pieces: &[Piece]) -> impl Iterator<Item = char> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Exactly(c) => Some(*c),
        Piece::One | Piece::Many => None,
    })
}
