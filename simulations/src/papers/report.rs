//! What an experiment came to, for whoever wants to read it.
//!
//! Here: one value, told as text, as JSON and as a page. What must always hold: all three have the same figures.

use std::fmt;

use serde_json::{Value, json};
use web_ui::figures::{self, Axis, Line, Page, Plot, Scale};

use super::table::{Figure, Table};

/// The form of the JSON; it grows when a reader of the one before would misread it.
const SCHEMA: &str = "peerage-figures-1";

/// What an experiment came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was measured.
    pub title: String,
    /// What one ought to know before looking.
    pub lead: Vec<String>,
    /// Plots; what they show is in the tables too.
    pub plots: Vec<Plot>,
    /// All figures.
    pub tables: Vec<Table>,
}

impl Report {
    /// The report as one page that opens from disk.
    ///
    /// # Errors
    ///
    /// If the template does not take the values, which would be a mistake in the template.
    pub fn html(&self) -> Result<String, fmt::Error> {
        let page = Page {
            title: self.title.clone(),
            lead: self.lead.clone(),
            plots: self.plots.clone(),
            tables: self.tables.iter().map(in_words).collect(),
        };
        page.html().map_err(|_refused| fmt::Error)
    }

    /// The report as JSON. Numbers are as they were measured, not as they are shown; what was not measured is null.
    pub fn json(&self) -> Value {
        json!({
            "schema": SCHEMA,
            "title": self.title,
            "lead": self.lead,
            "plots": self.plots.iter().map(plot).collect::<Vec<_>>(),
            "tables": self.tables,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tables
            .iter()
            .try_for_each(|table| writeln!(f, "{table}"))
    }
}

fn in_words(table: &Table) -> figures::Table {
    let row = |row: &Vec<Figure>| row.iter().map(Figure::to_string).collect();
    figures::Table {
        title: table.title.clone(),
        head: table.head.clone(),
        rows: table.rows.iter().map(row).collect(),
        notes: table.notes.clone(),
    }
}

fn plot(plot: &Plot) -> Value {
    json!({
        "title": plot.title,
        "x": axis(&plot.x),
        "y": axis(&plot.y),
        "lines": plot.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn axis(axis: &Axis) -> Value {
    json!({ "name": axis.name, "logarithmic": axis.scale == Scale::Logarithmic })
}

fn line(line: &Line) -> Value {
    json!({ "name": line.name, "computed": line.computed, "points": line.points })
}
