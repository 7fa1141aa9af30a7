//! Placeholders of the recordings: numbers nobody can know beforehand.
//!
//! Here: what `<ms>`, `<same T+5>` and their kind mean, and the numbers remembered under a name. Not here: comparing
//! whole answers (`compare`).

use std::collections::BTreeMap;

/// How far from the expected moment a `<ms>` may lie. The recordings are held with real servers too, which take a
/// while to answer.
const TOLERANCE_MS: u64 = 20_000;

/// What stands for a number in an expected answer.
#[derive(Debug, PartialEq)]
pub(crate) struct Placeholder<'a> {
    /// Whether JSON must have it as a string. In XML everything is text.
    pub as_text: bool,
    what: What<'a>,
    shift: i64,
    keep: Option<&'a str>,
}

#[derive(Debug, PartialEq)]
enum What<'a> {
    Any,
    Int,
    Ms,
    Same(&'a str),
    Later(&'a str),
}

impl<'a> Placeholder<'a> {
    /// Reads a text like `<text ms+90000 as T>`, if it is one.
    pub(crate) fn parse(written: &'a str) -> Option<Self> {
        let (as_text, inner) = strip_text(inside(written)?);
        let (inner, keep) = match inner.rsplit_once(" as ") {
            Some((before, name)) => (before, Some(name)),
            None => (inner, None),
        };
        let (name, shift) = split_shift(inner)?;
        let what = match name.split_once(' ') {
            None if name == "any" => What::Any,
            None if name == "int" => What::Int,
            None if name == "ms" => What::Ms,
            Some(("same", of)) => What::Same(of),
            Some(("later", than)) => What::Later(than),
            _ => return None,
        };
        Some(Self {
            as_text,
            what,
            shift,
            keep,
        })
    }
}

fn inside(written: &str) -> Option<&str> {
    written.strip_prefix('<')?.strip_suffix('>')
}

fn strip_text(inner: &str) -> (bool, &str) {
    match inner.strip_prefix("text ") {
        Some(rest) => (true, rest),
        None => (false, inner),
    }
}

/// `T+5` is `T` and 5.
fn split_shift(name: &str) -> Option<(&str, i64)> {
    match name.find(['+', '-']) {
        Some(at) => Some((&name[..at], name[at..].parse().ok()?)),
        None => Some((name, 0)),
    }
}

/// The time, and the numbers remembered with `as NAME`, for later requests and expectations.
#[derive(Clone)]
pub(crate) struct Memory {
    /// The false clock's time, in milliseconds.
    pub now: i64,
    known: BTreeMap<String, i64>,
}

impl Memory {
    /// Knows the time and nothing else.
    pub(crate) const fn at(now: i64) -> Self {
        Self {
            now,
            known: BTreeMap::new(),
        }
    }

    /// Keeps a number under a name.
    pub(crate) fn keep(&mut self, name: &str, number: i64) {
        self.known.insert(name.into(), number);
    }

    /// What is wrong with a number where a placeholder stands, if anything. A number that fits is remembered, if the
    /// placeholder says so. No number at all fits `<any>` only.
    pub(crate) fn misfit(
        &mut self,
        wanted: &Placeholder<'_>,
        number: Option<i64>,
    ) -> Option<String> {
        if wanted.what == What::Any {
            return None;
        }
        let Some(number) = number else {
            let kind = if wanted.as_text {
                "digits as text"
            } else {
                "a number"
            };
            return Some(format!("expected {kind}"));
        };
        let fits = match wanted.what {
            What::Any | What::Int => Ok(()),
            What::Ms => near(number, self.now + wanted.shift),
            What::Same(name) => equal(number, self.recall(name) + wanted.shift),
            What::Later(name) => greater(number, self.recall(name) + wanted.shift),
        };
        if let (Ok(()), Some(name)) = (&fits, wanted.keep) {
            self.keep(name, number);
        }
        fits.err()
    }

    /// A request's text with numbers in the place of `<now>`, `<T+1>` and their like. Where one stands alone in a
    /// JSON string (`"<now>"`), the number takes the place of the quotes too, unless it says `text`.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('<') {
            let close = rest[open..].find('>').map(|at| open + at + 1);
            let found = close.and_then(|end| Some((end, self.number(&rest[open..end])?)));
            let Some((end, (as_text, number))) = found else {
                filled.push_str(&rest[..=open]);
                rest = &rest[open + 1..];
                continue;
            };
            let alone = rest[..open].ends_with('"') && rest[end..].starts_with('"');
            let quotes = usize::from(alone && !as_text);
            filled.push_str(&rest[..open - quotes]);
            filled.push_str(&number.to_string());
            rest = &rest[end + quotes..];
        }
        filled + rest
    }

    /// What `<now-600000>` or `<text T>` stands for in a request, and whether it says `text`.
    fn number(&self, written: &str) -> Option<(bool, i64)> {
        let (as_text, inner) = strip_text(inside(written)?);
        let (name, shift) = split_shift(inner)?;
        let base = match name {
            "now" => self.now,
            _ => *self.known.get(name)?,
        };
        Some((as_text, base + shift))
    }

    fn recall(&self, name: &str) -> i64 {
        let known = self.known.get(name);
        *known.unwrap_or_else(|| panic!("the recording never remembered {name}"))
    }
}

