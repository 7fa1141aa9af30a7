//! A page of measurements: plots, and the tables that say the same in numbers.
//!
//! Here: the page as a value ([`Page`]), plots drawn as inline SVG ([`Plot`]). Not here: where the figures come from.
//! What must always hold: the page opens from disk, asks nobody for anything, and is whole without JavaScript; whatever
//! a plot shows is in a table below it too.

mod axis;
mod plot;

use askama::Template;

pub use axis::{Axis, Scale};
pub use plot::{Line, Plot};

/// A page of measurements.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "figures.html")]
pub struct Page {
    /// What was measured.
    pub title: String,
    /// What one ought to know before looking, a paragraph each.
    pub lead: Vec<String>,
    /// The plots.
    pub plots: Vec<Plot>,
    /// The tables.
    pub tables: Vec<Table>,
}

/// Figures in columns.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// What it tells.
    pub title: String,
    /// The names of the columns.
    pub head: Vec<String>,
    /// The rows, as long as the head.
    pub rows: Vec<Vec<String>>,
    /// Whose figures these are, and how they were measured.
    pub notes: Vec<String>,
}

impl Page {
    /// The page, complete.
    pub fn html(&self) -> Result<String, askama::Error> {
        self.render()
    }

    fn tokens(&self) -> &'static str {
        include_str!("../assets/tokens.css")
    }

    fn styles(&self) -> &'static str {
        include_str!("../assets/figures.css")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_carries_everything_it_needs_and_nothing_from_elsewhere() {
        let page = Page {
            title: "Beats & <bars>".into(),
            tables: vec![Table {
                head: vec!["N".into()],
                rows: vec![vec!["3".into()]],
                ..Table::default()
            }],
            ..Page::default()
        };
        let html = page.html().expect("a page that renders");
        assert!(html.contains("Beats &#38; &#60;bars&#62;"), "{html}");
        assert!(html.contains("<td>3</td>") && html.contains(".plot"));
        assert!(!html.contains("src=") && !html.contains("<link") && !html.contains("url("));
    }
}
