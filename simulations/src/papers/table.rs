//! Figures in columns.
//!
//! Here: text for a terminal. What must always hold: a figure nobody measured is shown as a dash, never as nought.

use std::fmt;

use serde::{Serialize, Serializer};

/// Figures in columns, under a title.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table {
    /// What it tells.
    pub title: String,
    /// The names of the columns.
    pub head: Vec<String>,
    /// The rows, as long as the head.
    pub rows: Vec<Vec<Figure>>,
    /// Whose figures these are, and how they were measured.
    pub notes: Vec<String>,
}

impl Table {
    /// An empty table.
    pub fn new<const N: usize>(title: impl Into<String>, head: [&str; N]) -> Self {
        Self {
            title: title.into(),
            head: head.map(str::to_owned).to_vec(),
            ..Self::default()
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [Figure; N]) {
        debug_assert_eq!(self.head.len(), N, "a row is as long as the head");
        self.rows.push(cells.to_vec());
    }

    /// Adds a note below.
    #[must_use]
    pub fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    fn widths(&self) -> Vec<usize> {
        let wide = |column: usize| {
            let cells = self
                .rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(Figure::to_string);
            let lines = cells.chain(self.head.get(column).cloned());
            lines.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..self.head.len()).map(wide).collect()
    }
}

/// What stands in one place of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// A name.
    Name(&'static str),
    /// A number and how many decimals of it are told; or nothing was measured.
    Number(Option<f64>, usize),
}

/// A figure with so many decimals, if there is one.
pub const fn figure(value: Option<f64>, decimals: usize) -> Figure {
    Figure::Number(value, decimals)
}

/// A whole number.
pub const fn count(number: u64) -> Figure {
    Figure::Number(Some(number as f64), 0)
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Name(name) => f.pad(name),
            Self::Number(None, _) => f.pad("–"),
            Self::Number(Some(number), decimals) => f.pad(&format!("{number:.decimals$}")),
        }
    }
}

impl Serialize for Figure {
    /// A number is a number, and one that was not measured is null.
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => to.serialize_str(name),
            Self::Number(number, _) => number.serialize(to),
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        writeln!(f, "{}\n", self.title)?;
        writeln!(f, "  {}", line(&self.head, &widths))?;
        self.rows
            .iter()
            .try_for_each(|row| writeln!(f, "  {}", line(row, &widths)))?;
        writeln!(f)?;
        self.notes
            .iter()
            .try_for_each(|note| writeln!(f, "  {note}"))
    }
}

fn line(cells: &[impl fmt::Display], widths: &[usize]) -> String {
    let cells = cells.iter().zip(widths);
    let padded = cells.map(|(cell, width)| format!("{cell:>width$}"));
    padded.collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_figure() {
        let mut table = Table::new("Beats", ["N", "median s"]).noting("Of false time.");
        table.row([count(3), figure(Some(1.25), 1)]);
        table.row([count(200), figure(None, 1)]);
        insta::assert_snapshot!(table.to_string(), @r"
        Beats

            N  median s
            3       1.2
          200         –

          Of false time.
        ");
    }
}
