//! What is wrong with a query, where, and what was probably meant.

use crate::native::query::Mistake;

pub(super) fn mistake(position: usize, length: usize, message: String) -> Mistake {
    Mistake {
        position,
        length,
        message,
        ..Mistake::default()
    }
}

pub(super) fn missing(position: usize, what: &str, expected: &[&str]) -> Mistake {
    Mistake {
        expected: owned(expected.iter().copied()),
        ..mistake(position, 0, format!("{what} is missing"))
    }
}

pub(super) fn owned<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// The name that was probably meant, if any is near.
pub(super) fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
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
