//! A file that somebody wrote, and what is wrong with it.
//!
//! Here: tables whose keys are asked for by name, and mistakes with their places. Not here: what a key means. What
//! must always hold: every mistake of a file is told, each with its line, its column, and what would be right.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use toml_edit::{Item, TableLike, Value};

/// A file, as text.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it is called in mistakes.
    pub path: String,
    /// What is in it.
    pub text: String,
}

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub text: String,
}

/// Everything wrong with a file, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            column,
            text,
        } = self;
        write!(f, "{path}:{line}:{column}: {text}")
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|mistake| writeln!(f, "{mistake}"))
    }
}

impl std::error::Error for Mistakes {}

impl Source {
    /// The comment a file begins with, without its signs.
    pub fn head(&self) -> String {
        let lines = self.text.lines().take_while(|line| line.starts_with('#'));
        let lines = lines.map(|line| line.trim_start_matches('#').trim());
        let paragraphs: Vec<&str> = lines.collect();
        paragraphs.join("\n").trim().to_owned()
    }

    fn mistake(&self, span: Range<usize>, text: String) -> Mistake {
        let before = self.text.get(..span.start).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Mistake {
            path: self.path.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            text,
        }
    }
}

/// Collects what is wrong with a file.
#[derive(Debug)]
pub struct Reading<'a> {
    source: &'a Source,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'a> Reading<'a> {
    /// Nothing is wrong yet.
    pub const fn new(source: &'a Source) -> Self {
        Self {
            source,
            mistakes: RefCell::new(Vec::new()),
        }
    }

    /// Something is wrong at a place.
    pub fn mistake(&self, span: Range<usize>, text: impl Into<String>) {
        let mistake = self.source.mistake(span, text.into());
        let mut mistakes = self.mistakes.borrow_mut();
        if !mistakes.contains(&mistake) {
            mistakes.push(mistake);
        }
    }

    /// What was read, if nothing is wrong.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, Mistakes> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        match read {
            Some(read) if mistakes.is_empty() => Ok(read),
            _ => Err(Mistakes(mistakes)),
        }
    }
}

/// A table whose keys are known.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    reading: &'a Reading<'a>,
    table: &'a dyn TableLike,
    span: usize,
}

impl<'a> Table<'a> {
    /// The table of an item. `known`: the keys it may have; any other is a mistake. `None` allows all.
    pub fn of(reading: &'a Reading<'a>, item: &'a Item, known: Option<&[&str]>) -> Option<Self> {
        let span = item.span().map_or(0, |span| span.start);
        let Some(table) = item.as_table_like() else {
            reading.mistake(
                span..span,
                "this has to be a table, with a key and a value on each line",
            );
            return None;
        };
        let this = Self {
            reading,
            table,
            span,
        };
        if let Some(known) = known {
            this.refuse_others(known);
        }
        Some(this)
    }

    fn refuse_others(&self, known: &[&str]) {
        for (key, _) in self.table.iter() {
            if !known.contains(&key) {
                let text = format!("there is no key \"{key}\" here{}", suggest(key, known));
                self.reading.mistake(self.key_span(key), text);
            }
        }
    }

    /// Its keys, in the order they were written.
    pub fn keys(&self) -> Vec<&'a str> {
        self.table.iter().map(|(key, _)| key).collect()
    }

    /// Whether it has a key.
    pub fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Where a key stands.
    pub fn key_span(&self, key: &str) -> Range<usize> {
        let span = self.table.key(key).and_then(toml_edit::Key::span);
        span.unwrap_or(self.span..self.span)
    }

    /// Where the value of a key stands.
    pub fn value_span(&self, key: &str) -> Range<usize> {
        let span = self.table.get(key).and_then(Item::span);
        span.unwrap_or_else(|| self.key_span(key))
    }

    /// Something is wrong with the table as a whole.
    pub fn mistake(&self, text: impl Into<String>) {
        self.reading.mistake(self.span..self.span, text);
    }

    /// Something is wrong with the value of a key.
    pub fn mistake_at(&self, key: &str, text: impl Into<String>) {
        self.reading.mistake(self.value_span(key), text);
    }

    /// Something is wrong with a key.
    pub fn mistake_at_key(&self, key: &str, text: impl Into<String>) {
        self.reading.mistake(self.key_span(key), text);
    }

    /// The value of a key, if it is there and right.
    pub fn read<T>(&self, key: &str, kind: impl FnOnce(&Value) -> Result<T, String>) -> Option<T> {
        let item = self.table.get(key)?;
        let read = match item.as_value() {
            Some(value) => kind(value),
            None => Err("this has to be a single value".to_owned()),
        };
        read.map_err(|text| self.mistake_at(key, format!("{key}: {text}")))
            .ok()
    }

    /// The value of a key, which has to be there.
    pub fn require<T>(
        &self,
        key: &str,
        kind: impl FnOnce(&Value) -> Result<T, String>,
    ) -> Option<T> {
        if !self.has(key) {
            self.mistake(format!("\"{key}\" is missing here"));
        }
        self.read(key, kind)
    }

    /// The table under a key, if there is one.
    pub fn table(&self, key: &str, known: Option<&[&str]>) -> Option<Self> {
        Self::of(self.reading, self.table.get(key)?, known)
    }

    /// The tables under a key, written `[[key]]`.
    pub fn tables(&self, key: &str, known: &[&str]) -> Vec<Self> {
        let Some(item) = self.table.get(key) else {
            return Vec::new();
        };
        let Some(tables) = item.as_array_of_tables() else {
            let text = format!("write this as [[{key}]], once for each");
            self.reading.mistake(self.key_span(key), text);
            return Vec::new();
        };
        let tables = tables.iter().map(|table| Self {
            reading: self.reading,
            table,
            span: table.span().map_or(0, |span| span.start),
        });
        tables.inspect(|table| table.refuse_others(known)).collect()
    }
}

/// What somebody may have meant, and else all there is.
pub fn suggest(word: &str, known: &[&str]) -> String {
    let likeness = |other: &str| strsim::jaro_winkler(&word.to_lowercase(), other);
    let near = known
        .iter()
        .map(|other| (likeness(other), other))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    match near {
        Some((_, meant)) => format!("; did you mean \"{meant}\"?"),
        None if known.is_empty() => String::new(),
        None => format!("; there are: {}", known.join(", ")),
    }
}
