//! Pictures of things over time, as SVG.
//!
//! Here: strips of whiles, stacked steps, and lines. Not here: what they show. What must always hold: a picture is as
//! wide as the run is long, whatever it shows, so that pictures under each other can be compared.

use std::fmt::Write;

use super::{Level, Misfortune, Span};

/// How wide pictures are drawn; pages stretch them.
const WIDTH: f64 = 1_000.0;

/// What all pictures of a run have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Canvas<'a> {
    /// How long the run lasted, in seconds.
    pub(super) lasts: f64,
    /// What went wrong, shown behind everything.
    pub(super) misfortunes: &'a [Misfortune],
}

impl Canvas<'_> {
    fn x(&self, at: f64) -> f64 {
        (at / self.lasts.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0) * WIDTH
    }

    /// A picture of this height: what went wrong, and above it what is drawn.
    fn picture(&self, height: f64, label: &str, drawn: &str) -> String {
        let mut svg = format!(
            r#"<svg viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none" role="img" aria-label="{}">"#,
            escaped(label)
        );
        let whiles = self.misfortunes.iter().flat_map(|one| &one.whiles);
        for (from, until) in whiles {
            let from = self.x(*from);
            match until {
                Some(until) => rect(&mut svg, "band", from, self.x(*until), height, None),
                None => rect(&mut svg, "deed", from, from, height, None),
            }
        }
        svg.push_str(drawn);
        svg.push_str("</svg>");
        svg
    }

    /// A strip of whiles.
    pub(super) fn strip(&self, label: &str, spans: &[Span]) -> String {
        let mut drawn = String::new();
        for span in spans {
            let (from, until) = (self.x(span.from), self.x(span.until));
            rect(
                &mut drawn,
                span.mark.class(),
                from,
                until,
                STRIP,
                Some(&span.text),
            );
        }
        self.picture(STRIP, label, &drawn)
    }

    /// What a server listed: the living, above them the dead, above these the missing. Whiles away cover all.
    pub(super) fn listed(
        &self,
        label: &str,
        levels: &[Level],
        away: &[Span],
        most: usize,
    ) -> String {
        let mut drawn = String::new();
        let heights: Vec<(f64, [f64; 3])> = levels
            .iter()
            .map(|level| (level.at, heights(level, most)))
            .collect();
        for (place, class) in ["missing", "stale", "living"].into_iter().enumerate() {
            let steps = heights.iter().map(|(at, heights)| (*at, heights[place]));
            self.steps(&mut drawn, class, steps, AREA, AREA);
        }
        for span in away {
            let (from, until) = (self.x(span.from), self.x(span.until));
            rect(
                &mut drawn,
                span.mark.class(),
                from,
                until,
                AREA,
                Some(&span.text),
            );
        }
        self.picture(AREA, label, &drawn)
    }

    /// Values at equal distances, as an area.
    pub(super) fn rates(&self, label: &str, step: f64, values: &[f64], most: f64) -> String {
        let mut drawn = String::new();
        let steps = values.iter().enumerate();
        let steps = steps.map(|(number, value)| (whole(number) * step, *value));
        self.steps(&mut drawn, "sent", steps, most, RATE);
        self.picture(RATE, label, &drawn)
    }

    /// An area under steps.
    fn steps(
        &self,
        drawn: &mut String,
        class: &str,
        steps: impl Iterator<Item = (f64, f64)>,
        most: f64,
        height: f64,
    ) {
        let y = |value: f64| height - (value / most.max(1.0)).clamp(0.0, 1.0) * height;
        let (mut path, mut before) = (String::new(), None);
        for (at, value) in steps {
            let (x, y) = (self.x(at), y(value));
            if before.is_none() {
                append(&mut path, format_args!("M{x:.1} {height:.1}"));
            }
            if before != Some(y) {
                append(&mut path, format_args!("H{x:.1}V{y:.1}"));
                before = Some(y);
            }
        }
        if before.is_some() {
            append(
                drawn,
                format_args!(r#"<path class="{class}" d="{path}H{WIDTH:.1}V{height:.1}Z"/>"#),
            );
        }
    }
}

/// How high pictures are drawn.
const STRIP: f64 = 10.0;
const AREA: f64 = 44.0;
const RATE: f64 = 28.0;

/// What is wrong with a list is seen though it be a single instance among thousands.
const LEAST: f64 = 5.0;

/// How high the missing, the dead and the living reach, each above those after it.
fn heights(level: &Level, most: usize) -> [f64; 3] {
    let height = |number: usize| whole(number) / whole(most.max(1)) * AREA;
    let wrong = |number: usize| {
        if number == 0 {
            0.0
        } else {
            height(number).max(LEAST)
        }
    };
    let (missing, stale) = (wrong(level.missing), wrong(level.stale));
    let living = height(level.living).min((AREA - missing - stale).max(0.0));
    [living + stale + missing, living + stale, living]
}

/// A while is never thinner than this, or a short one would not be seen.
const THINNEST: f64 = 1.5;

fn rect(drawn: &mut String, class: &str, from: f64, until: f64, height: f64, text: Option<&str>) {
    let width = (until - from).max(THINNEST);
    let element =
        format_args!(r#"<rect class="{class}" x="{from:.1}" width="{width:.1}" height="{height}""#);
    append(drawn, element);
    match text.filter(|text| !text.is_empty()) {
        Some(text) => append(
            drawn,
            format_args!("><title>{}</title></rect>", escaped(text)),
        ),
        None => drawn.push_str("/>"),
    }
}

fn append(drawn: &mut String, text: std::fmt::Arguments<'_>) {
    drawn.write_fmt(text).expect("a string takes all");
}

#[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
pub(super) const fn whole(number: usize) -> f64 {
    number as f64
}

/// Text that may stand in an element or in quotes.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
