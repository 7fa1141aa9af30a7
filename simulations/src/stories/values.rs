//! The values that stand in a story.
//!
//! Here: how times, shares and rates are written. Not here: which key has which. What must always hold: whoever is
//! refused is told what would be right.

use std::ops::Range;
use std::time::Duration;

use toml_edit::Value;

/// A text.
pub fn text(value: &Value) -> Result<String, String> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| format!("{} has to be a text, in quotes", written(value)))
}

/// Several texts.
pub fn texts(value: &Value) -> Result<Vec<String>, String> {
    let refused = || {
        format!(
            "{} has to be a list of texts, as in [\"one\", \"two\"]",
            written(value)
        )
    };
    let list = value.as_array().ok_or_else(refused)?;
    list.iter()
        .map(|text| text.as_str().map(str::to_owned).ok_or_else(refused))
        .collect()
}

/// True or false.
pub fn truth(value: &Value) -> Result<bool, String> {
    let truth = value.as_bool();
    truth.ok_or_else(|| format!("{} is neither true nor false", written(value)))
}

/// A whole number from nought on.
pub fn number(value: &Value) -> Result<u64, String> {
    let number = value.as_integer().and_then(|number| number.try_into().ok());
    number.ok_or_else(|| format!("{} is not a whole number from 0 on", written(value)))
}

/// A whole number within bounds.
pub fn number_within(value: &Value, bounds: Range<u64>) -> Result<usize, String> {
    let number = number(value)?;
    if bounds.contains(&number) {
        return usize::try_from(number).map_err(|cause| cause.to_string());
    }
    let (least, most) = (bounds.start, bounds.end - 1);
    Err(format!("{number} has to be from {least} to {most}"))
}

/// A length of time.
pub fn duration(value: &Value) -> Result<Duration, String> {
    match value.as_str() {
        Some(text) => duration_of(text),
        None => Err(format!(
            "{} needs a unit, and quotes: \"{}s\"",
            written(value),
            written(value)
        )),
    }
}

/// A length of time, as it is written: `250ms`, `90s`, `1m 30s`, `2h`.
pub fn duration_of(text: &str) -> Result<Duration, String> {
    let parts = text.split_whitespace().map(part);
    let total: Duration = parts
        .collect::<Option<Vec<_>>>()
        .filter(|parts| !parts.is_empty())
        .and_then(|parts| {
            let mut parts = parts.into_iter();
            parts.try_fold(Duration::ZERO, Duration::checked_add)
        })
        .ok_or_else(|| {
            format!(
                "\"{text}\" is no time; write one like \"250ms\", \"90s\", \"1m 30s\" or \"2h\""
            )
        })?;
    if total > LONGEST {
        return Err(format!("\"{text}\" is more than a week"));
    }
    Ok(total)
}

/// Nothing in a story takes longer.
pub const LONGEST: Duration = Duration::from_secs(7 * 24 * 3_600);

fn part(text: &str) -> Option<Duration> {
    let (digits, unit) = split_unit(text);
    let number: f64 = digits.parse().ok()?;
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let micros = number * seconds * 1e6;
    (micros.is_finite() && (0.0..1e15).contains(&micros)).then(|| whole_micros(micros))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be within bounds"
)]
fn whole_micros(micros: f64) -> Duration {
    Duration::from_micros(micros.round() as u64)
}

fn split_unit(text: &str) -> (&str, &str) {
    let digits = |c: char| c.is_ascii_digit() || c == '.' || c == '-' || c == '+';
    text.split_at(text.find(|c| !digits(c)).unwrap_or(text.len()))
}

/// A time forth or back: `+1h`, `-250ms`. In milliseconds.
pub fn offset(value: &Value) -> Result<i64, String> {
    let text = text(value)?;
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(&text)),
    };
    let millis = duration_of(rest.trim())?.as_millis();
    i64::try_from(millis)
        .map(|millis| sign * millis)
        .map_err(|cause| cause.to_string())
}

/// A range of times: `0.2ms..0.6ms`; or one, which is the greatest.
pub fn span(value: &Value) -> Result<Range<Duration>, String> {
    let text = text(value)?;
    let (least, most) = text.split_once("..").unwrap_or(("0ms", &text));
    let (least, most) = (duration_of(least.trim())?, duration_of(most.trim())?);
    if least < most {
        return Ok(least..most);
    }
    Err(format!(
        "\"{text}\" has to go from less to more, as in \"0.2ms..0.6ms\""
    ))
}

