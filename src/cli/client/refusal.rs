//! What is said when a server refuses: its own words, the place of a mistake, and the next step.

use serde_json::Value;

use super::super::answer::{DENIED, FAILED, MISUSED, UNWELL};
use super::super::text::{acts, width};
use crate::native::documents::Problem;

/// So much of a query is shown before and after the mistake.
const SHOWN_BEFORE: usize = 40;
const SHOWN_AFTER: usize = 30;
/// So many names of what would be right are shown.
const EXPECTED_MAX: usize = 24;

/// The code to exit with, and what to say.
pub(super) fn told(base: &str, problem: &Problem, query: &str) -> (u8, String) {
    let code = match problem.status {
        400 | 413 | 414 | 422 => MISUSED,
        401 | 403 => DENIED,
        503 => UNWELL,
        _ => FAILED,
    };
    let detail = problem.detail.trim_end_matches('.');
    let text = match (number(problem, "position"), query.is_empty()) {
        (Some(position), false) => {
            let length = number(problem, "length").unwrap_or_default();
            let shown = pointed(query, position, length);
            format!("{detail}\n{shown}{}", expected(problem))
        }
        _ => format!("{base} refuses: {detail}{}", expected(problem)),
    };
    (code, text)
}

fn number(problem: &Problem, member: &str) -> Option<usize> {
    let number = problem.members.get(member)?.as_u64()?;
    usize::try_from(number).ok()
}

/// The query, and below it what is wrong in it.
fn pointed(query: &str, position: usize, length: usize) -> String {
    let seen = |c| if acts(c) { '?' } else { c };
    let chars: Vec<char> = query.chars().map(seen).collect();
    let position = position.min(chars.len());
    let end = position.saturating_add(length).min(chars.len());
    let first = position.saturating_sub(SHOWN_BEFORE);
    let last = end.saturating_add(SHOWN_AFTER).min(chars.len());
    let part = |from: usize, to: usize| -> String { chars.iter().take(to).skip(from).collect() };
    let left = if first > 0 { "…" } else { "" };
    let right = if last < chars.len() { "…" } else { "" };
    let before = width(left) + width(&part(first, position));
    let marks = width(&part(position, end)).max(1);
    format!(
        "  {left}{}{right}\n  {}{}",
        part(first, last),
        " ".repeat(before),
        "^".repeat(marks)
    )
}

/// What would be right there.
fn expected(problem: &Problem) -> String {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let all: Vec<String> = match problem.members.get("expected") {
        Some(Value::Array(all)) => all.iter().filter_map(text).collect(),
        _ => Vec::new(),
    };
    if all.is_empty() {
        return String::new();
    }
    let more = if all.len() > EXPECTED_MAX {
        ", …"
    } else {
        ""
    };
    let shown: Vec<_> = all.into_iter().take(EXPECTED_MAX).collect();
    format!("\nhere may stand: {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problem(position: u64, length: u64) -> Problem {
        let members = [
            ("position", json!(position)),
            ("length", json!(length)),
            ("expected", json!(["app", "zone"])),
        ];
        Problem {
            status: 400,
            detail: "there is no key zon; did you mean zone?".to_owned(),
            members: members.map(|(name, value)| (name.to_owned(), value)).into(),
            ..Problem::default()
        }
    }

    #[test]
    fn a_mistake_in_a_query_is_pointed_at() {
        let (code, text) = told("http://a:1", &problem(10, 3), "status:up zon:a x");
        assert_eq!(code, MISUSED);
        insta::assert_snapshot!(text, @r"
        there is no key zon; did you mean zone?
          status:up zon:a x
                    ^^^
        here may stand: app, zone
        ");
    }

    #[test]
    fn what_is_missing_is_pointed_at_where_it_should_stand() {
        insta::assert_snapshot!(pointed("zone:", 5, 0), @r"
        zone:
             ^
        ");
        insta::assert_snapshot!(pointed("日本 zon:a", 3, 3), @r"
        日本 zon:a
             ^^^
        ");
    }

    #[test]
    fn of_a_long_query_the_part_around_the_mistake_is_shown() {
        let long = format!("{}zon:a {}", "x ".repeat(500), "y ".repeat(500));
        let shown = pointed(&long, 1000, 3);
        assert!(shown.lines().all(|line| width(line) < 80), "{shown}");
        assert!(shown.contains("zon:a") && shown.contains("^^^"), "{shown}");
    }

    #[test]
    fn a_place_beyond_the_query_harms_nobody() {
        let max = usize::MAX;
        for (position, length) in [(0, max), (max, 0), (max, max)] {
            assert!(pointed("a\u{1b}[2J", position, length).contains("a?[2J"));
        }
    }

    #[test]
    fn a_refusal_is_told_in_the_words_of_the_server() {
        for (status, expected) in [(403, DENIED), (404, FAILED), (409, FAILED), (503, UNWELL)] {
            let problem = Problem {
                status,
                detail: "actions are off here: set actions = \"on\".".to_owned(),
                ..Problem::default()
            };
            let (code, text) = told("http://a:1", &problem, "");
            assert_eq!(code, expected, "{status}");
            assert_eq!(
                text,
                "http://a:1 refuses: actions are off here: set actions = \"on\""
            );
        }
    }
}
