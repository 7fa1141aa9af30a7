//! Text that is fit for a terminal: nothing in it acts, and times are said as people say them.
//!
//! Here: taking the sting out of text from elsewhere, widths, times and durations. Not here: tables (`table`). What must
//! always hold: names, metadata and sentences come from other machines; none of them moves a cursor, hides text or turns
//! its direction around.

use std::time::Duration;

use chrono::{DateTime, Utc};
use unicode_width::UnicodeWidthChar as _;

/// Whether a character acts on a terminal or on the text around it instead of being seen.
pub(super) fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}'   // spaces of no width, marks of direction
            | '\u{2028}'..='\u{202e}'   // ends of lines and paragraphs, embeddings and overrides of direction
            | '\u{2060}'..='\u{206f}'   // joiners, isolates
            | '\u{fe00}'..='\u{fe0f}'   // variants
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}' // tags
        )
}

/// A text of one line in which everything is seen: what acts is shown as `?`.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if acts(c) { '?' } else { c })
        .collect()
}

/// A text of several lines in which everything is seen.
pub(super) fn plain_lines(text: &str) -> String {
    text.chars()
        .map(|c| if acts(c) && c != '\n' { '?' } else { c })
        .collect()
}

/// JSON in which everything is seen, and which says the same: what acts stands within strings, where it may be written
/// as its number.
pub(super) fn plain_json(json: &str) -> String {
    let mut seen = String::with_capacity(json.len());
    for c in json.chars() {
        if acts(c) && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                seen.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            seen.push(c);
        }
    }
    seen
}

/// How many columns of a terminal a plain text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// A text as one word of a shell.
pub(super) fn quoted(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A time as documents give it.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.to_utc())
}

/// How long from one time of a document to another; below zero if that is earlier.
pub(super) fn seconds(from: &str, to: &str) -> Option<f64> {
    let passed = time(to)?.signed_duration_since(time(from)?);
    Some(passed.num_milliseconds() as f64 / 1e3)
}

/// A duration in two of its greatest units: `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`.
pub(super) fn lasting(seconds: f64) -> String {
    let whole = seconds.max(0.0).round();
    match whole {
        ..10.0 => format!("{:.1} s", seconds.max(0.0)),
        ..60.0 => format!("{whole:.0} s"),
        ..3600.0 => two(whole, 60.0, "min", 1.0, "s"),
        ..86_400.0 => two(whole, 3600.0, "h", 60.0, "min"),
        _ => two(whole, 86_400.0, "d", 3600.0, "h"),
    }
}

fn two(seconds: f64, great: f64, great_unit: &str, small: f64, small_unit: &str) -> String {
    let (greats, smalls) = (
        (seconds / great).floor(),
        ((seconds % great) / small).floor(),
    );
    if smalls == 0.0 {
        format!("{greats:.0} {great_unit}")
    } else {
        format!("{greats:.0} {great_unit} {smalls:.0} {small_unit}")
    }
}

/// How long ago a time was, by the clock that made the document.
pub(super) fn ago(as_of: &str, at: &str) -> String {
    match seconds(at, as_of) {
        Some(passed) if passed >= 0.0 => format!("{} ago", lasting(passed)),
        Some(ahead) => format!("in {}", lasting(-ahead)),
        None => "-".to_owned(),
    }
}

/// The time of a day, for lines that follow each other.
pub(super) fn clock_time(at: &str) -> String {
    time(at).map_or_else(|| plain(at), |time| time.format("%H:%M:%S%.3f").to_string())
}

/// Units of time with their milliseconds.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("min", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Reads a duration of a flag: `30s`, `5m`, `5min`, `2h`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a whole number and its unit, like 500ms, 30s, 5m, 2h or 1d".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let (_, millis) = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .ok_or_else(wrong)?;
    let number: Option<u64> = number.parse().ok();
    let millis = number.and_then(|number| number.checked_mul(*millis));
    millis
        .filter(|millis| *millis > 0)
        .map(Duration::from_millis)
        .ok_or_else(wrong)
}

/// A list as people say it: `a, b and c`.
pub(super) fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clears the screen, sets the title, turns the direction, hides, ends the line.
    const HOSTILE: &str = "a\u{1b}[2J\u{9b}31m\u{7}\u{202e}b\u{2066}\u{200b}\u{feff}\r\u{e0041}c";

    #[test]
    fn what_acts_is_seen_and_acts_no_more() {
        assert_eq!(plain(HOSTILE), "a?[2J?31m??b????".to_owned() + "?c");
        assert_eq!(plain("größe 日本 ✓ 👍"), "größe 日本 ✓ 👍");
        assert_eq!(plain_lines("a\nb\rc"), "a\nb?c");
    }

    #[test]
    fn json_says_the_same_when_all_of_it_is_seen() {
        let json = serde_json::to_string_pretty(&[HOSTILE]).unwrap();
        let seen = plain_json(&json);
        assert!(!seen.contains(|c| acts(c) && c != '\n'), "{seen}");
        let read: Vec<String> = serde_json::from_str(&seen).unwrap();
        assert_eq!(read, [HOSTILE]);
    }

    #[test]
    fn durations_are_said_in_two_units() {
        for (seconds, expected) in [
            (0.04, "0.0 s"),
            (3.21, "3.2 s"),
            (59.4, "59 s"),
            (59.7, "1 min"),
            (250.0, "4 min 10 s"),
            (7500.0, "2 h 5 min"),
            (273_600.0, "3 d 4 h"),
        ] {
            assert_eq!(lasting(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn ages_are_counted_by_the_clock_of_the_document() {
        let as_of = "2026-01-01T12:00:10.000Z";
        assert_eq!(ago(as_of, "2026-01-01T12:00:06.500Z"), "3.5 s ago");
        assert_eq!(ago(as_of, "2026-01-01T12:01:40.000Z"), "in 1 min 30 s");
        assert_eq!(ago(as_of, "never"), "-");
        assert_eq!(clock_time("2026-01-01T12:00:06.500Z"), "12:00:06.500");
        assert_eq!(clock_time("\u{1b}[2J"), "?[2J");
    }

    #[test]
    fn durations_carry_a_unit() {
        for (text, millis) in [
            ("500ms", 500),
            ("5m", 300_000),
            ("5min", 300_000),
            ("1 d", 86_400_000),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            "5",
            "m",
            "-5m",
            "5 weeks",
            "0s",
            "99999999999999999999s",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_name_is_one_word_of_a_shell() {
        assert_eq!(
            quoted("ORDERS/host-1:orders:8080"),
            "ORDERS/host-1:orders:8080"
        );
        assert_eq!(quoted("it's; rm"), r"'it'\''s; rm'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn the_width_of_a_text_is_that_of_its_characters() {
        assert_eq!(width("abc"), 3);
        assert_eq!(width("日本"), 4);
    }
}
