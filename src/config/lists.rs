//! Lists of words and of networks, as settings.

use std::str::FromStr;

use super::value::Value;
use crate::registry::zones::Network;

/// Any number of words, in the order they were given.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Words(pub Vec<String>);

/// The networks that peers are in; none means everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Allowed(pub Vec<peers::gate::Network>);

/// Any number of networks and their zones.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Networks(pub Vec<Network>);

impl Words {
    /// These words.
    pub fn of(words: &[&str]) -> Self {
        Self(words.iter().map(|word| (*word).to_owned()).collect())
    }
}

impl Value for Words {
    const LIST: bool = true;

    /// Words separated by commas, or the word `none`.
    fn read(text: &str) -> Result<Self, String> {
        let words = || text.split(',').map(|word| word.trim().to_owned());
        match text {
            "none" => Ok(Self::default()),
            _ if words().any(|word| word.is_empty()) => Err(format!(
                "'{text}' has an empty word; separate words by commas, or write none"
            )),
            _ => Ok(Self(words().collect())),
        }
    }

    fn write(&self) -> String {
        written(&self.0)
    }
}

impl Value for Allowed {
    const LIST: bool = true;

    /// Networks separated by commas, or the word `none`.
    fn read(text: &str) -> Result<Self, String> {
        parsed(text).map(Self)
    }

    fn write(&self) -> String {
        written(&self.0)
    }
}

impl Value for Networks {
    const LIST: bool = true;

    /// Networks and their zones separated by commas, or the word `none`.
    fn read(text: &str) -> Result<Self, String> {
        parsed(text).map(Self)
    }

    fn write(&self) -> String {
        written(&self.0)
    }
}

fn parsed<T: FromStr>(text: &str) -> Result<Vec<T>, T::Err> {
    let items = text.split(',').map(|item| item.trim().parse());
    match text {
        "none" => Ok(Vec::new()),
        _ => items.collect(),
    }
}

fn written<T: ToString>(items: &[T]) -> String {
    let items: Vec<_> = items.iter().map(T::to_string).collect();
    match items.is_empty() {
        true => "none".to_owned(),
        false => items.join(","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_separated_by_commas() {
        let words = Words::read("zone, topology.kubernetes.io/zone").unwrap();
        assert_eq!(words.0, ["zone", "topology.kubernetes.io/zone"]);
        assert_eq!(words.write(), "zone,topology.kubernetes.io/zone");
        assert_eq!(Words::read("none").unwrap().write(), "none");
        assert!(Words::read("a,,b").is_err());
        let networks = Networks::read("10.0.0.0/8=a, 2001:db8::/32=b").unwrap();
        assert_eq!(networks.write(), "10.0.0.0/8=a,2001:db8::/32=b");
        assert!(
            Networks::read("10.0.0.0/8")
                .unwrap_err()
                .contains("10.1.0.0/16=eu-a")
        );
    }
}