/// A share, between nought and one: `20 %`.
pub fn share(value: &Value) -> Result<f64, String> {
    let text = text(value)?;
    let number = text.trim().strip_suffix('%').map(str::trim);
    let percent = number.and_then(|number| number.parse::<f64>().ok());
    percent
        .filter(|percent| (0.0..=100.0).contains(percent))
        .map(|percent| percent / 100.0)
        .ok_or_else(|| format!("\"{text}\" is no share; write one like \"20 %\""))
}

/// Bytes per second: `20 KB/s`.
pub fn rate(value: &Value) -> Result<u64, String> {
    let text = text(value)?;
    let wrong = || format!("\"{text}\" is no rate; write one like \"20 KB/s\" or \"5 MB/s\"");
    let per_second = text.trim().strip_suffix("/s").ok_or_else(wrong)?;
    let (digits, unit) = split_unit(per_second);
    let unit = match unit.trim() {
        "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        _ => return Err(wrong()),
    };
    let number: Option<u64> = digits.trim().parse().ok();
    number
        .and_then(|number| number.checked_mul(unit))
        .filter(|bytes| *bytes > 0)
        .ok_or_else(wrong)
}

/// One word of a few.
pub fn one_of<T: Copy>(value: &Value, words: &[(&str, T)]) -> Result<T, String> {
    let text = text(value)?;
    let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, meant)| *meant).ok_or_else(|| {
        format!(
            "there is no \"{text}\"{}",
            super::source::suggest(&text, &known)
        )
    })
}

/// A value as it was written.
pub fn written(value: &Value) -> String {
    match value {
        Value::String(text) => format!("\"{}\"", text.value()),
        Value::Integer(number) => number.value().to_string(),
        Value::Float(number) => number.value().to_string(),
        Value::Boolean(truth) => truth.value().to_string(),
        Value::Datetime(_) => "a date".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::InlineTable(_) => "a table".to_owned(),
    }
}

/// A time for people: `1 h 2 min`, `3 min 20 s`, `42 s`, `0.25 s`.
pub fn told(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3_600, seconds / 60 % 60, seconds % 60) {
        (0, 0, _) if time.subsec_millis() > 0 => {
            let text = format!("{:.3}", time.as_secs_f64());
            format!("{} s", text.trim_end_matches('0').trim_end_matches('.'))
        }
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, millis: Option<u64>) {
        let expected = millis.map(Duration::from_millis);
        assert_eq!(duration_of(text).ok(), expected, "{text}");
    }

    #[test]
    fn times_are_written_with_their_units() {
        check("250ms", Some(250));
        check("1m 30s", Some(90_000));
        check("1.5s", Some(1_500));
        check("2h", Some(7_200_000));
        check("0s", Some(0));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "30", "s", "-5s", "1y", "5 s", "nans", "1e30s", "8d"] {
            check(text, None);
        }
    }

    #[test]
    fn times_are_told_to_people() {
        let told: Vec<String> = [0, 250, 42_000, 200_000, 600_000, 3_720_000]
            .into_iter()
            .map(|millis| told(Duration::from_millis(millis)))
            .collect();
        let expected = ["0 s", "0.25 s", "42 s", "3 min 20 s", "10 min", "1 h 2 min"];
        assert_eq!(told, expected);
    }

    #[test]
    fn offsets_shares_and_rates_say_what_would_be_right() {
        assert_eq!(offset(&Value::from("-1h")), Ok(-3_600_000));
        assert_eq!(share(&Value::from("20 %")), Ok(0.2));
        assert_eq!(rate(&Value::from("20 KB/s")), Ok(20_000));
        for (refused, right) in [
            (share(&Value::from("0.2")).err(), "20 %"),
            (rate(&Value::from("0 KB/s")).map(|_| 0.0).err(), "5 MB/s"),
            (duration(&Value::from(30)).map(|_| 0.0).err(), "\"30s\""),
        ] {
            let told = refused.unwrap();
            assert!(told.contains(right), "{told}");
        }
    }
}