fn near(number: i64, expected: i64) -> Result<(), String> {
    let fits = number.abs_diff(expected) <= TOLERANCE_MS;
    fits.then_some(())
        .ok_or(format!("expected about {expected}"))
}

fn equal(number: i64, expected: i64) -> Result<(), String> {
    let fits = number == expected;
    fits.then_some(()).ok_or(format!("expected {expected}"))
}

fn greater(number: i64, least: i64) -> Result<(), String> {
    let fits = number > least;
    fits.then_some(())
        .ok_or(format!("expected more than {least}"))
}

/// The number in a text of nothing but digits.
pub(crate) fn digits(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let plain = !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Memory {
        let mut memory = Memory::at(1_000_000);
        memory.keep("T", 50);
        memory
    }

    fn misfits(written: &str, number: Option<i64>) -> bool {
        let wanted = Placeholder::parse(written).expect("a placeholder");
        memory().misfit(&wanted, number).is_some()
    }

    #[test]
    fn only_placeholders_are_read_as_such() {
        for written in [
            "<any>",
            "<text ms>",
            "<ms+90000>",
            "<int as V>",
            "<text later V as V>",
        ] {
            assert!(Placeholder::parse(written).is_some(), "{written}");
        }
        for written in [
            "", "ms", "<zone>", "<ms+>", "<ms+x>", "<same>", "<text>", "<>",
        ] {
            assert_eq!(Placeholder::parse(written), None, "{written}");
        }
    }

    #[test]
    fn numbers_fit_only_where_they_should() {
        assert!(!misfits("<any>", None));
        assert!(misfits("<int>", None));
        assert!(!misfits("<ms>", Some(1_020_000)));
        assert!(misfits("<ms>", Some(1_020_001)));
        assert!(!misfits("<ms+90000>", Some(1_090_000)));
        assert!(!misfits("<same T+5>", Some(55)));
        assert!(misfits("<same T+5>", Some(50)));
        assert!(!misfits("<later T>", Some(51)));
        assert!(misfits("<later T>", Some(50)));
    }

    #[test]
    fn a_number_that_fits_is_remembered() {
        let mut memory = memory();
        let wanted = Placeholder::parse("<later T as T>").expect("a placeholder");
        assert_eq!(memory.misfit(&wanted, Some(70)), None);
        assert!(memory.misfit(&wanted, Some(60)).is_some());
        assert_eq!(memory.fill("<T>"), "70");
    }

    #[test]
    fn requests_are_filled_and_markup_is_left_alone() {
        let check = |text, expected| assert_eq!(memory().fill(text), expected);
        check("/apps/A?t=<T-1>", "/apps/A?t=49");
        check(
            r#"{"a": "<now>", "b": "<text now>"}"#,
            r#"{"a": 1000000, "b": "1000000"}"#,
        );
        check(r#"{"a": "i-<T>"}"#, r#"{"a": "i-50"}"#);
        check("<name>T</name> < <T", "<name>T</name> < <T");
    }

    #[test]
    fn digits_are_nothing_but_digits() {
        assert_eq!(digits("-12"), Some(-12));
        for text in ["", "-", "+1", " 1", "1.0"] {
            assert_eq!(digits(text), None, "{text}");
        }
    }
}
