//! What happened in a run, as text and as a number.
//!
//! Here: lines for people, and a trace of everything that arrived anywhere. Not here: what is worth a line. What must
//! always hold: equal runs have equal lines and equal traces.

use std::fmt;
use std::time::Duration;

/// What happened in a run.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    lines: Vec<Line>,
    trace: u64,
}

#[derive(Clone, Debug)]
struct Line {
    at: Duration,
    whose: Option<usize>,
    text: String,
}

impl Timeline {
    /// Adds a line about a host, or about the world.
    pub fn tell(&mut self, at: Duration, whose: Option<usize>, text: String) {
        self.fold(&at.as_nanos().to_le_bytes());
        self.fold(text.as_bytes());
        self.lines.push(Line { at, whose, text });
    }

    /// Counts something that arrived at a host into the trace.
    pub fn arrived(&mut self, at: Duration, whose: usize, bytes: &[u8]) {
        self.fold(&at.as_nanos().to_le_bytes());
        self.fold(&whose.to_le_bytes());
        self.fold(bytes);
    }

    /// A number that is equal for equal runs.
    pub const fn trace(&self) -> u64 {
        self.trace
    }

    /// The lines that say so much, with their times.
    pub fn saying<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Duration> {
        let lines = self.lines.iter();
        lines
            .filter(move |line| line.text.contains(text))
            .map(|line| line.at)
    }

    /// Eight bytes at a time, since every byte that arrives anywhere goes through here.
    fn fold(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let mixed = (self.trace ^ u64::from_le_bytes(word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            self.trace = mixed.rotate_left(29);
        }
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| {
            let whose = line.whose.map_or_else(|| "·".to_owned(), letter);
            writeln!(f, "{:>11.6} {whose} {}", line.at.as_secs_f64(), line.text)
        })
    }
}

/// What people call the host with this number.
pub fn letter(host: usize) -> String {
    let letter = u8::try_from(host)
        .ok()
        .and_then(|host| b'A'.checked_add(host));
    letter.map_or_else(
        || format!("#{host}"),
        |letter| char::from(letter).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_when_and_where() {
        let mut timeline = Timeline::default();
        timeline.tell(Duration::from_millis(1_500), Some(1), "crashes".to_owned());
        timeline.tell(Duration::from_secs(2), None, "all cuts heal".to_owned());
        insta::assert_snapshot!(timeline.to_string(), @r"
           1.500000 B crashes
           2.000000 · all cuts heal
        ");
    }
}
