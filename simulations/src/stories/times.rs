//! Moments of a story, as they are written.
//!
//! Here: `"60s"`, `"the split"`, `"the split ends + 1s"`. Not here: how long a time is written (`values`). What must
//! always hold: a moment may be told by what happens then, so that whoever moves a misfortune moves what follows.

use std::time::Duration;

use toml_edit::Value;

use super::source::suggest;
use super::values;

/// What moments can be told by.
#[derive(Clone, Debug)]
pub(super) struct Moments {
    /// When the story ends.
    pub(super) end: Duration,
    /// Misfortunes by name: when they begin, and end.
    pub(super) named: Vec<(String, Duration, Option<Duration>)>,
}

impl Moments {
    /// A moment, as it is written.
    pub(super) fn read(&self, value: &Value) -> Result<Duration, String> {
        let text = values::text(value).map_err(|refused| format!("{refused}; {RIGHT}"))?;
        let moment = self.moment(text.trim())?;
        if moment > self.end {
            let end = values::told(self.end);
            return Err(format!("\"{text}\" is after the end, which is at {end}"));
        }
        Ok(moment)
    }

    fn moment(&self, text: &str) -> Result<Duration, String> {
        if let Some((base, more)) = text.rsplit_once('+') {
            return Ok(self.moment(base.trim())? + values::duration_of(more.trim())?);
        }
        if let Some((base, less)) = text.rsplit_once(" - ") {
            let less = values::duration_of(less.trim())?;
            return Ok(self.moment(base.trim())?.saturating_sub(less));
        }
        if text == "end" {
            return Ok(self.end);
        }
        values::duration_of(text).or_else(|refused| self.told_by(text).ok_or(refused)?)
    }

    /// `None` if this is meant to be a time and no name.
    fn told_by(&self, text: &str) -> Option<Result<Duration, String>> {
        if text.starts_with(|c: char| c.is_ascii_digit()) || text.is_empty() {
            return None;
        }
        let (name, ends) = match text.strip_suffix(" ends") {
            Some(name) => (name, true),
            None => (text.strip_suffix(" begins").unwrap_or(text), false),
        };
        let found = self.named.iter().find(|(known, ..)| known == name);
        Some(match found {
            Some((_, at, _)) if !ends => Ok(*at),
            Some((_, _, Some(until))) => Ok(*until),
            Some(_) => Err(format!("\"{name}\" has no end")),
            None => Err(self.unknown(name)),
        })
    }

    fn unknown(&self, name: &str) -> String {
        let known: Vec<&str> = self.named.iter().map(|(name, ..)| name.as_str()).collect();
        format!(
            "nothing before this is called \"{name}\"{}; {RIGHT}",
            suggest(name, &known)
        )
    }
}

const RIGHT: &str =
    "a moment is written like \"90s\", \"NAME\", \"NAME ends\", \"NAME ends + 5s\" or \"end\"";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<u64, &str>) {
        let seconds = Duration::from_secs;
        let named = vec![
            ("split".to_owned(), seconds(60), Some(seconds(120))),
            ("crash".to_owned(), seconds(70), None),
        ];
        let moments = Moments {
            end: seconds(300),
            named,
        };
        let read = moments.read(&Value::from(text));
        match (read, expected) {
            (Ok(read), Ok(expected)) => assert_eq!(read, seconds(expected), "{text}"),
            (Err(told), Err(part)) => assert!(told.contains(part), "{told}"),
            (read, _) => panic!("{text}: {read:?}"),
        }
    }

    #[test]
    fn a_moment_is_a_time_or_told_by_what_happens() {
        check("1m 5s", Ok(65));
        check("split", Ok(60));
        check("split begins", Ok(60));
        check("split ends + 5s", Ok(125));
        check("split ends - 5s", Ok(115));
        check("end", Ok(300));
    }

    #[test]
    fn a_moment_that_is_none_is_refused_with_what_would_be_right() {
        check("spilt", Err("did you mean \"split\"?"));
        check("crash ends", Err("has no end"));
        check("6 minutes", Err("is no time"));
        check("400s", Err("after the end"));
    }
}
