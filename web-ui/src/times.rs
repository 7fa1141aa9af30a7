//! Times as people say them.
//!
//! Here: durations in words. Not here: reading clocks or dates. The module `times.js` says the same as time goes on; the
//! cases of `tests/times.json` are put to both.

/// A duration in one or two words: `12 s`, `3 min`, `2 h 5 min`, `4 d`.
pub fn long(ms: u64) -> String {
    let secs = ms / 1000;
    let (mins, hours, days) = (secs / 60, secs / 3600, secs / 86_400);
    match secs {
        0..120 => format!("{secs} s"),
        120..7200 => format!("{mins} min"),
        7200..172_800 if mins % 60 == 0 => format!("{hours} h"),
        7200..172_800 => format!("{hours} h {} min", mins % 60),
        _ => format!("{days} d"),
    }
}

/// How far something is from now, which is `now_ms` as it is `at_ms`: before it, or still to come.
pub fn words(at_ms: u64, now_ms: u64) -> String {
    match now_ms.abs_diff(at_ms) {
        0..1000 => "just now".to_owned(),
        apart if at_ms < now_ms => format!("{} ago", long(apart)),
        apart => format!("in {}", long(apart)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs of milliseconds and words, as lines of `[1000, "1 s ago"],`.
    const CASES: &str = include_str!("../tests/times.json");

    #[test]
    fn times_are_said_as_the_module_says_them() {
        const NOW: u64 = 1_000_000_000_000;
        let lines = CASES
            .lines()
            .map(|line| line.trim().trim_matches(['[', ']', ',', '"']));
        let cases: Vec<_> = lines.filter_map(|line| line.split_once(", \"")).collect();
        assert!(cases.len() > 5);
        for (apart, said) in cases {
            let said = said.trim_end_matches(['"', ']']);
            let at = NOW
                .checked_add_signed(-apart.parse::<i64>().unwrap())
                .unwrap();
            assert_eq!(words(at, NOW), said, "{apart}");
        }
    }
}
