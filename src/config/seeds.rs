//! Where to look for peers, as a setting.

use peers::runtime::Seed;

use super::value::Value;

/// Any number of seeds, in the order they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seeds(pub Vec<Seed>);

impl Value for Seeds {
    const LIST: bool = true;

    /// Seeds separated by commas, or the word `none`.
    fn read(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::default());
        }
        let seeds = text.split(',').map(|seed| seed.trim().parse());
        seeds.collect::<Result<_, _>>().map(Self)
    }

    fn write(&self) -> String {
        let seeds: Vec<_> = self.0.iter().map(Seed::to_string).collect();
        match seeds.is_empty() {
            true => "none".to_owned(),
            false => seeds.join(","),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_separated_by_commas() {
        let seeds = Seeds::read("a:1, dns:peers.local,[::1]:8764").unwrap();
        assert_eq!(seeds.0.len(), 3);
        assert_eq!(seeds.write(), "a:1,dns:peers.local,[::1]:8764");
        assert_eq!(Seeds::read("none").unwrap(), Seeds::default());
        assert_eq!(Seeds::default().write(), "none");
    }

    #[test]
    fn one_wrong_seed_is_named() {
        let refused = Seeds::read("a:1,b").unwrap_err();
        assert!(refused.starts_with("'b' is no seed"), "{refused}");
    }
}
