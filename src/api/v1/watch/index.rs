//! What a caller has, and how long it is ready to wait for something else.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A state of what is waited for: a place in the account of one start of one server, and a hash of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Index {
    pub(super) epoch: u64,
    pub(super) sequence: u64,
    pub(super) hash: u64,
}

impl Index {
    /// Whether somebody who has this knows the present state. One from the future does not: it is of another start.
    pub(super) const fn knows(self, present: Self) -> bool {
        self.epoch == present.epoch && self.hash == present.hash
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            epoch,
            sequence,
            hash,
        } = self;
        write!(f, "{epoch}-{sequence}-{hash:016x}")
    }
}

/// A text that is no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoIndex;

impl FromStr for Index {
    type Err = NoIndex;

    fn from_str(text: &str) -> Result<Self, NoIndex> {
        let parts: Vec<_> = text.split('-').collect();
        let &[epoch, sequence, hash] = parts.as_slice() else {
            return Err(NoIndex);
        };
        let number = |digits: &str| digits.parse().map_err(|_no| NoIndex);
        Ok(Self {
            epoch: number(epoch)?,
            sequence: number(sequence)?,
            hash: u64::from_str_radix(hash, 16).map_err(|_no| NoIndex)?,
        })
    }
}

/// A time to wait: `500ms`, `30s`, `5min` or `5m`; a number alone is seconds.
pub(super) fn wait(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => Some(Duration::from_secs(number)),
        "m" | "min" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_read_back_and_nothing_else_is_one() {
        let index = Index {
            epoch: 5,
            sequence: 6,
            hash: u64::MAX,
        };
        assert_eq!(index.to_string().parse(), Ok(index));
        for wrong in ["", "1-2", "1-2-x", "1-2-3-4", "-1-2-3"] {
            assert_eq!(wrong.parse::<Index>(), Err(NoIndex), "{wrong:?}");
        }
    }

    #[test]
    fn times_to_wait_have_units() {
        let check = |text, millis: Option<u64>| {
            assert_eq!(wait(text), millis.map(Duration::from_millis), "{text:?}");
        };
        check("30s", Some(30_000));
        check("5", Some(5000));
        check("250ms", Some(250));
        check("5min", Some(300_000));
        check("1m", Some(60_000));
        for wrong in ["", "s", "-1s", "1h", "1.5s", "99999999999999999999s", "1é"] {
            check(wrong, None);
        }
    }
}
