//! Columns for people, and documents for programs.

use serde::Serialize;

use crate::config::show::Output;

/// Rows under a header, each column as wide as its widest cell. What could move a terminal's cursor is shown as `?`:
/// names come from other machines.
pub(super) fn table<const COLUMNS: usize>(
    header: [&str; COLUMNS],
    rows: &[[String; COLUMNS]],
) -> String {
    let header = header.map(str::to_owned);
    let cells = |row: &[String; COLUMNS]| row.each_ref().map(|cell| plain(cell));
    let all: Vec<_> = std::iter::once(&header).chain(rows).map(cells).collect();
    let mut widths = [0; COLUMNS];
    for row in &all {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    all.iter().map(|row| line(row, &widths)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths);
    let padded: Vec<_> = cells
        .map(|(cell, width)| format!("{cell:width$}"))
        .collect();
    format!("{}\n", padded.join("  ").trim_end())
}

/// A text without anything that moves a terminal's cursor.
pub(super) fn plain(text: &str) -> String {
    let visible = |c: char| if c.is_control() { '?' } else { c };
    text.chars().map(visible).collect()
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
    text.expect("names are text and numbers are finite") + "\n"
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
}
