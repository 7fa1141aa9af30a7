//! The kinds of values settings have.
//!
//! Here: how each kind is written and read back. Not here: which setting has which ([`settings`](super::settings)).
//! What must always hold: what is written reads back as the same value, and whoever is refused is told what would be
//! right.

use std::num::{IntErrorKind, NonZeroUsize, ParseIntError};
use std::ops::{Bound, RangeBounds};
use std::time::Duration;

use super::kinds::{Actions, Directory, File, Filter, LogFormat, PagePath, Percent, Size};

/// Something a setting can be.
pub(super) trait Value: Sized {
    /// Whether it is a list, which other layers than the file write with commas.
    const LIST: bool = false;
    /// Reads it, or says what would be right.
    fn read(text: &str) -> Result<Self, String>;
    /// Writes it as it is read.
    fn write(&self) -> String;
}

/// Reads a value and refuses it outside its bounds.
pub(super) fn read<T: Value + PartialOrd>(
    text: &str,
    bounds: &impl RangeBounds<T>,
) -> Result<T, String> {
    let value = T::read(text.trim())?;
    if bounds.contains(&value) {
        return Ok(value);
    }
    Err(format!(
        "{} is out of bounds: it must be {}",
        value.write(),
        describe(bounds)
    ))
}

/// Writes a value as it is read.
pub(super) fn write<T: Value>(value: &T) -> String {
    value.write()
}

fn describe<T: Value>(bounds: &impl RangeBounds<T>) -> String {
    match (bounds.start_bound(), bounds.end_bound()) {
        (Bound::Included(low), Bound::Included(high)) => {
            format!("from {} to {}", low.write(), high.write())
        }
        (Bound::Included(low), _) => format!("at least {}", low.write()),
        (_, Bound::Included(high)) => format!("at most {}", high.write()),
        _ => "within bounds".to_owned(),
    }
}

impl Value for bool {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(format!("'{text}' is neither true nor false")),
        }
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

macro_rules! whole_numbers {
    ($($number:ty),+) => { $(
        impl Value for $number {
            fn read(text: &str) -> Result<Self, String> {
                text.parse().map_err(|cause: ParseIntError| match cause.kind() {
                    IntErrorKind::PosOverflow => format!("{text} is too large"),
                    _ => format!("'{text}' is not a whole number from {} on", Self::MIN),
                })
            }

            fn write(&self) -> String {
                self.to_string()
            }
        }
    )+ };
}

whole_numbers!(u32, usize, NonZeroUsize);

impl Value for String {
    /// Any one line that is not blank.
    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("it must not be empty; leave it out for its default".to_owned());
        }
        if text.chars().any(char::is_control) {
            return Err("it must be one line without control characters".to_owned());
        }
        Ok(text.to_owned())
    }

    fn write(&self) -> String {
        self.clone()
    }
}

impl<T: Value> Value for Option<T> {
    /// The word `none`, or a value.
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(None),
            _ => T::read(text).map(Some),
        }
    }

    fn write(&self) -> String {
        match self {
            None => "none".to_owned(),
            Some(value) => value.write(),
        }
    }
}

