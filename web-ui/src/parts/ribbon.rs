//! The statuses of one instance over time, as a ribbon.

use askama::Template;
use askama::filters::HtmlSafe;

use super::Status;

/// The statuses of one instance over time.
#[derive(Clone, Debug, Default, PartialEq, Template)]
#[template(path = "parts/ribbon.html")]
pub struct Ribbon {
    stretches: Vec<Drawn>,
}

impl HtmlSafe for Ribbon {}

/// A status for a while, in milliseconds of any one clock. `None`: not listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stretch {
    /// From when on.
    pub from: u64,
    /// Until when.
    pub until: u64,
    /// The status.
    pub status: Option<Status>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Drawn {
    status: Status,
    x: f64,
    width: f64,
    words: String,
}

/// A stretch is drawn at least this wide, in percent: what flaps must be seen.
const SEEN_MIN: f64 = 0.4;

impl Ribbon {
    /// Draws what was between two moments.
    pub fn new(from: u64, until: u64, stretches: &[Stretch]) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a drawing is not that precise")]
        let place = |at: u64| {
            let at = at.clamp(from, until) - from;
            at as f64 * 100.0 / (until - from).max(1) as f64
        };
        let drawn = stretches.iter().filter(|stretch| stretch.until > from);
        let drawn = drawn.filter_map(|stretch| {
            let status = stretch.status?;
            let (x, end) = (place(stretch.from), place(stretch.until));
            Some(Drawn {
                status,
                x,
                width: (end - x).max(SEEN_MIN),
                words: format!(
                    "{} for {}",
                    status.word(),
                    crate::times::long(stretch.until - stretch.from)
                ),
            })
        });
        Self {
            stretches: drawn.collect(),
        }
    }

    fn words(&self) -> String {
        let said: Vec<_> = self
            .stretches
            .iter()
            .map(|drawn| drawn.words.as_str())
            .collect();
        match said.is_empty() {
            true => "not listed".to_owned(),
            false => said.join(", then "),
        }
    }
}

impl Drawn {
    fn x(&self) -> String {
        format!("{:.2}%", self.x)
    }

    fn wide(&self) -> String {
        format!("{:.2}%", self.width)
    }
}
