//! Lines in a coordinate system, as inline SVG.
//!
//! Here: drawing. What must always hold: lines are told apart without colour, and what the plot shows is said in words
//! for those who do not see it.

use super::axis::{Axis, Covered, label};

/// Lines in a coordinate system.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    /// What it shows.
    pub title: String,
    /// From left to right.
    pub x: Axis,
    /// From below upwards.
    pub y: Axis,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line through points.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Its name.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
    /// Whether it was computed rather than measured; such lines are dashed.
    pub computed: bool,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
/// Around the coordinate system: above, right, below, left. On the right are the names of the lines.
const AROUND: [f64; 4] = [14.0, 110.0, 46.0, 58.0];
/// Names of lines are at least so far apart.
const NAMES_APART: f64 = 15.0;
/// As many kinds of lines as there are in the styles.
const KINDS: usize = 6;

impl Plot {
    /// The plot as an SVG element.
    pub fn svg(&self) -> String {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let across = self.x.covering(points().map(|(x, _)| *x));
        let upwards = self.y.covering(points().map(|(_, y)| *y));
        let frame = Frame { across, upwards };
        let (grid, lines, names) = (self.grid(&frame), self.drawn(&frame), self.names(&frame));
        let title = escaped(&self.title);
        let words = escaped(&self.words());
        format!(
            "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}. {words}\">\
             {grid}{lines}{names}</svg>"
        )
    }

    fn words(&self) -> String {
        let told = |line: &Line| {
            let ends = line.points.first().zip(line.points.last());
            let ends = ends
                .map(|((_, from), (_, to))| format!(" from {} to {}", label(*from), label(*to)));
            format!("{}{}", line.name, ends.unwrap_or_default())
        };
        self.lines.iter().map(told).collect::<Vec<_>>().join("; ")
    }

    fn grid(&self, frame: &Frame) -> String {
        let mut svg = String::new();
        for tick in &frame.upwards.ticks {
            let (y, left, right) = (frame.y(*tick), AROUND[3], WIDTH - AROUND[1]);
            let text = label(*tick);
            svg += &format!(
                "<line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"tick\" text-anchor=\"end\" x=\"{:.1}\" y=\"{:.1}\">{text}</text>",
                left - 6.0,
                y + 4.0
            );
        }
        let foot = HEIGHT - AROUND[2];
        for tick in &frame.across.ticks {
            let (x, text) = (frame.x(*tick), label(*tick));
            svg += &format!(
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{foot}\" y2=\"{:.1}\"/>\
                 <text class=\"tick\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{:.1}\">{text}</text>",
                foot + 4.0,
                foot + 17.0
            );
        }
        let middle = (AROUND[3] + WIDTH - AROUND[1]) / 2.0;
        let centre = (AROUND[0] + foot) / 2.0;
        svg += &format!(
            "<text class=\"axis\" text-anchor=\"middle\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text>\
             <text class=\"axis\" text-anchor=\"middle\" transform=\"translate(13 {centre:.1}) rotate(-90)\">{}</text>",
            HEIGHT - 10.0,
            escaped(&self.x.name),
            escaped(&self.y.name)
        );
        svg
    }

    fn drawn(&self, frame: &Frame) -> String {
        let mut svg = String::new();
        for (number, line) in self.lines.iter().enumerate() {
            let computed = if line.computed { " computed" } else { "" };
            let places: Vec<(f64, f64)> = self
                .on_axes(line)
                .map(|(x, y)| (frame.x(x), frame.y(y)))
                .collect();
            let corners: Vec<String> = places
                .iter()
                .map(|(x, y)| format!("{x:.1},{y:.1}"))
                .collect();
            svg += &format!(
                "<g class=\"kind-{}{computed}\"><polyline points=\"{}\"/>",
                number % KINDS,
                corners.join(" ")
            );
            if !line.computed {
                places.iter().for_each(|place| svg += &mark(number, *place));
            }
            svg += "</g>";
        }
        svg
    }

    /// The points of a line that the axes have a place for.
    fn on_axes<'a>(&'a self, line: &'a Line) -> impl Iterator<Item = (f64, f64)> + 'a {
        let points = line.points.iter().copied();
        points.filter(|(x, y)| self.x.takes(*x) && self.y.takes(*y))
    }

