//! Columns for people, and documents for programs.

use serde::Serialize;

use super::terminal::Tint;
pub(super) use super::text::plain;
use super::text::{plain_json, width};
use crate::config::show::Output;

/// What stands in a place of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    text: String,
    tint: Tint,
}

impl Cell {
    /// A text that stands out.
    pub(super) fn tinted(text: impl Into<String>, tint: Tint) -> Self {
        Self {
            text: text.into(),
            tint,
        }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::tinted(text, Tint::None)
    }
}

/// Rows under a header, each column as wide as its widest cell. What could move a terminal's cursor is shown as `?`:
/// names come from other machines.
pub(super) fn table<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: &[[String; COLUMNS]],
) -> String {
    let cells = |row: &[String; COLUMNS]| row.each_ref().map(|text| text.as_str().into());
    let rows: Vec<[Cell; COLUMNS]> = rows.iter().map(cells).collect();
    tinted(header, &rows, false)
}

/// The same with cells that stand out, if colours are wanted.
pub(super) fn tinted<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: &[[Cell; COLUMNS]],
    colours: bool,
) -> String {
    let header = header.map(|name| Cell::tinted(name, Tint::Faint));
    let cells = |row: &[Cell; COLUMNS]| {
        row.each_ref()
            .map(|cell| Cell::tinted(plain(&cell.text), cell.tint))
    };
    let all: Vec<_> = std::iter::once(&header).chain(rows).map(cells).collect();
    let mut widths = [0; COLUMNS];
    for row in &all {
        for (broadest, cell) in widths.iter_mut().zip(row) {
            *broadest = (*broadest).max(width(&cell.text));
        }
    }
    all.iter().map(|row| line(row, &widths, colours)).collect()
}

/// One line. What is filled up to the width of a column has no colour, and nothing is filled after the last cell.
fn line(row: &[Cell], widths: &[usize], colours: bool) -> String {
    let last = row.iter().rposition(|cell| !cell.text.is_empty());
    let shown = row.iter().zip(widths).take(last.map_or(0, |last| last + 1));
    let mut line = String::new();
    let mut gap = 0;
    for (cell, broadest) in shown {
        line.push_str(&" ".repeat(gap));
        line.push_str(&cell.tint.paint(&cell.text, colours));
        gap = broadest.saturating_sub(width(&cell.text)) + 2;
    }
    line + "\n"
}

/// A document: for people as this text, for programs as JSON, in one piece or as one line per part.
pub(super) fn written<Whole: Serialize, Part: Serialize>(
    output: Output,
    text: impl FnOnce() -> String,
    whole: &Whole,
    parts: &[Part],
) -> String {
    match output {
        Output::Table => text(),
        Output::Json => json(serde_json::to_string_pretty(whole)),
        Output::Ndjson => parts
            .iter()
            .map(|part| json(serde_json::to_string(part)))
            .collect(),
    }
}

fn json(text: serde_json::Result<String>) -> String {
    let text = text.expect("names are text and numbers are finite");
    plain_json(&text) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            ["a".to_owned(), "long enough".to_owned(), "1".to_owned()],
            ["b\u{1b}[2J".to_owned(), "é".to_owned(), String::new()],
        ];
        insta::assert_snapshot!(table(["NAME", "ZONE", "LAG"], &rows), @r"
        NAME   ZONE         LAG
        a      long enough  1
        b?[2J  é
        ");
    }

    #[test]
    fn characters_that_take_two_columns_are_counted_as_two() {
        let rows = [
            ["日本".to_owned(), "x".to_owned()],
            ["abcde".to_owned(), "y".to_owned()],
        ];
        insta::assert_snapshot!(table(["A", "B"], &rows), @r"
        A      B
        日本   x
        abcde  y
        ");
    }

    #[test]
    fn colours_take_no_column() {
        let rows = [[Cell::tinted("DOWN", Tint::Bad), "x".into()]];
        let shown = tinted(["STATUS", "B"], &rows, true);
        assert!(
            shown.ends_with("\u{1b}[31mDOWN\u{1b}[0m    x\n"),
            "{shown:?}"
        );
    }
}
