//! What happened in a run, as lines and as a number.
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

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: Duration,
    /// At which host, if at one.
    pub whose: Option<usize>,
    /// Of what kind it is.
    pub kind: Kind,
    /// What it was, for people.
    pub text: String,
}

/// Of what kind something is that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something goes wrong.
    Fault,
    /// It is over.
    Over,
    /// A client or an operator did something, and was answered.
    Client,
    /// A host sees another come or go.
    Peer,
    /// A host starts, is ready, drains, ends.
    Stage,
    /// A host's registry changed without a call.
    Change,
    /// A host ended a lease.
    Evicted,
    /// Records were compared, a stream was too slow or made no sense.
    Stream,
    /// An invariant did not hold.
    Broken,
    /// Anything else.
    Other,
}

impl Timeline {
    /// Adds a line about a host, or about the world.
    pub fn tell(&mut self, at: Duration, whose: Option<usize>, kind: Kind, text: String) {
        self.fold(&at.as_nanos().to_le_bytes());
        self.fold(text.as_bytes());
        self.lines.push(Line {
            at,
            whose,
            kind,
            text,
        });
    }

    /// Counts something that arrived at a host into the trace.
    pub fn arrived(&mut self, at: Duration, whose: usize, bytes: &[u8]) {
        self.fold(&at.as_nanos().to_le_bytes());
        self.fold(&(whose as u64).to_le_bytes());
        self.fold(bytes);
    }

    /// A number that is equal for equal runs.
    pub const fn trace(&self) -> u64 {
        self.trace
    }

    /// All lines, in order.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The lines, taken out.
    pub fn into_lines(self) -> Vec<Line> {
        self.lines
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
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(word));
        }
    }

    const fn mix(&mut self, word: u64) {
        let mixed = (self.trace ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.trace = mixed.rotate_left(29);
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = self.whose.map_or_else(|| "·".to_owned(), letter);
        write!(f, "{:>11.6} {whose} {}", self.at.as_secs_f64(), self.text)
    }
}

/// What people call the host with this number.
pub fn letter(host: usize) -> String {
    const LETTERS: usize = 26;
    match u8::try_from(host) {
        Ok(place) if host < LETTERS => char::from(b'A' + place).to_string(),
        _ => format!("H{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_say_when_and_where() {
        let mut timeline = Timeline::default();
        let crash = Duration::from_millis(1_500);
        timeline.tell(crash, Some(1), Kind::Stage, "crashes".to_owned());
        let heal = Duration::from_secs(2);
        timeline.tell(heal, None, Kind::Over, "all cuts heal".to_owned());
        insta::assert_snapshot!(timeline.to_string(), @r"
           1.500000 B crashes
           2.000000 · all cuts heal
        ");
    }

    #[test]
    fn hosts_beyond_the_alphabet_have_numbers() {
        assert_eq!([letter(0), letter(25), letter(26)], ["A", "Z", "H26"]);
    }
}
