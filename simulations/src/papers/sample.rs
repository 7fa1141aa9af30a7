//! Many measurements of one thing.
//!
//! Here: means and quantiles. What must always hold: they depend on the measurements, not on their order.

use std::time::Duration;

/// Many measurements of one thing, in its own unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sample {
    values: Vec<f64>,
}

impl Sample {
    /// How many there are.
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Their mean; `None` of none.
    pub fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.values.iter().sum::<f64>() / self.values.len() as f64)
    }

    /// The smallest value that is not exceeded by this share of them; `None` of none.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count, rounded up, is one"
        )]
        let rank = (share.clamp(0.0, 1.0) * self.values.len() as f64).ceil() as usize;
        self.values.get(rank.max(1) - 1).copied()
    }

    /// The one in the middle.
    pub fn median(&self) -> Option<f64> {
        self.quantile(0.5)
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self { values }
    }
}

impl FromIterator<Duration> for Sample {
    /// In seconds.
    fn from_iter<I: IntoIterator<Item = Duration>>(values: I) -> Self {
        values
            .into_iter()
            .map(|value| value.as_secs_f64())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_were_measured() {
        let sample: Sample = (1..=100).rev().map(f64::from).collect();
        let quantiles = [0.0, 0.5, 0.99, 0.999, 1.0].map(|share| sample.quantile(share));
        assert_eq!(quantiles, [1.0, 50.0, 99.0, 100.0, 100.0].map(Some));
        assert_eq!(sample.mean(), Some(50.5));
    }

    #[test]
    fn nothing_has_neither_mean_nor_median() {
        let nothing = Sample::default();
        assert_eq!((nothing.mean(), nothing.median()), (None, None));
    }
}
