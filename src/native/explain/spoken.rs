//! Times as people say them.

use std::time::Duration;

/// A length of time: `0.4 s`, `48 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
pub(crate) fn spoken(time: Duration) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let secs = time.as_secs();
    let both = |great: u64, small: u64, names: (&str, &str)| match small {
        0 => format!("{great} {}", names.0),
        _ => format!("{great} {} {small} {}", names.0, names.1),
    };
    match secs {
        0 if time.subsec_millis() == 0 => "0 s".to_owned(),
        0..10 if !time.subsec_millis().is_multiple_of(1000) => {
            format!("{:.1} s", time.as_secs_f64())
        }
        0..120 => format!("{secs} s"),
        120..HOUR => both(secs / MINUTE, secs % MINUTE, ("min", "s")),
        HOUR..DAY => both(secs / HOUR, secs % HOUR / MINUTE, ("h", "min")),
        _ => both(secs / DAY, secs % DAY / HOUR, ("d", "h")),
    }
}

/// So many of something.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    match number {
        1 => format!("1 {one}"),
        _ => format!("{number} {many}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_said_in_their_two_greatest_units() {
        for (millis, expected) in [
            (0, "0 s"),
            (400, "0.4 s"),
            (4_000, "4 s"),
            (9_900, "9.9 s"),
            (48_999, "48 s"),
            (119_000, "119 s"),
            (200_000, "3 min 20 s"),
            (180_000, "3 min"),
            (7_500_000, "2 h 5 min"),
            (277_200_000, "3 d 5 h"),
        ] {
            assert_eq!(spoken(Duration::from_millis(millis)), expected, "{millis}");
        }
    }
}
