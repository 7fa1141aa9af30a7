//! The table.

/// One line of it.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) what: String,
    /// What we want.
    pub(crate) target: &'static str,
    /// What three of Java's servers did, as far as that was measured.
    pub(crate) java: &'static str,
    /// What was measured.
    pub(crate) ours: String,
    /// Whether that is what we want; none where there is no target.
    pub(crate) met: Option<bool>,
}

const HEADS: [&str; 5] = ["what", "target", "Java, 3 servers", "ours", ""];

/// Prints lines below each other, their columns aligned.
pub(crate) fn print(rows: &[Row]) {
    let heads = HEADS.map(str::to_owned);
    let lines: Vec<_> = std::iter::once(heads)
        .chain(rows.iter().map(cells))
        .collect();
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths = [0, 1, 2, 3, 4].map(width);
    for line in &lines {
        let padded = line
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        println!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
}

fn cells(row: &Row) -> [String; 5] {
    let verdict = match row.met {
        Some(true) => "ok",
        Some(false) => "MISSED",
        None => "",
    };
    [
        row.what.clone(),
        row.target.to_owned(),
        row.java.to_owned(),
        row.ours.clone(),
        verdict.to_owned(),
    ]
}
