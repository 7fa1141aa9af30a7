//! From text to a query.
//!
//! What must always hold: every mistake names its place in characters of the text as it was given; and reading takes
//! one pass.

use std::time::Duration;

use super::pattern::{Pattern, Piece};
use super::{Comparison, Mistake, Overridden, Query, StatusKey, Term, Test, TimeKey, WordKey};
use crate::native::documents::{Code, LeaseState};
use crate::registry::status::Status;

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
const YES_NO: [&str; 2] = ["yes", "no"];
/// Units of time, with their milliseconds.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1000),
    ("min", 60_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
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

    fn test(&mut self, key: &str, begins: usize) -> Result<Test, Mistake> {
        let word = match key {
            "status" => return self.statuses(StatusKey::Shown),
            "own" => return self.statuses(StatusKey::Own),
            "overridden" => return self.overridden(),
            "protected" => return self.protected(),
            "lease" => {
                return Ok(Test::Lease(
                    self.choices(LeaseState::ALL, LeaseState::name)?,
                ));
            }
            "code" => return Ok(Test::Code(self.choices(Code::ALL, Code::name)?)),
            "age" => return self.time(TimeKey::Age),
            "renewed" => return self.time(TimeKey::Renewed),
            "app" => WordKey::App,
            "id" => WordKey::Id,
            "host" => WordKey::Host,
            "ip" => WordKey::Ip,
            "zone" => WordKey::Zone,
            "owner" => WordKey::Owner,
            "port" => WordKey::Port,
            "vip" => WordKey::Vip,
            metadata => {
                let Some(name) = metadata
                    .strip_prefix("meta.")
                    .filter(|name| !name.is_empty())
                else {
                    return Err(missing(
                        begins + key.chars().count(),
                        "a key of the metadata",
                        &["meta.KEY"],
                    ));
                };
                return Ok(Test::Metadata(name.to_owned(), self.patterns()?));
            }
        };
        Ok(Test::Word(word, self.patterns()?))
    }

    fn patterns(&mut self) -> Result<Vec<Pattern>, Mistake> {
        let values = self.values()?.into_iter();
        Ok(values.map(|value| Pattern::whole(value.pieces)).collect())
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

    fn statuses(&mut self, key: StatusKey) -> Result<Test, Mistake> {
        Ok(Test::Status(key, self.choices(Status::ALL, Status::name)?))
    }

    fn overridden(&mut self) -> Result<Test, Mistake> {
        let kinds = [Overridden::Any, Overridden::No]
            .into_iter()
            .chain(Status::ALL.map(Overridden::By));
        let name = |kind| match kind {
            Overridden::Any => "yes",
            Overridden::No => "no",
            Overridden::By(status) => Status::name(status),
        };
        Ok(Test::Overridden(self.choices(kinds, name)?))
    }

    fn protected(&mut self) -> Result<Test, Mistake> {
        let value = self.value(true)?;
        match value.text().to_ascii_lowercase().as_str() {
            "yes" => Ok(Test::Protected(true)),
            "no" => Ok(Test::Protected(false)),
            _ => Err(value.mistake("this is neither yes nor no".to_owned(), owned(YES_NO))),
        }
    }

    /// All of these that one of the values matches; each value must match one at least.
    fn choices<T: Copy + PartialEq>(
        &mut self,
        all: impl IntoIterator<Item = T>,
        name: impl Fn(T) -> &'static str,
    ) -> Result<Vec<T>, Mistake> {
        let all: Vec<T> = all.into_iter().collect();
        let mut chosen = Vec::new();
        for value in self.values()? {
            let pattern = Pattern::whole(value.pieces.clone());
            let before = chosen.len();
            chosen.extend(
                all.iter()
                    .copied()
                    .filter(|choice| pattern.matches(name(*choice))),
            );
            if chosen.len() == before {
                let names = all.iter().map(|choice| name(*choice));
                return Err(value.mistake("there is no such value".to_owned(), owned(names)));
            }
        }
        Ok(chosen)
    }

    fn time(&mut self, key: TimeKey) -> Result<Test, Mistake> {
        let value = self.value(true)?;
        let text = value.text();
        let signs = [
            (">=", Comparison::AtLeast),
            ("<=", Comparison::AtMost),
            (">", Comparison::More),
            ("<", Comparison::Less),
        ];
        let sign = signs
            .into_iter()
            .find_map(|(sign, meant)| Some((meant, text.strip_prefix(sign)?)));
        let read =
            sign.and_then(|(comparison, time)| Some(Test::Time(key, comparison, duration(time)?)));
        read.ok_or_else(|| Mistake {
            suggestion: sign
                .is_none()
                .then(|| format!(">{text}"))
                .filter(|_| duration(&text).is_some()),
            ..value.mistake(
                "this is no comparison with a time".to_owned(),
                owned([">10m", "<30s", ">=1h", "<=500ms"]),
            )
        })
    }
}

/// A whole number and its unit.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = UNITS
        .into_iter()
        .find(|(name, _)| unit.eq_ignore_ascii_case(name))?;
    Some(Duration::from_millis(
        number.parse::<u64>().ok()?.checked_mul(factor)?,
    ))
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

fn mistake(position: usize, length: usize, message: String) -> Mistake {
    Mistake {
        position,
        length,
        message,
        ..Mistake::default()
    }
}

fn missing(position: usize, what: &str, expected: &[&str]) -> Mistake {
    Mistake {
        expected: owned(expected.iter().copied()),
        ..mistake(position, 0, format!("{what} is missing"))
    }
}

fn owned<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// The name that was probably meant, if any is near.
fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    /// Below this two words have too little in common.
    const LIKENESS_MIN: f64 = 0.75;
    let text = text.to_ascii_lowercase();
    let likeness = |name: &str| strsim::jaro_winkler(&text, &name.to_ascii_lowercase());
    let near = names
        .map(|name| (likeness(name), name))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN);
    near.max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name.to_owned())
}
