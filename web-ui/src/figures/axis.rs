//! Where a number lies on an axis.
//!
//! Here: scales and their ticks. What must always hold: a tick lies within what the axis covers, and is a number one
//! would say.

/// How numbers are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal steps are equally far apart; the axis begins at zero.
    #[default]
    Even,
    /// Equal ratios are.
    Logarithmic,
}

/// What is laid off in one direction.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// What it is, with its unit.
    pub name: String,
    /// How numbers are spread.
    pub scale: Scale,
}

/// How many ticks there are at most, about.
const TICKS: f64 = 6.0;

impl Axis {
    /// An axis in equal steps.
    pub fn even(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            scale: Scale::Even,
        }
    }

    /// An axis in equal ratios.
    pub fn logarithmic(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            scale: Scale::Logarithmic,
        }
    }

    /// What it covers, so that all of these numbers lie on it.
    pub(super) fn covering(&self, numbers: impl Iterator<Item = f64>) -> Covered {
        let usable = numbers.filter(|number| self.takes(*number));
        let (mut least, mut most) = usable.fold((f64::MAX, f64::MIN), |(least, most), number| {
            (least.min(number), most.max(number))
        });
        if least > most {
            (least, most) = (1.0, 10.0);
        }
        match self.scale {
            Scale::Even => Covered::evenly(most),
            Scale::Logarithmic => Covered::in_ratios(least, most),
        }
    }

    /// Whether there is a place for a number.
    pub(super) fn takes(&self, number: f64) -> bool {
        number.is_finite() && (self.scale == Scale::Even || number > 0.0)
    }
}

/// A stretch of an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Covered {
    scale: Scale,
    from: f64,
    to: f64,
    pub(super) ticks: Vec<f64>,
}

impl Covered {
    fn evenly(most: f64) -> Self {
        let most = if most > 0.0 { most } else { 1.0 };
        let rough = most / TICKS;
        let power = 10f64.powf(rough.log10().floor());
        let nice = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
        let step = nice
            .into_iter()
            .find(|step| *step >= rough)
            .unwrap_or(rough);
        let steps = (most / step).ceil();
        let ticks = std::iter::successors(Some(0.0), |tick| Some(tick + 1.0));
        Self {
            scale: Scale::Even,
            from: 0.0,
            to: steps * step,
            ticks: ticks
                .take_while(|tick| *tick <= steps)
                .map(|tick| tick * step)
                .collect(),
        }
    }

    fn in_ratios(least: f64, most: f64) -> Self {
        let (from, to) = (least.log10().floor(), most.log10().ceil());
        let decades = std::iter::successors(Some(from), |decade| Some(decade + 1.0));
        let decades = decades.take_while(|decade| *decade <= to);
        let wide = to - from > 3.0;
        let parts: &[f64] = if wide { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let ticks =
            decades.flat_map(|decade| parts.iter().map(move |part| part * 10f64.powf(decade)));
        let (low, high) = (least / 1.1, most * 1.1);
        Self {
            scale: Scale::Logarithmic,
            from: low,
            to: high,
            ticks: ticks.filter(|tick| (low..=high).contains(tick)).collect(),
        }
    }

    /// Where a number lies: 0 at the beginning, 1 at the end.
    pub(super) fn place(&self, number: f64) -> f64 {
        match self.scale {
            Scale::Even => (number - self.from) / (self.to - self.from),
            Scale::Logarithmic => (number / self.from).ln() / (self.to / self.from).ln(),
        }
    }
}

/// A number as one would write it beside a tick.
pub(super) fn label(number: f64) -> String {
    match number {
        0.0 => "0".to_owned(),
        number if number.abs() >= 1e6 => format!("{} M", short(number / 1e6)),
        number if number.abs() >= 1e4 => format!("{} k", short(number / 1e3)),
        number => short(number),
    }
}

fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(axis: &Axis, numbers: &[f64]) -> String {
        let covered = axis.covering(numbers.iter().copied());
        covered
            .ticks
            .into_iter()
            .map(label)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn ticks_are_numbers_one_would_say() {
        let even = Axis::even("s");
        assert_eq!(ticks(&even, &[1.33, 1.7]), "0 0.5 1 1.5 2");
        assert_eq!(ticks(&even, &[40_000.0]), "0 10 k 20 k 30 k 40 k");
        let ratios = Axis::logarithmic("N");
        assert_eq!(ticks(&ratios, &[3.0, 200.0]), "5 10 20 50 100 200");
    }

    #[test]
    fn what_an_axis_covers_goes_from_its_beginning_to_its_end() {
        let covered = Axis::even("s").covering([7.0, 12.0].into_iter());
        assert_eq!((covered.place(0.0), covered.place(12.0)), (0.0, 1.0));
        let covered = Axis::logarithmic("N").covering([0.0, -1.0].into_iter());
        assert!(
            covered.ticks.contains(&1.0),
            "nothing to cover is still an axis"
        );
    }
}