    /// The names beside the ends of the lines, moved apart where these meet.
    fn names(&self, frame: &Frame) -> String {
        let ends = self.lines.iter().enumerate().filter_map(|(number, line)| {
            let (_, y) = self.on_axes(line).last()?;
            Some((frame.y(y), number, &line.name))
        });
        let mut ends: Vec<_> = ends.collect();
        ends.sort_by(|one, other| one.0.total_cmp(&other.0));
        let most = HEIGHT - AROUND[2] - NAMES_APART * ends.len().saturating_sub(1) as f64;
        let mut free = AROUND[0];
        let mut svg = String::new();
        for (place, (y, number, name)) in ends.into_iter().enumerate() {
            let y = y.max(free).min(most + NAMES_APART * place as f64);
            free = y + NAMES_APART;
            let x = WIDTH - AROUND[1] + 16.0;
            svg += &format!(
                "<g class=\"kind-{}\">{}<text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{}</text></g>",
                number % KINDS,
                mark(number, (x - 7.0, y)),
                x,
                y + 4.0,
                escaped(name)
            );
        }
        svg
    }
}

/// A mark of its own kind for each line.
fn mark(number: usize, (x, y): (f64, f64)) -> String {
    match number % KINDS {
        0 => format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"),
        1 => format!(
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"5.6\" height=\"5.6\"/>",
            x - 2.8,
            y - 2.8
        ),
        2 => corners(x, y, &[(0.0, -3.8), (3.5, 2.6), (-3.5, 2.6)]),
        3 => corners(x, y, &[(0.0, -4.0), (4.0, 0.0), (0.0, 4.0), (-4.0, 0.0)]),
        4 => corners(x, y, &[(0.0, 3.8), (3.5, -2.6), (-3.5, -2.6)]),
        _ => format!("<circle class=\"hollow\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>"),
    }
}

fn corners(x: f64, y: f64, around: &[(f64, f64)]) -> String {
    let corner = |(right, down): &(f64, f64)| format!("{:.1},{:.1}", x + right, y + down);
    let points: Vec<String> = around.iter().map(corner).collect();
    format!("<polygon points=\"{}\"/>", points.join(" "))
}

struct Frame {
    across: Covered,
    upwards: Covered,
}

impl Frame {
    fn x(&self, number: f64) -> f64 {
        AROUND[3] + self.across.place(number) * (WIDTH - AROUND[1] - AROUND[3])
    }

    fn y(&self, number: f64) -> f64 {
        let foot = HEIGHT - AROUND[2];
        foot - self.upwards.place(number) * (foot - AROUND[0])
    }
}

fn escaped(text: &str) -> String {
    let escape = |letter| match letter {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        letter => letter.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(points: &[(f64, f64)]) -> Plot {
        let line = Line {
            name: "stock & \"own\"".into(),
            points: points.to_vec(),
            computed: false,
        };
        Plot {
            title: "Load".into(),
            x: Axis::logarithmic("N"),
            y: Axis::even("a second"),
            lines: vec![line],
        }
    }

    #[test]
    fn a_plot_says_in_words_what_it_shows() {
        let svg = plot(&[(3.0, 2.0), (200.0, 2.5)]).svg();
        assert!(svg.contains("aria-label=\"Load. stock &amp; &quot;own&quot; from 2 to 2.5\""));
        assert_eq!(
            svg.matches("<circle").count(),
            3,
            "two points, and one beside the name"
        );
    }

    #[test]
    fn points_that_have_no_place_on_an_axis_are_left_out() {
        let svg = plot(&[(0.0, 1.0), (-5.0, 1.0), (10.0, f64::NAN), (10.0, 1.0)]).svg();
        assert_eq!(svg.matches("<circle").count(), 2);
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn all_that_is_drawn_lies_within_the_picture() {
        let svg = plot(&[(1.0, 0.0), (1000.0, 123_456.0)]).svg();
        for part in svg.split("cx=\"").skip(1) {
            let x: f64 = part.split('"').next().unwrap().parse().unwrap();
            assert!((0.0..=WIDTH).contains(&x), "{x}");
        }
    }
}