/// Units of time, from the greatest, with their milliseconds.
const TIMES: [(&str, u64); 4] = [("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)];

impl Value for Duration {
    fn read(text: &str) -> Result<Self, String> {
        with_unit(text, &TIMES)
            .map(Self::from_millis)
            .ok_or_else(|| {
                format!("'{text}' is not a duration; write a whole number and its unit, like 500ms, 30s, 10min or 1h")
            })
    }

    fn write(&self) -> String {
        let millis = u64::try_from(self.as_millis()).unwrap_or(u64::MAX);
        match millis {
            0 => "0s".to_owned(),
            _ => in_greatest_unit(millis, &TIMES),
        }
    }
}

/// Units of size, from the greatest, with their bytes.
const SIZES: [(&str, u64); 4] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("B", 1),
];

impl Value for Size {
    fn read(text: &str) -> Result<Self, String> {
        with_unit(text, &SIZES)
            .and_then(|bytes| usize::try_from(bytes).ok())
            .map(Self::from_bytes)
            .ok_or_else(|| {
                format!("'{text}' is not a size; write a whole number and its unit, like 512B, 32KiB or 1MiB")
            })
    }

    fn write(&self) -> String {
        in_greatest_unit(u64::try_from(self.bytes()).unwrap_or(u64::MAX), &SIZES)
    }
}

/// Reads `30s` as 30 times what an `s` is.
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn in_greatest_unit(amount: u64, units: &[(&str, u64)]) -> String {
    let (unit, factor) = units
        .iter()
        .find(|(_, factor)| amount >= *factor && amount.is_multiple_of(*factor))
        .unwrap_or(&units[units.len() - 1]);
    format!("{}{unit}", amount / factor)
}

impl Value for Percent {
    fn read(text: &str) -> Result<Self, String> {
        text.strip_suffix('%')
            .and_then(|number| number.trim_end().parse().ok())
            .and_then(Self::new)
            .ok_or_else(|| {
                format!("'{text}' is not a percentage; write it from 0% to 100%, like 85%")
            })
    }

    fn write(&self) -> String {
        format!("{}%", self.get())
    }
}

impl Value for Directory {
    /// A path as one line. It is not looked at before the server starts.
    fn read(text: &str) -> Result<Self, String> {
        String::read(text).map(Self::at)
    }

    fn write(&self) -> String {
        self.path().display().to_string()
    }
}

impl Value for File {
    /// A path as one line. It is not looked at before the server starts.
    fn read(text: &str) -> Result<Self, String> {
        String::read(text).map(Self::at)
    }

    fn write(&self) -> String {
        self.path().display().to_string()
    }
}

impl Value for Actions {
    fn read(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|actions| actions.name() == text);
        known.ok_or_else(|| format!("'{text}' does not say who may act; choose auto, off or on"))
    }

    fn write(&self) -> String {
        self.name().to_owned()
    }
}

impl Value for LogFormat {
    fn read(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == text)
            .ok_or_else(|| {
                format!("'{text}' is not a format of the log; choose auto, text, json or logfmt")
            })
    }

    fn write(&self) -> String {
        self.name().to_owned()
    }
}

impl Value for Filter {
    fn read(text: &str) -> Result<Self, String> {
        Self::new(text).map_err(|cause| {
            format!("'{text}' does not filter the log: {cause}; write info, or peerage=debug,warn")
        })
    }

    fn write(&self) -> String {
        self.text().to_owned()
    }
}

impl Value for PagePath {
    fn read(text: &str) -> Result<Self, String> {
        Self::new(text)
    }

    fn write(&self) -> String {
        self.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Listen;

    fn check<T: Value>(text: &str, written: &str) {
        let value = T::read(text);
        assert_eq!(
            value.map(|value| value.write()),
            Ok(written.to_owned()),
            "{text}"
        );
    }

    #[test]
    fn durations_are_written_in_the_greatest_unit_that_fits() {
        check::<Duration>("500ms", "500ms");
        check::<Duration>("1500ms", "1500ms");
        check::<Duration>("60000ms", "1min");
        check::<Duration>("90 s", "90s");
        check::<Duration>("120min", "2h");
        check::<Duration>("0h", "0s");
    }

    #[test]
    fn sizes_are_written_in_the_greatest_unit_that_fits() {
        check::<Size>("512B", "512B");
        check::<Size>("1024KiB", "1MiB");
        check::<Size>("1500KiB", "1500KiB");
        check::<Size>("0B", "0B");
    }

    #[test]
    fn an_address_may_be_every_one_this_machine_or_one_alone() {
        check::<Listen>("*:8761", "*:8761");
        check::<Listen>(":0", "*:0");
        check::<Listen>("localhost:8761", "127.0.0.1:8761");
        check::<Listen>("0.0.0.0:80", "0.0.0.0:80");
        check::<Listen>("[::1]:8761", "[::1]:8761");
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_reads_back(number: u32) {
            let duration = Duration::from_millis(number.into());
            assert_eq!(Duration::read(&duration.write()), Ok(duration));
            let size = Size::from_bytes(number as usize);
            assert_eq!(Size::read(&size.write()), Ok(size));
        }
    }
}
